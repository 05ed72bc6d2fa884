// A clip: plays by itself, soundless and over again, as long as it is looked at. Its controls come
// when it is touched: before that they would lie over the "AI-generated" label.
import { drawn, make } from "./dom.js";
import { address } from "./mosaic.js";
import { word } from "./words.js";

const DOWN = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 4v11m-5-4.500 5 5 5-5M5 20h14"/></svg>';
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** What is off the screen stands still: twenty clips in a long chat would tire any phone. */
const watch = new IntersectionObserver((seen) => {
  for (const one of seen) {
    if (one.isIntersecting && !still.matches) one.target.play().catch(() => {}); // the browser may refuse
    else one.target.pause();
  }
}, { threshold: 0.4 });

export function player({ id, alt, width, height }) {
  const frame = make("div", "player");
  const video = make("video");
  Object.assign(video, { muted: true, loop: true, playsInline: true, preload: "metadata", tabIndex: 0 });
  video.poster = address(`poster:${id}`);
  video.src = address(id);
  video.width = width;
  video.height = height;
  video.setAttribute("aria-label", alt || word("page-clip"));
  video.setAttribute("controlslist", "nodownload noplaybackrate");
  video.addEventListener("error", () => frame.classList.add("gone")); // erased since
  for (const wish of ["click", "focus"]) video.addEventListener(wish, () => { video.controls = true; }, { once: true });
  watch.observe(video);
  frame.append(video);
  return frame;
}

/** The labelled original, as a file to keep. */
export function file({ id, alt, width, height, seconds }) {
  const list = make("div", "files");
  const row = make("a");
  row.href = `${address(id)}?download=1`;
  row.download = "";
  const poster = make("img");
  poster.src = address(`poster:${id}`);
  poster.alt = "";
  const name = make("span", "", alt || word("page-clip"));
  name.append(make("small", "", `MP4 · ${width} × ${height} · ${Math.round(seconds)} s`));
  row.append(poster, name, drawn(DOWN));
  list.append(row);
  return list;
}
