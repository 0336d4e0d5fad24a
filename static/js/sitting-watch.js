/* Has something been done to this attempt: more time, a pause, another device? And what the page then looks like. */

import { all, announce, ask, config, one, word } from "./sitting-page.js";
import { freeze } from "./sitting-form.js";
import * as line from "./sitting-line.js";
import { secondsLeft, tick } from "./sitting-time.js";

// Between two questions, in ms, each ± SPREAD so that a hall does not ask in step. What was done must be on the screen within
// five seconds, and an answer of the pulse may be a second old.
const USUAL = 3200;
const HIDDEN = 15_000;
const FAILING = 8000;
const SPREAD = 500;
const REMEMBERED = 45_000; // the pulse tells of the last 60 s; whoever was silent for longer asks the server itself

let known = 0; // number of the last intervention that was looked at
let heard = Date.now(); // by the device's clock: it goes on while the device sleeps, and nothing else hangs on it
let misses = 0;
let isOff = false;
let timer = 0;

async function beat() {
  try {
    const { body } = await ask(config.pulse, { wait: 4000, credentials: "omit", cache: "no-store" });
    const number = body.changed[config.attempt] ?? 0;
    if (misses) line.hurry();
    misses = 0;
    const gap = Math.abs(Date.now() - heard);
    const isLate = line.status().stranded > 0 && secondsLeft() === 0;
    if (number <= known && gap < REMEMBERED && !isLate) heard = Date.now();
    else if (await line.look()) {
      known = Math.max(known, number);
      heard = Date.now();
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
  if (document.hidden) return plan();
  clearTimeout(timer);
  return beat();
});

/* --- paused, elsewhere ----------------------------------------------------------------------------------------------------- */

const pause = one("#paused");
let isPaused = false;

export function held(why) {
  isPaused = why === "paused";
  freeze(why !== "");
  tick();
  if (isPaused) {
    for (const dialog of all("dialog[open]")) dialog.close();
    pause.showModal();
  } else if (pause.open) pause.close();
  one("[data-elsewhere]").hidden = why !== "elsewhere";
  if (why === "elsewhere") announce(one("[data-elsewhere-text]").textContent);
}

pause.addEventListener("cancel", (event) => event.preventDefault());
// Some browsers close a dialog at the second Escape whatever `cancel` says.
pause.addEventListener("keydown", (event) => event.key === "Escape" && event.preventDefault());
pause.addEventListener("close", () => isPaused && pause.showModal());

/* The attempt has ended elsewhere while answers lay here: they stay, and the page says so. */
export function stranded(count) {
  isOff = true;
  one("[data-elsewhere]").hidden = true;
  one("[data-trouble]").hidden = false;
  one("[data-trouble-text]").textContent = word("stranded").replace("N", count);
  one("[data-trouble-result]").hidden = false;
}

export function watch() {
  if (config.paused) held("paused");
  plan();
}
