/* The result page: says what the sitting page was told when its last answers came too late, once. */

const place = document.querySelector("[data-late]");
const name = `zhikao.attempt.${place.dataset.late}.late`;
try {
  const sentence = sessionStorage.getItem(name);
  if (sentence) {
    place.querySelector("[data-late-text]").textContent = sentence;
    place.hidden = false;
    sessionStorage.removeItem(name);
  }
} catch {
  // Storage is forbidden here; then nothing was left either.
}
