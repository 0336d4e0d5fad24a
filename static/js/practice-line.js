/* The line to the server: what was answered goes out in its order as soon as there is a network, again until it has arrived. */

import { config, token, word } from "./practice-page.js";
import { forgetAnswers, keepAnswer, markRefused, waiting } from "./practice-disk.js";

const EVERY = 30_000;
const PATIENCE = 15_000;

let state = ""; // "synced", "offline", "signed-out", "held"
let problem = "";
let isBusy = false;
let isAgain = false;
let isUnkept = false;
let show = () => {};
let inMemory = []; // where the browser keeps nothing: it goes at once or not at all
let lastInMemory = 0;
const ofThisPage = `page-${[...crypto.getRandomValues(new Uint8Array(8))].map((n) => n.toString(16).padStart(2, "0")).join("")}`;

export const listen = (then) => (show = then);

export async function status() {
  const rows = await waiting(config.person).catch(() => []);
  const open = rows.filter((row) => !row.refused).length + inMemory.length;
  return { open, refused: rows.filter((row) => row.refused), state, problem, isUnkept };
}

/* Keep an answer, then try to send whatever waits. */
export async function say(said) {
  try {
    await keepAnswer(config.person, said);
  } catch {
    isUnkept = true;
    lastInMemory += 1;
    inMemory.push({ device: ofThisPage, number: lastInMemory, said });
  }
  sync();
}

async function post(device, rows) {
  const answer = await fetch(config.answers, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json" },
    body: JSON.stringify({ person: config.person, device, answers: rows.map(({ number, said }) => ({ ...said, number })) }),
    cache: "no-store",
    signal: AbortSignal.timeout?.(PATIENCE),
  });
  if (answer.redirected || answer.status === 401 || answer.status === 403) throw Object.assign(new Error("signed out"), { state: "signed-out" });
  const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  if (!answer.ok) throw Object.assign(new Error("refused"), told.problem ? { state: "held", problem: told.problem } : {});
  return told;
}

async function sendOnce() {
  const kept = (await waiting(config.person).catch(() => [])).filter((row) => !row.refused);
  const rows = kept.length ? kept : [...inMemory];
  if (!rows.length) return false;
  const { device } = rows[0];
  const batch = rows.filter((row) => row.device === device).slice(0, config.most);
  const told = await post(device, batch);
  const taken = new Set(told.taken.map(([number]) => number));
  if (kept.length) {
    await forgetAnswers(batch.filter((row) => taken.has(row.number)));
    for (const { place, why } of told.refused) await markRefused(batch[place], why);
  } else {
    inMemory = inMemory.filter((row) => !batch.includes(row));
  }
  return true;
}

export async function sync() {
  if (isBusy) {
    isAgain = true;
    return;
  }
  isBusy = true;
  try {
    do {
      isAgain = false;
      while (await sendOnce());
    } while (isAgain);
    state = navigator.onLine ? "synced" : "offline";
    problem = "";
  } catch (error) {
    state = error.state ?? "offline";
    problem = error.problem ?? "";
  } finally {
    isBusy = false;
  }
  show(await status());
}

/* The line as one sentence and its tone; it never says more than is true. */
export function told({ open, state: now, problem: why, isUnkept: unkept }) {
  if (why) return [why, "warn"];
  if (unkept && open) return [word("unkept"), "stop"];
  if (now === "signed-out") return [word("signed-out", { n: open }), "warn"];
  if (now === "offline") return [open ? word("offline", { n: open }) : word("offline-none"), "warn"];
  return open ? [word("waiting", { n: open }), "warn"] : [word("synced"), "ok"];
}

export function begin() {
  addEventListener("online", sync);
  document.addEventListener("visibilitychange", () => !document.hidden && sync());
  setInterval(sync, EVERY);
  sync();
}
