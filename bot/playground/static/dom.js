// Making elements: text goes in as text; markup comes from our own constants only.

export function make(tag, className = "", text = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

/** A fragment of an SVG constant. */
export function drawn(svg) {
  return document.createRange().createContextualFragment(svg);
}
