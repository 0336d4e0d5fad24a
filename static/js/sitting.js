/* The sitting page.

   Every change goes first into the browser's own storage with the next number of this attempt, then to the server; it
   leaves the storage when the server has acknowledged it, and only then does the page say 已保存. Without this file the
   page is a plain form that saves on every step. */

const config = JSON.parse(document.getElementById("sitting-config").textContent);
const word = (name) => document.querySelector("#sitting-words").content.querySelector(`[data-word=${name}]`).textContent;
const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const form = one("#sitting");
const csrf = one("[name=csrfmiddlewaretoken]").value;
const questions = all(".question");
const SHELF = `zhikao.attempt.${config.attempt}`;

/* --- what waits to be saved ------------------------------------------------------------------------------------- */

let waiting = []; // [{number, position, payload, flagged}], oldest first
let next = config.last + 1;
let handingIn = false;
let sending = false;
let retry = 0;
let timer = 0;
let ended = false;
let refused = false; // the server would not take an answer: the page never says 已保存 again until it is loaded anew

function shelve() {
  try {
    if (waiting.length || handingIn) localStorage.setItem(SHELF, JSON.stringify({ waiting, next, handingIn }));
    else localStorage.removeItem(SHELF);
  } catch {
    // Storage may be full or forbidden; the answers still wait in memory and the page keeps saying 未保存.
  }
}

function unshelve() {
  try {
    const kept = JSON.parse(localStorage.getItem(SHELF));
    if (!kept) return;
    waiting = kept.waiting;
    next = Math.max(next, kept.next);
    for (const entry of waiting) fill(entry);
    if (kept.handingIn) handIn();
  } catch {
    localStorage.removeItem(SHELF);
  }
}

function show(state) {
  if (refused && state === "saved") state = "unsaved";
  const place = one("[data-saved]");
  if (place.dataset.state === state) return;
  place.dataset.state = state;
  place.textContent = word(state);
}

function showCells() {
  const unsaved = new Set(waiting.map((entry) => entry.position));
  for (const question of questions) {
    const position = Number(question.dataset.position);
    const answered = isAnswered(question);
    const marked = one("[data-flag]", question).checked;
    for (const cell of all(`[data-cell="${question.dataset.number}"]`)) {
      cell.classList.toggle("is-answered", answered);
      cell.classList.toggle("is-marked", marked);
      cell.classList.toggle("is-unsaved", retry > 0 && unsaved.has(position));
      one("[data-cell-state]", cell).textContent =
        word(answered ? (marked ? "answered-marked" : "answered") : marked ? "unanswered-marked" : "unanswered");
    }
  }
  const count = questions.filter(isAnswered).length;
  one("[data-count]").textContent = `${count}/${config.total}`;
  one("[data-progress]").value = count;
}

/* --- reading and filling the form ------------------------------------------------------------------------------- */

function payloadOf(question) {
  const payload = {};
  for (const input of all("input[name^=q]", question)) {
    const steps = input.name.split("/").slice(1);
    const last = steps.pop();
    if (["radio", "checkbox"].includes(input.type) && !input.checked) continue;
    if (input.type === "text" && !input.value.trim()) continue;
    let place = payload;
    for (const step of steps) place = place[step] ??= {};
    if (last === "options") (place[last] ??= []).push(input.value);
    else place[last] = last === "value" ? input.value === "true" : input.value;
  }
  return payload;
}

function fill(entry) {
  const question = one(`.question[data-position="${entry.position}"]`);
  if (!question) return;
  one("[data-flag]", question).checked = entry.flagged;
  for (const input of all("input[name^=q]", question)) {
    const said = input.name.split("/").slice(1).reduce((place, step) => place?.[step], entry.payload);
    if (input.type === "text") input.value = said ?? "";
    else input.checked = Array.isArray(said) ? said.includes(input.value) : String(said) === input.value;
  }
}

const isAnswered = (question) => Object.keys(payloadOf(question)).length > 0;

/* --- saving ------------------------------------------------------------------------------------------------------ */

function keep(question) {
  const entry = {
    number: next++,
    position: Number(question.dataset.position),
    payload: payloadOf(question),
    flagged: one("[data-flag]", question).checked,
  };
  // A newer answer replaces one that has not left yet; one that is under way keeps its number.
  waiting = waiting.filter((old) => old.position !== entry.position || old.sent);
  waiting.push(entry);
  shelve();
  if (!retry) show("saving");
  showCells();
}

function soon(delay) {
  clearTimeout(timer);
  timer = setTimeout(send, delay);
}

async function post(address, entries) {
  const control = new AbortController();
  const limit = setTimeout(() => control.abort(), 15000);
  try {
    return await fetch(address, {
      method: "POST",
      signal: control.signal,
      headers: { "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") || csrf, Accept: "application/json" },
      body: JSON.stringify({ entries: entries.map(({ number, position, payload, flagged }) => ({ number, position, payload, flagged })) }),
    });
  } finally {
    clearTimeout(limit);
  }
}

const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.split("=")[1];

async function send() {
  if (sending || ended || !(waiting.length || handingIn)) return;
  sending = true;
  const batch = waiting.slice(0, 100);
  for (const entry of batch) entry.sent = true;
  const closing = handingIn && batch.length === waiting.length;
  let outcome = "failed";
  try {
    outcome = await settle(await post(closing ? config.handIn : config.save, batch), batch, closing);
  } catch {
    // No answer from the server: everything stays in the storage and is sent again.
  }
  sending = false;
  for (const entry of waiting) delete entry.sent;
  if (outcome === "failed") {
    retry += 1;
    show("unsaved");
    one("[data-waiting]").hidden = !handingIn;
    soon(Math.min(1000 * 2 ** Math.min(retry, 4), 15000));
  } else {
    retry = 0;
    if (!refused) trouble("");
    shelve();
    show(waiting.length ? "saving" : "saved");
    if (waiting.length || handingIn) soon(outcome === "again" ? 0 : 50);
  }
  showCells();
}

