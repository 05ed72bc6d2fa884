// What the person typed and sent, kept in this browser alone: the server never stores it. What was
// not sent yet waits here too, and what was only picked: photos whole, until the server has them or
// the person erases all.
import { KEPT_BYTES, KEPT_MS } from "./limits.js";
import { now } from "./moment.js";

const STORE = "mine";
const OWNER = document.documentElement.dataset.owner; // by the server's name for whoever loaded the page
const DRAFT = "eider-draft";
const spare = new Map(); // for a browser that refuses a database (private windows)
let opening;

function open() {
  opening ??= new Promise((settle) => {
    let request;
    try { request = indexedDB.open("eider", 1); } catch { settle(null); return; }
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => settle(request.result);
    request.onerror = () => settle(null);
  });
  return opening;
}

async function within(mode, work) {
  const database = await open();
  if (!database) return null;
  return new Promise((settle) => {
    try {
      const turn = database.transaction(STORE, mode);
      const request = work(turn.objectStore(STORE));
      turn.oncomplete = () => settle(request?.result ?? null);
      turn.onabort = turn.onerror = () => settle(null);
    } catch { settle(null); } // a photo that this browser cannot store
  });
}

/**
 * @param {{id: string, at: number, owner?: string, text?: string, caption?: boolean, thumb?: Blob, name?: string, album?: string,
 *   file?: Blob, unsent?: "waiting" | "failed", picked?: true}} mine
 * @returns {Promise<boolean>} false: this page alone has it, and a reload would lose it.
 */
export async function keep(kept) {
  const mine = { ...kept, owner: OWNER };
  spare.set(mine.id, mine);
  const waiting = [...spare.values()].reduce((sum, one) => sum + (one.file?.size ?? 0), 0);
  if (waiting > KEPT_BYTES) return false;
  return await within("readwrite", (store) => store.put(mine)) !== null;
}

/** Read what is here of this person; whatever another one left in this browser is erased. */
export async function recall() {
  if (draftOf() !== OWNER) saveDraft("");
  await drop((mine) => (mine.owner ?? OWNER) !== OWNER);
  for (const mine of (await within("readonly", (all) => all.getAll())) ?? []) {
    if (!spare.has(mine.id)) spare.set(mine.id, mine);
  }
  await drop((mine) => (mine.unsent || mine.picked) && mine.at < now() - KEPT_MS);
  return spare;
}

/** The server has it: its photo is not needed here any more. */
export async function sent(id) {
  const { file, unsent, ...rest } = spare.get(id) ?? {};
  if (!unsent) return;
  await keep(rest);
}

/** It waits for the line again ("waiting"), or for the person ("failed"). */
export async function mark(id, unsent) {
  const mine = spare.get(id);
  if (mine?.unsent && mine.unsent !== unsent) await keep({ ...mine, unsent });
}

/** What the server does not have yet, oldest first. */
export const unsent = () => [...spare.values()].filter((mine) => mine.unsent).sort((one, two) => one.at - two.at);

/** What was picked and not sent, in its order. */
export const picks = () => [...spare.values()].filter((mine) => mine.picked).sort((one, two) => one.at - two.at);

/** The person does not want to send these. */
export const unpick = (ids) => drop((mine) => mine.picked && ids.includes(mine.id));

/** An erasure: everything from before then, a draft too. */
export async function forget(before) {
  if (Number(stored().split(" ", 2)[1]) < before) saveDraft("");
  await drop((mine) => mine.at < before);
}

/** What the server's transcript dropped in time is shown nowhere, so it need not stay. */
export async function prune(known, before) {
  await drop((mine) => !mine.unsent && !mine.picked && mine.at < before && !known.has(mine.id));
}

async function drop(gone) {
  const all = new Map((await within("readonly", (store) => store.getAll()) ?? []).map((mine) => [mine.id, mine]));
  const ids = [...new Map([...all, ...spare]).values()].filter(gone).map((mine) => mine.id);
  for (const id of ids) spare.delete(id);
  if (ids.length) await within("readwrite", (store) => { for (const id of ids) store.delete(id); return null; });
}

export function mine(id) { return spare.get(id); }

/** What was being written, if it was by this person. */
export const draft = () => (draftOf() === OWNER ? stored().split(" ").slice(2).join(" ") : "");

export function saveDraft(text) {
  try {
    if (text) localStorage.setItem(DRAFT, `${OWNER} ${now()} ${text}`);
    else localStorage.removeItem(DRAFT);
  } catch { /* a browser that keeps nothing */ }
}

const draftOf = () => stored().split(" ", 1)[0];

function stored() {
  try { return localStorage.getItem(DRAFT) ?? ""; } catch { return ""; }
}
