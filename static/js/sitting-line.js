/* The line to the server: what waits, in which order it goes, and whether both sides hold the same.

   A change goes to the shelf, then to the server, and leaves the shelf when the server has acknowledged it. Numbers count what
   the candidate said in this attempt; a repeated number changes nothing there, so whatever may not have arrived is sent again. */

import { ask, config, token, trouble, word } from "./sitting-page.js";
import * as form from "./sitting-form.js";
import * as shelf from "./sitting-store.js";
import { isOver, keepTime, serverNow } from "./sitting-time.js";

const BATCH = 100;
const LONGEST = 8000; // ms between two tries
const AT_THE_END = 2000; // the same once time is over and only the network's grace is left

let waiting = []; // [{number, position, payload, flagged, out: left under this number, under: is on its way}], oldest first
let last = config.last; // highest number that the server has
let head = config.head; // its chain up to there
let left = config.last; // highest number that ever left this page
const touched = new Map(); // positions changed here, the latest change last, and the number under which it was acknowledged
const refused = new Set(); // positions whose answer the server would not take
let doubt = 0; // 0: both sides hold the same; 1: ask by the head of the chain; 2: compare every answer
let handingIn = ""; // "asked" by the candidate; "over" by the clock, "ending" once the last answers have arrived
let held = config.paused ? "paused" : ""; // or "elsewhere"
let door = ""; // "login", "stranger": who asks is not the candidate
let failures = 0;
let size = BATCH;
let busy = false;
let ended = false;
let restoring = true;
let timer = 0;
let stop = null;
let isCut = false;
let since = 0; // server time since which something waits

const hooks = { changed() {}, held() {}, door() {}, stranded() {} };
export const listen = (more) => Object.assign(hooks, more);

/* What the page shows of all this. */
export function status() {
  const waits = waiting.length > 0 || handingIn !== "";
  const stuck = refused.size > 0 || (waiting.length > 0 && (failures > 0 || door || held));
  const isOpen = waits || restoring || shelf.isWriting() || (doubt > 0 && !failures && !held);
  return {
    isKept: shelf.keeps(),
    state: stuck ? "unsaved" : isOpen ? "saving" : "saved",
    unsaved: new Set(stuck ? [...refused, ...waiting.map((entry) => entry.position)] : []),
    waits: waits && !ended,
    isStuck: handingIn !== "" && failures > 0,
    isHeld: held !== "",
    stranded: held === "elsewhere" ? waiting.length : 0,
    rescue: shelf.canSeal && !ended && held !== "paused" && isLong(),
  };
}

const isLong = () => (waiting.length > 0 && since > 0 && serverNow() - since > 60_000) || (handingIn !== "" && failures > 0 && isOver());

/* Everything that the page holds, for the emergency answer file. */
export function everything() {
  const answers = form.questions.map(form.positionOf).map((position) => [position, form.read(position)]);
  return {
    entries: waiting.map(plain),
    answers: Object.fromEntries(answers.map(([position, { payload, flagged }]) => [position, [payload, flagged]])),
    head,
    last,
  };
}

const plain = ({ number, position, payload, flagged }) => ({ number, position, payload, flagged });

/* --- what waits ---------------------------------------------------------------------------------------------------------- */

/* Take what the page now shows at a position. */
export function keep(position) {
  // A newer answer replaces one that is not on its way; one that is keeps its number.
  waiting = waiting.filter((entry) => entry.position !== position || entry.under);
  waiting.push({ position, ...form.read(position) });
  touched.delete(position);
  touched.set(position, 0);
  refused.delete(position);
  if (!refused.size) trouble("");
  count();
}

/* Number what never left, without gaps: then a page that did not know of another's answers is told so by the server. */
function count() {
  let number = Math.max(last, left);
  for (const entry of waiting) if (!entry.out) entry.number = ++number;
  store();
}

function store() {
  since = waiting.length ? since || serverNow() : 0;
  const isAny = waiting.length > 0 || handingIn !== "";
  shelf.put(isAny ? { entries: waiting.map(plain), left, handingIn: handingIn === "asked" } : null);
  hooks.changed();
}

