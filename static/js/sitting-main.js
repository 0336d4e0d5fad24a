/* The sitting page.

   Every change gets the next number of this attempt (sitting-queue.js) and goes first into the browser's own storage
   (sitting-store.js), then to the server (sitting-line.js); it leaves the storage when the server has acknowledged it, and only
   then does the page say 已保存. Without these files the page is a plain form that saves on every step. */

import { all, config, one, word } from "./sitting-page.js";
import { changedEarly, freeze, isAnswered, isFlagged, isFrozen, numberOf, positionOf, questions } from "./sitting-form.js";
import { settled } from "./sitting-store.js";
import { onOver, tick } from "./sitting-time.js";
import * as line from "./sitting-line.js";
import { knocked } from "./sitting-login.js";
import { held, told, watch } from "./sitting-watch.js";
import { stranded } from "./sitting-end.js";

const form = one("#sitting");

/* --- what the page shows ---------------------------------------------------------------------------------------------- */

function show() {
  const now = line.status();
  if (now.isFrozen !== isFrozen) freeze(now.isFrozen);
  showState(now);
  showCells(now.unsaved);
}

/* The only place that writes the saved word. */
function showState(now) {
  const place = one("[data-saved]");
  const text = word(now.state === "unsaved" && !now.isKept ? "unkept" : now.state);
  if (place.dataset.state !== now.state) place.dataset.state = now.state;
  if (place.textContent !== text) place.textContent = text;
  for (const note of all("[data-waiting]")) note.hidden = !now.isStuck;
  one("[data-elsewhere-count]").hidden = !now.elsewhere;
  one("[data-elsewhere-count] b").textContent = now.elsewhere;
  for (const place of all("[data-rescue]")) place.hidden = !now.rescue;
}

function showCells(unsaved) {
  for (const question of questions) {
    const answered = isAnswered(question);
    const marked = isFlagged(question);
    for (const cell of all(`[data-cell="${question.dataset.number}"]`)) {
      cell.classList.toggle("is-answered", answered);
      cell.classList.toggle("is-marked", marked);
      cell.classList.toggle("is-unsaved", unsaved.has(positionOf(question)));
      one("[data-cell-state]", cell).textContent =
        word(answered ? (marked ? "answered-marked" : "answered") : marked ? "unanswered-marked" : "unanswered");
    }
  }
  const count = questions.filter(isAnswered).length;
  one("[data-count]").textContent = `${count}/${config.total}`;
  one("[data-progress]").value = count;
}

line.listen({ changed: show, held, told, door: knocked, stranded, asks: (why) => ask(why) });

/* --- answering -------------------------------------------------------------------------------------------------------- */

let isLeaving = false;

form.addEventListener("input", (event) => {
  const question = event.target.closest(".question");
  if (!question) return;
  line.keep(positionOf(question));
  line.typed(event.target.type === "text" ? 700 : 150);
});
addEventListener("online", line.again);
addEventListener("pageshow", (event) => event.persisted && line.wake());
document.addEventListener("visibilitychange", () => document.hidden || line.hurry());
addEventListener("beforeunload", (event) => {
  if (line.status().waits && !isLeaving) event.preventDefault();
});

// Going on here loads the page anew, which finds on the shelf what was never saved.
one("#take-over").addEventListener("submit", async (event) => {
  event.preventDefault();
  isLeaving = true;
  await settled();
  event.target.submit();
});

/* --- moving ------------------------------------------------------------------------------------------------------ */

let current = Number(questions.find((question) => !question.hidden).dataset.number);

function go(number) {
  current = Math.min(Math.max(number, 1), config.total);
  for (const question of questions) question.hidden = Number(question.dataset.number) !== current;
  for (const cell of all("[data-cell]")) {
    if (Number(cell.dataset.cell) === current) cell.setAttribute("aria-current", "true");
    else cell.removeAttribute("aria-current");
  }
  one("[data-previous]").disabled = current === 1;
  const forward = one("[data-next]");
  forward.textContent = current === config.total ? forward.dataset.lastLabel : forward.dataset.label;
  history.replaceState(null, "", `?q=${current}`);
  scrollTo(0, 0);
  const head = one(".question:not([hidden]) .question-head > span:nth-child(2)");
  head.tabIndex = -1;
  head.focus({ preventScroll: true });
}

const drawer = one("#sheet");
const asking = one("#hand-in");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const button = event.submitter;
  if (button?.matches("[data-previous]")) go(current - 1);
  else if (button?.matches("[data-open-sheet]")) drawer.showModal();
  else if (button?.matches("[data-ask]") || current === config.total) ask();
  else go(current + 1);
});

document.addEventListener("click", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (cell) {
    event.preventDefault();
    if (drawer.open) drawer.close();
    go(Number(cell.dataset.cell));
    return;
  }
  if (event.target.closest("#sheet [data-ask]")) {
    event.preventDefault();
    drawer.close();
    ask();
  }
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    event.target.closest("dialog").close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=text]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (one("dialog[open]")) return;
  if (event.key === "PageDown") go(current + 1);
  else if (event.key === "PageUp") go(current - 1);
  else return;
  event.preventDefault();
});

/* --- handing in -------------------------------------------------------------------------------------------------- */

/* Ask whether to hand in, and say why it is asked again. */
function ask(why = "") {
  const { isHeld, refused } = line.status();
  if (isHeld) return;
  if (drawer.open) drawer.close();
  one("[data-ask-why]").hidden = !why && !refused.length;
  one("[data-ask-why-text]").textContent = why;
  one("[data-refused]").hidden = !refused.length;
  one("[data-refused-list]").textContent = refused.map(numberOf).join("、");
  const left = questions.filter((question) => !isAnswered(question)).length;
  const marked = questions.filter(isFlagged).map((q) => q.dataset.number);
  one("[data-left]").hidden = !left;
  one("[data-left-count]").textContent = left;
  one("[data-all]").hidden = left > 0;
  one("[data-marked]").hidden = !marked.length;
  one("[data-marked-list]").textContent = marked.join("、");
  if (!asking.open) asking.showModal();
}

one("[data-hand-in]").addEventListener("submit", (event) => {
  event.preventDefault();
  line.handIn("asked");
});

/* --- begin ------------------------------------------------------------------------------------------------------- */

// Saving first: whatever fails in what is only looks, answers go.
onOver(() => line.handIn("over"));
for (const position of changedEarly()) line.keep(position);
line.restore();
document.body.classList.remove("sitting-plain");
if (asking.open) {
  asking.close();
  ask();
}
show();
tick();
watch();
setInterval(() => {
  tick();
  line.nudge();
  showState(line.status());
}, 1000);
