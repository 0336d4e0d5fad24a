/* The shelf: what the server has not acknowledged, in the browser's own storage.

   IndexedDB, because what was written to it is there when the browser was killed a moment later. One record for each open page
   of an attempt. A record of another page is deleted only in the same transaction that writes its answers into ours, and only
   if it is still what was read. */

import { config } from "./sitting-page.js";
import { through } from "./sitting-disk.js";
import { canSeal, opened, sealed } from "./sitting-seal.js";

const OLD = `zhikao.attempt.${config.attempt}`; // where pages kept their answers before there was this shelf
const MINE = [config.attempt, `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`];
const OURS = globalThis.IDBKeyRange?.bound([config.attempt], [config.attempt, []]);
export const PATIENCE = 1500; // ms: a storage that hangs must not keep an answer from the server
const PURPOSE = "zhikao-storage";

/* --- writing: one after the other, and always the latest --------------------------------------------------------------- */

let wanted = null;
let isNew = false;
let writing = null;
let begun = 0; // when the present write began
let isBroken = !globalThis.indexedDB;
let adopted = []; // [{name, record}] of pages whose answers this page has taken over
let settle = () => {};

const isSlow = () => Boolean(writing) && performance.now() - begun > PATIENCE;
export const onSettled = (then) => (settle = then);
export const isWriting = () => Boolean(writing) && !isSlow();
export const keeps = () => !isBroken && !isSlow();

/* Keep this, or nothing at all where it is null. */
export function put(snapshot) {
  if (snapshot === null && wanted === null && !adopted.length && !isBroken) return;
  if (!globalThis.indexedDB) return;
  wanted = snapshot;
  isNew = true;
  if (writing) return;
  begun = performance.now();
  writing = drain();
}

async function drain() {
  await null; // several changes of one moment are one record
  while (isNew) {
    isNew = false;
    begun = performance.now();
    const slow = setTimeout(() => settle(), PATIENCE + 50); // then the page says so
    try {
      await write(wanted, adopted);
      isBroken = false;
    } catch {
      isBroken = true;
      // Storage may be full or forbidden; the answers wait in memory, and the page does not call them saved.
    }
    clearTimeout(slow);
  }
  writing = null;
  settle();
}

async function write(snapshot, others) {
  const record = snapshot && (canSeal ? await sealed(snapshot, PURPOSE) : { plain: snapshot });
  await through("readwrite", (shelf) => {
    if (record) shelf.put(record, MINE);
    else shelf.delete(MINE);
    for (const other of others) shelf.get(other.name).onsuccess = ({ target }) => isEqual(target.result, other.record) && shelf.delete(other.name);
  });
  adopted = adopted.filter((other) => !others.includes(other));
}

const isEqual = (a, b) => String(a?.iv) === String(b.iv) && JSON.stringify(a?.plain) === JSON.stringify(b.plain);

/* Resolves when the last change is in the storage, or when waiting for it since then has become unreasonable. */
export const settled = (since = begun) => Promise.race([writing, sleep(Math.max(0, since + PATIENCE - performance.now()))]);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* --- reading: what earlier pages of this attempt left behind ------------------------------------------------------------ */

/* [{name, record, value}], or an error where the storage does not answer. What cannot be read stays where it is. */
export async function leftovers() {
  if (!globalThis.indexedDB) return [];
  const found = await through("readonly", (shelf) => {
    const both = { names: shelf.getAllKeys(OURS), records: shelf.getAll(OURS) };
    return { get result() { return { names: both.names.result, records: both.records.result }; } }; // prettier-ignore
  });
  const read = [];
  for (const [place, record] of found.records.entries()) {
    const name = found.names[place];
    if (name[1] === MINE[1]) continue;
    try {
      read.push({ name, record, value: record.plain ?? (await opened(record, PURPOSE)) });
    } catch {
      // Written under another key; perhaps somebody else can read it.
    }
  }
  return read;
}

/* From now on their answers are in what this page keeps. */
export const adopt = (found) => (adopted = [...adopted, ...found]);

export function oldShelf() {
  try {
    const kept = JSON.parse(localStorage.getItem(OLD));
    return kept ? [{ value: { isOld: true, entries: kept.waiting, left: kept.next - 1, handingIn: kept.handingIn } }] : [];
  } catch {
    return [];
  }
}

export function forgetOldShelf() {
  try {
    localStorage.removeItem(OLD);
  } catch {
    // Then there was none either.
  }
}
