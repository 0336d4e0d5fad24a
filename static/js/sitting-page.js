/* What every part of the sitting page uses: its facts, its words, and how it speaks to the candidate. */

export const config = JSON.parse(document.getElementById("sitting-config").textContent);
export const one = (selector, from = document) => from.querySelector(selector);
export const all = (selector, from = document) => [...from.querySelectorAll(selector)];
export const word = (name) => one("#sitting-words").content.querySelector(`[data-word=${name}]`).textContent;
export const cookie = (name) => document.cookie.split("; ").find((part) => part.startsWith(`${name}=`))?.split("=")[1];
export const token = () => cookie("csrftoken") || one("[name=csrfmiddlewaretoken]").value;

/* Each of these stands at one place of the page and is silent when it has nothing to say. */
function say(name, text) {
  one(`[data-${name}]`).hidden = !text;
  one(`[data-${name}-text]`).textContent = text;
}

export const trouble = (text) => say("trouble", text);
export const announce = (text) => (one("[data-announce]").textContent = text);

let fading = 0;

/* Good news stands on the page for a minute and is read aloud at once. */
export function notice(text) {
  say("notice", text);
  announce(text);
  clearTimeout(fading);
  fading = setTimeout(() => say("notice", ""), 60_000);
}

/* An answer of the server within a time, or an error. `stop` is an AbortController that may end it earlier. */
export async function ask(address, { wait = 15_000, stop = new AbortController(), ...more } = {}) {
  const limit = setTimeout(() => stop.abort(), wait);
  const sent = performance.now();
  try {
    const answer = await fetch(address, { signal: stop.signal, ...more });
    const came = performance.now();
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    // The body belongs to the answer: a connection that dies in the middle of it must not be taken for one that came.
    const body = isJson ? await answer.json() : null;
    return { status: answer.status, ok: answer.ok, retryAfter: later(answer), from: answer.redirected ? answer.url : "", body, sent, came };
  } finally {
    clearTimeout(limit);
  }
}

function later(answer) {
  const seconds = Number(answer.headers.get("Retry-After"));
  return answer.status === 429 || answer.status === 503 ? Math.min(Math.max(seconds || 0, 0), 120) * 1000 : 0;
}
