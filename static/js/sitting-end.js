/* The attempt is over and answers lie here that never arrived: they stay until she has them in a file and says so. And the
   buttons that make such a file while the sitting still runs. */

import { all, announce, one, trouble, word } from "./sitting-page.js";
import * as line from "./sitting-line.js";
import * as queue from "./sitting-queue.js";
import { canSeal, download } from "./sitting-seal.js";
import { serverNow } from "./sitting-time.js";
import { unwatch } from "./sitting-watch.js";

const place = one("[data-stranded]");
let reason = "";

export function stranded(count, sentence) {
  reason = sentence;
  unwatch();
  trouble("");
  for (const dialog of all("dialog[open]")) dialog.close();
  one("[data-stranded-text]").textContent = word(canSeal ? "stranded" : "stranded-open").replace("N", count);
  for (const needsFile of all("[data-stranded-file], [data-stranded] [data-file]")) needsFile.hidden = !canSeal;
  one("[data-stranded-done]").hidden = true; // a file from before may lack something
  place.hidden = false;
  scrollTo(0, 0);
  announce(one("[data-stranded-text]").textContent);
}

for (const button of all("[data-file]")) {
  button.addEventListener("click", async () => {
    await download(queue.everything(), Math.round(serverNow()));
    one("[data-stranded-done]").hidden = false;
  });
}

one("[data-stranded-done]").addEventListener("click", () => line.leave(reason));
