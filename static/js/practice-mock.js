/* A mock exam's time: the server's clock counts, and at its end what is on the page is handed in. */

const frame = document.querySelector("[data-clock]");
const form = document.querySelector("[data-mock]");
const left = document.querySelector("[data-left]");
const began = performance.now();
const whole = Number(frame.dataset.deadline) - Number(frame.dataset.now);

function tick() {
  const seconds = Math.max(0, Math.ceil((whole - (performance.now() - began)) / 1000));
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds > 0) return setTimeout(tick, 500);
  return whole > 0 ? form.requestSubmit() : undefined;
}

tick();
