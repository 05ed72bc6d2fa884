// Numbers and names that the page shares with the server (see bot/playground/routes.py and, of
// what is kept of a photo, pipeline/decoding/sanitizer.py).
export const LARGEST = 20 * 1024 * 1024; // bytes of one photo
export const AT_ONCE = 3; // uploads side by side
export const THUMB = 640; // pixels of the longer side of what this browser keeps of an own photo
export const MAX_SIDE = 2048; // pixels of a photo's longer side that the studio keeps
export const STRIP_SIDE = 640; // pixels of the shorter side that a strip, such as a screenshot, keeps
export const MAX_STRIP = 8192; // pixels of a strip's longer side
export const KEPT_BYTES = 200 * 1024 * 1024; // of photos that wait in this browser
export const KEPT_MS = 3 * 24 * 3600 * 1000; // for how long: the server knows an event again for seven days
export const COMMANDS = ["start", "styles", "avatar", "credits", "orders", "cancel", "mydata", "erase", "terms", "language", "help"];
