// The album: what is pressed goes to the dialogue, once; what it answers stands on a sheet.
import { answersOf } from "./answers.js";
import { ready } from "./host.js";
import { isOver, leave, refresh, refreshSoon } from "./sets.js";
import "./viewer.js";

const root = document.getElementById("album");
const sheet = document.getElementById("sheet");
const menu = document.getElementById("menu");
const answers = document.getElementById("answers");
const toast = document.getElementById("toast");
const events = new Map(); // action -> event, until it was answered: a second try does nothing new
let busy = false;
let fading = 0;

ready();
try { sessionStorage.removeItem(`eider-door:${root.dataset.path}`); } catch { /* keeps nothing */ }
refreshSoon();

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-action]");
  if (button) act(button.dataset.action, button);
});
document.getElementById("menu-button").addEventListener("click", () => menu.showModal());
for (const dialog of [sheet, menu]) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });

async function act(action, button) {
  if (busy) return;
  busy = true;
  button.setAttribute("aria-busy", "true");
  const waiting = setTimeout(() => say(root.dataset.busy), 1500);
  try {
    await answered(action, await posted(action));
  } catch {
    tell([{ text: root.dataset.offline, tone: "trouble", buttons: retry(action) }]);
  } finally {
    clearTimeout(waiting);
    say("");
    busy = false;
    button.removeAttribute("aria-busy");
  }
}

function posted(action) {
  if (!events.has(action)) events.set(action, newEvent());
  return fetch(`${root.dataset.path}/act`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Eider-Page": "1" },
    body: JSON.stringify({ event: events.get(action), action }),
  });
}

async function answered(action, answer) {
  if (isOver(answer)) return leave();
  if (answer.status === 429) return tell([{ text: (await answer.json()).text, tone: "trouble", buttons: retry(action) }]);
  if (!answer.ok) return tell([{ text: root.dataset.trouble, tone: "trouble", buttons: retry(action) }]);
  const said = (await answer.json()).answers;
  events.delete(action);
  menu.close();
  if (said.length) tell(said); else sheet.close();
  return refresh();
}

function tell(said) {
  menu.close();
  answers.replaceChildren(...said.map(answersOf));
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
  answers.focus();
}

function retry(action) {
  return [[{ label: root.dataset.again, action }]];
}

function say(text) {
  clearTimeout(fading);
  toast.textContent = text;
  if (text) fading = setTimeout(() => { toast.textContent = ""; }, 8000);
}

function newEvent() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}
