/* Practice without a network. This worker is served below /practice/ and reaches no further: it keeps one page, the files that page
   is made of, and the pictures of the sets that the device keeps. The page is sealed under a key of this browser and goes when whoever
   opened it signs out (frame.js) or is signed out. Answers pass it by: they are the page's own. */

const SCOPE = new URL("./", self.location).pathname;
const PAGE = `${SCOPE}offline/`;
const SHELF = "zhikao-practice";
const KEYS = "zhikao-practice-page";
const LASTS = 30 * 24 * 3600 * 1000;
const PATIENCE = 8000; // a network that hangs is none
const NOT_KEPT = ["content-encoding", "content-length", "set-cookie"];

/* --- the key ----------------------------------------------------------------------------------------------------------- */

const keys = (mode, act) =>
  new Promise((done, fail) => {
    const opening = indexedDB.open(KEYS, 1);
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
  const known = await keys("readonly", (shelf) => shelf.get("page"));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  await keys("readwrite", (shelf) => shelf.put(made, "page"));
  return made;
}

/* --- the page ---------------------------------------------------------------------------------------------------------- */

const isPage = (answer) => answer.ok && !answer.redirected && (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
const isAway = (answer) => [502, 503, 504].includes(answer.status);

async function keep(answer) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), await answer.arrayBuffer());
  const told = [...answer.headers].filter(([name]) => !NOT_KEPT.includes(name));
  const headers = { "X-At": Date.now(), "X-Iv": iv.join(","), "X-Told": JSON.stringify(told) };
  await (await caches.open(SHELF)).put(PAGE, new Response(sealed, { headers }));
}

async function forget() {
  const shelf = await caches.open(SHELF);
  await shelf.delete(PAGE);
}

async function kept() {
  const found = await (await caches.open(SHELF)).match(PAGE);
  if (!found) return null;
  if (Date.now() - Number(found.headers.get("X-At")) > LASTS) return await forget(), null;
  const iv = Uint8Array.from(found.headers.get("X-Iv").split(","), Number);
  const opened = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(), await found.arrayBuffer());
  return new Response(opened, { headers: JSON.parse(found.headers.get("X-Told")) });
}

async function page(request) {
  let answer;
  try {
    answer = await Promise.race([fetch(request), new Promise((_done, fail) => setTimeout(fail, PATIENCE))]);
  } catch {
    return (await kept().catch(() => null)) ?? Response.error();
  }
  if (isAway(answer)) return (await kept().catch(() => null)) ?? answer;
  if (answer.redirected || answer.status === 403 || answer.type === "opaqueredirect") await forget().catch(() => {});
  return answer;
}

/* --- files and pictures ------------------------------------------------------------------------------------------------- */

const isOurs = (url) => url.origin === location.origin;
const isFile = (url) => isOurs(url) && url.pathname.startsWith("/static/");
const isPicture = (url) => isOurs(url) && url.pathname.startsWith("/exams/pictures/");
const isFixed = (url) => isPicture(url) || /\.[0-9a-f]{12}\.\w+$/.test(url.pathname); // named by its content

async function file(request, url) {
  const shelf = await caches.open(SHELF);
  if (isFixed(url)) return (await shelf.match(request)) ?? fetch(request);
  return fetch(request).catch(async () => (await shelf.match(request)) ?? Response.error());
}

/* The page says of what it is made; what it no longer is goes. */
async function gather(pictures) {
  const answer = await fetch(PAGE, { cache: "no-store" });
  if (!isPage(answer)) throw new Error("no page");
  const text = await answer.clone().text();
  const made = [...text.matchAll(/(?:src|href)="(\/static\/[^"#]+)/g)].map(([, address]) => address);
  const wanted = new Set([...made, ...pictures].map((address) => new URL(address, location).href));
  const shelf = await caches.open(SHELF);
  for (const held of await shelf.keys()) if (new URL(held.url).pathname !== PAGE && !wanted.has(held.url)) await shelf.delete(held);
  for (const address of wanted) if (!(await shelf.match(address))) await shelf.add(address).catch(() => {});
  await keep(answer);
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("message", (event) => {
  const done = gather(event.data.pictures).then(() => true, () => false);
  event.waitUntil(done.then((isKept) => event.source.postMessage({ isKept })));
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && url.pathname.startsWith(SCOPE)) event.respondWith(page(request));
  else if (isFile(url) || isPicture(url)) event.respondWith(file(request, url));
});
