// Brings the parts together: what is sent goes up the wire, what comes down is shown.
import { clear, compose } from "./composer.js";
import * as keepsake from "./keepsake.js";
import * as log from "./log.js";
import { now, setClock } from "./moment.js";
import * as outbox from "./outbox.js";
import { current, speak, word } from "./words.js";
import * as wire from "./wire.js";

const status = document.getElementById("status");
const { owner } = document.documentElement.dataset;
const FRESH = 10 * 60_000; // milliseconds: what another window just sent may not be in the snapshot yet
let line = "lost"; // "up", "lost" or "offline"
let paused = false; // newer windows have the line
let greeting = false;
const unheard = new Map(); // presses of which nobody knows whether they arrived: one button, one event
let turn = Promise.resolve(); // what comes down is shown in its order
let asked = 0; // answers we are waiting for
let away = false; // the server could not answer, and the log's note says so

function mood() {
  const connected = line === "up";
  const uploading = outbox.busy();
  const key = paused ? "page-paused" : line === "offline" ? "page-offline" : !connected ? "page-connecting" : uploading ? "page-looking" : asked ? "page-typing" : "page-online";
  status.dataset.word = key;
  status.textContent = word(key);
  status.classList.toggle("lively", connected && (asked > 0 || uploading));
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
  const button = `${id} ${action}`;
  const event = unheard.get(button) ?? wire.fresh();
  unheard.delete(button);
  log.attend();
  log.change(id, { chosen: action, waiting: action });
  try { await ask(() => wire.press(event, action, id)); heard(); }
  catch (trouble) {
    log.change(id, { chosen: null });
    if (trouble instanceof wire.Lost) { unheard.set(button, event); log.note(word("page-unheard")); } else explain(trouble);
  } finally { log.change(id, { waiting: null }); }
}

/** The first words of a new chat are the page's own, so it says them again itself. */
async function greet(words, id = wire.fresh()) {
  greeting = true;
  try { await ask(() => wire.say(id, words)); heard(); greeting = false; }
  catch (trouble) {
    report(trouble);
    if (trouble instanceof wire.Wait || trouble instanceof wire.Lost) setTimeout(greet, (trouble.seconds ?? 3) * 1000, words, id);
    else greeting = false;
  }
}

/** A deep link (`?start=…`) says its payload once in each tab; the address stays, to be copied. */
function followed() {
  const payload = new URLSearchParams(location.search).get("start");
  if (!payload || sessionStorage.getItem("start") === payload) return null;
  sessionStorage.setItem("start", payload);
  return `/start ${payload}`;
}

/** An own message that the server knows is at least "sent"; the log keeps it "seen" if it was. */
function arrived(message, state) {
  if (!message.kind.startsWith("my_")) return message;
  if (message.kind !== "my_photo") return { ...message, state: outbox.stateOf(message.id, state) };
  keepsake.sent(message.id);
  return { ...message, state: "seen" }; // shown once it was handled; words are shown before
}

/** One after the other: a change must not overtake the snapshot that it follows. */
const inTurn = (show) => (news) => { turn = turn.then(() => show(news)).catch(reportError); };

async function begin() {
  await Promise.all([speak(document.documentElement.lang.replace("-", "_")), keepsake.recall()]);
  outbox.join({ ask, mood, explain, report, heard });
  compose({ words: outbox.sayWords, photos: outbox.sendPhotos });
  document.addEventListener("pressed", (event) => pressed(event.detail));
  document.addEventListener("again", (event) => outbox.again(event.detail));
  wire.follow({
    snapshot: inTurn(async ({ messages, language, fresh, now: there, owner: whose, forgotten }) => {
      if (whose !== owner) { location.reload(); return; }
      setClock(there);
      if (forgotten) { await keepsake.forget(forgotten); clear(forgotten); }
      await keepsake.prune(new Set(messages.map(({ id }) => id)), now() - FRESH);
      await speak(language);
      log.restore(messages.map((message) => arrived(message, "seen")));
      const words = followed() ?? (fresh ? "/start" : null);
      if (words && !greeting) greet(words);
      outbox.showUnsent();
      outbox.wake();
    }),
    shown: inTurn((message) => log.show(arrived(message, "sent"))),
    forgotten: inTurn(async ({ before }) => { log.drop(before); await keepsake.forget(before); clear(before); }),
    line: (how) => { line = how; paused = false; mood(); },
    paused: () => { line = "lost"; paused = true; mood(); },
  });
  mood();
}

begin();