/* Take over what earlier pages of this attempt could not send; an answer that was given here meanwhile is newer. */
export async function restore() {
  const found = await shelf.leftovers();
  const newest = new Map();
  for (const one of found) {
    for (const entry of one.entries ?? []) {
      const known = form.has(entry.position) && (one.isOld ? form.translated(entry) : entry);
      if (known && !touched.has(entry.position) && !(newest.get(entry.position)?.number > entry.number)) newest.set(entry.position, known);
    }
    left = Math.max(left, one.left ?? 0);
  }
  const entries = [...newest.values()].sort((a, b) => a.number - b.number).filter((entry) => !form.same(entry, form.read(entry.position)));
  for (const entry of entries) {
    form.fill(entry.position, entry);
    touched.set(entry.position, 0);
  }
  // Of one page they may have arrived under their numbers; several pages may have used the same ones.
  waiting = [...entries.map((entry) => ({ ...plain(entry), out: found.length === 1 })), ...waiting];
  left = Math.max(left, ...waiting.map((entry) => entry.number ?? 0));
  if (entries.length) doubt = 1;
  restoring = false;
  count();
  if (found.some((one) => one.handingIn)) handIn("asked");
  shelf.settled().then(shelf.forgetOldShelf);
  soon(0);
}

/* --- one thing at a time ------------------------------------------------------------------------------------------------- */

export function soon(delay) {
  clearTimeout(timer);
  timer = setTimeout(turn, delay);
}

/* The way to the server may be open again: compare, then send. */
export function again() {
  if (ended) return;
  doubt = Math.max(doubt, 1);
  soon(0);
}

/* A page that the browser kept and shows again: what it shows may be long over. */
export const wake = () => (ended ? location.replace(config.result) : again());

/* The way is open, as something else has just found out. */
export const hurry = () => failures > 0 && !busy && soon(Math.random() * 500);

function next() {
  if (handingIn === "over") return save; // and learn whether time was granted in the last moment
  if (handingIn === "ending") return close;
  // Whatever ails the check, every third try goes without: answers do not depend on it.
  if (doubt) return waiting.length && failures % 3 === 2 ? save : compare;
  if (handingIn) return close;
  return waiting.length ? save : null;
}

async function turn() {
  if (busy || ended || held || restoring) return;
  const act = next();
  if (!act) return;
  busy = true;
  isCut = false;
  stop = new AbortController();
  let outcome = { failed: true };
  try {
    await shelf.settled();
    outcome = await act(stop);
  } catch {
    // No answer, or half of one: everything stays on the shelf and goes again.
  }
  busy = false;
  for (const entry of waiting) entry.under = false;
  if (ended) return;
  if (outcome.failed && isCut) soon(0);
  else if (!held) after(outcome);
  store();
}

function after({ failed = false, retryAfter = 0 }) {
  if (failed) {
    failures += 1;
    doubt = Math.max(doubt, 1);
    if (handingIn === "ending") handingIn = "over"; // time may be granted before the line is open again
    const delay = Math.min(1000 * 2 ** Math.min(failures, 4), handingIn === "over" && failures < 60 ? AT_THE_END : LONGEST);
    soon(retryAfter ? retryAfter + Math.random() * 1000 : delay * (0.75 + Math.random() / 2));
  } else {
    failures = 0;
    knocked("");
    if (!refused.size) trouble("");
    if (next()) soon(0);
  }
}

function knocked(who, address = "") {
  door = who;
  hooks.door(who, address);
}

async function save(control) {
  const isLast = handingIn === "over" && waiting.length <= size;
  if (doubt) doubt = 2; // the next head covers whatever this page does not know, so it cannot tell any more
  const batch = outgoing();
  return settle(await post(config.save, batch, control), batch, "last", (body) => {
    waiting = waiting.filter((entry) => !batch.includes(entry));
    for (const { position, number } of batch) touched.set(position, number);
    last = Math.max(last, body.last);
    head = body.head;
    since = 0;
    if (!waiting.length) size = BATCH;
    if (isLast && handingIn === "over") handingIn = isOver() ? "ending" : "";
  });
}

async function close(control) {
  if (waiting.length > size) return save(control);
  const batch = outgoing();
  return settle(await post(config.handIn, batch, control), batch, "state", () => leave());
}

function outgoing() {
  const batch = waiting.slice(0, size);
  for (const entry of batch) {
    entry.out = entry.under = true;
    left = Math.max(left, entry.number);
  }
  return batch;
}

const post = (address, entries, control) =>
  ask(address, {
    method: "POST",
    stop: control,
    headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
    body: JSON.stringify({ entries: entries.map(plain) }),
  });

/* What the answer to answers means. */
function settle(answer, batch, fact, done) {
  const { status, body, retryAfter } = answer;
  if (status >= 500 || status === 429) return { failed: true, retryAfter };
  if (status === 413) return refuse(batch);
  if (!isOurs(answer, fact)) return { failed: true };
  if (answer.ok) {
    keepTime(body);
    done(body);
    return {};
  }
  if (status === 409) {
    // Another page of this attempt is further on; what waits here is newer to this person, so it counts on from there.
    last = body.last;
    doubt = 2;
    for (const entry of waiting) entry.out = false;
    count();
    return {};
  }
  if (status === 410) {
    leave(body.problem);
    return {};
  }
  if (status === 423) {
    if (handingIn !== "asked") handingIn = "";
    hold(body.state);
    look();
    return {};
  }
  return refuse(batch, body.problem);
}

