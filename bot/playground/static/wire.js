// The line to the server: one stream down, small posts up. Nothing here changes the page.

/** 128 random bits. (crypto.randomUUID exists on https and localhost only; a phone on the LAN has neither.) */
export function fresh() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Follow the chat. `on` has snapshot, shown, forgotten, line (true when connected) and paused (by newer windows). */
export function follow(on) {
  const source = new EventSource("/playground/stream");
  const hear = (name, then) => source.addEventListener(name, (event) => then(JSON.parse(event.data)));
  hear("snapshot", on.snapshot);
  hear("shown", on.shown);
  hear("forgotten", on.forgotten);
  // There are newer windows. To connect again at once would end theirs, and theirs ours, without end.
  hear("superseded", () => {
    source.close();
    on.paused();
    whenLookedAt(() => follow(on));
  });
  source.onopen = () => on.line(true);
  source.onerror = () => {
    on.line(false);
    // A refused stream (the cookie is gone, or the server was away for long) is not tried again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow(on), 3000);
  };
}

/**
 * The server asks to wait `seconds` long; what was sent was not taken. `outage`: it cannot answer
 * anybody now. Otherwise this person asked too much, and `message` says so.
 */
export class Wait extends Error {
  constructor(status, header, body) {
    super(told(body));
    this.outage = status === AWAY;
    this.seconds = Math.max(1, Number(header) || 60);
  }
}

/** A 503 without a time is no request to wait: nobody knows whether it will ever be better. */
const waits = (status, header) => status === LIMITED || (status === AWAY && header !== null);

function told(body) {
  try { return JSON.parse(body).text ?? ""; } catch { return ""; }
}

const LIMITED = 429;
const AWAY = 503;

/** Once the reader comes back to this window, or touches it. */
function whenLookedAt(then) {
  const stop = new AbortController();
  const look = () => {
    if (document.visibilityState !== "visible") return;
    stop.abort();
    then();
  };
  for (const name of ["focus", "pointerdown", "keydown"]) window.addEventListener(name, look, { signal: stop.signal });
  document.addEventListener("visibilitychange", look, { signal: stop.signal });
}

async function post(path, body) {
  const answer = await fetch(`/playground/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Eider-Chat": "1" },
    body: JSON.stringify(body),
  });
  const after = answer.headers.get("Retry-After");
  if (waits(answer.status, after)) throw new Wait(answer.status, after, await answer.text());
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/** `caption`: it was written below photos, which have been sent. */
export const say = (event, text, caption = false) => post("say", { event, text, caption });
/** `message` is where the button stands: what answers it belongs below. */
export const press = (event, action, message) => post("press", { event, action, message });

/** Upload one photo of an album; `progress` hears 0..1. */
export function upload(event, album, file, progress) {
  return new Promise((settle, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/playground/photo?event=${event}&album=${album}`);
    request.setRequestHeader("X-Eider-Chat", "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => progress(event.loaded / Math.max(event.total, 1));
    request.onload = () => {
      const after = request.getResponseHeader("Retry-After");
      if (request.status < 300) settle(JSON.parse(request.responseText));
      else if (waits(request.status, after)) fail(new Wait(request.status, after, request.responseText));
      else fail(new Error(request.status));
    };
    request.onerror = request.ontimeout = () => fail(new Error("line"));
    request.send(file);
  });
}
