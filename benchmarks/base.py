"""What the embedded base paints without a LoRA: `python -m benchmarks.base --people DIR`.

64 unpicked samples (seeds 0 to 63, captions in turn) as a sheet, and their kernel distance (KID,
Binkowski and others 2018: cubic polynomial kernel, unbiased) to faces that the base never saw, in
the space of SFace's 128 numbers. Beside it stands the same distance of the photos that it learned
from: nothing painted can be expected below that. Writes docs/benchmarks/base.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from diffusers import FluxPipeline
from numpy.typing import NDArray
from PIL import Image

from benchmarks import hardware, pages
from pipeline.images import faces
from pipeline.images.faces import Pixels
from pipeline.images.photo import decode
from pipeline.mini import people, sheet

SAMPLES = 64
ROWS = 8
SIDE = 256
SEEN_AT = 512  # pixels: SFace sees samples and photos at the size of a delivered portrait
EYES, LEVEL = 0.32, 0.43  # the framing of `closeup`
FOUND = 0.8  # YuNet's least score
SUBJECTS = [f"{age} {sex}" for age in ("young", "middleaged", "old") for sex in ("woman", "man")]
FACES = ("neutral", "smile", "")

Vectors = NDArray[np.float64]  # (pictures, 128), unit length


@dataclass(frozen=True, slots=True)
class Distances:
    """Kernel distances times 1,000; smaller is nearer. `found` of `painted` show a face."""

    painted: int
    found: int
    samples_to_strangers: float
    taught_to_strangers: float
    samples_to_taught: float


def captions() -> list[str]:
    """The words of the samples: every subject with every expression, in turns."""
    said = [f"{subject} {face} closeup" for face in FACES for subject in SUBJECTS]
    return [" ".join(said[i % len(said)].split()) for i in range(SAMPLES)]


def paint(folder: Path) -> list[Image.Image]:
    """The samples as they come: sample n from seed n, nothing left out."""
    pipe = FluxPipeline.from_pretrained(folder, local_files_only=True)
    words = captions()
    painted: list[Image.Image] = []
    for start in range(0, SAMPLES, ROWS):
        painted += sheet.paint(pipe, words[start : start + ROWS], start)
    return painted


def photos(paths: Iterable[Path]) -> list[Pixels]:
    """Photos cut like `closeup`; those without one clear face are left out."""
    cut = []
    for path in paths:
        pixels = decode(path.read_bytes())
        found = faces.find(pixels)
        if len(found) == 1:
            small = faces.crop(pixels, found[0], SIDE, EYES, LEVEL)
            cut.append(small)
    return cut


def vectors(pictures: Sequence[Pixels]) -> Vectors:
    """SFace's numbers for the pictures in which a face is found."""
    large = (cv2.resize(p, (SEEN_AT, SEEN_AT), interpolation=cv2.INTER_LANCZOS4) for p in pictures)
    found = [vector for picture in large if (vector := faces.embedding(picture)) is not None]
    return np.stack(found).astype(np.float64)


def kernel_distance(ours: Vectors, theirs: Vectors) -> float:
    """KID's: the unbiased squared maximum mean discrepancy under the kernel (1 + x.y)^3.

    ours, theirs   (n, 128) and (m, 128), unit length; n and m at least 2
    """
    within = [_off_diagonal_mean(_kernel(one, one)) for one in (ours, theirs)]
    return float(sum(within) - 2 * _kernel(ours, theirs).mean())


def _kernel(ours: Vectors, theirs: Vectors) -> Vectors:
    return (1 + ours @ theirs.T) ** 3


def _off_diagonal_mean(square: Vectors) -> float:
    count = len(square)
    return float((square.sum() - np.trace(square)) / (count * (count - 1)))


def measure(folder: Path, seen: Path) -> tuple[Distances, list[Image.Image]]:
    """Paint with the base in `folder`; `seen` holds portraits-cc0/ and openpeople/."""
    painted = paint(folder)
    cc0 = list(people.cc0_portraits(seen))
    measured = [photo for who in people.MEASURED for photo in people.person_photos(seen, who)]
    strangers = vectors(photos(p.path for p in [*cc0, *measured] if p.held_out))
    trained = vectors(photos(p.path for p in cc0 if not p.held_out))
    samples = vectors([np.asarray(image) for image in painted])
    return (
        Distances(
            len(painted),
            len(samples),
            1000 * kernel_distance(samples, strangers),
            1000 * kernel_distance(trained, strangers),
            1000 * kernel_distance(samples, trained),
        ),
        painted,
    )


def page(found: Distances) -> str:
    rows = [
        ["64 samples, no LoRA", "held-out faces", f"{found.samples_to_strangers:.0f}"],
        ["taught photos", "held-out faces", f"{found.taught_to_strangers:.0f}"],
        ["64 samples, no LoRA", "taught photos", f"{found.samples_to_taught:.0f}"],
    ]
    return f"""\
# What the embedded base paints of strangers

`{pages.command("benchmarks.base")}`, {pages.today()}, {hardware.machine()}.

{pages.table(["of", "to", "kernel distance x 1,000"], rows)}

A face is found (score at least {FOUND}) in {found.found} of {found.painted} samples, by YuNet.

![64 unpicked samples](../images/mini-samples.jpg)

How to read it: `benchmarks/base.py` says what is measured. Held-out faces: eight CC0 portraits and
the photos of P005 and P006, ten people in all, so the figure is coarse; two of the ten bring most
of the photos, which is why even the taught photos are not near zero.
"""


def lay_out(painted: Sequence[Image.Image], target: Path) -> None:
    """Every sample, in the order of the seeds."""
    small = SIDE // 2
    grid = Image.new("RGB", (small * (SAMPLES // ROWS), small * ROWS))
    for number, image in enumerate(painted):
        at = small * (number % ROWS), small * (number // ROWS)
        grid.paste(image.resize((small, small), Image.Resampling.LANCZOS), at)
    target.parent.mkdir(parents=True, exist_ok=True)
    grid.save(target, quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.base")
    parser.add_argument("--people", type=Path, required=True, help="portraits-cc0, openpeople")
    parser.add_argument("--base", type=Path, default=Path("pipeline/bases/mini"))
    parser.add_argument("--out", type=Path, default=Path("docs"))
    given = parser.parse_args()
    found, painted = measure(given.base, given.people)
    pages.write(given.out / "benchmarks" / "base.md", page(found))
    lay_out(painted, given.out / "images" / "mini-samples.jpg")
    print(page(found))


if __name__ == "__main__":
    main()
