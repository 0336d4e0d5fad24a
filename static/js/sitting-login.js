/* Signing in again without leaving the page: what was answered stays where it is. */

import { all, announce, ask, one, token, word } from "./sitting-page.js";
import * as line from "./sitting-line.js";

const dialog = one("#login");
const form = one("[data-login]");
const password = one("input[type=password]", form);
let who = "";

/* "login": nobody is signed in any more; "stranger": somebody else is; "": it is the candidate. */
export function knocked(now, address) {
  const isNew = now !== who;
  who = now;
  one("[data-door]").hidden = !now;
  if (!now) {
    if (dialog.open) dialog.close();
    return;
  }
  const text = word(now);
  one("[data-door-text]").textContent = text;
  one("[data-login-why]").textContent = text;
  if (address && !address.includes(new URL(form.action).pathname)) one("[data-login-page]").href = address; // a further step of the sign-in
  if (isNew) open();
}

function open() {
  announce(word(who));
  problem("");
  if (one("#paused").open || dialog.open) return;
  dialog.showModal();
  password.focus();
}

function problem(text) {
  one("[data-login-problem]").hidden = !text;
  one("[data-login-problem]").textContent = text;
}

const asScript = (more = {}) => ({ "X-Requested-With": "XMLHttpRequest", Accept: "application/json", ...more });
const post = (address, fields) => ask(address, { method: "POST", headers: asScript({ "X-CSRFToken": token() }), body: new URLSearchParams(fields) });

async function signIn() {
  if (who === "stranger") await post(form.dataset.leave, {});
  await ask(form.action, { headers: asScript() }); // brings a fresh token
  const { ok, body } = await post(form.action, { login: form.elements.login.value, password: password.value });
  if (!ok) return sentences(body?.form) || word("no-line");
  password.value = "";
  if (body?.location?.includes("/2fa/")) {
    one("[data-login-page]").href = body.location; // the code is asked for there; afterwards she comes back to this page
    return word("second-step");
  }
  line.again();
  return "";
}

const sentences = (told) => told && [...told.errors, ...Object.values(told.fields).flatMap((field) => field.errors)].join(" ");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = one("[type=submit]", form);
  button.disabled = true;
  problem("");
  try {
    problem(await signIn());
  } catch {
    problem(word("no-line"));
  }
  button.disabled = false;
  if (!one("[data-login-problem]").hidden) password.focus();
});

for (const opener of all("[data-door-open]")) opener.addEventListener("click", open);
// Whoever signed in on the other page comes back to this one.
addEventListener("focus", () => who && line.again());
