// A picture, large: arrows and swipes go through its album, and the labelled original can be kept.
const box = document.getElementById("lightbox");
const large = document.getElementById("large");
const caption = document.getElementById("caption");
const where = document.getElementById("place");
const save = document.getElementById("download");
const before = document.getElementById("before");
const after = document.getElementById("after");
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
  document.getElementById("close").focus();
}

function go(place) {
  at = (place + pictures.length) % pictures.length;
  const picture = pictures[at];
  large.src = picture.src;
  large.alt = picture.alt ?? "";
  save.hidden = !picture.save;
  if (picture.save) save.href = picture.save;
  where.textContent = pictures.length > 1 ? `${at + 1} / ${pictures.length}` : "";
  before.hidden = after.hidden = pictures.length < 2;
}

before.addEventListener("click", () => go(at - 1));
after.addEventListener("click", () => go(at + 1));
document.getElementById("close").addEventListener("click", () => box.close());
box.addEventListener("click", (event) => { if (event.target === box || event.target.tagName === "FIGURE") box.close(); });
box.addEventListener("keydown", (event) => {
  if (pictures.length < 2) return;
  if (event.key === "ArrowLeft") go(at - 1);
  if (event.key === "ArrowRight") go(at + 1);
});
box.addEventListener("close", () => { large.removeAttribute("src"); opener?.focus?.(); });
box.addEventListener("pointerdown", (event) => { touched = event.clientX; });
box.addEventListener("pointerup", (event) => {
  const moved = touched === null ? 0 : event.clientX - touched;
  touched = null;
  if (pictures.length > 1 && Math.abs(moved) > 60) go(moved > 0 ? at - 1 : at + 1);
});
