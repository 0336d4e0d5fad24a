/* The door of a held session: notes are kept on the device until the server has them, so it works without a network. */

const config = JSON.parse(document.getElementById("hall-config").textContent);
const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const word = (name) => one("#hall-words").content.querySelector(`[data-word=${name}]`).textContent;
const token = () => document.cookie.split("; ").find((part) => part.startsWith("csrftoken="))?.split("=")[1] ?? one("[name=csrfmiddlewaretoken]").value;

const EVERY = 5000;
const MOST = 200; // notes in one sending
const keptAt = Number(document.body.dataset.kept); // where the worker gave back the list that it keeps
const ahead = config.now * 1000 - (keptAt || Date.now()); // the house's clock is the one that counts
const known = new Map(config.people.map((person) => [person.pk, person]));
const rows = new Map(all("[data-row]").map((row) => [Number(row.dataset.row), row]));

/* --- what this device holds ------------------------------------------------------------------------------------------------ */

let inMemory = []; // where the browser keeps nothing

function queue() {
  try {
    return JSON.parse(localStorage.getItem(config.shelf)) ?? [];
  } catch {
    return inMemory;
  }
}

function keep(notes) {
  inMemory = notes;
  try {
    if (notes.length) localStorage.setItem(config.shelf, JSON.stringify(notes));
    else localStorage.removeItem(config.shelf);
  } catch {
    /* it stays in memory */
  }
}

function device() {
  const made = () => [...crypto.getRandomValues(new Uint8Array(2))].map((n) => n.toString(16).padStart(2, "0")).join("").toUpperCase();
  try {
    const name = localStorage.getItem("hall:device") ?? made();
    localStorage.setItem("hall:device", name);
    return name;
  } catch {
    return (device.name ??= made());
  }
}

// A page that is not behind TLS has no crypto.randomUUID.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((n) => n.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/* --- what the page shows --------------------------------------------------------------------------------------------------- */

function show(pk, state) {
  const row = rows.get(pk);
  if (!row) return;
  const pill = one("[data-standing]", row);
  pill.textContent = state.label;
  pill.className = state.tone ? `pill pill-${state.tone}` : "pill";
  one("[data-at]", row).textContent = state.at;
  one("[data-by]", row).textContent = state.by;
  one("[data-why]", row).textContent = state.why;
  one("[data-in]", row).className = state.is_in ? "btn btn-secondary" : "btn btn-primary";
  one("[data-coded]", row).hidden = !state.coded;
  one("[data-doubled]", row).hidden = !state.doubled;
  one("[data-told-frame]", row).hidden = !state.told.length;
  one("[data-told]", row).replaceChildren(
    ...state.told.map((text) => {
      const line = document.createElement("li");
      line.className = "num";
      line.textContent = text;
      return line;
    }),
  );
}

function mark(note) {
  const row = rows.get(note.registration);
  if (!row) return;
  const pill = one("[data-standing]", row);
  pill.textContent = `${note.label} · ${word("waiting")}`;
  pill.className = "pill pill-warn";
}

function say(name) {
  one("[data-line]").textContent = word(name);
  one("[data-line]").className = name === "online" ? "pill pill-ok" : "pill pill-warn";
  one("#hall-top .hall-top").hidden = name === "offline"; // the code is another one by now, and the counts are old
}

function problem(text) {
  one("[data-problem]").hidden = !text;
  one("[data-problem]").textContent = text;
}

function count() {
  const held = queue().length;
  one("[data-queue]").textContent = held ? word("queued").replace("{n}", held) : "";
}

/* --- speaking with the server ---------------------------------------------------------------------------------------------- */

let isBusy = false;
let isOneByOne = false; // of several one was refused, and it keeps no other waiting
const refused = new Map(); // key of a note that stays here: why

