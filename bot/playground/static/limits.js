// Numbers and names that the page shares with the server (see bot/playground/routes.py).
export const LARGEST = 20 * 1024 * 1024; // bytes of one photo
export const AT_ONCE = 3; // uploads side by side
export const THUMB = 640; // pixels of the longer side of what this browser keeps of an own photo
export const COMMANDS = ["start", "styles", "avatar", "credits", "orders", "cancel", "mydata", "erase", "terms", "language", "help"];
