/* The line to the server: one thing at a time, again until it has arrived, and the end.

   A change goes to the shelf, then to the server, and leaves the shelf when the server has acknowledged it. */

import { ask, config, token, trouble, word } from "./sitting-page.js";
import * as notes from "./sitting-notes.js";
import * as queue from "./sitting-queue.js";
import * as rivals from "./sitting-rivals.js";
import * as shelf from "./sitting-store.js";
import { canSeal } from "./sitting-seal.js";
import { isOver, isToldOver, keepTime, serverNow } from "./sitting-time.js";

const BATCH = 100;
const LONGEST = 8000; // ms between two tries
const AT_THE_END = 2000; // the same once time is over and only the network's grace is left
const WHILE_TYPING = 2000; // ms that a change waits for further ones at most
const SHELF_TRIES = [2000, 10_000, 30_000, 60_000]; // ms between looks at a shelf that does not answer

let doubt = 0; // 0: both sides hold the same; 1: ask by the head of the chain; 2: compare every answer
let handingIn = ""; // "asked" by the candidate; "over" by the clock, "ending" once the last answers have arrived
let held = config.paused ? "paused" : ""; // or "elsewhere"
let door = ""; // "login", "stranger": who asks is not the candidate
let failures = 0;
let size = BATCH;
let busy = false;
let ended = ""; // "left" for the result; "stranded": the attempt is over, and answers lie here that never arrived
let restoring = true; // the shelf has not told yet what earlier pages left behind
let isEarly = true; // and nothing goes until it had its chance to
let timer = 0;
let notBefore = 0; // by the counter: what the server asked to wait is not shortened
let typedSince = 0; // by the counter: the oldest change that waits for further ones
let stop = null;
let isCut = false;
let since = 0; // server time since which something waits

const hooks = { changed() {}, held() {}, told() {}, door() {}, stranded() {}, asks() {} };
export const listen = (more) => Object.assign(hooks, more);

/* What the page shows of all this. */
export function status() {
  const waits = queue.waiting.length > 0 || handingIn !== "";
  const stuck = queue.refused.size > 0 || (queue.waiting.length > 0 && (failures > 0 || door || held || ended));
  const isOpen = waits || restoring || shelf.isWriting() || (doubt > 0 && !failures && !held);
  return {
    isKept: shelf.keeps(),
    state: stuck ? "unsaved" : isOpen ? "saving" : "saved",
    unsaved: new Set(stuck ? [...queue.refused.keys(), ...queue.waiting.map((entry) => entry.position)] : []),
    waits: ended === "stranded" ? !shelf.keeps() : waits && !ended,
    isStuck: handingIn !== "" && failures > 0,
    isHeld: held !== "" || ended !== "",
    isFrozen: held !== "" || ended !== "" || handingIn === "ending",
    elsewhere: held === "elsewhere" ? queue.waiting.length : 0,
    refused: [...queue.refused.keys()],
    rescue: canSeal && !ended && held !== "paused" && isLong(),
  };
}

const isLong = () => (queue.waiting.length > 0 && since > 0 && serverNow() - since > 60_000) || (handingIn !== "" && failures > 0 && isOver());

/* Take what the page now shows at a position. */
export function keep(position) {
  queue.keep(position);
  if (!queue.refused.size) trouble("");
  store();
}

function store() {
  since = queue.waiting.length ? since || serverNow() : 0;
  const kept = ended === "left" ? null : queue.snapshot();
  shelf.put(handingIn === "asked" ? { ...kept, handingIn: true } : kept);
  hooks.changed();
}

/* --- what earlier pages left behind -------------------------------------------------------------------------------------- */

/* Take over what earlier pages of this attempt could not send. A shelf that is slow keeps nothing from the server, but until it
   has answered the page does not say that all is saved, and does not hand in as it was asked. */
