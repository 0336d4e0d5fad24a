/* What every module of practice reads from its page. */

export const config = JSON.parse(document.getElementById("practice-config").textContent);
export const one = (name, from = document) => from.querySelector(`[data-${name}]`);
export const word = (name, gaps = {}) =>
  document.querySelector("#practice-words").content.querySelector(`[data-word=${name}]`).textContent.replace(/\{(\w+)\}/g, (_all, gap) => gaps[gap]);
export const token = () =>
  document.cookie.split("; ").find((part) => part.startsWith("csrftoken="))?.split("=")[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
export const clock = (at) => {
  const day = new Date(at);
  const two = (n) => String(n).padStart(2, "0");
  return `${two(day.getMonth() + 1)}-${two(day.getDate())} ${two(day.getHours())}:${two(day.getMinutes())}`;
};
