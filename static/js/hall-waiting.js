/* A candidate waits at a held session: the page goes on by itself when everybody may begin. Without script she reloads. */

const frame = () => document.querySelector("[data-waiting]");
const EVERY = 1000;
const SPREAD = 250; // so that a hall does not ask in step
const LOOKS = 20_000; // what was noted is told for a minute; so often the part is asked for anyway

let looked = Date.now();
let misses = 0;
let isOff = false;

/* What stands on the page, asked for again; a code that is half typed stays. */
async function look() {
  const here = frame();
  const answer = await fetch(here.dataset.part, { cache: "no-store" });
  if (answer.redirected) return location.reload();
  if (!answer.ok) throw new Error(answer.status);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-waiting]");
  const typed = here.querySelector("[name=code]");
  const box = fresh.querySelector("[name=code]");
  const hadFocus = typed && typed === document.activeElement;
  if (typed && box) box.value = typed.value;
  here.replaceWith(fresh);
  if (hadFocus) fresh.querySelector("[name=code]")?.focus();
  looked = Date.now();
}

function begin() {
  isOff = true;
  const form = document.querySelector("[data-start]");
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  form.submit();
}

async function beat() {
  try {
    const answer = await fetch(frame().dataset.pulse, { credentials: "omit", cache: "no-store" });
    const told = await answer.json();
    const { registration, ready, go } = frame().dataset;
    const isMine = told.arrived === "all" || told.arrived?.includes(Number(registration));
    if (told.go && ready !== undefined) return begin();
    const isNews = (isMine && ready === undefined) || (told.go && go === undefined);
    if (isNews || Date.now() - looked > LOOKS) await look();
    if (frame().dataset.go !== undefined && frame().dataset.ready !== undefined) return begin();
    misses = 0;
  } catch {
    misses += 1;
  }
  frame().querySelector("[data-trouble]").hidden = misses < 3;
  if (!isOff) setTimeout(beat, EVERY + (Math.random() * 2 - 1) * SPREAD);
}

document.addEventListener("visibilitychange", () => !document.hidden && !isOff && look().catch(() => {}));
if (frame()) beat();
