/* The list at the door without a network. This worker is served below one hall and reaches no further: it gives back that list and
   the files it is made of, nothing else. The list is sealed under a key of this browser, lasts half a day, and goes when whoever
   opened it signs out (frame.js), is signed out, or may not see it any more. */

const PAGE = new URL("./", self.location).pathname;
const SHELF = "zhikao-door";
const LASTS = 12 * 3600 * 1000;
const PATIENCE = 8000; // a network that hangs is none
const NOT_KEPT = ["content-encoding", "content-length", "set-cookie"];

/* --- the key ----------------------------------------------------------------------------------------------------------- */

const keys = (mode, act) =>
  new Promise((done, fail) => {
    const opening = indexedDB.open(SHELF, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    opening.onerror = () => fail(opening.error);
    opening.onsuccess = () => {
      const through = opening.result.transaction("keys", mode);
      const asked = act(through.objectStore("keys"));
      through.oncomplete = () => (opening.result.close(), done(asked.result));
      through.onabort = () => (opening.result.close(), fail(through.error));
    };
  });

async function key() {
  const known = await keys("readonly", (shelf) => shelf.get("list"));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await keys("readwrite", (shelf) => shelf.put(made, "list"));
  return made;
}

/* --- the list ---------------------------------------------------------------------------------------------------------- */

async function keep(answer) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), await answer.arrayBuffer());
  const told = [...answer.headers].filter(([name]) => !NOT_KEPT.includes(name));
  const headers = { "X-At": Date.now(), "X-Iv": iv.join(","), "X-Told": JSON.stringify(told) };
  await (await caches.open(SHELF)).put(PAGE, new Response(sealed, { headers }));
}

async function forget() {
  await (await caches.open(SHELF)).delete(PAGE);
}

/* Whether it is the list itself; what is anything else says that it may not be shown to whoever asks. */
const isList = (answer) => answer.ok && !answer.redirected && (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
const isAway = (answer) => [502, 503, 504].includes(answer.status);

async function kept() {
  const found = await (await caches.open(SHELF)).match(PAGE);
  if (!found) return null;
  const at = Number(found.headers.get("X-At"));
  if (Date.now() - at > LASTS) return await forget(), null;
  const iv = Uint8Array.from(found.headers.get("X-Iv").split(","), Number);
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(), await found.arrayBuffer());
  // The page is told how old it is: its clock and its words go by that.
  const text = new TextDecoder().decode(opened).replace("<body ", `<body data-kept="${at}" `);
  return new Response(text, { headers: JSON.parse(found.headers.get("X-Told")) });
}

async function list(request) {
  let answer;
  try {
    const patience = new Promise((_done, fail) => setTimeout(fail, PATIENCE));
    answer = await Promise.race([fetch(request), patience]);
  } catch {
    return (await kept().catch(() => null)) ?? Response.error();
  }
  if (isAway(answer)) return (await kept().catch(() => null)) ?? answer;
  await (isList(answer) ? keep(answer.clone()) : forget()).catch(() => {});
  return answer;
}

/* --- the files it is made of ------------------------------------------------------------------------------------------- */

const isFile = (url) => url.origin === location.origin && url.pathname.startsWith("/static/");
const isFixed = (url) => /\.[0-9a-f]{12}\.\w+$/.test(url.pathname); // named by its content

async function file(request, url) {
  const shelf = await caches.open(SHELF);
  if (isFixed(url)) return (await shelf.match(request)) ?? fetch(request);
  return fetch(request).catch(async () => (await shelf.match(request)) ?? Response.error());
}

/* The page says of what it is made; what it no longer is goes. */
async function gather(addresses) {
  const shelf = await caches.open(SHELF);
  const wanted = new Set(addresses.filter((address) => isFile(new URL(address))));
  for (const held of await shelf.keys()) if (isFile(new URL(held.url)) && !wanted.has(held.url)) await shelf.delete(held);
  for (const address of wanted) if (!(await shelf.match(address))) await shelf.add(address).catch(() => {});
  const answer = await fetch(PAGE, { cache: "no-store" });
  if (!isAway(answer)) await (isList(answer) ? keep(answer) : forget());
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  const done = gather(event.data.files).then(() => true, () => false);
  event.waitUntil(done.then((isKept) => event.source.postMessage({ isKept })));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && url.pathname === PAGE) event.respondWith(list(request));
  else if (isFile(url)) event.respondWith(file(request, url));
});
