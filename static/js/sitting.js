/* The door to the sitting page.

   The page is a plain form that saves on every step, and stays one where a browser lacks what the rest is built on: there half
   of it would run, and half a page that says 保存中 and saves nothing is worse than a plain one. */

const isAble = globalThis.HTMLDialogElement?.prototype.showModal && globalThis.SubmitEvent && "submitter" in SubmitEvent.prototype;

if (isAble) import(document.querySelector("link[data-main]").href);
