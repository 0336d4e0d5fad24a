/* Reading the form and filling it, and whether two answers say the same. */

import { all, one } from "./sitting-page.js";

export const questions = all(".question");
const places = new Map(questions.map((question) => [Number(question.dataset.position), question]));
const flagOf = (question) => one("[data-flag]", question);

export const positionOf = (question) => Number(question.dataset.position);
export const has = (position) => places.has(position);
export const isFlagged = (question) => flagOf(question).checked;
export const isAnswered = (question) => Object.keys(payloadOf(question)).length > 0;

function payloadOf(question) {
  const payload = {};
  for (const input of all("input[name^=q]", question)) {
    const steps = input.name.split("/").slice(1);
    const last = steps.pop();
    if (["radio", "checkbox"].includes(input.type) && !input.checked) continue;
    if (input.type === "text" && !input.value.trim()) continue;
    let place = payload;
    for (const step of steps) place = place[step] ??= {};
    if (last === "options") (place[last] ??= []).push(input.value);
    else place[last] = last === "value" ? input.value === "true" : input.value;
  }
  return payload;
}

/* What the page shows at a position. */
export function read(position) {
  const question = places.get(position);
  return { payload: payloadOf(question), flagged: isFlagged(question) };
}

export function fill(position, { payload, flagged }) {
  const question = places.get(position);
  flagOf(question).checked = flagged;
  for (const input of all("input[name^=q]", question)) {
    const said = input.name.split("/").slice(1).reduce((place, step) => place?.[step], payload);
    if (input.type === "text") input.value = said ?? "";
    else input.checked = holds(said, input.value);
  }
}

const holds = (said, value) => (Array.isArray(said) ? said.includes(value) : String(said) === value);
export const numberOf = (position) => Number(places.get(position).dataset.number);

/* An answer in a few words, as the candidate sees it; nothing where there is none. */
export function described(position, payload) {
  const words = [];
  for (const input of all("input[name^=q]", places.get(position))) {
    const said = input.name.split("/").slice(1).reduce((place, step) => place?.[step], payload);
    if (input.type === "text") words.push(said);
    else if (holds(said, input.value)) words.push(all("span", input.closest(".option")).map((part) => part.textContent.trim()).join(" ").trim());
  }
  return words.filter(Boolean).join("；");
}

/* Positions that were changed before this module had loaded: the form then differs from what the server wrote into it. */
export function changedEarly() {
  const changed = (input) => (input.type === "text" ? input.value !== input.defaultValue : input.checked !== input.defaultChecked);
  return questions.filter((question) => all("input", question).some(changed)).map(positionOf);
}

export let isFrozen = false;

/* While nothing may be answered the inputs are dead; going from question to question stays possible. */
export function freeze(frozen) {
  isFrozen = frozen;
  for (const question of questions) for (const input of all("input", question)) input.disabled = frozen;
}

export const same = (a, b) => a.flagged === b.flagged && sameAnswer(a, b);
export const sameAnswer = (a, b) => spelled(a.payload) === spelled(b.payload);
export const isBlank = ({ payload, flagged }) => !flagged && spelled(payload) === "{}";

/* An answer in one spelling: options as a set, texts without the blanks around them, nothing that says nothing. */
function spelled(said) {
  if (Array.isArray(said)) return JSON.stringify([...new Set(said)].sort());
  if (typeof said === "string") return JSON.stringify(said.trim());
  if (said === null || typeof said !== "object") return JSON.stringify(said);
  const parts = Object.keys(said).sort().map((name) => [name, spelled(said[name])]);
  return `{${parts.filter(([, text]) => !['""', "[]", "{}"].includes(text)).map((part) => part.join(":"))}}`;
}

/* An answer of a page from before options had tokens, as far as this page knows its options; null where nothing is left. */
export function translated(entry) {
  const values = new Set(all("input[name$='/options']", places.get(entry.position)).map((input) => input.value));
  const known = (said) => {
    if (Array.isArray(said)) return said.filter((one) => values.has(one));
    if (said === null || typeof said !== "object") return said;
    return Object.fromEntries(Object.entries(said).map(([name, inner]) => [name, known(inner)]).filter(([, inner]) => spelled(inner) !== "[]"));
  };
  const payload = known(entry.payload ?? {});
  const isLost = spelled(payload) === "{}" && spelled(entry.payload ?? {}) !== "{}" && !entry.flagged;
  return isLost ? null : { ...entry, payload };
}
