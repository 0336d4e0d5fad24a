/* A lesson page says that it is open and seen; the server counts. Every so often it asks back whether somebody is there. */

const frame = document.querySelector("[data-lesson]");
const { visit: visitAddress, every, place } = frame.dataset;
const film = document.querySelector("[data-film]");
const dialog = document.querySelector("[data-check]");
const one = (name) => document.querySelector(`[data-${name}]`);
const csrf = () => document.querySelector("[name=csrfmiddlewaretoken]").value;
const title = document.title;

let address = ""; // where this visit beats; empty before it was opened
let number = 0;
let timer = 0;
let ticking = 0;
let missed = null; // the last missed check that was told; what was missed before this page was opened is told no more
let isOff = false; // the course is complete, or another page goes on
let isOffline = false;
let asked = null;

async function send(to, said) {
  const answer = await fetch(to, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "application/json" },
    body: JSON.stringify(said),
    redirect: "error",
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.problem ?? answer.status), { said: told.problem });
  return told;
}

const say = (name, text) => {
  one(name).textContent = text;
};
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
const minutes = (seconds) => Math.floor(seconds / 60);

function show(told) {
  if (isOffline) trouble("");
  isOffline = false;
  say("told", fill(frame.dataset.sayWords, { done: minutes(told.seconds), needed: minutes(told.needed) }));
  one("bar").value = told.seconds;
  say("waits", told.pending >= 1 && !told.done ? fill(frame.dataset.sayWaits, { seconds: told.pending }) : "");
  one("done").hidden = !told.done;
  one("complete").hidden = !told.complete;
  if (missed !== null && told.missed > missed) trouble(frame.dataset.sayMissed);
  missed = Math.max(missed ?? 0, told.missed);
  if (told.complete) stop();
  if (told.elsewhere) {
    stop();
    one("elsewhere").hidden = false;
  }
  if (told.check) ask(told.check);
}

function trouble(text) {
  say("trouble", text);
  one("trouble").hidden = !text;
}

function stop() {
  isOff = true;
  clearTimeout(timer);
}

/* Where she is: seconds of the film, or how much of the page she has scrolled past. */
function whereabouts() {
  if (film) return Math.floor(film.currentTime);
  const all = document.documentElement.scrollHeight - innerHeight;
  return all > 0 ? Math.round((100 * scrollY) / all) : 0;
}

async function beat() {
  clearTimeout(timer);
  if (isOff) return;
  timer = setTimeout(beat, every * 1000);
  try {
    if (!address) address = (await send(visitAddress, {})).address;
    number += 1;
    show(await send(address, { number, visible: !document.hidden, place: whereabouts() }));
  } catch (problem) {
    isOffline = !problem.said;
    trouble(problem.said || frame.dataset.sayOffline);
    if (problem.said) stop();
  }
}

/* The check: a tap in time. What comes back tells what it verified. */
function ask(check) {
  if (asked?.number === check.number) return;
  asked = check;
  const until = Date.now() + check.left * 1000;
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    say("left", fill(frame.dataset.sayLeft, { seconds: left }));
    if (left === 0) close();
  };
  clearInterval(ticking);
  ticking = setInterval(tick, 500);
  tick();
  film?.pause();
  document.title = `● ${frame.dataset.sayAsk}`;
  navigator.vibrate?.(200);
  if (!dialog.open) dialog.showModal();
}

function close() {
  clearInterval(ticking);
  document.title = title;
  if (dialog.open) dialog.close();
}

one("here").addEventListener("click", async () => {
  const check = asked;
  close();
  trouble("");
  try {
    show(await send(check.address, { token: check.token }));
  } catch (problem) {
    trouble(problem.said || frame.dataset.sayOffline);
    if (!problem.said) asked = null; // the network failed: the next beat asks again while there is time
  }
});
dialog.addEventListener("cancel", (event) => event.preventDefault());

one("resume").addEventListener("click", () => {
  one("elsewhere").hidden = true;
  isOff = false;
  address = "";
  number = 0;
  beat();
});

if (film && Number(place) > 0) {
  film.addEventListener("loadedmetadata", () => {
    if (Number(place) < film.duration - 5) film.currentTime = Number(place);
  });
}

document.addEventListener("visibilitychange", beat);
one("time").hidden = false;
beat();
