"""One row for README: a photo of somebody who does not exist, and portraits that were painted.

`python -m benchmarks.previews.before_after PHOTO PORTRAIT ...`, with a photo that
`benchmarks.likeness` holds out (`amateur_selfie.jpg`) and previews of the same person. Writes
docs/images/before-after.jpg with the hidden label of a picture that holds both.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from pipeline.engine.engine import LabelText
from pipeline.images import label
from shop.labels.hidden import SourceType

SIDE, GAP, CAPTION, ARROW = 384, 14, 44, 72  # pixels
PAPER, INK = (250, 249, 246), (28, 40, 38)


def row(photo: Path, portraits: Sequence[Path]) -> Image.Image:
    """The photo, an arrow, the portraits with their marks; a caption above either."""
    width = GAP + SIDE + ARROW + len(portraits) * (SIDE + GAP)
    sheet = Image.new("RGB", (width, CAPTION + SIDE + GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(24)
    starts = [GAP, *(GAP + SIDE + ARROW + n * (SIDE + GAP) for n in range(len(portraits)))]
    for x, path in zip(starts, (photo, *portraits), strict=True):
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
        sheet.paste(ImageOps.fit(upright, (SIDE, SIDE), centering=(0.5, 0.3)), (x, CAPTION))
    pen.text((GAP, 10), "a selfie that the training never saw", fill=INK, font=font)
    pen.text(
        (starts[1], 10), "portraits, from other photos of the same person", fill=INK, font=font
    )
    middle, left = CAPTION + SIDE // 2, GAP + SIDE + 14
    tip = left + ARROW - 28
    pen.line((left, middle, tip - 8, middle), fill=INK, width=4)
    pen.polygon([(tip, middle), (tip - 16, middle - 10), (tip - 16, middle + 10)], fill=INK)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previews.before_after")
    parser.add_argument("photo", type=Path)
    parser.add_argument("portraits", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("docs/images/before-after.jpg"))
    given = parser.parse_args()
    sheet = row(given.photo, given.portraits)
    code = label.new_content_id()
    given.out.write_bytes(
        label.encode(sheet, LabelText().producer, code, source_type=SourceType.RETOUCHED)
    )


if __name__ == "__main__":
    main()
