// Looking closer at a picture: two fingers, a double tap or click, the wheel with Ctrl, or + and -.
// One finger then moves it; it never leaves its frame.
const MOST = 5;
const DOUBLE = 2.5; // what a double tap comes to
const TAP = 300; // milliseconds between two taps
const NEAR = 24; // pixels that a tap may stray
const STEP = 60; // pixels that an arrow key moves

/** @returns {{reset: () => void, zoomed: () => boolean, moved: () => boolean, key: (name: string) => boolean}} */
export function zoomable(frame, picture) {
  const fingers = new Map(); // pointer id -> {x, y}
  let [scale, left, top] = [1, 0, 0];
  let tapped = { at: -TAP, x: 0, y: 0 };
  let down = null; // where the first finger came down
  let pinched = false; // since then two fingers were there
  let strayed = false;

  function place() {
    const room = (size, whole) => Math.max(0, (size * scale - whole) / 2);
    const [wide, high] = [room(picture.offsetWidth, frame.clientWidth), room(picture.offsetHeight, frame.clientHeight)];
    left = Math.min(wide, Math.max(-wide, left));
    top = Math.min(high, Math.max(-high, top));
    picture.style.transform = scale === 1 ? "" : `translate(${left}px, ${top}px) scale(${scale})`;
    frame.classList.toggle("zoomed", scale > 1);
  }

  /** To `wanted`, with what is at (x, y) staying there. */
  function to(wanted, x, y) {
    const box = frame.getBoundingClientRect();
    const next = Math.min(MOST, Math.max(1, wanted));
    const [fromLeft, fromTop] = [x - box.left - box.width / 2, y - box.top - box.height / 2];
    left = fromLeft - (fromLeft - left) * (next / scale);
    top = fromTop - (fromTop - top) * (next / scale);
    scale = next;
    place();
  }

  const middle = () => {
    const all = [...fingers.values()];
    const [x, y] = [all.reduce((sum, one) => sum + one.x, 0) / all.length, all.reduce((sum, one) => sum + one.y, 0) / all.length];
    return { x, y, apart: all.length > 1 ? Math.hypot(all[0].x - all[1].x, all[0].y - all[1].y) : 0 };
  };

  frame.addEventListener("pointerdown", (event) => {
    if (!fingers.size) { down = { x: event.clientX, y: event.clientY }; pinched = strayed = false; }
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    pinched ||= fingers.size > 1;
  });
  addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = middle();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const after = middle();
    strayed ||= Math.hypot(event.clientX - down.x, event.clientY - down.y) > NEAR;
    if (before.apart) to(scale * (after.apart / before.apart), after.x, after.y);
    if (scale > 1) { left += after.x - before.x; top += after.y - before.y; place(); }
  });
  const lift = (event) => {
    if (!fingers.delete(event.pointerId) || fingers.size || event.type === "pointercancel" || pinched || strayed) return;
    const { timeStamp: at, clientX: x, clientY: y } = event;
    const twice = at - tapped.at < TAP && Math.hypot(x - tapped.x, y - tapped.y) < NEAR;
    tapped = { at: twice ? -TAP : at, x, y };
    if (twice && event.target === picture) to(scale > 1 ? 1 : DOUBLE, x, y);
  };
  addEventListener("pointerup", lift);
  addEventListener("pointercancel", lift);
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    to(scale * Math.exp(-event.deltaY / 100), event.clientX, event.clientY);
  }, { passive: false });

  return {
    reset() { [scale, left, top] = [1, 0, 0]; fingers.clear(); place(); },
    zoomed: () => scale > 1,
    moved: () => strayed || pinched,
    key(name) {
      const box = frame.getBoundingClientRect();
      const by = { "+": 1.5, "=": 1.5, "-": 1 / 1.5, 0: 1 / scale }[name];
      if (by) { to(scale * by, box.left + box.width / 2, box.top + box.height / 2); return true; }
      const [x, y] = { ArrowLeft: [STEP, 0], ArrowRight: [-STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[name] ?? [];
      if (scale === 1 || x === undefined) return false;
      left += x;
      top += y;
      place();
      return true;
    },
  };
}
