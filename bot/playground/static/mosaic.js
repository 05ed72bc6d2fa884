// Pictures side by side: portraits from the server, own photos from the browser.
import { drawn, make } from "./dom.js";
import { enlarge } from "./lightbox.js";
import { mine } from "./keepsake.js";
import { word } from "./words.js";

const AROUND = 2 * Math.PI * 16;
const shown = new Map(); // own photo id -> object URL, made once

export const address = (id) => `/playground/picture/${encodeURIComponent(id)}`;

/** How many stand in each row: even rows, full width, the taller ones first. */
export function rows(count) {
  if (count <= 1) return [count];
  const most = count <= 4 ? 2 : count <= 9 ? 3 : 4;
  const lines = Math.ceil(count / most);
  const least = Math.floor(count / lines);
  const longer = count - least * lines;
  return Array.from({ length: lines }, (_, place) => (place < lines - longer ? least : least + 1));
}

function spans(count) {
  return rows(count).flatMap((line) => Array(line).fill(`span${12 / line}`));
}

export function mosaic(message) {
  const grid = make("div", "mosaic");
  const pictures = message.pictures ?? [];
  grid.classList.toggle("alone", pictures.length === 1);
  const widths = spans(pictures.length);
  grid.append(...pictures.map((picture, place) => {
    const tile = make("button", `tile ${widths[place]} ${pictures.length === 1 ? "whole" : picture.height > picture.width * 1.1 ? "tall" : ""}`);
    tile.type = "button";
    tile.append(image(address(picture.id), picture.alt || word("page-picture"), picture));
    tile.addEventListener("click", () => enlarge(pictures.map((one) => ({ src: address(one.id), save: `${address(one.id)}?download=1`, alt: one.alt, width: one.width })), place, message.text ?? ""));
    return tile;
  }));
  return grid;
}

/** Labelled originals, as files to keep. */
export function files(message) {
  const list = make("div", "files");
  for (const picture of message.pictures ?? []) {
    const row = make("a");
    row.href = `${address(picture.id)}?download=1`;
    row.download = "";
    const name = make("span", "", picture.alt || word("page-original"));
    name.append(make("small", "", `${word("page-original")} · ${picture.width} × ${picture.height}`));
    row.append(image(address(picture.id), "", picture), name);
    row.append(drawn('<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11m-5-4.500 5 5 5-5M5 20h14"/></svg>'));
    list.append(row);
  }
  return list;
}

function image(src, alt, { width, height }) {
  const node = make("img");
  node.src = src;
  node.alt = alt;
  node.addEventListener("error", () => node.classList.add("gone")); // erased since
  node.decoding = "async";
  if (width) { node.width = width; node.height = height; }
  return node;
}

/** The person's own photos of one pick, each with its upload. */
export function album(entry) {
  const grid = make("div", "mosaic");
  const photos = [...entry.messages.values()];
  grid.classList.toggle("alone", photos.length === 1);
  const widths = spans(photos.length);
  grid.append(...photos.map((photo, place) => tile(photo, widths[place], photos, place)));
  return grid;
}

function tile(photo, span, photos, place) {
  const busy = photo.state === "sending";
  const lost = photo.state === "failed";
  const node = make(lost ? "div" : "button", ["tile", span, busy ? "busy" : "", lost ? "lost" : ""].filter(Boolean).join(" "));
  node.dataset.photo = photo.id;
  if (!lost) node.type = "button";
  node.append(look(photo));
  if (busy) node.append(ring(photo.share ?? 0));
  if (photo.fate && !busy && !lost) node.append(mark(photo));
  if (lost) node.append(retry(photo));
  else node.addEventListener("click", () => enlarge(photos.filter((one) => source(one.id)).map((one) => ({ src: source(one.id), alt: word("page-photo") })), place, ""));
  return node;
}

const MARKS = {
  checking: "M12 7v5l3 2",
  accepted: "m7 12.500 3.500 3.500 6.500-7.500",
  held: "M9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.8.500-1.100 1-1.100 2m0 2.600v.1",
  rejected: "m8.500 8.500 7 7m0-7-7 7",
  taken_out: "M7.500 12h9",
  surplus: "M7.500 12h9",
};

/** What became of the photo: a sign on the tile, and the sentence for who points at it or listens. */
function mark(photo) {
  const node = make("span", `fate ${photo.fate}`);
  node.title = photo.text ?? "";
  node.append(drawn(`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${MARKS[photo.fate] ?? MARKS.held}"/></svg>`), make("span", "aside", photo.text ?? ""));
  return node;
}

export function source(id) {
  const kept = mine(id);
  if (!kept?.thumb) return "";
  if (!shown.has(id)) shown.set(id, URL.createObjectURL(kept.thumb));
  return shown.get(id);
}

function look(photo) {
  const src = source(photo.id);
  if (src) return image(src, word("page-photo"), {});
  return make("span", "sheet", mine(photo.id)?.name ?? word("page-photo"));
}

function ring(share) {
  const around = drawn('<svg class="ring" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="16"/></svg>');
  const circle = around.querySelector("circle");
  circle.style.strokeDasharray = String(AROUND);
  circle.style.strokeDashoffset = String(AROUND * (1 - Math.max(share, 0.06)));
  return around;
}

/** Only the ring moves while bytes go up: no redrawing of twenty pictures. */
export function turn(id, share) {
  const circle = document.querySelector(`[data-photo="${id}"] circle`);
  if (circle) circle.style.strokeDashoffset = String(AROUND * (1 - Math.max(share, 0.06)));
}

function retry(photo) {
  const node = make("button", "retry");
  node.type = "button";
  node.title = word("page-retry");
  node.setAttribute("aria-label", word("page-retry"));
  node.append(drawn('<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M19 12a7 7 0 1 1-2-5m2-3v4h-4"/></svg>'));
  node.addEventListener("click", () => node.dispatchEvent(new CustomEvent("again", { bubbles: true, detail: { id: photo.id } })));
  return node;
}
