/* Identifiers are checked as one leaves the field: accounts/identifiers.py again, for kindness; the server decides.

   data-check="uscc|id|phone" names the kind, data-say-length, -letters, -date, -check hand over the server's sentences,
   data-check-only is a pattern: a value of another shape is none of this kind and is left in peace. */

const USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

const normalise = (text) => text.normalize("NFKC").replace(/[\s\-－—]+/g, "").toUpperCase();
const total = (weights, valueAt) => weights.reduce((sum, weight, at) => sum + weight * valueAt(at), 0);

function isDay(year, month, day) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

// Each gives the name of what is wrong, or nothing.
const problems = {
  uscc(code) {
    if ([...code].length !== 18) return "length";
    if ([...code].some((letter) => !USCC.includes(letter))) return "letters";
    const sum = total(USCC_WEIGHTS, (at) => USCC.indexOf(code[at]));
    return USCC[(31 - (sum % 31)) % 31] === code[17] ? "" : "check";
  },
  id(number) {
    if (!/^[0-9]{17}[0-9X]$/.test(number)) return "length";
    if (!isDay(+number.slice(6, 10), +number.slice(10, 12), +number.slice(12, 14))) return "date";
    return "10X98765432"[total(ID_WEIGHTS, (at) => +number[at]) % 11] === number[17] ? "" : "check";
  },
  phone(number) {
    return /^1[3-9][0-9]{9}$/.test(number.replace(/^(\+?86|0086)(?=1[0-9]{10}$)/, "")) ? "" : "length";
  },
};

function whyNot(input) {
  const value = normalise(input.value);
  const only = input.dataset.checkOnly;
  if (!value || (only && !new RegExp(only).test(value))) return "";
  const problem = problems[input.dataset.check](value);
  return problem && input.getAttribute(`data-say-${problem}`);
}

function show(input, reason) {
  const id = `${input.id}_error`;
  document.getElementById(id)?.remove();
  const others = (input.getAttribute("aria-describedby") ?? "").split(" ").filter((name) => name && name !== id);
  if (reason) {
    const line = document.createElement("li");
    line.textContent = reason;
    const list = document.createElement("ul");
    list.className = "field-error";
    list.id = id;
    list.setAttribute("aria-live", "polite");
    list.append(line);
    input.after(list);
    others.push(id);
  }
  if (reason) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
  if (others.length) input.setAttribute("aria-describedby", others.join(" "));
  else input.removeAttribute("aria-describedby");
}

for (const input of document.querySelectorAll("[data-check]")) {
  let seen = input.value; // what the server has judged already keeps the server's sentence
  input.addEventListener("blur", () => {
    if (input.value === seen) return;
    seen = input.value;
    show(input, whyNot(input));
  });
}
