// The line at the bottom: words, picked photos, the menu of commands; drop and paste too.
import { COMMANDS, LARGEST } from "./limits.js";
import { drawn, make } from "./dom.js";
import * as keepsake from "./keepsake.js";
import { now } from "./moment.js";
import { fresh } from "./wire.js";
import { label, word } from "./words.js";

const form = document.getElementById("composer");
const field = document.getElementById("words");
const input = document.getElementById("files");
const tray = document.getElementById("tray");
const list = document.getElementById("picked");
const count = document.getElementById("count");
const menu = document.getElementById("menu");
const opener = document.getElementById("menu-button");
const drop = document.getElementById("drop");
const CROSS = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>';
let picked = []; // {id, at, file, url, wrong}
let over = 0;
let typed = 0; // when something was last typed here: a browser may keep no draft

/** @param {{words: (text: string) => void, photos: (picks: {id: string, file: File}[], caption: string) => void}} send */
export function compose(send) {
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(send); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(send); }
  });
  field.addEventListener("input", () => { grow(); typed = now(); keepsake.saveDraft(field.value); });
  field.value ||= keepsake.draft();
  grow();
  for (const { id, at, file } of keepsake.picks()) picked.push(pickOf(id, at, file));
  trayed();
  document.getElementById("attach").addEventListener("click", () => input.click());
  document.getElementById("unpick").addEventListener("click", () => unpick(picked));
  input.addEventListener("change", () => { pick(input.files); input.value = ""; });
  document.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) { event.preventDefault(); pick(event.clipboardData.files); } });
  dropping();
  commands(send.words);
}

function submit(send) {
  const good = picked.filter((one) => !one.wrong);
  const text = field.value.trim();
  const command = text.startsWith("/"); // is no caption: the photos stay where they are
  if (good.length && !command) send.photos(good, text);
  else if (text) send.words(text);
  if (!command) take(picked);
  field.value = "";
  keepsake.saveDraft("");
  grow();
  field.focus({ preventScroll: true });
}

function grow() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`; // the style has a most
}

let wide = 0;
new ResizeObserver(() => { if (field.clientWidth !== wide) { wide = field.clientWidth; grow(); } }).observe(field);

function wrongWith(file) {
  if (file.size > LARGEST) return word("page-too-large");
  // Where neither type nor name says what it is, the studio looks at the bytes.
  const image = file.type.startsWith("image/") || !file.type || file.type === "application/octet-stream";
  const clip = file.type === "video/mp4" || file.type === "video/quicktime"; // for /verify
  return image || clip ? "" : word("page-not-image");
}

const pickOf = (id, at, file) => ({ id, at, file, url: URL.createObjectURL(file), wrong: wrongWith(file) });

export function pick(files) {
  for (const file of files) {
    const one = pickOf(fresh(), now() + picked.length / 1000, file);
    picked.push(one);
    if (!one.wrong) keepsake.keep({ id: one.id, at: one.at, file, picked: true });
  }
  trayed();
  field.focus();
}

/** An erasure: what was being written and what was picked before then. */
export function clear(before) {
  if (typed < before) field.value = keepsake.draft();
  grow();
  take(picked.filter((one) => one.at < before));
}

function unpick(gone) {
  keepsake.unpick(gone.map((one) => one.id));
  take(gone);
}

function take(gone) {
  for (const { url } of gone) URL.revokeObjectURL(url);
  picked = picked.filter((one) => !gone.includes(one));
  trayed();
}

function trayed() {
  list.replaceChildren(...picked.map(thumb));
  tray.hidden = !picked.length;
  const good = picked.filter((one) => !one.wrong).length;
  count.hidden = !good;
  count.textContent = good || "";
}

function thumb(one) {
  const node = make("li", one.wrong ? "wrong" : "");
  if (one.wrong) node.append(make("span", "sheet", one.wrong));
  else {
    const image = make("img");
    image.src = one.url;
    image.alt = one.file.name;
    image.onerror = () => image.replaceWith(make("span", "sheet", one.file.name)); // HEIC, mostly
    node.append(image);
  }
  const away = make("button");
  away.type = "button";
  label(away, `${word("page-remove")}: ${one.file.name}`);
  away.append(drawn(CROSS));
  away.addEventListener("click", () => unpick([one]));
  node.append(away);
  return node;
}

function dropping() {
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  addEventListener("dragenter", (event) => { if (carries(event)) { over += 1; drop.hidden = false; } });
  addEventListener("dragleave", (event) => { if (carries(event) && --over <= 0) { over = 0; drop.hidden = true; } });
  addEventListener("dragover", (event) => { if (carries(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    over = 0;
    drop.hidden = true;
    pick(event.dataTransfer.files);
  });
}

function commands(say) {
  const toggle = (open) => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) { filled(say, toggle); menu.firstElementChild.focus(); }
  };
  opener.addEventListener("click", () => toggle(menu.hidden));
  document.addEventListener("pointerdown", (event) => { if (!menu.hidden && !menu.contains(event.target) && !opener.contains(event.target)) toggle(false); });
  menu.addEventListener("keydown", (event) => {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) { event.preventDefault(); items.at(to % items.length).focus(); }
    if (event.key === "Escape" || event.key === "Tab") { toggle(false); opener.focus(); }
  });
}

function filled(say, toggle) {
  menu.replaceChildren(...COMMANDS.map((command) => {
    const item = make("button");
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.append(make("span", "", word(`command-${command}`)), make("code", "", `/${command}`));
    item.addEventListener("click", () => { toggle(false); field.focus(); say(`/${command}`); });
    return item;
  }));
}
