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

// The demo's accounts fill the two fields; whoever prefers to type reads them there.
for (const account of document.querySelectorAll("[data-demo]")) {
  account.addEventListener("click", () => {
    document.getElementById("id_login").value = account.dataset.demo;
    document.getElementById("id_password").value = account.dataset.demoPassword;
    document.querySelector("form.form [type=submit]").focus();
  });
}
