/* What waits for the server, in which order it goes, and which of two answers counts.

   Numbers count what the candidate said in this attempt; a repeated number changes nothing at the server, so whatever may not
   have arrived is sent again. With each answer stays what the page had seen when it was given (`base`, the server's highest
   number) and when that was (`at`, the server's time): what the server got later from elsewhere is not overwritten by it. */

import { config } from "./sitting-page.js";
import * as form from "./sitting-form.js";
import * as rivals from "./sitting-rivals.js";
import { serverNow } from "./sitting-time.js";

// [{number, position, payload, flagged, base, at, out: left under this number, under: is on its way, isOpen: whether it counts
// must be asked first}], oldest first
export let waiting = [];
export let head = config.head; // the server's chain up to what this page knows of it
let last = config.last; // highest number that the server has
let left = config.last; // highest number that ever left this page
let seen = config.last; // up to here the page knows what the server holds, whoever sent it
let sent = []; // what left this page under a number above `seen`, and so may turn up there
const touched = new Map(); // positions changed here, the latest change last: {number under which it was acknowledged, at}
const known = new Map(); // what the server is known to hold: {number, at}
export const refused = new Map(); // positions whose answer the server would not take, and that answer

const spoken = ({ number, position, payload, flagged, at = 0 }) => ({ number, position, payload, flagged, at });
const posted = ({ number, position, payload, flagged }) => ({ number, position, payload, flagged });
const stored = (entry) => ({ ...spoken(entry), base: entry.base });

export const ready = () => waiting.filter((entry) => !entry.isOpen);
export const isAnyOpen = () => waiting.some((entry) => entry.isOpen);
export const isFresh = () => config.last === 0;
export const bodyOf = (entries) => entries.map(posted);

/* What is to be kept on the shelf; null when there is nothing. */
export function snapshot() {
  const others = rivals.kept();
  return waiting.length || others.length ? { entries: waiting.map(stored), sent, left, rivals: others } : null;
}

/* Everything that counts here, for the emergency answer file. What the server would not take stays out: it would not take the
   file either. */
export function everything() {
  const entries = [];
  for (const position of form.questions.map(form.positionOf)) {
    const ours = waitingAt(position);
    const { number, at } = known.get(position) ?? {};
    if (ours) entries.push(spoken(ours));
    else if (number && !refused.has(position)) entries.push({ number, position, ...form.read(position), at });
  }
  return { last, head, entries };
}

const waitingAt = (position) => waiting.filter((entry) => entry.position === position).pop();
const drop = (position) => (waiting = waiting.filter((entry) => entry.position !== position));

/* Take what the page now shows at a position. */
export function keep(position) {
  for (const entry of waiting) if (entry.position === position && entry.isOpen) rivals.offer(entry); // was never on the screen
  // A newer answer replaces one that is not on its way; one that is keeps its number.
  waiting = waiting.filter((entry) => entry.position !== position || entry.under);
  const at = Math.round(serverNow());
  waiting.push({ position, ...form.read(position), base: seen, at });
  touched.delete(position);
  touched.set(position, { number: 0, at });
  refused.delete(position);
  rivals.draw();
  count();
}

/* Number what never left, without gaps: then a page that did not know of another's answers is told so by the server. */
function count() {
  let number = Math.max(last, left);
  for (const entry of waiting) if (!entry.out) entry.number = ++number;
}

/* --- sending ------------------------------------------------------------------------------------------------------------- */

export function outgoing(size) {
  const batch = ready().slice(0, size);
  for (const entry of batch) {
    if (!entry.out) sent.push(posted(entry));
    entry.out = entry.under = true;
    left = Math.max(left, entry.number);
  }
  return batch;
}

export function arrivedOrNot() {
  for (const entry of waiting) entry.under = false;
}

/* Acknowledged. False where the server holds more than this page knows of. */
export function acknowledge(batch, body) {
  without(batch);
  for (const { position, number, at } of batch) {
    touched.set(position, { number, at });
    known.set(position, { number, at });
  }
  last = Math.max(last, body.last);
  head = body.head;
  if (!batch.length) return last <= seen;
  const numbers = [seen, ...batch.map((entry) => entry.number)];
  const highest = numbers[numbers.length - 1];
  if (body.last > highest || numbers.some((number, place) => place && number > numbers[place - 1] + 1)) return false;
  learn(Math.max(seen, highest));
  return true;
}

export const without = (batch) => (waiting = waiting.filter((entry) => !batch.includes(entry)));

