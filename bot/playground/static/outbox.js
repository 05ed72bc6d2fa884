// What goes up: words and photos. Each has an id that the server knows again, and waits in this
// browser until it is there: through outages, without a line, and over a reload.
import * as keepsake from "./keepsake.js";
import { AT_ONCE } from "./limits.js";
import * as log from "./log.js";
import { turn } from "./mosaic.js";
import { now } from "./moment.js";
import { prepare } from "./shrink.js";
import * as wire from "./wire.js";
import { word } from "./words.js";

const SOON = 1000;
const waiting = []; // ids of photos to upload
const going = new Set(); // ids that are on their way now
let uploading = 0;
let waits = false; // the server asked to wait before the next photo
let flushing = false;
let pause = SOON; // milliseconds until a line that broke is tried again
let retry = 0;
let idle = [];
let on = { ask: (question) => question(), mood() {}, explain() {}, report() {}, heard() {} };

export const busy = () => uploading > 0;

/** `on` asks (and shows that it does), and tells troubles. */
export function join(how) { on = how; }

export async function sayWords(text) {
  await say(await written(text));
}

async function written(text, caption = false) {
  const [id, at] = [wire.fresh(), now()];
  await keepsake.keep({ id, at, text, ...(caption && { caption }), unsent: "waiting" });
  log.show({ id, at, kind: "my_words", state: "sending" });
  log.down();
  return id;
}

/** `chosen` were picked by the same ids. With what is written below them, which is said once all of them have come or failed. */
export async function sendPhotos(chosen, caption) {
  const album = wire.fresh();
  let unkept = 0;
  for (const { id, file: picked } of chosen) {
    const at = now();
    const { file, thumb } = await prepare(picked);
    if (!await keepsake.keep({ id, at, album, thumb, file, name: picked.name, unsent: "waiting" })) unkept += 1;
    waiting.push(id);
    log.show({ id, at, kind: "my_photo", album, state: "sending" });
  }
  log.down();
  if (unkept) log.note(word("page-unkept"));
  const below = caption && await written(caption, true);
  lanes();
  if (below) { await quiet(); await say(below); }
}

/** Try again what the person asks for. */
export async function again({ id }) {
  await keepsake.mark(id, "waiting");
  log.change(id, { state: "sending", share: 0 });
  await flush();
}

/** How an own message stands, by what this browser knows. */
export const stateOf = (id, state) => ({ waiting: "sending", failed: "failed" })[keepsake.mine(id)?.unsent] ?? state;

/** After a reload: what the server does not know yet stands at the end. */
export function showUnsent() {
  for (const { id, at, album, text } of keepsake.unsent()) {
    const kind = text === undefined ? "my_photo" : "my_words";
    log.show({ id, at, kind, ...(album && { album }), state: stateOf(id) }, { quiet: true });
  }
}

/** The line is there again. */
export async function wake() {
  pause = SOON;
  await flush();
}

/** Send what waits, in its order: words after the photos that were sent before them. */
export async function flush() {
  if (flushing || !navigator.onLine) return;
  flushing = true;
  lanes();
  try {
    for (const { id, unsent, text } of keepsake.unsent()) {
      if (unsent !== "waiting" || going.has(id) || waiting.includes(id)) continue;
      if (text === undefined) { waiting.push(id); lanes(); } else { await quiet(); await say(id); }
    }
  } finally { flushing = false; }
}

/** Once no photo is on its way, or none may be. */
const quiet = () => new Promise((settle) => {
  if (waits || (!uploading && !waiting.length)) settle();
  else idle.push(settle);
});

function settled() {
  if (!waits && (uploading || (waiting.length && navigator.onLine))) return;
  for (const settle of idle.splice(0)) settle();
}

/** An outage is waited for, however long; who asked too much says it again themselves. */
async function say(id) {
  const mine = keepsake.mine(id);
  if (mine?.unsent !== "waiting" || going.has(id) || !navigator.onLine) return; // erased, or sent meanwhile
  going.add(id);
  try {
    await alone(id, () => on.ask(() => wire.say(id, mine.text, mine.caption)));
    await arrived(id);
  } catch (trouble) {
    if (trouble instanceof wire.Lost) later();
    else if (trouble.outage) { on.report(trouble); setTimeout(say, trouble.seconds * 1000, id); }
    else { await fail(id); on.explain(trouble); }
  } finally { going.delete(id); }
}

function lanes() {
  for (let lane = 0; lane < AT_ONCE; lane += 1) drain();
}

async function drain() {
  if (waits || uploading >= AT_ONCE || !navigator.onLine) { settled(); return; }
  const id = waiting.shift();
  if (id === undefined) { settled(); return; }
  const mine = keepsake.mine(id);
  if (mine?.unsent !== "waiting" || going.has(id)) { drain(); return; } // erased, or sent meanwhile
  going.add(id);
  uploading += 1;
  on.mood();
  try {
    await alone(id, () => wire.upload(id, mine.album, mine.file, (share) => turn(id, share)));
    await arrived(id);
  } catch (trouble) {
    if (trouble instanceof wire.Wait) { waiting.unshift(id); turn(id, 0); hold(trouble); }
    else if (trouble instanceof wire.Lost) { turn(id, 0); later(); }
    else await fail(id);
  }
  going.delete(id);
  uploading -= 1;
  on.mood();
  drain();
}

/** Not while another window sends the same (the server would know it again, but read it twice). */
function alone(id, work) {
  if (!navigator.locks) return work(); // on https and localhost only
  return navigator.locks.request(`eider-${id}`, { ifAvailable: true }, (lock) => {
    if (!lock) throw new wire.Lost();
    return work();
  });
}

async function arrived(id) {
  await keepsake.sent(id);
  log.change(id, { state: "seen" });
  pause = SOON;
  on.heard();
}

/** The person decides; what the server took all the same needs nothing. */
async function fail(id) {
  await keepsake.mark(id, "failed");
  log.change(id, { state: stateOf(id, "seen") });
  if (stateOf(id) === "failed") log.tell(word("page-failed"));
}

/** The photos that were not taken stay where they are, and go on by themselves. */
function hold(wait) {
  if (waits) return;
  waits = true;
  on.report(wait);
  setTimeout(() => { waits = false; lanes(); }, wait.seconds * 1000);
}

/** The line broke under it: once more when it is back, or soon if it seems to be there. */
function later() {
  if (retry) return; // several were on their way as it broke
  retry = setTimeout(() => { retry = 0; flush(); }, pause);
  pause = Math.min(pause * 2, 60_000);
}
