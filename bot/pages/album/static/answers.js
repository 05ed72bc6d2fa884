// An answer of the dialogue's as elements. Every word of it goes in as text, never as markup.

/** @param {{text?: string, title?: string, tone?: string, share?: number, pictures?: object[], clips?: object[], files?: boolean, pay?: object, buttons?: object[][]}} said */
export function answersOf(said) {
  const box = make("div", `answer ${said.tone ?? ""}`);
  if (said.title) box.append(make("h3", "", said.title));
  if (said.text) box.append(make("p", "", said.text));
  if (typeof said.share === "number") box.append(bar(said.share));
  if (said.pictures?.length) box.append(pictures(said));
  for (const one of said.clips ?? []) box.append(said.files ? kept(one) : player(one));
  if (said.pay?.url) box.append(key({ ...said.pay, main: true }));
  const rows = said.buttons ?? [];
  if (rows.length) {
    const choices = make("div", "choices");
    for (const row of rows) {
      const line = make("div", "row");
      line.append(...row.map(key));
      choices.append(line);
    }
    box.append(choices);
  }
  return box;
}

function pictures(said) {
  const grid = make("div", said.pictures.length > 1 ? "cards" : "cards lone");
  for (const one of said.pictures) {
    const image = make("img");
    Object.assign(image, { width: one.width, height: one.height, alt: one.alt, loading: "lazy", decoding: "async" });
    image.src = one.src;
    if (said.files) grid.append(card("a", image, { href: `${one.src}?download=1`, download: "" }, one.alt));
    else if (one.action) grid.append(picked(image, one));
    else { image.className = "plain"; grid.append(image); }
  }
  return grid;
}

function player(one) {
  const video = Object.assign(make("video", "clip"), { muted: true, loop: true, playsInline: true, controls: true, preload: "metadata", width: one.width, height: one.height });
  video.poster = one.poster;
  video.src = one.src;
  video.setAttribute("aria-label", one.alt);
  return video;
}

function kept(one) {
  const image = Object.assign(make("img"), { width: one.width, height: one.height, alt: "", loading: "lazy", decoding: "async" });
  image.src = one.poster;
  return card("a", image, { href: `${one.src}?download=1`, download: "" }, one.alt);
}

function picked(image, one) {
  image.alt = ""; // its name stands below
  const button = card("button", image, { type: "button" }, one.label);
  if (one.about) button.append(make("small", "", one.about));
  button.dataset.action = one.action;
  return button;
}

function card(tag, image, rules, label) {
  const box = Object.assign(make(tag, "card"), rules);
  box.append(image, make("span", "", label));
  return box;
}

function key(one) {
  if (one.url) return Object.assign(make("a", one.main ? "key main" : "key", one.label), { href: one.url, rel: "noreferrer" });
  const button = make("button", one.danger ? "key danger" : "key");
  button.append(make("span", "", one.label));
  button.type = "button";
  button.dataset.action = one.action;
  return button;
}

function bar(share) {
  return Object.assign(make("progress"), { max: 1, value: Math.max(0, Math.min(1, share)) });
}

function make(tag, className = "", text = "") {
  const one = document.createElement(tag);
  if (className) one.className = className.trim();
  if (text) one.textContent = text;
  return one;
}