/* What the server's answer means: "done", "again" (send at once), or "failed" (keep and try later). */
async function settle(answer, batch, closing) {
  const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
  if (!isJson || answer.status === 401 || answer.status === 403) {
    if (answer.redirected || answer.status === 401 || answer.status === 403) trouble(word("login"), true);
    return "failed";
  }
  const body = await answer.json();
  if (answer.ok) {
    waiting = waiting.filter((entry) => !batch.includes(entry));
    keepTime(body);
    if (closing) leave();
    return "done";
  }
  if (answer.status === 409) {
    // Another page of this attempt is further on: what waits here is newer to this person, so it counts on from there.
    next = body.last + 1;
    for (const entry of waiting) entry.number = next++;
    return "again";
  }
  if (answer.status === 410) {
    leave(body.problem);
    return "done";
  }
  if (answer.status >= 500 || answer.status === 429) return "failed";
  refused = true;
  trouble(`${body.problem ?? ""} ${word("refused")}`);
  waiting = waiting.filter((entry) => !batch.includes(entry));
  return "done";
}

/* To the result; a sentence about what came too late goes along and is shown there (late.js). */
function leave(sentence = "") {
  try {
    if (sentence) sessionStorage.setItem(`${SHELF}.late`, sentence);
  } catch {
    // Without storage the result page still tells when and how the attempt ended.
  }
  ended = true;
  waiting = [];
  handingIn = false;
  shelve();
  location.replace(config.result);
}

function trouble(text, login = false) {
  one("[data-trouble]").hidden = !text;
  one("[data-trouble-text]").textContent = text;
  one("[data-trouble-login]").hidden = !login;
}

form.addEventListener("input", (event) => {
  const question = event.target.closest(".question");
  if (!question) return;
  keep(question);
  soon(event.target.type === "text" ? 700 : 150);
});
addEventListener("online", () => soon(0));
document.addEventListener("visibilitychange", () => document.hidden || soon(0));
addEventListener("beforeunload", (event) => {
  if ((waiting.length || handingIn) && !ended) event.preventDefault();
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
  if (drawer.open || asking.open) return;
  if (event.key === "PageDown") go(current + 1);
  else if (event.key === "PageUp") go(current - 1);
  else return;
  event.preventDefault();
});

/* --- handing in -------------------------------------------------------------------------------------------------- */

function ask() {
  const left = questions.filter((question) => !isAnswered(question)).length;
  const marked = questions.filter((question) => one("[data-flag]", question).checked).map((q) => q.dataset.number);
  one("[data-left]").hidden = !left;
  one("[data-left-count]").textContent = left;
  one("[data-all]").hidden = left > 0;
  one("[data-marked]").hidden = !marked.length;
  one("[data-marked-list]").textContent = marked.join("、");
  if (!asking.open) asking.showModal();
}

function handIn() {
  handingIn = true;
  shelve();
  clearTimeout(timer);
  send();
}

one("[data-hand-in]").addEventListener("submit", (event) => {
  event.preventDefault();
  handIn();
});

/* --- time -------------------------------------------------------------------------------------------------------- */

// The server's clock at the last answer, carried on by the browser's monotonic counter: the device's own clock is never asked.
let serverNow = config.now;
let counted = performance.now();
let deadline = config.deadline;
let lastLeft = Infinity;

function keepTime(body) {
  if (!body.now) return;
  serverNow = body.now;
  counted = performance.now();
  deadline = body.deadline;
}

const secondsLeft = () => Math.max(0, Math.floor((deadline - serverNow - (performance.now() - counted)) / 1000));
const MARKS = [
  [600, "10"],
  [300, "5"],
  [60, "1"],
];

function tick() {
  const left = secondsLeft();
  const place = one("[data-time]");
  if (!place.hasAttribute("data-hidden")) {
    one("b", place).textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
  }
  const near = MARKS.filter(([seconds]) => left <= seconds).at(-1);
  if (near) place.dataset.near = near[1];
  else delete place.dataset.near;
  const crossed = MARKS.find(([seconds]) => lastLeft > seconds && left <= seconds && lastLeft !== Infinity);
  if (crossed) one("[data-announce]").textContent = word("minutes").replace("N", crossed[1]);
  const half = config.length / 2;
  if (lastLeft !== Infinity && lastLeft > half && left <= half) one("[data-announce]").textContent = word("half");
  lastLeft = left;
  if (left === 0 && !handingIn && !ended) {
    one("[data-announce]").textContent = word("over");
    handIn();
  }
}

one("[data-time]").addEventListener("click", (event) => {
  const place = event.currentTarget;
  place.toggleAttribute("data-hidden");
  const hidden = place.hasAttribute("data-hidden");
  one("b", place).textContent = hidden ? word("hidden") : "";
  one("span", place).hidden = hidden;
  if (!hidden) tick();
});

document.body.classList.remove("sitting-plain");

/* --- begin ------------------------------------------------------------------------------------------------------- */

if (asking.open) {
  asking.close();
  ask();
}
unshelve();
showCells();
tick();
setInterval(tick, 1000);
if (waiting.length) soon(0);
