// One portrait large: keys and swipes go through its set; the labelled original can be kept and sent.
import { host } from "./host.js";

const root = document.getElementById("album");
const box = document.getElementById("viewer");
const large = document.getElementById("large");
const where = document.getElementById("place");
const original = document.getElementById("original");
const hint = document.getElementById("hint");
let images = [];
let at = 0;
let opener = null;
let touched = null;

root.addEventListener("click", (event) => {
  const frame = event.target.closest?.(".portrait");
  if (!frame) return;
  images = [...frame.closest(".strip").querySelectorAll(".portrait:not(.gone) img")];
  opener = frame;
  go(images.indexOf(frame.querySelector("img")));
  box.showModal();
});
document.getElementById("before").addEventListener("click", () => go(at - 1));
document.getElementById("after").addEventListener("click", () => go(at + 1));
box.addEventListener("keydown", (event) => {
  if (event.key === "ArrowLeft") go(at - 1);
  if (event.key === "ArrowRight") go(at + 1);
});
box.addEventListener("close", () => { large.removeAttribute("src"); opener?.focus({ preventScroll: true }); });
box.addEventListener("pointerdown", (event) => { touched = event.clientX; });
box.addEventListener("pointerup", (event) => {
  const moved = touched === null ? 0 : event.clientX - touched;
  touched = null;
  if (Math.abs(moved) > 60) go(moved > 0 ? at - 1 : at + 1);
});
original.addEventListener("click", (event) => {
  if (host === "wechat") event.preventDefault(); // it saves nothing; holding the picture does
  if (host) hint.textContent = byHand();
});
document.getElementById("share").addEventListener("click", share);

function go(place) {
  at = (place + images.length) % images.length;
  const image = images[at];
  large.src = image.src;
  large.alt = image.alt;
  original.href = `${image.src}?download=1`;
  hint.textContent = "";
  where.textContent = images.length > 1 ? `${at + 1} / ${images.length}` : "";
  for (const id of ["before", "after"]) document.getElementById(id).hidden = images.length < 2;
}

async function share() {
  try {
    const answer = await fetch(large.src);
    const file = new File([await answer.blob()], "eider.jpg", { type: answer.headers.get("Content-Type") });
    if (!answer.ok || !navigator.canShare?.({ files: [file] })) throw new TypeError("cannot share");
    await navigator.share({ files: [file] });
  } catch (error) {
    if (error.name !== "AbortError") hint.textContent = byHand();
  }
}

function byHand() {
  const words = root.dataset;
  return host === "telegram" ? words.shareInChat : host === "wechat" ? words.hold : words.shareByFile;
}
