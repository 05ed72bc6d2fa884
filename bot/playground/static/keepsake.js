// What the person typed and sent, kept in this browser alone: the server never stores it.
const STORE = "mine";
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
    const turn = database.transaction(STORE, mode);
    const request = work(turn.objectStore(STORE));
    turn.oncomplete = () => settle(request?.result ?? null);
    turn.onabort = turn.onerror = () => settle(null);
  });
}

/** @param {{id: string, at: number, text?: string, thumb?: Blob, name?: string}} mine */
export async function keep(mine) {
  spare.set(mine.id, mine);
  await within("readwrite", (store) => store.put(mine));
}

export async function recall() {
  for (const mine of (await within("readonly", (store) => store.getAll())) ?? []) {
    if (!spare.has(mine.id)) spare.set(mine.id, mine);
  }
  return spare;
}

export async function forget(before) {
  const gone = [...spare.values()].filter((mine) => mine.at < before).map((mine) => mine.id);
  for (const id of gone) spare.delete(id);
  await within("readwrite", (store) => { for (const id of gone) store.delete(id); return null; });
}

export function mine(id) { return spare.get(id); }
