/* The browser's IndexedDB, as far as it can be relied upon.

   Browsers drop its connection when they please (WebKit after a while in the background), some never answer at all. So a
   connection that failed is given up and opened anew, once for each operation, and every operation has an end. */

const LIMIT = 10_000; // ms

let database = null;

function open() {
  if (database) return database;
  const opening = new Promise((done, fail) => {
    const asked = indexedDB.open("zhikao", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("shelf");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  database = opening;
  opening.then((it) => (it.onclose = it.onversionchange = () => giveUp(opening))).catch(() => {});
  return opening;
}

function giveUp(opening) {
  if (database === opening) database = null;
  opening.then((it) => it.close()).catch(() => {});
}

/* One transaction; it is over when it is on the disk, not only on its way there. */
export async function through(mode, work) {
  try {
    return await once(mode, work);
  } catch {
    return once(mode, work);
  }
}

async function once(mode, work) {
  const opening = open();
  let limit;
  const late = new Promise((_, fail) => (limit = setTimeout(() => fail(new Error("too slow")), LIMIT)));
  try {
    return await Promise.race([opening.then((it) => transacted(it, mode, work)), late]);
  } catch (error) {
    giveUp(opening);
    throw error;
  } finally {
    clearTimeout(limit);
  }
}

function transacted(it, mode, work) {
  const transaction = it.transaction("shelf", mode, { durability: "strict" });
  const asked = work(transaction.objectStore("shelf"));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done(asked?.result);
    transaction.onabort = transaction.onerror = () => fail(transaction.error);
  });
}
