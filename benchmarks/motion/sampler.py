"""All motions in one clip, side by side, each under its letter: what a chat shows to choose by.

``python -m benchmarks.motion.sampler`` overwrites the catalogue's, of the sample customer P005
(deploy/demo/customer), labelled as every clip is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.motion import sources
from handlers.steps.motions import lettered
from pipeline.animation import animate
from pipeline.clips.clip import encode_clip
from pipeline.engine.messages import LabelText
from pipeline.images.faces import Pixels
from shop.catalog import Catalog, MotionEntry

CUSTOMER: Final = Path(__file__).parents[2] / "deploy" / "demo" / "customer" / "01-selfie.jpg"
TILE: Final = 272  # pixels of a tile's longer side
ACROSS: Final = 4
GAP: Final = 6
PAPER: Final = (24, 32, 32)
EVERY: Final = 2  # frames of the motions for one of these: 12.5 a second are enough to choose by
BADGE: Final = 34


def frames(picture: Pixels, motions: list[tuple[str, MotionEntry]]) -> Iterator[Pixels]:
    """Frames with a tile for each motion, in rows of :data:`ACROSS`; a motion that ends before the
    others stands still."""
    moving = [animate(picture, entry.motion, TILE) for _, entry in motions]
    last = [next(one) for one in moving]
    height, width = last[0].shape[:2]
    badges = [_badge(letter) for letter, _ in motions]
    rows = -(-len(motions) // ACROSS)
    size = (rows * (height + GAP) + GAP, ACROSS * (width + GAP) + GAP, 3)
    length = max(round(entry.motion.seconds * entry.motion.fps) for _, entry in motions)
    for number in range(length):
        if number % EVERY == 0:
            sheet = np.empty(size, np.uint8)
            sheet[:] = PAPER
            for place, (tile, badge) in enumerate(zip(last, badges, strict=True)):
                top = GAP + place // ACROSS * (height + GAP)
                left = GAP + place % ACROSS * (width + GAP)
                sheet[top : top + height, left : left + width] = tile
                sheet[top : top + BADGE, left : left + BADGE] = badge
            yield sheet
        last = [next(one, still) for one, still in zip(moving, last, strict=True)]


def _badge(letter: str) -> Pixels:
    badge = Image.new("RGB", (BADGE, BADGE), PAPER)
    font = ImageFont.load_default(24)
    ImageDraw.Draw(badge).text((BADGE / 2, BADGE / 2), letter, (255, 255, 255), font, "mm")
    return np.asarray(badge)


def main() -> None:
    """Write the clip, its first frame, and what it is of."""
    motions = lettered(list(Catalog.load().motions.values()))
    fps = motions[0][1].motion.fps // EVERY
    clip = encode_clip(frames(sources.read(CUSTOMER), motions), fps, LabelText())
    stem = motions[0][1].preview.with_name("all")
    stem.with_suffix(".mp4").write_bytes(clip.mp4)
    stem.with_suffix(".jpg").write_bytes(clip.poster)
    ids = ", ".join(f'"{entry.motion.id}"' for _, entry in motions)
    said = [
        f"motions = [{ids}]", f"width = {clip.width}", f"height = {clip.height}",
        f"seconds = {clip.seconds:.2f}",
    ]  # fmt: skip
    stem.with_suffix(".toml").write_text("\n".join(said) + "\n", "utf-8")
    print(len(clip.mp4), len(clip.poster), *said, sep="\n")


if __name__ == "__main__":
    main()
