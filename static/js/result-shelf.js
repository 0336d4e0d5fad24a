/* The result page: answers that lie here and never arrived, because the browser was gone when the time ended. They stay until she
   has them in a file and says so. */

import { config, one } from "./sitting-page.js";
import { canSeal, download } from "./sitting-seal.js";
import { adopt, leftovers, put, settled } from "./sitting-store.js";

const place = one("#sitting");
const found = await leftovers().catch(() => []);
const newest = new Map(); // of each question the latest of what any page left
for (const entry of found.flatMap(({ value }) => value.entries ?? []).filter((entry) => entry.at)) {
  if (entry.at >= (newest.get(entry.position)?.at ?? 0)) newest.set(entry.position, entry);
}

if (newest.size) {
  const text = one("[data-left-text]");
  text.textContent = text.textContent.replace("N", newest.size);
  place.hidden = false;
}

one("[data-file]").hidden = !canSeal;
one("[data-file]").addEventListener("click", async () => {
  const entries = [...newest.values()].map(({ number, position, payload, flagged, at }) => ({ number, position, payload, flagged, at }));
  await download({ last: config.last, head: config.head, entries }, Date.now());
  one("[data-left-done]").hidden = false;
});

one("[data-left-done]").addEventListener("click", async () => {
  adopt(found);
  put(null);
  await settled();
  place.hidden = true;
});
