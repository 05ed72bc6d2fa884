// The page's own words, and how this reader writes times, days, money and counts.
let language = "en";
let words = {};

export function word(key) { return words[key] ?? key; }
export function current() { return language; }

/** Take the words of another language and put them wherever the page shows one. */
export async function speak(wanted) {
  if (wanted === language && Object.keys(words).length) return;
  const answer = await fetch(`/playground/words/${encodeURIComponent(wanted)}`);
  if (!answer.ok) return;
  words = await answer.json();
  language = wanted;
  document.documentElement.lang = wanted.replace("_", "-");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) label(node, word(node.dataset.label));
}

export function label(node, text) {
  node.setAttribute("aria-label", text);
  if (node.matches("button, a")) node.title = text;
  if (node.placeholder !== undefined && node.tagName === "TEXTAREA") node.placeholder = text;
}

/** The reader's own region where it speaks this language: en-GB writes 14:05, en-US 2:05 PM. */
function tag() {
  const here = language.replace("_", "-");
  return navigator.languages?.find((one) => one.split("-")[0] === here.split("-")[0]) ?? here;
}

export function clock(at) {
  return new Intl.DateTimeFormat(tag(), { hour: "numeric", minute: "2-digit" }).format(at);
}

export function dayOf(at) { return new Date(at).toDateString(); }

export function day(at) {
  const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const ago = Math.round((midnight(at) - midnight(Date.now())) / 86_400_000);
  if (ago === 0 || ago === -1) return new Intl.RelativeTimeFormat(tag(), { numeric: "auto" }).format(ago, "day");
  return new Intl.DateTimeFormat(tag(), { day: "numeric", month: "long" }).format(at);
}

export function percent(share) {
  return new Intl.NumberFormat(tag(), { style: "percent" }).format(share);
}

/** Minor units to what a reader writes; Stars have no minor unit and no ISO code. */
export function money(amount, currency) {
  if (currency === "XTR") return `⭐ ${new Intl.NumberFormat(tag()).format(amount)}`;
  if (currency === "credits") return new Intl.NumberFormat(tag()).format(amount);
  const format = new Intl.NumberFormat(tag(), { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
}
