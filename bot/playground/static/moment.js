// The time by the server's clock: what happens here and there can be put in order.
let ahead = 0; // milliseconds

export function setClock(there) { ahead = there - Date.now(); }
export const now = () => Date.now() + ahead;
