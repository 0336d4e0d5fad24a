/* What this device keeps: sets to practise, and answers until the server has them. All of it is sealed under a key that the browser
   made and gives to nobody; where there is no encryption (no https) it is written as it is, and there is no worker either. */

const NAME = "zhikao-practice";
const STORES = { keys: {}, sets: {}, queue: { keyPath: ["person", "device", "number"] }, devices: {} };
const MOST_TOPICS = 5; // sets of topics kept beside the daily ten and the book

const hex = (count) => [...crypto.getRandomValues(new Uint8Array(count))].map((n) => n.toString(16).padStart(2, "0")).join("");
const wholeOf = (person) => IDBKeyRange.bound([person], [person, []]);

function open() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => Object.entries(STORES).forEach(([name, how]) => asked.result.createObjectStore(name, how));
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

/* One transaction; it is over when it is on the disk. */
async function through(mode, names, work) {
  const database = await open();
  try {
    return await new Promise((done, fail) => {
      const transaction = database.transaction(names, mode, { durability: "strict" });
      const asked = work(...names.map((name) => transaction.objectStore(name)));
      transaction.oncomplete = () => done(asked?.result);
      transaction.onabort = transaction.onerror = () => fail(transaction.error);
    });
  } finally {
    database.close();
  }
}

/* --- the key ----------------------------------------------------------------------------------------------------------- */

const canSeal = Boolean(globalThis.crypto?.subtle);
let keyOnce = null;

async function makeKey() {
  const known = await through("readonly", ["keys"], (keys) => keys.get("practice"));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two pages may have made one: the first that was written counts, `add` refuses the second.
  await through("readwrite", ["keys"], (keys) => {
    keys.add(made, "practice").onerror = (event) => (event.preventDefault(), event.stopPropagation());
  });
  return through("readonly", ["keys"], (keys) => keys.get("practice"));
}

const key = () => (keyOnce ??= makeKey().catch((error) => ((keyOnce = null), Promise.reject(error))));

async function sealed(value) {
  if (!canSeal) return { plain: value };
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), new TextEncoder().encode(JSON.stringify(value))) };
}

async function opened(box) {
  if (!box.iv) return box.plain;
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv: box.iv }, await key(), box.data)));
}

/* --- answers ----------------------------------------------------------------------------------------------------------- */

/* Number an answer and keep it, both in one transaction, so that no two pages of this device give one number twice. */
export async function keepAnswer(person, said) {
  const box = await sealed(said);
  await through("readwrite", ["devices", "queue"], (devices, queue) => {
    devices.get(person).onsuccess = ({ target }) => {
      const held = target.result ?? { device: `phone-${hex(16)}`, next: 1 };
      queue.add({ person, device: held.device, number: held.next, box, refused: "" });
      devices.put({ ...held, next: held.next + 1 }, person);
    };
  });
}

/* Her answers that wait, in the order in which they were given. */
export async function waiting(person) {
  const rows = (await through("readonly", ["queue"], (queue) => queue.getAll(wholeOf(person)))) ?? [];
  const read = [];
  for (const row of rows) {
    try {
      read.push({ ...row, said: await opened(row.box) });
    } catch {
      // Written under a key that is gone: nobody can read it any more.
    }
  }
  return read;
}

export const forgetAnswers = (rows) =>
  through("readwrite", ["queue"], (queue) => {
    for (const { person, device, number } of rows) queue.delete([person, device, number]);
  });

export const markRefused = (row, why) =>
  through("readwrite", ["queue"], (queue) => {
    const { person, device, number, box } = row;
    queue.put({ person, device, number, box, refused: why });
  });

/* --- sets -------------------------------------------------------------------------------------------------------------- */

export async function keepSets(person, sets, at) {
  const rows = await Promise.all(sets.map(async (set) => ({ person, code: set.code, at, box: await sealed(set) })));
  await through("readwrite", ["sets"], (store) => {
    for (const row of rows) store.put(row, [person, row.code]);
    store.getAll(wholeOf(person)).onsuccess = ({ target }) => {
      const topics = target.result.filter((row) => row.code.startsWith("topic-")).sort((a, b) => b.at - a.at);
      for (const row of topics.slice(MOST_TOPICS)) store.delete([person, row.code]);
    };
  });
}

export async function keptSets(person) {
  const rows = (await through("readonly", ["sets"], (store) => store.getAll(wholeOf(person)))) ?? [];
  const read = [];
  for (const row of rows) {
    try {
      read.push({ at: row.at, ...(await opened(row.box)) });
    } catch {
      // As above.
    }
  }
  return read;
}
