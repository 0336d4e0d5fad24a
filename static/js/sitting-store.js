/* The shelf: what the server has not acknowledged, in the browser's own storage.

   IndexedDB, because what was written to it is there when the browser was killed a moment later. One record for each open page
   of an attempt, encrypted with AES-GCM under a key that the server gives only to the candidate who is signed in; a borrowed
   device tells nobody what was answered on it. Browsers offer encryption on https and on localhost only. Over plain http the
   record is written as it is: losing answers is worse than that somebody reads them on this device. */

import { config } from "./sitting-page.js";

const OLD = `zhikao.attempt.${config.attempt}`; // where pages kept their answers before there was this shelf
const MINE = [config.attempt, `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`];
const OURS = globalThis.IDBKeyRange?.bound([config.attempt], [config.attempt, []]);
const PATIENCE = 1500; // ms: a storage that hangs must not keep an answer from the server
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

const key = globalThis.crypto?.subtle?.importKey("raw", bytes(config.shelfKey), "AES-GCM", false, ["encrypt", "decrypt"]);
export const canSeal = Boolean(key);

async function sealed(value, purpose) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = new TextEncoder().encode(`${purpose}:${config.attempt}`);
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, await key, new TextEncoder().encode(JSON.stringify(value)));
  return { iv, data };
}

async function opened({ iv, data }, purpose) {
  const additionalData = new TextEncoder().encode(`${purpose}:${config.attempt}`);
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, await key, data)));
}

let database;

function open() {
  database ??= new Promise((done, fail) => {
    const asked = indexedDB.open("zhikao", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("shelf");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return database;
}

/* One transaction; it is over when it is on the disk, not only on its way there. */
async function through(mode, work) {
  const transaction = (await open()).transaction("shelf", mode, { durability: "strict" });
  const asked = work(transaction.objectStore("shelf"));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done(asked?.result);
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });
}

/* --- writing: one after the other, and always the latest --------------------------------------------------------------- */

let wanted = null;
let isNew = false;
let writing = null;
let isBroken = !globalThis.indexedDB;
let adopted = []; // keys of records whose answers this page has taken over
let settle = () => {};

export const onSettled = (then) => (settle = then);
export const isWriting = () => Boolean(writing);
export const keeps = () => !isBroken;

/* Keep this, or nothing at all where it is null. */
export function put(snapshot) {
  if (snapshot === null && wanted === null && !adopted.length) return;
  wanted = snapshot;
  isNew = true;
  writing ??= drain();
}

async function drain() {
  await null; // several changes of one moment are one record
  while (isNew) {
    isNew = false;
    try {
      await write(wanted, adopted);
      isBroken = false;
    } catch {
      isBroken = true;
      // Storage may be full or forbidden; the answers wait in memory, and the page does not call them saved.
    }
  }
  writing = null;
  settle();
}

async function write(snapshot, others) {
  const record = snapshot && (canSeal ? await sealed(snapshot, "zhikao-storage") : { plain: snapshot });
  await through("readwrite", (shelf) => {
    if (record) shelf.put(record, MINE);
    else shelf.delete(MINE);
    for (const other of others) shelf.delete(other);
  });
  adopted = adopted.filter((other) => !others.includes(other));
}

/* Resolves when the last change is in the storage, or when waiting for it has become unreasonable. */
export const settled = () => Promise.race([writing, sleep(PATIENCE)]);

/* --- reading: what earlier pages of this attempt left behind ------------------------------------------------------------ */

export async function leftovers() {
  const found = await Promise.race([records().catch(() => []), sleep(PATIENCE).then(() => [])]);
  const old = oldShelf();
  return old ? [old, ...found] : found;
}

async function records() {
  if (!globalThis.indexedDB) return [];
  const [names, kept] = await Promise.all([through("readonly", (shelf) => shelf.getAllKeys(OURS)), through("readonly", (shelf) => shelf.getAll(OURS))]);
  const read = [];
  for (const [place, record] of kept.entries()) {
    try {
      read.push(record.plain ?? (await opened(record, "zhikao-storage")));
    } catch {
      // Written under another key, so nobody can read it any more.
    }
    adopted.push(names[place]);
  }
  return read;
}

function oldShelf() {
  try {
    const kept = JSON.parse(localStorage.getItem(OLD));
    return kept && { isOld: true, entries: kept.waiting, left: kept.next - 1, handingIn: kept.handingIn };
  } catch {
    return null;
  }
}

export function forgetOldShelf() {
  try {
    localStorage.removeItem(OLD);
  } catch {
    // Then there was none either.
  }
}

/* --- the emergency answer file ------------------------------------------------------------------------------------------ */

/* Offer a file that only this house can read, and that nobody can make without the key of this attempt. */
export async function download(content, madeAt) {
  const { iv, data } = await sealed(content, "zhikao-answers");
  const file = { format: 1, attempt: config.attempt, made_at: new Date(madeAt).toISOString(), iv: text(iv), data: text(data) };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/octet-stream" }));
  link.download = `应急答卷-${config.attempt}.zkda`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