async function exchange() {
  if (isBusy) return;
  isBusy = true;
  const batch = queue().filter((note) => !refused.has(note.key)).slice(0, isOneByOne ? 1 : MOST);
  try {
    const body = JSON.stringify({ device: device(), notes: batch.map(({ label, ...note }) => note) });
    const stop = AbortSignal.timeout?.(15_000);
    const answer = await fetch(config.notes, {
      ...(batch.length ? { method: "POST", body, headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" } } : {}),
      cache: "no-store",
      signal: stop,
    });
    if (answer.redirected || answer.status === 403) return say("signed-out");
    const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
    if (!answer.ok) {
      if (!told.problem) return say("offline");
      if (batch.length === 1) refused.set(batch[0].key, told.problem);
      isOneByOne = true;
      problem(told.problem);
      return say("online");
    }
    const kept = new Set(told.kept);
    keep(queue().filter((note) => !kept.has(note.key)));
    for (const [pk, state] of Object.entries(told.rows)) show(Number(pk), state);
    queue().forEach(mark);
    problem([...refused.values()].at(-1) ?? "");
    if (!batch.length) isOneByOne = false;
    say("online");
  } catch {
    say("offline");
  } finally {
    isBusy = false;
    count();
  }
  if (queue().length > refused.size && batch.length) return exchange();
}

function note(registration, outcome, label, how, { why = "", pass = "" } = {}) {
  const made = { key: uuid(), registration, outcome, how, why, pass, at: new Date(Date.now() + ahead).toISOString(), label };
  keep([...queue(), made]);
  mark(made);
  count();
  return exchange();
}

for (const form of all("[data-note]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const why = form.elements.why.value.trim();
    if (event.submitter.value === "substitute" && !why) {
      problem(word("need-why"));
      return form.elements.why.focus();
    }
    problem("");
    note(Number(form.closest("[data-row]").dataset.row), event.submitter.value, event.submitter.textContent, "list", { why });
    form.elements.why.value = "";
    form.querySelector("details").open = false;
  });
}

/* --- finding and scanning -------------------------------------------------------------------------------------------------- */

one("[data-find]").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows.values()) {
    row.hidden = !row.dataset.text.toLowerCase().includes(wanted);
    shown += !row.hidden;
  }
  one("[data-nobody]").hidden = shown > 0;
});

const camera = one("[data-camera]");
let stream = null;
let lastSeen = "";

async function scan() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return problem(word("no-camera"));
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return problem(word("no-camera"));
  }
  const video = one("video", camera);
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  camera.hidden = false;
  video.srcObject = stream;
  await video.play();
  const look = async () => {
    if (!stream) return;
    const found = await detector.detect(video).catch(() => []);
    for (const code of found) read(code.rawValue);
    setTimeout(look, 250);
  };
  return look();
}

export function read(text) {
  if (text === lastSeen) return;
  lastSeen = text;
  setTimeout(() => (lastSeen = ""), 4000);
  const said = one("[data-scanned]");
  const [, pk, pass] = text.match(/\/exams\/arrive\/(\d+)\/([0-9a-f]{16})\/?$/) ?? [];
  const person = known.get(Number(pk));
  if (!pass || (person && person.pass !== pass)) {
    said.textContent = word("unknown");
    return;
  }
  const present = one("[data-note] [value=present]");
  note(Number(pk), "present", present?.textContent ?? "", "qr", { pass });
  said.textContent = person ? word("done").replace("{name}", person.name) : word("elsewhere");
  rows.get(Number(pk))?.scrollIntoView({ block: "center" });
}

function end() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  camera.hidden = true;
}

one("[data-scan]").addEventListener("click", scan);
one("[data-scan-end]").addEventListener("click", end);
document.addEventListener("visibilitychange", () => document.hidden && end());
window.addEventListener("online", exchange);
window.addEventListener("beforeunload", (event) => queue().length && event.preventDefault());

/* --- the list without a network: what it is made of is kept by a worker that reaches no further than this page ---------------- */

function keepTheList() {
  const files = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.includes("/static/"));
  navigator.serviceWorker?.addEventListener("message", ({ data }) => document.documentElement.toggleAttribute("data-list-kept", data.isKept));
  navigator.serviceWorker?.register(config.worker).then(() => navigator.serviceWorker.ready).then((worker) => worker.active.postMessage({ files }), () => {});
}

if (keptAt) {
  one("[data-kept-told]").hidden = false;
  one("[data-kept-told]").textContent = word("kept").replace("{at}", new Date(keptAt).toTimeString().slice(0, 5));
} else if (document.readyState === "complete") keepTheList();
else window.addEventListener("load", keepTheList);

one("[data-hall]").hidden = false;
queue().forEach(mark);
count();
exchange();
setInterval(exchange, EVERY);
