/* Has something been done to this attempt: more time, a pause, another device? And what the page then looks like. */

import { all, announce, ask, config, one } from "./sitting-page.js";
import * as line from "./sitting-line.js";
import { secondsLeft, tick } from "./sitting-time.js";

// Between two questions, in ms, each ± SPREAD so that a hall does not ask in step. What was done must be on the screen within
// five seconds, and an answer of the pulse may be a second old.
const USUAL = 3200;
const HIDDEN = 15_000;
const FAILING = 8000;
const SPREAD = 500;
const REMEMBERED = 45_000; // the pulse tells of the last 60 s; whoever was silent for longer asks the server itself

const SPREAD_OF_ALL = 3000; // what was done to a whole session makes nobody ask in step either

let known = 0; // number of the last intervention that was looked at
let knownAll = 0; // and of the last thing that was done to the whole session
let heard = Date.now(); // by the device's clock: it goes on while the device sleeps, and nothing else hangs on it
let misses = 0;
let isOff = false;
let timer = 0;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function beat() {
  try {
    const { body } = await ask(config.pulse, { wait: 4000, credentials: "omit", cache: "no-store" });
    const number = body.changed[config.attempt] ?? 0;
    if (misses) line.hurry();
    misses = 0;
    const gap = Math.abs(Date.now() - heard);
    const isLate = line.status().elsewhere > 0 && secondsLeft() === 0;
    const isAll = body.all > knownAll;
    if (number <= known && gap < REMEMBERED && !isLate && !isAll) heard = Date.now();
    else {
      if (isAll && number <= known) await sleep(Math.random() * SPREAD_OF_ALL);
      if (await line.look()) {
        known = Math.max(known, number);
        if (isAll) knownAll = body.all;
        heard = Date.now();
      }
    }
  } catch {
    misses += 1;
  }
  if (!isOff) plan();
}

function plan() {
  clearTimeout(timer);
  const usual = document.hidden ? HIDDEN : misses > 3 ? FAILING : USUAL;
  timer = setTimeout(beat, usual + (Math.random() * 2 - 1) * SPREAD);
}

document.addEventListener("visibilitychange", () => {
  if (isOff) return undefined;
  if (document.hidden) return plan();
  clearTimeout(timer);
  return beat();
});

/* --- paused, elsewhere ----------------------------------------------------------------------------------------------------- */

const pause = one("#paused");
let isPaused = false;

export function held(why) {
  isPaused = why === "paused";
  tick();
  if (isPaused) {
    for (const dialog of all("dialog[open]")) dialog.close();
    pause.showModal();
  } else if (pause.open) pause.close();
  one("[data-elsewhere]").hidden = why !== "elsewhere";
  if (why === "elsewhere") announce(one("[data-elsewhere-text]").textContent);
}

/* Why the time stands still, where the candidate is to know. */
export function told(why) {
  const place = one("[data-pause-why]");
  if (why && why !== place.textContent) announce(why);
  place.textContent = why;
  place.hidden = !why;
}

pause.addEventListener("cancel", (event) => event.preventDefault());
// Some browsers close a dialog at the second Escape whatever `cancel` says.
pause.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
pause.addEventListener("close", () => isPaused && pause.showModal());

/* The attempt is over and there is nothing more to hear of it. */
export function unwatch() {
  isOff = true;
  clearTimeout(timer);
  one("[data-elsewhere]").hidden = true;
}

export function watch() {
  told(config.why);
  if (config.paused) held("paused");
  plan();
}