/* Another page of this attempt is further on; what waits here counts on from there. */
export function behind(theirs) {
  last = theirs;
  for (const entry of waiting) entry.out = false;
  count();
}

export function refuse(batch) {
  for (const entry of batch) refused.set(entry.position, entry);
  without(batch);
}

export const forget = () => (waiting = []);

function learn(number) {
  seen = number;
  sent = sent.filter((entry) => entry.number > seen);
}

/* --- what earlier pages left behind -------------------------------------------------------------------------------------- */

/* Take over [{value}]; of two answers to one question the later one, and the other one is offered. */
export function merge(found) {
  const newest = new Map();
  for (const { value } of found) {
    left = Math.max(left, value.left ?? 0);
    sent.push(...(value.sent ?? []));
    for (const entry of latest(value)) {
      const other = newest.get(entry.position);
      const isLater = !other || entry.at > other.at || (entry.at === other.at && entry.number > other.number);
      if (isLater) newest.set(entry.position, entry);
      if (other && !form.sameAnswer(other, entry)) rivals.offer(isLater ? other : entry);
    }
  }
  const taken = [...newest.values()].sort((a, b) => a.number - b.number).filter(isWanted);
  // Of one page they may have arrived under their numbers; several pages may have used the same ones.
  waiting = [...taken.map((entry) => ({ ...entry, out: found.length === 1 })), ...waiting];
  left = Math.max(left, ...waiting.map((entry) => entry.number ?? 0));
  for (const { value } of found) rivals.recall(value.rivals ?? []);
  count();
  return taken.length > 0;
}

/* The last answer of a page to each question, as far as this paper knows it. */
function latest({ entries = [], isOld }) {
  const found = new Map();
  for (const entry of entries) {
    const readable = form.has(entry.position) && (isOld ? form.translated(entry) : entry);
    if (readable) found.set(entry.position, { ...spoken(readable), base: readable.base ?? -1, isOpen: (readable.base ?? -1) < seen });
  }
  return found.values();
}

function isWanted(entry) {
  const { position } = entry;
  const shown = form.read(position);
  if (form.same(entry, shown)) return false;
  if (touched.has(position)) {
    if (!form.sameAnswer(entry, shown)) rivals.offer(entry); // an answer that was given here meanwhile is newer
    return false;
  }
  if (!entry.isOpen || form.isBlank(shown)) form.fill(position, entry);
  touched.set(position, { number: 0, at: entry.at });
  return true;
}

/* --- both sides ---------------------------------------------------------------------------------------------------------- */

/* Go through every position. What waits goes, unless the server has something later from elsewhere; what was acknowledged and
   is not there goes again; what the server has from elsewhere is shown instead of being overwritten. */
export function align(body) {
  const lost = [];
  for (const position of form.questions.map(form.positionOf)) {
    const [number = 0, payload = {}, flagged = false, at = 0] = body.answers[position] ?? [];
    const theirs = { number, position, payload, flagged, at };
    known.set(position, { number, at });
    const ours = waitingAt(position);
    if (ours) contend(ours, theirs);
    else if (!refused.has(position) && !form.same(form.read(position), theirs)) {
      if (touched.has(position) && touched.get(position).number >= number) lost.push(position);
      else form.fill(position, theirs);
    }
  }
  const order = [...touched.keys()];
  lost.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  waiting.push(...lost.map((position) => ({ position, ...form.read(position), at: touched.get(position).at })));
  last = body.last;
  head = body.head;
  if (waiting.some((entry) => entry.out && entry.number <= last)) for (const entry of waiting) entry.out = false;
  for (const entry of waiting) Object.assign(entry, { base: last, isOpen: false });
  learn(last);
  rivals.draw();
  count();
}

function contend(ours, theirs) {
  const { position } = ours;
  const isSame = form.same(ours, theirs);
  const isNews = !isSame && theirs.number > Math.max(ours.base, 0) && !isOurOwn(theirs);
  const counts = isSame || (isNews && !(theirs.at && ours.at > theirs.at)) ? theirs : ours;
  if (counts === theirs) drop(position);
  if (counts === theirs) touched.set(position, { number: theirs.number, at: theirs.at });
  if (!form.same(counts, form.read(position))) form.fill(position, counts);
  if (isNews && !form.sameAnswer(ours, theirs)) rivals.offer(counts === ours ? theirs : ours);
}

const isOurOwn = (theirs) =>
  sent.some((one) => one.number === theirs.number && one.position === theirs.position && form.same(one, theirs));
