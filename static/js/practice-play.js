/* Playing a set: one question, how sure she is, what was right and why. The server judges anew; what is told here is for her eyes. */

import { one, word } from "./practice-page.js";
import { say } from "./practice-line.js";

const frame = one("player");

/* --- what was said, and whether it is right ------------------------------------------------------------------------------ */

/* The payload that the inputs of a question give: `q7/parts/1/options` names the path. */
export function payloadOf(box) {
  const payload = {};
  for (const input of box.querySelectorAll("input")) {
    const [, path] = input.name.match(/^q\d+\/(.+)$/) ?? [];
    if (!path) continue;
    const steps = path.split("/");
    const last = steps.pop();
    if (last === "options" || last === "value" ? !input.checked : !input.value.trim()) continue;
    let place = payload;
    for (const step of steps) place = place[step] ??= {};
    if (last === "options") (place.options ??= []).push(input.value);
    else place[last] = last === "value" ? input.value === "true" : input.value;
  }
  return payload;
}

const plain = (text) => text.normalize("NFKC").replace(/\s+/g, "").toLowerCase();

/* "right", "wrong", or "unsure" where only the server knows every spelling. */
export function judge(key, payload) {
  if (key.options) return [...(payload?.options ?? [])].sort().join() === [...key.options].sort().join() ? "right" : "wrong";
  if ("value" in key) return payload?.value === key.value ? "right" : "wrong";
  if (key.blanks) {
    const fits = Object.entries(key.blanks).map(([id, spellings]) => [payload?.blanks?.[id], spellings]);
    if (fits.some(([said]) => !said)) return "wrong";
    return fits.every(([said, spellings]) => spellings.some((one_) => plain(one_) === plain(said))) ? "right" : "unsure";
  }
  const parts = Object.entries(key.parts ?? {}).map(([id, inner]) => judge(inner, payload?.parts?.[id]));
  return parts.includes("wrong") ? "wrong" : parts.includes("unsure") ? "unsure" : "right";
}

/* The right options are marked in the question itself, by a word as well as by colour. */
function mark(box, key, prefix) {
  if (key.parts) return Object.entries(key.parts).forEach(([id, inner]) => mark(box, inner, `${prefix}/parts/${id}`));
  const right = new Set(key.options ?? ("value" in key ? [String(key.value)] : []));
  for (const input of box.querySelectorAll("input[type=radio], input[type=checkbox]")) {
    if (input.name !== `${prefix}/options` && input.name !== `${prefix}/value`) continue;
    const [row, isKey] = [input.closest(".option"), right.has(input.value)];
    row.classList.toggle("is-key", isKey);
    row.classList.toggle("is-missed", input.checked && !isKey);
    if (!isKey && !input.checked) continue;
    const note = document.createElement("span");
    note.className = "option-note";
    note.textContent = word(isKey ? (input.checked ? "note-both" : "note-key") : "note-mine");
    row.append(note);
  }
}

/* --- the page ------------------------------------------------------------------------------------------------------------ */

export function play(set, then = () => {}) {
  const { entries } = set;
  const tally = { right: 0, at: 0 };
  const box = one("question", frame);
  const [answer, next, need, verdict] = ["answer", "next", "need", "verdict"].map((name) => one(name, frame));

  function put() {
    const entry = entries[tally.at];
    one("count", frame).textContent = word("count", { n: tally.at + 1, all: entries.length });
    one("topic", frame).textContent = `${entry.label} · ${entry.topic}`;
    one("bar", frame).value = tally.at;
    one("bar", frame).max = entries.length;
    box.innerHTML = entry.html; // built by the server for this very page
    for (const input of frame.querySelectorAll("[name=sure]")) Object.assign(input, { checked: false, disabled: false });
    for (const [part, isHidden] of [[verdict, true], [next, true], [answer, false], [need, true], [one("sure", frame), false]]) part.hidden = isHidden;
  }

  answer.onclick = async () => {
    const entry = entries[tally.at];
    const payload = payloadOf(box);
    need.hidden = Object.keys(payload).length > 0;
    need.textContent = need.hidden ? "" : word("need");
    if (!need.hidden) return;
    answer.disabled = true;
    const sure = Number(frame.querySelector("[name=sure]:checked")?.value ?? 0);
    await say({ revision: entry.revision, payload, said_at: Date.now(), confidence: sure, mode: set.mode });
    const how = judge(entry.key, payload);
    tally.right += how === "right";
    for (const input of frame.querySelectorAll("input")) input.disabled = true;
    mark(box, entry.key, `q${entry.revision}`);
    one("verdict-head").textContent = word(how);
    one("verdict-key").textContent = word("key", { key: entry.told });
    one("verdict-why").innerHTML = entry.why;
    verdict.className = `panel panel-${{ right: "ok", wrong: "warn", unsure: "info" }[how]}`;
    verdict.hidden = false;
    one("sure", frame).hidden = sure === 0;
    answer.hidden = true;
    answer.disabled = false;
    next.hidden = false;
    verdict.focus({ preventScroll: true });
    verdict.scrollIntoView({ block: "nearest" });
  };

  next.onclick = () => {
    tally.at += 1;
    if (tally.at < entries.length) {
      put();
      return frame.scrollIntoView({ block: "start" });
    }
    frame.hidden = true;
    const end = one("end");
    one("end-text").textContent = word("done", { right: tally.right, all: entries.length });
    end.hidden = false;
    end.focus();
    return then();
  };

  frame.hidden = false;
  put();
}
