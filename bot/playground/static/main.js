// Brings the parts together: what is sent goes up the wire, what comes down is shown.
import { compose } from "./composer.js";
import * as keepsake from "./keepsake.js";
import { AT_ONCE, THUMB } from "./limits.js";
import * as log from "./log.js";
import { turn } from "./mosaic.js";
import { current, speak, word } from "./words.js";
import * as wire from "./wire.js";

const status = document.getElementById("status");
const waiting = []; // photos to upload: {id, album, file}
const files = new Map(); // id -> {album, file}, until it has arrived
let connected = false;
let paused = false; // newer windows have the line
let asked = 0; // answers we are waiting for
let uploading = 0;
let waits = false; // the server asked to wait before the next photo
let away = false; // the server could not answer, and the log's note says so

function mood() {
  const key = paused ? "page-paused" : !connected ? "page-connecting" : uploading ? "page-looking" : asked ? "page-typing" : "page-online";
  status.dataset.word = key;
  status.textContent = word(key);
  status.classList.toggle("lively", connected && (asked > 0 || uploading > 0));
  log.typing(connected && asked > 0);
}

async function ask(question) {
  const slow = setTimeout(() => { asked += 1; mood(); }, 260);
  const began = performance.now();
  try {
    const { language } = await question();
    if (language && language !== current()) { await speak(language); log.relabel(); }
  } finally {
    clearTimeout(slow);
    if (performance.now() - began >= 260) asked = Math.max(0, asked - 1);
    mood();
  }
}

async function sayWords(text, id = wire.fresh(), caption = false) {
  await written(text, id, caption);
  await sayUntilHeard(text, id, caption);
}

async function written(text, id, caption) {
  const at = Date.now();
  await keepsake.keep({ id, at, text, caption });
  log.show({ id, at, kind: "my_words", state: "sending" });
  log.down();
}

/** An outage is waited for, however long; who asked too much says it again themselves. */
async function sayUntilHeard(text, id, caption) {
  try {
    await ask(() => wire.say(id, text, caption));
    log.change(id, { state: "seen" });
    heard();
  } catch (trouble) {
    if (trouble.outage) {
      report(trouble);
      setTimeout(() => { if (keepsake.mine(id)) sayUntilHeard(text, id, caption); }, trouble.seconds * 1000);
      return;
    }
    log.change(id, { state: "failed" }); // the words stay, with a "try again" below them
    explain(trouble);
  }
}

/** Why the server asks to wait. */
function explain(trouble) {
  if (!(trouble instanceof wire.Wait)) return;
  away = trouble.outage;
  const text = trouble.outage ? word("page-outage") : trouble.message;
  if (text) log.note(text);
}

/** As `explain`, for what is tried again by itself: one outage is told once. */
function report(trouble) {
  if (!(trouble.outage && away && log.noted())) explain(trouble);
}

/** The server answered: what the log says of an outage is over. */
function heard() {
  if (away) log.unnote();
  away = false;
}

async function pressed({ id, action }) {
  log.attend();
  log.change(id, { chosen: action, waiting: action });
  try { await ask(() => wire.press(wire.fresh(), action, id)); heard(); }
  catch (trouble) { log.change(id, { chosen: null }); explain(trouble); }
  finally { log.change(id, { waiting: null }); }
}

async function thumbOf(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, THUMB / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return await new Promise((settle) => canvas.toBlob(settle, "image/jpeg", 0.82));
  } catch { return null; } // a format that this browser cannot show: its name stands in
}

/** With what is written below them, which is said once all of them have come or failed. */
async function sendPhotos(chosen, text) {
  const album = wire.fresh();
  const caption = text && { id: wire.fresh(), text, left: chosen.length };
  for (const file of chosen) {
    const id = wire.fresh();
    const at = Date.now();
    await keepsake.keep({ id, at, thumb: await thumbOf(file), name: file.name });
    files.set(id, { album, file, caption });
    waiting.push(id);
    log.show({ id, at, kind: "my_photo", album, state: "sending" });
  }
  log.down();
  if (caption) await written(text, caption.id, true);
  for (let lane = 0; lane < AT_ONCE; lane += 1) drain();
}

function settled({ caption }) {
  if (caption && --caption.left === 0) sayUntilHeard(caption.text, caption.id, true);
}

async function drain() {
  while (waiting.length && !keepsake.mine(waiting[0])) files.delete(waiting.shift()); // erased meanwhile
  if (waits || !waiting.length || uploading >= AT_ONCE) return;
  const id = waiting.shift();
  const sent = files.get(id);
  uploading += 1;
  mood();
  try {
    await wire.upload(id, sent.album, sent.file, (share) => turn(id, share));
    files.delete(id);
    log.change(id, { state: "seen" });
    heard();
    settled(sent);
  } catch (trouble) {
    if (trouble instanceof wire.Wait) { waiting.unshift(id); turn(id, 0); pause(trouble); } else { log.change(id, { state: "failed" }); settled(sent); }
  }
  uploading -= 1;
  mood();
  drain();
}

/** The photos that were not taken stay where they are, and go on by themselves. */
function pause(wait) {
  if (waits) return;
  waits = true;
  report(wait);
  setTimeout(() => {
    waits = false;
    for (let lane = 0; lane < AT_ONCE; lane += 1) drain();
  }, wait.seconds * 1000);
}

/** The first words of a new chat are the page's own, so it says them again itself. */
async function greet(words, id = wire.fresh()) {
  try { await ask(() => wire.say(id, words)); heard(); }
  catch (trouble) {
    report(trouble);
    if (trouble instanceof wire.Wait) setTimeout(() => greet(words, id), trouble.seconds * 1000);
  }
}

function again({ id }) {
  if (files.has(id)) { waiting.push(id); log.change(id, { state: "sending", share: 0 }); drain(); return; }
  const mine = keepsake.mine(id);
  if (mine?.text) { log.change(id, { state: "sending" }); sayWords(mine.text, id, mine.caption); }
}

/** A deep link (`?start=…`) says its payload once in each tab; the address stays, to be copied. */
function followed() {
  const payload = new URLSearchParams(location.search).get("start");
  if (!payload || sessionStorage.getItem("start") === payload) return null;
  sessionStorage.setItem("start", payload);
  return `/start ${payload}`;
}

/** An own message that the server knows is at least "sent"; the log keeps it "seen" if it was. */
const arrived = (message, state) => (message.kind.startsWith("my_") ? { ...message, state } : message);

async function begin() {
  await Promise.all([speak(document.documentElement.lang.replace("-", "_")), keepsake.recall()]);
  compose({ words: (text) => sayWords(text), photos: sendPhotos });
  document.addEventListener("pressed", (event) => pressed(event.detail));
  document.addEventListener("again", (event) => again(event.detail));
  wire.follow({
    snapshot: async ({ messages, language, fresh }) => {
      await speak(language);
      log.restore(messages.map((message) => arrived(message, "seen")));
      const words = followed() ?? (fresh ? "/start" : null);
      if (words) greet(words);
    },
    shown: (message) => log.show(arrived(message, "sent")),
    forgotten: async ({ before }) => { log.drop(before); await keepsake.forget(before); },
    line: (up) => { connected = up; paused = false; mood(); },
    paused: () => { connected = false; paused = true; mood(); },
  });
  mood();
}

begin();
