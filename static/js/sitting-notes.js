/* What the page notices of itself: it was left, something was pasted, the window changed, the line was gone. It goes along with the
   next answers; where none go for a while it goes alone. Whoever supervises sees it; nothing is decided by it. */

import { one } from "./sitting-page.js";
import { serverNow } from "./sitting-time.js";

const MOST = 60; // kept until they can be sent; of more the oldest are forgotten
const AT_ONCE = 20;
const IDLE = 20_000; // ms after which they go without an answer
const SETTLED = 1500; // ms without a further change of size

let waiting = []; // [{kind, at, seconds}]
let leftAt = 0;
let offlineAt = 0;
let sizing = 0;
let size = `${innerWidth}×${innerHeight}`;

const seconds = (since) => Math.round((serverNow() - since) / 1000);

function note(kind, since = 0) {
  waiting.push({ kind, at: Math.round(serverNow()), seconds: since ? seconds(since) : 0 });
  waiting = waiting.slice(-MOST);
}

export const outgoing = () => waiting.slice(0, AT_ONCE);
export const arrived = (batch) => (waiting = waiting.filter((entry) => !batch.includes(entry)));
export const isAnyOld = () => waiting.length > 0 && serverNow() - waiting[0].at > IDLE;

function left() {
  if (leftAt) return;
  leftAt = serverNow();
  note("left");
}

function returned() {
  if (!leftAt || document.hidden) return;
  note("returned", leftAt);
  leftAt = 0;
}

document.addEventListener("visibilitychange", () => (document.hidden ? left() : returned()));
addEventListener("blur", left);
addEventListener("focus", returned);
document.addEventListener("fullscreenchange", () => document.fullscreenElement || note("fullscreen"));
one("#sitting").addEventListener("paste", () => note("pasted"));
addEventListener("offline", () => (offlineAt = serverNow()));
addEventListener("online", () => {
  if (offlineAt) note("offline", offlineAt);
  offlineAt = 0;
});
addEventListener("resize", () => {
  clearTimeout(sizing);
  sizing = setTimeout(() => {
    const now = `${innerWidth}×${innerHeight}`;
    // The keyboard of a phone takes height only.
    if (now.split("×")[0] !== size.split("×")[0]) note("resized");
    size = now;
  }, SETTLED);
});
