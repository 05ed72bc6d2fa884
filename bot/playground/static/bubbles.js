// One bubble: builds it, and changes it in place. Text goes in as text, never as markup.
import { drawn, make } from "./dom.js";
import { file, player } from "./clips.js";
import { shares, sharing } from "./share.js";
import { mosaic, album, files } from "./mosaic.js";
import { mine } from "./keepsake.js";
import { clock, money, percent, word } from "./words.js";

const TICK = '<svg viewBox="0 0 17 13" aria-hidden="true"><path d="m4 7 3 3.300 6.500-7.600"/></svg>';
const TICKS = '<svg viewBox="0 0 17 13" aria-hidden="true"><path d="m1 7 3 3.300 6.500-7.600M8 10l.4.3 6.500-7.600"/></svg>';
const CLOCK = '<svg class="clock" viewBox="0 0 13 13" aria-hidden="true"><circle cx="6.500" cy="6.500" r="5"/><path d="M6.500 3.600v3l2 1.200"/></svg>';
const ALERT = '<svg viewBox="0 0 13 13" aria-hidden="true"><path d="M6.500 2v5.500m0 2.800v.2"/></svg>';
const MARKS = {
  receipt: '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3 5 6v5c0 4.600 2.900 8 7 10 4.100-2 7-5.400 7-10V6z"/><path d="m9 11.800 2.200 2.200 4-4.200"/></svg>',
  trouble: '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4 3 19.500h18zM12 10v4m0 2.800v.1"/></svg>',
};
const OUTWARD = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 16 18 6m-8 0h8v8"/></svg>';

const ONWARD = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 15V4m-4.500 4L12 3.500 16.500 8M6 12v7.500h12V12"/></svg>';
const DOWN = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11m-5-4.500 5 5 5-5M5 20h14"/></svg>';

export function bubble(entry) {
  entry.node = make("li");
  draw(entry);
  return entry.node;
}

/** Progress glides, a press changes the keys alone; everything else is drawn anew. The focus stays
 * on the same key, and where it stands: to scroll there would hide the answer. */
