/* Comforts of the frame. Every page works without this file. */

const menus = document.querySelectorAll(".frame-menu, .frame-more");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// One menu at a time, and none once the focus has gone elsewhere.
for (const menu of menus) {
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}

for (const drop of document.querySelectorAll("[data-drop]")) {
  const input = drop.querySelector("input[type=file]");
  const name = drop.querySelector("[data-drop-name]");
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, () => drop.classList.add("is-over"));
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("is-over"));
  input.addEventListener("change", () => {
    name.textContent = input.files[0]?.name ?? "";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A dialog is opened by `data-opens="id"`; the element itself stays a plain link or a submit without script.
for (const opener of document.querySelectorAll("[data-opens]")) {
  opener.addEventListener("click", (event) => {
    const dialog = document.getElementById(opener.dataset.opens);
    if (!dialog?.showModal) return;
    event.preventDefault();
    dialog.showModal();
  });
}

// A tap beside a dialog closes it, as Escape does.
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    const box = dialog.getBoundingClientRect();
    const inside = event.clientY >= box.top && event.clientY <= box.bottom && event.clientX >= box.left && event.clientX <= box.right;
    if (event.target === dialog && !inside) dialog.close();
  });
}

// The list at the door that a worker keeps for when there is no network (hall-worker.js) goes with whoever signs out.
async function forgetTheDoor() {
  await globalThis.caches?.delete("zhikao-door");
  globalThis.indexedDB?.deleteDatabase("zhikao-door");
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) if (one.scope.endsWith("/hall/")) await one.unregister();
}

// So do the sets that practice keeps (practice-worker.js, practice-disk.js). Answers that never arrived stay, sealed, until she is back.
async function forgetThePractice() {
  const opening = globalThis.indexedDB?.open("zhikao-practice", 1);
  if (opening) {
    opening.onupgradeneeded = () => opening.transaction.abort(); // there was none
    opening.onerror = (event) => event.preventDefault();
    opening.onsuccess = () => {
      const shelves = opening.result.transaction(["sets", "queue", "keys", "devices"], "readwrite");
      shelves.objectStore("sets").clear();
      shelves.objectStore("queue").count().onsuccess = ({ target }) => {
        if (!target.result) for (const name of ["keys", "devices"]) shelves.objectStore(name).clear();
      };
      shelves.oncomplete = () => opening.result.close();
    };
  }
  globalThis.indexedDB?.deleteDatabase("zhikao-practice-page");
  await globalThis.caches?.delete("zhikao-practice");
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) if (one.scope.endsWith("/practice/")) await one.unregister();
}

function forgetAll() {
  forgetTheDoor().catch(() => {});
  forgetThePractice().catch(() => {});
}

if (!document.body.hasAttribute("data-person")) forgetAll();
for (const form of document.querySelectorAll("form[action$='/logout/']")) form.addEventListener("submit", forgetAll);

// The demo's accounts fill the two fields; whoever prefers to type reads them there.
for (const account of document.querySelectorAll("[data-demo]")) {
  account.addEventListener("click", () => {
    document.getElementById("id_login").value = account.dataset.demo;
    document.getElementById("id_password").value = account.dataset.demoPassword;
    document.querySelector("form.form [type=submit]").focus();
  });
}