/* One answer that cannot be taken must not keep others from arriving: then each goes alone. */
function refuse(batch, problem = "") {
  if (batch.length > 1) {
    size = 1;
    return {};
  }
  size = BATCH;
  for (const { position } of batch) refused.add(position);
  if (!batch.length) handingIn = "";
  waiting = waiting.filter((entry) => !batch.includes(entry));
  trouble(`${problem} ${word("refused")}`);
  return {};
}

/* Whether it is the candidate who was answered. Whoever is led elsewhere, however politely and in whatever format, is not
   signed in; and what does not name the fact that was asked for is no acknowledgement. */
function isOurs({ status, ok, body, from }, fact) {
  if (status === 404) knocked("stranger");
  else if (status === 401 || status === 403 || from) knocked("login", from);
  else return body !== null && (!ok || body[fact] !== undefined);
  return false;
}

/* --- do both sides hold the same? ---------------------------------------------------------------------------------------- */

async function compare(control) {
  const before = doubt;
  const answer = await inquire(before === 1 ? head : "", control);
  if (!answer?.ok) return { failed: true, retryAfter: answer?.retryAfter };
  if (ended || held) return {};
  doubt = doubt > before ? doubt : 0;
  if (answer.body.answers) align(answer.body);
  return {};
}

/* Ask the server how things stand and heed it; null where it was not the candidate who was answered. */
async function inquire(known, control) {
  const answer = await ask(`${config.check}?head=${known}`, { stop: control, headers: { Accept: "application/json" } });
  if (answer.status >= 500 || answer.status === 429) return answer;
  if (!isOurs(answer, "agrees")) return null;
  if (answer.ok) heed(answer.body);
  return answer;
}

function heed(body) {
  if (body.state === "in_progress") {
    keepTime(body);
    if (handingIn && handingIn !== "asked" && !isOver()) handingIn = "";
    hold(body.paused ? "paused" : body.elsewhere ? "elsewhere" : "");
  } else if (!waiting.length) leave();
  else if (held === "elsewhere") hooks.stranded(waiting.length);
  else hold(""); // what waits is sent once more, and the server says why it comes too late
}

/* Go through every position. What waits goes; what was acknowledged and is not there goes again; what the server has from
   elsewhere, or from elsewhere later, is shown instead of being overwritten. */
function align({ answers, last: theirs, head: newest }) {
  const lost = [];
  for (const position of form.questions.map(form.positionOf)) {
    const [number = 0, payload = {}, flagged = false] = answers[position] ?? [];
    const isSame = form.same(form.read(position), { payload, flagged });
    if (isSame) waiting = waiting.filter((entry) => entry.position !== position);
    if (isSame || refused.has(position) || waiting.some((entry) => entry.position === position)) continue;
    if (touched.has(position) && touched.get(position) >= number) lost.push(position);
    else form.fill(position, { payload, flagged });
  }
  const order = [...touched.keys()];
  lost.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  waiting.push(...lost.map((position) => ({ position, ...form.read(position) })));
  last = theirs;
  head = newest;
  if (waiting.some((entry) => entry.out && entry.number <= last)) for (const entry of waiting) entry.out = false;
  count();
}

/* The same question beside the line, when something may have been done to the attempt; true when it was answered. */
export async function look() {
  try {
    const answer = await inquire(head);
    if (answer?.ok && !answer.body.agrees && answer.body.answers && !busy && !ended) again();
    return Boolean(answer?.ok);
  } catch {
    return false;
  }
}

function hold(why) {
  if (held === why) return;
  held = why;
  failures = 0;
  if (!held) again();
  hooks.held(held);
  hooks.changed();
}

/* --- the end ------------------------------------------------------------------------------------------------------------- */

/* Hand in: "asked" by the candidate, after both sides were compared; "over" by the clock, at once. */
export function handIn(why) {
  if (ended || held || handingIn === "over" || handingIn === "ending") return;
  handingIn = why;
  if (why === "asked") doubt = 2;
  else if (busy) {
    isCut = true;
    stop.abort(); // whatever hangs there has had its time
  }
  store();
  soon(0);
}

/* To the result; a sentence about what came too late goes along and is shown there (late.js). */
async function leave(sentence = "") {
  if (ended) return;
  try {
    if (sentence) sessionStorage.setItem(`zhikao.attempt.${config.attempt}.late`, sentence);
  } catch {
    // Without storage the result page still tells when and how the attempt ended.
  }
  ended = true;
  waiting = [];
  handingIn = "";
  store();
  await shelf.settled();
  location.replace(config.result);
}

shelf.onSettled(() => hooks.changed());
