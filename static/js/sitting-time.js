/* The countdown. The device's own clock is never asked: time is the server's, carried on by the browser's monotonic counter. */

import { announce, config, notice, one, word } from "./sitting-page.js";

const MARKS = [
  [600, "10"],
  [300, "5"],
  [60, "1"],
];
const FEW = 5; // answers that are remembered; one clock that is wrong must not decide for long

/* Between `low` and `high` lies the server's clock minus our counter: an answer was written after the question left and before
   it came. Of the page itself the browser remembers both. */
const sample = (now, sent, came) => ({ low: now - came, high: now - sent });

function ofThePage() {
  const { requestStart, responseStart } = performance.getEntriesByType?.("navigation")[0] ?? {};
  return sample(config.now, requestStart || 0, responseStart || performance.now());
}

let seen = [ofThePage()];
let drift = Date.now() - performance.now(); // jumps where the device slept, for its counter may have slept too
let standing = config.paused ? config.now : null; // the server's clock where a pause has stopped it
let deadline = config.deadline;
let lastLeft = Infinity;
let over = () => {};

const ahead = () => Math.min(Math.max(...seen.map(({ low }) => low)), ...seen.map(({ high }) => high));
export const serverNow = () => standing ?? performance.now() + ahead();
export const secondsLeft = () => Math.max(0, Math.floor((deadline - serverNow()) / 1000));
export const isOver = () => standing === null && serverNow() >= deadline;
export const onOver = (then) => (over = then);

/* Whether the time is over as the server says it; our own reckoning only asks. */
export const isToldOver = (body) => body.now >= body.deadline;

/* Take the time from an answer of the server; only the check knows about pauses. */
export function keepTime({ body, sent, came }) {
  if (!body.now) return;
  const was = standing;
  if ("paused" in body) standing = body.paused ? body.now : null;
  if (standing === null) remember(sample(body.now, sent, came));
  const grown = body.deadline - deadline;
  if (grown > 0) {
    deadline = body.deadline; // nothing shortens the time, so an answer that says less was only overtaken
    if (was === null && standing === null) notice(granted(Math.round(grown / 1000)));
  }
  if (isOver() && !isToldOver(body)) seen = seen.slice(-1); // what made us think so was wrong
  if (was !== null && standing === null) notice(word("resumed"));
  tick();
}

function remember(newest) {
  const now = Date.now() - performance.now();
  if (Math.abs(now - drift) > 1000) seen = [];
  drift = now;
  seen = [...seen, newest].slice(-FEW);
}

const granted = (seconds) => (seconds < 60 ? word("extended-seconds").replace("N", seconds) : word("extended").replace("N", Math.round(seconds / 60)));

export function tick() {
  const left = secondsLeft();
  const place = one("[data-time]");
  if (!place.hasAttribute("data-hidden")) {
    one("b", place).textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
  }
  const near = MARKS.filter(([seconds]) => left <= seconds).pop();
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
