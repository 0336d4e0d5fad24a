/* Practice in the browser: the page where it begins, a set that is played, and the page that stands in for both without a network. */

import { clock, config, one, word } from "./practice-page.js";
import { forgetAnswers, keepSets, keptSets, waiting } from "./practice-disk.js";
import { begin, listen, status, sync, told } from "./practice-line.js";
import { play } from "./practice-play.js";

const pill = one("line");

function show(now) {
  const [text, tone] = told(now);
  pill.textContent = text;
  pill.className = `pill pill-${tone}`;
  pill.hidden = false;
  const refused = one("refused");
  if (!refused) return;
  refused.hidden = !now.refused.length;
  if (now.refused.length) one("refused-text").textContent = word("refused", { n: now.refused.length, why: now.refused[0].refused });
}

async function tellPack() {
  const sets = await keptSets(config.person).catch(() => []);
  const count = new Set(sets.flatMap((set) => set.entries.map((entry) => entry.revision))).size;
  one("pack").textContent = count ? word("pack", { n: count, at: clock(Math.max(...sets.map((set) => set.at))) }) : word("no-pack");
  return sets;
}

/* --- online: fetch what may be needed without a network, and let the worker keep the page for it ---------------------------- */

async function fetchPack() {
  const answer = await fetch(config.pack, { cache: "no-store", headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) return;
  const { at, sets } = await answer.json();
  await keepSets(config.person, sets, at);
}

async function keepThePage() {
  if (!navigator.serviceWorker) return one("pack").append(` · ${word("no-worker")}`);
  navigator.serviceWorker.addEventListener("message", ({ data }) => document.documentElement.toggleAttribute("data-practice-kept", data.isKept));
  await navigator.serviceWorker.register(config.worker);
  const { active } = await navigator.serviceWorker.ready;
  const pictures = (await keptSets(config.person)).flatMap((set) => set.entries.flatMap((entry) => [...entry.html.matchAll(/src="(\/exams\/pictures\/[^"]+)"/g)].map(([, at]) => at)));
  active.postMessage({ pictures });
}

async function atHome() {
  one("state").hidden = false;
  one("download").addEventListener("click", () => fetchPack().then(tellPack));
  await fetchPack().catch(() => {});
  await tellPack();
  await keepThePage().catch(() => {});
}

/* --- without a network: the sets that lie here ------------------------------------------------------------------------------ */

function offer(set) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "row-link practice-set";
  button.innerHTML = '<span class="row-text"><span></span><span class="sub"></span></span>';
  button.querySelector(".row-text > span").textContent = set.name;
  button.querySelector(".sub").textContent = `${word("items", { n: set.entries.length })} · ${word("of-day", { day: set.on })}`;
  button.addEventListener("click", () => {
    one("shelf").hidden = true;
    one("end").hidden = true;
    play(set, () => withoutNetwork().then(() => (one("shelf").hidden = false)));
  });
  line.append(button);
  return line;
}

/* What she has answered already and not yet sent is not asked again. */
async function withoutNetwork() {
  one("state").hidden = false;
  const said = new Set((await waiting(config.person).catch(() => [])).map((row) => `${row.said.mode}:${row.said.revision}`));
  const left = (set) => ({ ...set, entries: set.entries.filter((entry) => !said.has(`${set.mode}:${entry.revision}`)) });
  const sets = (await tellPack()).map(left).filter((set) => set.entries.length);
  one("sets").replaceChildren(...sets.map(offer));
  one("no-sets").hidden = sets.length > 0;
}

/* --- which page this is ----------------------------------------------------------------------------------------------------- */

listen(show);
one("sync")?.addEventListener("click", sync);
one("refused-drop")?.addEventListener("click", async () => {
  await forgetAnswers((await status()).refused);
  show(await status());
});

if (config.page === "home") atHome();
else if (config.page === "offline") withoutNetwork();
else {
  const set = JSON.parse(document.getElementById("practice-pack").textContent);
  one("plain").remove();
  play(set);
  keepSets(config.person, [set], Date.now()).then(tellPack, () => {});
}
begin();
