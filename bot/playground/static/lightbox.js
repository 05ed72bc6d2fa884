// A picture, large: arrows and swipes go through its album, Back closes it, and the labelled
// original can be kept and shared.
import { shares, sharing } from "./share.js";
import { zoomable } from "./zoom.js";

const box = document.getElementById("lightbox");
const frame = document.getElementById("frame");
const large = document.getElementById("large");
const caption = document.getElementById("caption");
const where = document.getElementById("place");
const save = document.getElementById("download");
const pass = document.getElementById("share");
const before = document.getElementById("before");
const after = document.getElementById("after");
const SWIPE = 60; // pixels
const zoom = zoomable(frame, large);
let pictures = [];
let at = 0;
let opener = null;
let touched = null;

/** @param {{src: string, save?: string, alt?: string, width?: number}[]} all */
export function enlarge(all, place, text) {
  if (!all.length) return;
  opener = document.activeElement;
  pictures = all;
  caption.textContent = text;
  caption.hidden = !text;
  go(Math.max(0, Math.min(place, all.length - 1)));
  box.showModal();
  history.pushState({ lightbox: true }, "");
  document.getElementById("close").focus({ preventScroll: true });
}

function go(place) {
  at = (place + pictures.length) % pictures.length;
  const picture = pictures[at];
  zoom.reset();
  large.src = picture.src;
  large.alt = picture.alt ?? "";
  save.hidden = !picture.save;
  pass.hidden = !picture.save || !shares;
  if (picture.save) save.href = pass.href = picture.save;
  where.textContent = pictures.length > 1 ? `${at + 1} / ${pictures.length}` : "";
  before.hidden = after.hidden = pictures.length < 2;
}

before.addEventListener("click", () => go(at - 1));
after.addEventListener("click", () => go(at + 1));
document.getElementById("close").addEventListener("click", () => box.close());
box.addEventListener("click", (event) => { if ((event.target === box || event.target === frame) && !zoom.moved()) box.close(); });
box.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return; // the browser's own
  if (zoom.key(event.key)) { event.preventDefault(); return; }
  if (pictures.length < 2) return;
  if (event.key === "ArrowLeft") go(at - 1);
  if (event.key === "ArrowRight") go(at + 1);
});
box.addEventListener("close", () => {
  large.removeAttribute("src");
  if (history.state?.lightbox) history.back();
  opener?.focus?.({ preventScroll: true });
});
addEventListener("popstate", () => { if (box.open) box.close(); });
if (history.state?.lightbox) history.back(); // reloaded while it was open
frame.addEventListener("pointerdown", (event) => { touched = event.isPrimary && !zoom.zoomed() ? event.clientX : null; });
frame.addEventListener("pointerup", (event) => {
  const moved = touched === null || zoom.zoomed() ? 0 : event.clientX - touched;
  touched = null;
  if (pictures.length > 1 && Math.abs(moved) > SWIPE) go(moved > 0 ? at - 1 : at + 1);
});
sharing(pass);
