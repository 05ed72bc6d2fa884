// Looks for new portraits: soon while a set is being painted, and after whatever was pressed.
const FIRST = 3000;
const LAST = 20000;
const root = document.getElementById("album");
let pause = FIRST;
let timer = 0;

export function refreshSoon() {
  clearTimeout(timer);
  if (sets()?.dataset.waiting) timer = setTimeout(refresh, pause);
}

export async function refresh() {
  clearTimeout(timer);
  pause = Math.min(LAST, pause * 1.4);
  if (sets() && !document.hidden) await look().catch(() => {});
  refreshSoon();
}

async function look() {
  const most = new URLSearchParams(location.search).get("sets") ?? "";
  const query = new URLSearchParams({ revision: sets().dataset.revision, sets: most });
  const answer = await fetch(`${root.dataset.path}/sets?${query}`);
  if (isOver(answer)) return leave();
  if (answer.status !== 200) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("sets");
  keepPictures(fresh);
  sets().replaceWith(fresh);
  root.querySelector(".balance").textContent = fresh.dataset.balance;
  pause = FIRST;
}

/** Whether the link, the session or the person is no more. */
export function isOver(answer) {
  return [401, 404, 410].includes(answer.status);
}

/** Nothing of the album stays; what was answered last may still be read. */
export function leave() {
  clearTimeout(timer);
  const sheet = document.getElementById("sheet");
  document.getElementById("viewer").close();
  if (!sheet.open) return location.reload();
  root.replaceChildren();
  sheet.addEventListener("close", () => location.reload(), { once: true });
}

// A picture that is here already is not fetched again, and a strip stays where it was scrolled to.
function keepPictures(fresh) {
  for (const section of [...fresh.querySelectorAll(".set")]) {
    const shown = document.getElementById(section.getAttribute("aria-labelledby"))?.closest(".set");
    if (shown && shown.innerHTML === section.innerHTML) section.replaceWith(shown);
  }
}

function sets() {
  return document.getElementById("sets");
}

// Erased since, or not to be had now: no broken frame stays.
root.addEventListener("error", (event) => {
  const frame = event.target.closest?.(".portrait");
  if (frame) frame.classList.add("gone");
}, true);
