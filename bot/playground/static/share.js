// A picture as a file, handed to the apps of this device; where they take none, it is downloaded.

const probe = () => new File([new Uint8Array(1)], "eider.jpg", { type: "image/jpeg" });

/** Whether this browser hands pictures on. */
export const shares = Boolean(navigator.canShare?.({ files: [probe()] }));

/** Share what `link` would download: on a click of it. */
export function sharing(link) {
  link.addEventListener("click", (event) => {
    if (!shares) return;
    event.preventDefault();
    share(link.href);
  });
}

async function share(href) {
  try {
    const answer = await fetch(href);
    if (!answer.ok) throw new Error(String(answer.status));
    const named = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "");
    const file = new File([await answer.blob()], named?.[1] ?? "eider.jpg", { type: answer.headers.get("Content-Type") });
    if (!navigator.canShare({ files: [file] })) throw new TypeError("it takes no such file");
    await navigator.share({ files: [file] });
  } catch (refused) {
    if (refused.name !== "AbortError") download(href); // the person closed the sheet
  }
}

function download(href) {
  const link = document.createElement("a");
  link.href = href;
  link.download = "";
  link.click();
}