export async function restore() {
  if (!queue.isFresh()) doubt = 2; // then the page knows when and under which number the server got what it shows
  take(shelf.oldShelf());
  shelf.sleep(shelf.PATIENCE).then(begin);
  for (const pause of SHELF_TRIES) {
    try {
      const found = await shelf.leftovers();
      if (ended) return;
      take(found);
      shelf.adopt(found);
      restoring = false;
      break;
    } catch {
      restoring = false; // it is broken, and waiting for it would help nobody
      begin();
      store();
      await shelf.sleep(pause);
    }
  }
  begin();
  store();
  shelf.settled().then(() => shelf.keeps() && shelf.forgetOldShelf());
  soon(0);
}

function take(found) {
  if (queue.merge(found)) doubt = 2;
  // Whether it was meant so is not known any more; only the clock hands in by itself.
  if (found.some(({ value }) => value.handingIn) && !isOver()) hooks.asks(word("asked-before"));
}

function begin() {
  if (!isEarly) return;
  isEarly = false;
  soon(0);
}

/* --- one thing at a time ------------------------------------------------------------------------------------------------- */

function soon(delay) {
  clearTimeout(timer);
  timer = setTimeout(turn, Math.max(delay, notBefore - performance.now()));
}

/* A change: further ones may follow at once, but it waits for them only so long, and not at all less than was planned. */
export function typed(delay) {
  if (failures) return;
  const now = performance.now();
  typedSince ||= now;
  soon(Math.max(0, Math.min(delay, typedSince + WHILE_TYPING - now)));
}

/* The way to the server may be open again: compare, then send. */
export function again() {
  if (ended) return;
  doubt = Math.max(doubt, 1);
  soon(0);
}

/* A page that the browser kept and shows again: what it shows may be long over. */
export const wake = () => (ended === "left" ? location.replace(config.result) : again());

/* The way is open, as something else has just found out. */
export const hurry = () => failures > 0 && !busy && soon(Math.random() * 500);

function next() {
  const isAny = queue.ready().length > 0;
  // At the end the answers go, and the page learns whether time was granted in the last moment.
  if (handingIn === "over") return queue.isAnyOpen() && failures % 4 < 3 ? compare : save;
  if (handingIn === "ending") return close;
  // Whatever ails the check, every third try goes without: answers do not depend on it.
  if (doubt) return isAny && failures % 3 === 2 ? save : compare;
  if (handingIn && !restoring) return close;
  return isAny || notes.isAnyOld() ? save : null;
}

/* What was noticed goes alone once it has waited long enough for an answer to go with. */
export const nudge = () => !busy && !failures && notes.isAnyOld() && soon(0);

async function turn() {
  if (busy || ended || held || isEarly) return;
  typedSince = 0;
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
  queue.arrivedOrNot();
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
    if (retryAfter) notBefore = performance.now() + retryAfter;
    soon(retryAfter ? retryAfter + Math.random() * 1000 : delay * (0.75 + Math.random() / 2));
  } else {
    failures = 0;
    knocked("");
    if (!queue.refused.size) trouble("");
    if (next()) soon(0);
  }
}

function knocked(who, address = "") {
  door = who;
  hooks.door(who, address);
}

async function save(control) {
  const isLast = handingIn === "over" && queue.ready().length <= size;
  if (doubt) doubt = 2; // the next head covers whatever this page does not know, so it cannot tell any more
  const batch = queue.outgoing(size);
  const noticed = notes.outgoing();
  const more = noticed.length ? { signals: noticed } : {};
  return settle(await post(config.save, { entries: queue.bodyOf(batch), ...more }, control), batch, "last", (body) => {
    notes.arrived(noticed);
    if (!queue.acknowledge(batch, body)) doubt = 2;
    since = 0;
    if (!queue.waiting.length) size = BATCH;
    if (isLast && handingIn === "over") handingIn = isToldOver(body) ? "ending" : "";
  });
}

async function close(control) {
  if (queue.ready().length > size) return save(control);
  const batch = queue.outgoing(size);
  const more = handingIn === "ending" ? { auto: true } : {};
  return settle(await post(config.handIn, { entries: queue.bodyOf(batch), ...more }, control), batch, "state", () => {
    queue.without(batch);
    finish();
  });
}

const post = (address, body, control) =>
  ask(address, {
    method: "POST",
    stop: control,
    headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
    body: JSON.stringify(body),
  });

