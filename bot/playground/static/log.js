// The log: which messages stand in it, in which order, and when it scrolls.
import { bubble, patch } from "./bubbles.js";
import { mine } from "./keepsake.js";
import { now } from "./moment.js";
import { day, dayOf } from "./words.js";

const log = document.getElementById("log");
const teller = document.getElementById("teller");
const scroller = document.getElementById("scroller");
const newest = document.getElementById("newest");
const unseen = document.getElementById("unseen");
const entries = new Map(); // key -> {key, side, at, messages: Map, node}
const NOTE = "note";
let missed = 0;

const keyOf = (message) => (message.kind === "my_photo" ? `album-${message.album}` : message.id);
const sideOf = (message) => (message.kind.startsWith("my_") ? "out" : "in");
let pinned = true; // the reader is at the end, and wants to stay there
let top = 0;
const left = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
const near = () => left() < 120;
const ATEND = 8; // pixels: who scrolled further up is reading, and is left where they are

export function down(smooth = true) {
  pinned = true;
  scroller.scrollTo({ top: scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" });
}

/** Show a message, or show it anew. Own ones appear only where their words or photo are kept. */
export function show(message, { quiet = false } = {}) {
  if (sideOf(message) === "out" && !mine(message.id)) return;
  const key = keyOf(message);
  const stuck = pinned || message.state === "sending";
  let entry = entries.get(key);
  if (entry) {
    const known = entry.messages.get(message.id);
    const state = known?.state === "seen" ? "seen" : message.state;
    entry.messages.set(message.id, { ...carried(known), ...message, ...(state && { state }) });
    patch(entry);
    if (known?.share != null && message.share == null) tell(message.text);
    if (entry.side === "in" && message.at > entry.at) {
      move(entry, message.at);
      if (!stuck && !quiet) missed += 1;
    }
  } else {
    entry = { key, side: sideOf(message), at: message.at, messages: new Map([[message.id, message]]) };
    entry.node = bubble(entry);
    entries.set(key, entry);
    place(entry);
    if (!stuck && entry.side === "in" && !quiet) missed += 1;
    if (message.share != null && !quiet) tell(message.text);
  }
  if (quiet) return;
  if (stuck) (entry.side === "in" && tall(entry.node) ? read(entry.node) : down());
  remark();
}

/** One sentence for who listens: a message of progress is told where it begins and where it ends. */
export function tell(text) { teller.textContent = text ?? ""; }

const tall = (node) => node.offsetHeight > scroller.clientHeight - 60;

/** A message longer than the window is read from its beginning. */
function read(node) {
  pinned = false;
  scroller.scrollTo({ top: node.offsetTop - scroller.offsetTop - 8, behavior: "smooth" });
}

/** A word of the page's own, that no server knows: it stands until the next one, or a reload. */
export function note(text) {
  unnote();
  show({ id: NOTE, at: now(), kind: "text", tone: "trouble", text, local: true });
}

export const noted = () => entries.has(NOTE);

/** What it said is over. */
export function unnote() {
  entries.get(NOTE)?.node.remove();
  entries.delete(NOTE);
}

/** An old message that answers something new comes down to the end, below what it answers. */
function move(entry, at) {
  entry.at = at;
  entries.delete(entry.key);
  entries.set(entry.key, entry);
  place(entry);
}

/** What the page knows of a message and an edit from the server does not say. */
function carried(known) {
  return known ? { at: known.at, chosen: known.chosen, waiting: known.waiting } : {};
}

function place(entry) {
  const last = [...entries.values()].at(-2);
  if (!last || dayOf(last.at) !== dayOf(entry.at)) log.append(separator(entry.at));
  const typing = log.querySelector(".typing");
  log.append(entry.node);
  if (typing) log.append(typing);
}

function separator(at) {
  const node = document.createElement("li");
  node.className = "day";
  node.textContent = day(at);
  return node;
}

/** Everything anew, as after a reload; what is still on its way out stays at the end. */
export function restore(messages) {
  const pending = [...entries.values()].filter((entry) => [...entry.messages.values()].some((one) => one.local || one.state === "sending" || one.state === "failed"));
  const stood = messages.length === [...entries.values()].reduce((sum, entry) => sum + (entry.key === NOTE ? 0 : entry.messages.size), 0);
  if (entries.size && stood && messages.every((one) => entries.get(keyOf(one))?.messages.has(one.id))) {
    for (const message of messages) show(message, { quiet: true });
    return;
  }
  log.classList.add("still");
  entries.clear();
  log.replaceChildren();
  for (const message of messages) show(message, { quiet: true });
  for (const entry of pending) for (const message of entry.messages.values()) show(message, { quiet: true });
  down(false);
  requestAnimationFrame(() => log.classList.remove("still"));
}

export function drop(before) {
  for (const [key, entry] of entries) {
    if (entry.at < before) { entry.node.remove(); entries.delete(key); }
  }
  for (const node of [...log.querySelectorAll(".day")]) {
    if (!node.nextElementSibling || node.nextElementSibling.matches(".day")) node.remove();
  }
}

export function change(id, how) {
  for (const entry of entries.values()) {
    const message = entry.messages.get(id);
    if (message) { entry.messages.set(id, { ...message, ...how }); patch(entry); return; }
  }
}

/** The reader did something: what comes next is what they look at. */
export function attend() { pinned = true; missed = 0; top = scroller.scrollTop; } // an event of the scrolling before may still come

/** Words of another language: days and times are written anew. */
export function relabel() {
  for (const entry of entries.values()) patch(entry, true);
  for (const node of log.querySelectorAll(".day")) {
    const next = node.nextElementSibling;
    const entry = [...entries.values()].find((one) => one.node === next);
    if (entry) node.textContent = day(entry.at);
  }
}

export function typing(on) {
  const shown = log.querySelector(".typing");
  if (!on) { shown?.remove(); return; }
  if (shown) return;
  const node = document.createElement("li");
  node.className = "in typing";
  node.setAttribute("aria-hidden", "true");
  node.innerHTML = '<div class="bubble"><i></i><i></i><i></i></div>';
  log.append(node);
}

function remark() {
  if (left() <= ATEND) { pinned = true; missed = 0; } else if (scroller.scrollTop < top - 2) pinned = false;
  top = scroller.scrollTop;
  newest.hidden = pinned || (near() && !missed);
  unseen.textContent = missed || "";
}

scroller.addEventListener("scroll", remark, { passive: true });
newest.addEventListener("click", () => { missed = 0; down(); });
const follow = new ResizeObserver(() => { if (pinned) down(); });
follow.observe(scroller);
follow.observe(log);
