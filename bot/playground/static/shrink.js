// Photos before they are sent: as large as the studio keeps them, and no larger. What is small
// enough, what this browser cannot decode, and what bears a label goes as it is.
import { MAX_SIDE, MAX_STRIP, STRIP_SIDE, THUMB } from "./limits.js";

const QUALITY = 0.92; // the studio's own
const LABELS = ["jumb", "trainedAlgorithmicMedia", "AIGC", "iTXt", "zTXt"]; // or may hide one: see label_reader.py
const MOVING = new Set(["image/gif", "image/webp", "image/apng", "image/avif"]); // may have more frames

/** @returns {Promise<{file: Blob, thumb: Blob | null}>} */
export async function prepare(file) {
  let bitmap;
  try { bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch { return { file, thumb: null }; }
  try {
    const thumb = await drawn(bitmap, THUMB / Math.max(bitmap.width, bitmap.height), 0.82);
    const kept = MOVING.has(file.type) ? 1 : scale(bitmap);
    if (kept >= 1 || await labelled(file)) return { file, thumb };
    const smaller = await drawn(bitmap, kept, QUALITY);
    return { file: smaller && smaller.size < file.size ? smaller : file, thumb };
  } finally { bitmap.close(); }
}

/** As `_reduced` in the studio: a long screenshot keeps more, for the face in it is small. */
export function scale({ width, height }) {
  const [longer, shorter] = [Math.max(width, height), Math.min(width, height)];
  return Math.max(MAX_SIDE, Math.min(MAX_STRIP, Math.round(longer * STRIP_SIDE / shorter))) / longer;
}

async function drawn(bitmap, by, quality) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * Math.min(1, by)));
  canvas.height = Math.max(1, Math.round(bitmap.height * Math.min(1, by)));
  const brush = canvas.getContext("2d", { alpha: false });
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((settle) => canvas.toBlob(settle, "image/jpeg", quality));
}

/** Drawing it anew would take a label off: that must stay for the studio to read. */
async function labelled(file) {
  const bytes = new TextDecoder("latin1").decode(await file.arrayBuffer());
  return LABELS.some((label) => bytes.includes(label));
}
