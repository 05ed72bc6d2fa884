"""Old photos, measured: ``python -m benchmarks.old_photos --people FOLDER`` writes
docs/benchmarks/old-photos.md. Photos of people who do not exist, aged by numbers; P007 to P010 are
not looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks import hardware, pages
from benchmarks.old_photos.aging import Aged, Damage, age
from pipeline.images import faces
from pipeline.images.faces import Pixels
from pipeline.restoring import restore, tone
from pipeline.restoring.restore import SMALL
from shop.records.repairs import Repair

PAGE = Path("docs/benchmarks/old-photos.md")
SEEN = ("P001", "P002", "P004", "P005", "P006")
SHOTS = ("amateur_selfie", "emo_happy", "studio_portrait")
EACH = len(SEEN) * len(SHOTS)
SIDE = 900
DAMAGES = {
    "sepia print on wood": Damage(),
    "sepia print on cloth, aslant": Damage(turn=-14, table="cloth"),
    "scan with a paper border": Damage(turn=0),
    "scan of the picture alone": Damage(turn=0, border=0),
    "colour print without a border": Damage(turn=4, border=0, toned=False),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """psnr before and after in dB, of light after the best fit of its tones; alike before and after
    (SFace to the original); skin: change of its tone, of 255; seconds."""

    psnr: tuple[float, float]
    alike: tuple[float, float]
    skin: float
    seconds: float
    done: tuple[Repair, ...]


def load(path: Path) -> Pixels:
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    shrink = min(1.0, SIDE / max(picture.shape[:2]))
    return np.asarray(
        cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
    )


def psnr(original: Pixels, other: Pixels) -> float:
    """Of light, laid over each other first (ECC: a border that is cut a pixel more is no fault),
    after the straight line of tones that fits best: what was faded is not counted."""
    size = (original.shape[1], original.shape[0])
    fitted = cv2.resize(other, size, interpolation=cv2.INTER_AREA)
    a, b = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (original, fitted))
    matrix = np.eye(2, 3, dtype=np.float32)
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5)
    with contextlib.suppress(cv2.error):  # too unlike to be laid over each other
        _, matrix = cv2.findTransformECC(a, b, matrix, cv2.MOTION_AFFINE, ends, None, 5)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    b = cv2.warpAffine(b, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    inner = np.s_[8:-8, 8:-8]
    one, two = (grey[inner].astype(np.float64).ravel() for grey in (a, b))
    slope, level = np.polyfit(two, one, 1)
    return float(10 * np.log10(255**2 / np.square(one - slope * two - level).mean()))


def alike(one: Pixels, other: Pixels) -> float:
    a, b = faces.embedding(one), faces.embedding(other)
    return float(a @ b) if a is not None and b is not None else 0.0


def measure(original: Pixels, aged: Aged) -> Measured:
    straight = aged.straight((original.shape[1], original.shape[0]))
    began = time.perf_counter()
    restored = restore(aged.picture)
    took = time.perf_counter() - began
    # The same skin: that of the original, where it lies in both.
    found = faces.find(original)
    size = (original.shape[1], original.shape[0])
    after = np.asarray(cv2.resize(restored.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    tones = [tone.skin_tone(one, found) or 0.0 for one in (straight, after)]
    return Measured(
        (psnr(original, straight), psnr(original, restored.picture)),
        (alike(original, straight), alike(original, restored.picture)),
        tones[1] - tones[0],
        took,
        restored.done,
    )


def undamaged(folder: Path) -> tuple[int, int, list[str]]:
    """How many photos, in colour and grey, how many were changed, and which."""
    files = [path for name in SEEN for path in sorted((folder / "openpeople" / name).glob("*.jpg"))]
    files = files[::2] + sorted((folder / "portraits-cc0").glob("*/*.jpg"))[::8]
    changed, count = [], 0
    for path in files:
        picture = load(path)
        if max(picture.shape[:2]) < SMALL:  # they would be enlarged, rightly
            picture = np.asarray(
                cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8
            )
        grey = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
        for kind, one in (("colour", picture), ("grey", grey)):
            count += 1
            if done := restore(one).done:
                changed.append(f"{path.parent.name}/{path.stem} {kind}: {', '.join(done)}")
    return count, len(changed), changed


def sheet(pairs: list[tuple[Pixels, Pixels]], path: Path) -> None:
    """Before above, after below."""

    def fitted(picture: Pixels) -> Pixels:
        shrink = min(360 / picture.shape[1], 480 / picture.shape[0])
        small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        cell = np.full((480, 360, 3), 245, np.uint8)
        cell[: small.shape[0], : small.shape[1]] = small
        return cell

    rows = [np.hstack([fitted(pair[n]) for pair in pairs]) for n in (0, 1)]
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=Path, required=True, help="openpeople, portraits-cc0")
    parser.add_argument("--sheet", type=Path, help="write a PNG of before and after here")
    chosen = parser.parse_args()
    rows, pairs = [], []
    for name, damage in DAMAGES.items():
        measured = []
        for number, person in enumerate(SEEN):
            for shot in SHOTS:
                original = load(chosen.people / "openpeople" / person / f"{shot}.jpg")
                turn = damage.turn * (-1) ** number
                aged = age(original, replace(damage, turn=turn), np.random.default_rng(number))
                measured.append(measure(original, aged))
                if shot == SHOTS[number % 3] and len(pairs) <= len(rows):
                    pairs.append((aged.picture, restore(aged.picture).picture))
        done = Counter(repair for one in measured for repair in one.done)
        before, after = (np.mean([one.psnr[n] for one in measured]) for n in (0, 1))
        like = [np.mean([one.alike[n] for one in measured]) for n in (0, 1)]
        skin = max(one.skin for one in measured)
        rows.append(
            f"| {name} | {before:.1f} | {after:.1f} | {like[0]:.2f} | {like[1]:.2f} | {skin:+.1f} "
            f"| {np.mean([one.seconds for one in measured]):.1f} | "
            + ", ".join(f"{repair} {done[repair]}" for repair in Repair if done[repair])
            + " |"
        )
    count, changed, which = undamaged(chosen.people)
    if chosen.sheet:
        sheet(pairs, chosen.sheet)
    lines = "\n".join(rows)
    pages.write(
        PAGE,
        f"""# Old photos

`python -m benchmarks.old_photos --people FOLDER`, {hardware.machine()}.

{EACH} photos of five people who do not exist, aged by `benchmarks/old_photos/aging.py`: sepia,
faded to 48..214, grain of 7, eight scratches, a crease and 70 specks each, a border of 5 %, aslant
on a table. "Before" is the aged print as if it had been straightened and cropped by hand, "after"
what `pipeline/restoring` made of the photo by itself. PSNR of light after the best straight line of
tones; SFace to the original photo; skin: the most by which anybody's became lighter, of 255.

| | PSNR before | after | SFace before | after | skin | seconds | done, of {EACH} |
|---|---|---|---|---|---|---|---|
{lines}

Of {count} photos without damage (half of them in colour, half the same in grey) {changed} were
changed. {"; ".join(which)}
""",
    )


if __name__ == "__main__":
    main()