/* What the answer to answers means. */
function settle(answer, batch, fact, done) {
  const { status, body, retryAfter } = answer;
  if (status >= 500 || status === 429) return { failed: true, retryAfter };
  if (status === 413) return refuse(batch);
  if (!isOurs(answer, fact)) return { failed: true };
  if (answer.ok) {
    keepTime(answer);
    done(body);
    return {};
  }
  if (status === 409) {
    queue.behind(body.last);
    doubt = 2;
    return {};
  }
  if (status === 410) {
    finish(body.problem);
    return {};
  }
  if (status === 423) {
    if (handingIn !== "asked") handingIn = "";
    if (body.state === "early") keepTime(answer);
    else {
      hold(body.state);
      look();
    }
    return {};
  }
  return refuse(batch, body.problem);
}

/* One answer that cannot be taken must not keep others from arriving: then each goes alone. A hand-in that was asked for does
   not go on without it before she has heard so; the clock does. */
function refuse(batch, problem = "") {
  if (batch.length > 1) {
    size = 1;
    return {};
  }
  if (!batch.length && handingIn !== "asked") return { failed: true };
  size = BATCH;
  queue.refuse(batch);
  const reason = [problem, word("refused")].filter(Boolean).join(" ");
  trouble(reason);
  if (handingIn === "asked") {
    handingIn = "";
    hooks.asks(reason);
  }
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
  const answer = await inquire(before === 1 ? queue.head : "", control);
  if (!answer?.ok) return { failed: true, retryAfter: answer?.retryAfter };
  if (ended || held) return {};
  doubt = doubt > before ? doubt : 0;
  if (answer.body.answers) queue.align(answer.body);
  return {};
}

/* Ask the server how things stand and heed it; null where it was not the candidate who was answered. */
async function inquire(known, control) {
  const answer = await ask(`${config.check}?head=${known}`, { stop: control, headers: { Accept: "application/json" } });
  if (answer.status >= 500 || answer.status === 429) return answer;
  if (!isOurs(answer, "agrees")) return null;
  if (answer.ok) heed(answer);
  return answer;
}

function heed(answer) {
  const { body } = answer;
  if (body.state === "in_progress") {
    keepTime(answer);
    if (handingIn && handingIn !== "asked" && !isToldOver(body)) handingIn = "";
    if (body.paused) hooks.told(body.why ?? "");
    hold(body.paused ? "paused" : body.elsewhere ? "elsewhere" : "");
  } else if (!queue.waiting.length || held === "elsewhere") finish();
  else {
    hold(""); // what waits is sent once more, and the server says why it comes too late
    soon(0);
  }
}

/* The same question beside the line, when something may have been done to the attempt; true when it was answered. */
export async function look() {
  try {
    const answer = await inquire(queue.head);
    if (answer?.ok && !answer.body.agrees && answer.body.answers && !busy && !ended) again();
    return Boolean(answer?.ok);
  } catch {
    return false;
  }
}

function hold(why) {
  if (held === why || ended) return;
  held = why;
  failures = 0;
  if (held === "elsewhere" && handingIn === "asked") handingIn = ""; // meant for what was answered here
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

/* The attempt is over. What never arrived is the only copy there is: then the page stays, and the shelf with it. */
function finish(sentence = "") {
  if (ended) return;
  handingIn = "";
  if (!queue.waiting.length) {
    leave(sentence);
    return;
  }
  ended = "stranded";
  store();
  hooks.stranded(new Set(queue.waiting.map((entry) => entry.position)).size, sentence);
}

/* To the result; a sentence about what came too late goes along and is shown there (late.js). */
export async function leave(sentence = "") {
  try {
    if (sentence) sessionStorage.setItem(`zhikao.attempt.${config.attempt}.late`, sentence);
  } catch {
    // Without storage the result page still tells when and how the attempt ended.
  }
  ended = "left";
  queue.forget();
  store();
  await shelf.settled(performance.now());
  location.replace(config.result);
}

shelf.onSettled(() => hooks.changed());
rivals.onChosen((position) => {
  if (!position) return store();
  keep(position);
  return typed(0);
});