export function patch(entry, all = false) {
  const [message] = entry.messages.values();
  if (!all && glide(entry, message)) return;
  const focused = entry.node.contains(document.activeElement) ? document.activeElement.dataset.action : null;
  if (all || entry.side === "out" || entry.drawn !== said(message)) draw(entry);
  else hang(entry.node, message);
  if (focused) entry.node.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** What a message says beside its keys: a screen reader hears it again only where that changes. */
const said = (message) => JSON.stringify({ ...message, buttons: 0, chosen: 0, waiting: 0, at: 0 });

function glide(entry, message) {
  const bar = entry.node.querySelector(".track");
  if (!bar || message.share == null || message.buttons?.length || entry.node.querySelector(".keys")) return false;
  entry.node.querySelector(".text").replaceWith(paragraph(message.text));
  advance(entry.node, message.share);
  return true;
}

function draw(entry) {
  const [message] = entry.messages.values();
  const node = entry.node;
  entry.drawn = said(message);
  // Ticks of progress and of what was sent are no news to a listener: their ends are told apart.
  if (entry.side === "out" || message.share != null) node.setAttribute("aria-live", "off");
  node.className = classes(entry, message);
  const body = make("article", "bubble");
  body.append(make("span", "aside", `${word(entry.side === "out" ? "page-you" : "page-eider")}: `));
  fill(body, entry, message);
  node.replaceChildren(body);
  hang(node, message);
  if (message.state === "failed" && message.kind === "my_words") node.append(again(message));
}

/** The keys below, anew. */
function hang(node, message) {
  const rows = keysOf(message);
  node.querySelector(":scope > .keys")?.remove();
  if (rows.length) node.append(keyboard(message, rows));
}

function classes(entry, message) {
  const shown = message.original ? "originals" : message.kind === "clip" ? "pictures clip" : "pictures";
  const kind = { pictures: shown, clip: shown, bill: "bill", my_photo: "album" }[message.kind] ?? "";
  const bare = kind !== "pictures" ? "" : [message.text ? "" : "bare", message.pictures?.length === 1 ? "lone" : ""].join(" ").trim();
  return [entry.side, kind, bare, message.tone ?? "", message.state ?? ""].filter(Boolean).join(" ");
}

function fill(body, entry, message) {
  if (message.kind === "bill") { bill(body, message); return; }
  if (message.kind === "my_photo") body.append(album(entry));
  if (message.kind === "clip") body.append(message.original ? file(message.clip) : player(message.clip));
  if (message.kind === "pictures") body.append(message.original ? files(message) : mosaic(message));
  if (MARKS[message.tone]) body.append(drawn(MARKS[message.tone]));
  const text = message.kind === "my_photo" ? "" : message.text ?? mine(message.id)?.text;
  const time = stamp(entry, message);
  if (text) body.append(paragraph(text, message.share == null ? time : null));
  if (message.share != null) bar(body, message);
  if (!time.parentNode) body.append(time);
}

/** The time floats into the last line where it fits, and below it where it does not. */
function paragraph(text, time) {
  const line = make("p", "text");
  line.dir = "auto"; // people write in any script
  line.append(...linked(text), ...(time ? [time] : []));
  return line;
}

function bar(body, message) {
  const track = make("div", "track moving");
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", "100");
  track.setAttribute("aria-label", word("page-progress"));
  track.append(make("i"));
  body.append(track, make("span", "percent"));
  advance(body, message.share);
}

function advance(body, share) {
  const whole = Math.round(Math.min(Math.max(share, 0), 1) * 100);
  const track = body.querySelector(".track");
  track.setAttribute("aria-valuenow", String(whole));
  track.classList.toggle("moving", whole < 100);
  track.firstElementChild.style.width = `${whole}%`;
  body.querySelector(".percent").textContent = percent(whole / 100);
}

function bill(body, message) {
  const head = make("header");
  head.append(make("p", "", message.title), make("strong", "", money(message.amount ?? 0, message.currency)));
  const text = make("div", "body");
  text.append(paragraph(message.text ?? ""));
  const last = make("p", "ref", message.reference ?? "");
  last.append(stamp({ side: "in" }, message));
  text.append(last);
  body.append(head, make("div", "tear"), text);
}

function stamp(entry, message) {
  const node = make("span", "stamp");
  const time = make("time", "", clock(message.at));
  time.dateTime = new Date(message.at).toISOString();
  node.append(time);
  if (entry.side === "out") node.append(...ticks(entry));
  return node;
}

function ticks(entry) {
  const states = [...entry.messages.values()].map((message) => message.state ?? "seen");
  const state = ["failed", "sending", "sent", "seen"].find((one) => states.includes(one));
  const picture = { failed: ALERT, sending: CLOCK, sent: TICK, seen: TICKS }[state];
  return [drawn(picture), make("span", "aside", word(`page-${state}`))];
}

/** A bill that has a page of its own gets a way there, behind the first row. */
function keysOf(message) {
  const rows = message.buttons ?? [];
  if (message.kind !== "bill" || !message.url) return rows;
  return [...rows.slice(0, 1), [{ label: word("page-till"), url: message.url }], ...rows.slice(1)];
}

function keyboard(message, rows) {
  const keys = make("div", "keys");
  for (const row of rows) {
    const line = make("div", "row");
    line.append(...row.map((button) => (button.url ? link(button) : key(message, button))));
    keys.append(line);
  }
  return keys;
}

/** A name in any script, set in its own direction. */
function label(text) {
  const node = make("bdi", "", text);
  node.dir = "auto";
  return node;
}

function key(message, button) {
  const node = make("button", message.chosen === button.action ? "chosen" : "");
  node.append(label(button.label));
  node.type = "button";
  node.dataset.action = button.action;
  if (message.waiting === button.action) node.setAttribute("aria-busy", "true");
  node.addEventListener("click", () => node.dispatchEvent(new CustomEvent("pressed", { bubbles: true, detail: { id: message.id, action: button.action } })));
  return node;
}

function link(button) {
  const node = make("a");
  node.append(label(button.label));
  if (!/^https?:\/\//.test(button.url) && !button.url.startsWith("/")) return node;
  node.href = button.url;
  const file = button.url.startsWith("/playground/picture/");
  if (file) { node.download = ""; sharing(node); }
  else { node.target = "_blank"; node.rel = "noopener noreferrer"; }
  node.append(drawn(!file ? OUTWARD : shares ? ONWARD : DOWN));
  return node;
}

function again(message) {
  const node = make("button", "again", word("page-retry"));
  node.type = "button";
  node.addEventListener("click", () => node.dispatchEvent(new CustomEvent("again", { bubbles: true, detail: { id: message.id } })));
  return node;
}

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"，。）)]+)/).map((part, place) => {
    if (place % 2 === 0) return document.createTextNode(part);
    const node = make("a", "", part);
    node.href = part;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    return node;
  });
}
