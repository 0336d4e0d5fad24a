/* Signing on the screen. Without this file the name is typed. */

const MOST_WIDE = 1200; // pixels of the picture
const INK = "#1d2433";

const form = document.querySelector("[data-pad-form]");
const field = form.querySelector("[data-pad-field]");
const pad = form.querySelector("[data-pad]");
const value = form.querySelector("[data-pad-value]");
const pen = pad.getContext("2d");
let drawn = [];
let line = null;

function sized() {
  const scale = Math.min(window.devicePixelRatio || 1, MOST_WIDE / pad.clientWidth);
  pad.width = Math.round(pad.clientWidth * scale);
  pad.height = Math.round(pad.clientHeight * scale);
  pen.scale(scale, scale);
  Object.assign(pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round", strokeStyle: INK, fillStyle: INK });
  for (const points of drawn) stroke(points);
}

function stroke(points) {
  const [[x, y], ...rest] = points;
  pen.beginPath();
  pen.arc(x, y, 1.2, 0, 2 * Math.PI);
  pen.fill();
  pen.beginPath();
  pen.moveTo(x, y);
  for (const [toX, toY] of rest) pen.lineTo(toX, toY);
  pen.stroke();
}

function place(event) {
  const box = pad.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

pad.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  event.preventDefault();
  pad.setPointerCapture(event.pointerId);
  line = [place(event)];
  drawn.push(line);
  stroke(line);
});

pad.addEventListener("pointermove", (event) => {
  if (!line) return;
  for (const one of event.getCoalescedEvents?.() ?? [event]) line.push(place(one));
  stroke(line.slice(-12));
});

for (const kind of ["pointerup", "pointercancel"]) {
  pad.addEventListener(kind, () => {
    line = null;
  });
}

form.querySelector("[data-pad-clear]").addEventListener("click", () => {
  drawn = [];
  pen.clearRect(0, 0, pad.clientWidth, pad.clientHeight);
});

// A dot is no signature.
form.addEventListener("submit", () => {
  const points = drawn.reduce((sum, one) => sum + one.length, 0);
  value.value = points > 5 ? pad.toDataURL("image/png") : "";
});

field.hidden = false;
sized();
window.addEventListener("resize", sized);
