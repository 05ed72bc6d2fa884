// Shows what the platform put into the page's address, and becomes the album of whom it names.
import { ready } from "./host.js";

const door = document.getElementById("door");
const said = door.querySelector("[role=status]");
const mark = `eider-door:${door.dataset.path}`;
ready();
knock();

async function knock() {
  const proof = new URLSearchParams(location.hash.slice(1)).get(door.dataset.field);
  if (!proof || wasTried()) return say("outside");
  let answer;
  try {
    answer = await fetch(`${door.dataset.path}/in`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Eider-Page": "1" },
      body: JSON.stringify({ proof }),
    });
  } catch {
    return say("offline", true);
  }
  if (answer.status === 204) return enter();
  const why = answer.status === 403 ? (await answer.json().catch(() => ({}))).why : "";
  return why === "not-yours" ? say("notYours") : why === "unproven" ? say("unproven") : say("offline", true);
}

function enter() {
  try { sessionStorage.setItem(mark, "1"); } catch { /* a browser that keeps nothing */ }
  location.reload();
}

// A session that this browser does not keep would lead here again and again.
function wasTried() {
  try {
    const tried = sessionStorage.getItem(mark) !== null;
    sessionStorage.removeItem(mark);
    return tried;
  } catch {
    return true;
  }
}

function say(key, again = false) {
  said.textContent = door.dataset[key];
  if (!again) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "key main";
  button.textContent = door.dataset.again;
  button.addEventListener("click", () => location.reload());
  door.append(button);
  button.focus();
}
