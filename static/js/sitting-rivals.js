/* Two answers to one question, from two devices or two pages: the later one counts, the other one stays within reach. */

import { announce, one, word } from "./sitting-page.js";
import * as form from "./sitting-form.js";

let rivals = []; // [{position, payload, flagged, at}], what does not count
let choose = () => {};

export const onChosen = (then) => (choose = then);
export const kept = () => rivals;

/* Keep this answer within reach of the candidate, beside the one that counts. */
export function offer({ position, payload, flagged, at = 0 }) {
  if (rivals.some((other) => other.position === position && form.sameAnswer(other, { payload }))) return;
  rivals.push({ position, payload, flagged, at });
  draw();
  announce(one("[data-rivals-text]").textContent);
}

/* What earlier pages of this attempt still offered. */
export const recall = (others) => others.filter(({ position }) => form.has(position)).forEach(offer);

const clockTime = (at) => (at ? new Date(at).toTimeString().slice(0, 5) : "");
const inWords = ({ position, payload }) => form.described(position, payload) || word("unanswered");

/* Called whenever an answer changed, so that the notice says what counts now. */
export function draw() {
  rivals = rivals.filter(({ position, payload }) => !form.sameAnswer({ payload }, form.read(position)));
  one("[data-rivals]").hidden = !rivals.length;
  one("[data-rivals-list]").replaceChildren(...rivals.map(line));
}

function line(rival) {
  const { position } = rival;
  const item = document.importNode(one("#sitting-rival").content, true).firstElementChild;
  one("[data-rival-number]", item).textContent = form.numberOf(position);
  one("[data-rival-counts]", item).textContent = inWords({ position, ...form.read(position) });
  one("[data-rival-other]", item).textContent = inWords(rival);
  one("[data-rival-at]", item).textContent = clockTime(rival.at);
  one("button", item).addEventListener("click", () => take(rival));
  return item;
}

function take(rival) {
  if (form.isFrozen) return;
  const { position } = rival;
  const before = { position, ...form.read(position), at: 0 };
  rivals = rivals.filter((other) => other !== rival);
  form.fill(position, rival);
  rivals.push(before);
  choose(position);
  draw();
}

one("[data-rivals-close]").addEventListener("click", () => {
  rivals = [];
  choose(0);
  draw();
});
