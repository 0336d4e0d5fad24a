/* The countdown. The device's own clock is never asked: time is the server's, carried on by the browser's monotonic counter. */

import { announce, config, notice, one, word } from "./sitting-page.js";

const MARKS = [
  [600, "10"],
  [300, "5"],
  [60, "1"],
];
const DOUBTFUL = 20_000; // ms; more than any answer may take, so the server's own clock must have been set back

// Server's clock minus our counter. An answer is never early, so of several the one that gives the most is the nearest.
let ahead = config.now - performance.now();
let standing = config.paused ? config.now : null; // the server's clock where a pause has stopped it
let deadline = config.deadline;
let lastLeft = Infinity;
let over = () => {};

export const serverNow = () => standing ?? performance.now() + ahead;
export const secondsLeft = () => Math.max(0, Math.floor((deadline - serverNow()) / 1000));
export const isOver = () => standing === null && serverNow() >= deadline;
export const onOver = (then) => (over = then);

/* Take the time from an answer of the server; only the check knows about pauses. */
export function keepTime(body) {
  if (!body.now) return;
  const was = standing;
  if ("paused" in body) standing = body.paused ? body.now : null;
  if (standing === null) {
    const seen = body.now - performance.now();
    if (seen > ahead || seen < ahead - DOUBTFUL) ahead = seen;
  }
  const grown = body.deadline - deadline;
  if (grown > 0) {
    deadline = body.deadline; // nothing shortens the time, so an answer that says less was only overtaken
    if (was === null && standing === null) notice(granted(Math.round(grown / 1000)));
  }
  if (was !== null && standing === null) notice(word("resumed"));
  tick();
}

const granted = (seconds) => (seconds < 60 ? word("extended-seconds").replace("N", seconds) : word("extended").replace("N", Math.round(seconds / 60)));

export function tick() {
  const left = secondsLeft();
  const place = one("[data-time]");
  if (!place.hasAttribute("data-hidden")) {
    one("b", place).textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
  }
  const near = MARKS.filter(([seconds]) => left <= seconds).at(-1);
  if (near) place.dataset.near = near[1];
  else delete place.dataset.near;
  const crossed = MARKS.find(([seconds]) => lastLeft > seconds && left <= seconds && lastLeft !== Infinity);
  if (crossed) announce(word("minutes").replace("N", crossed[1]));
  const half = config.length / 2;
  if (lastLeft !== Infinity && lastLeft > half && left <= half) announce(word("half"));
  lastLeft = left;
  if (isOver()) over();
}

one("[data-time]").addEventListener("click", (event) => {
  const place = event.currentTarget;
  place.toggleAttribute("data-hidden");
  const hidden = place.hasAttribute("data-hidden");
  one("b", place).textContent = hidden ? word("hidden") : "";
  one("span", place).hidden = hidden;
  if (!hidden) tick();
});
