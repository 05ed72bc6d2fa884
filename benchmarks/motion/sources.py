"""The pictures that are animated: people who do not exist, alone and together, and portraits of
``mini``. P007 to P010 are not among them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pipeline.images import photo, segmentation
from pipeline.images.faces import Pixels

_PHOTOS = (
    ("P001, studio", "openpeople/P001/studio_portrait.jpg"),
    ("P005, beard", "openpeople/P005/amateur_selfie.jpg"),
    ("P006, selfie", "openpeople/P006/amateur_selfie.jpg"),
    ("glasses", "portraits-cc0/male/95.jpg"),
)
_PORTRAITS = (
    ("mini, P005", "faces.jpg", (0, 0, 128)),
    ("mini, P006", "framings-P006.jpg", (144, 0, 144)),
)  # left, top and side of one on a sheet of docs/benchmarks
_TOGETHER = (
    "openpeople/P002/studio_portrait.jpg",
    "openpeople/P005/studio_portrait.jpg",
    "portraits-cc0/female/33.jpg",
    "portraits-cc0/male/13.jpg",
)
SHEETS = Path(__file__).parents[2] / "docs" / "benchmarks"
PORTRAIT_SIDE = 512  # pixels to which the sheets' small portraits are enlarged


def sources(people: Path) -> Iterator[tuple[str, Pixels]]:
    """Each with its name."""
    for name, path in _PHOTOS:
        yield name, read(people / path)
    for name, sheet, (left, top, side) in _PORTRAITS:
        cell = read(SHEETS / sheet)[top : top + side, left : left + side]
        large = cv2.resize(cell, (PORTRAIT_SIDE,) * 2, interpolation=cv2.INTER_CUBIC)
        yield name, np.asarray(large, np.uint8)
    yield "four, sepia", sepia(together([read(people / one) for one in _TOGETHER], (720, 470)))


def read(path: Path) -> Pixels:
    if path.suffix == ".jpg":
        return photo.decode(path.read_bytes())
    return np.asarray(Image.open(path).convert("RGB"))


def together(portraits: list[Pixels], size: tuple[int, int]) -> Pixels:
    """People beside each other before a grey wall, as large as fits; ``size``: width, height."""
    width, height = size
    light = np.linspace(150, 95, height)[:, None, None]
    picture = np.broadcast_to(light, (height, width, 3)).copy()
    for number, portrait in enumerate(portraits):
        shrink = 0.6 * height / portrait.shape[0]
        small = cv2.resize(portrait, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        mask = cv2.GaussianBlur(segmentation.person(small), (0, 0), 1.0)[..., None]
        rows, columns = small.shape[:2]
        left = int((number + 0.5) * width / len(portraits) - columns / 2)
        begin, end = max(0, left), min(width, left + columns)
        cut = np.s_[:, begin - left : end - left]
        place = picture[height - rows :, begin:end]
        place += mask[cut] * (small[cut] - place)
    return np.rint(picture).astype(np.uint8)


def sepia(picture: Pixels) -> Pixels:
    """An old print of it: faded, brown, grained."""
    grain = np.random.default_rng(0).normal(0, 9, picture.shape[:2])
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) * 0.75 + 35 + grain
    return np.clip(grey[..., None] * [1.07, 0.92, 0.70], 0, 255).astype(np.uint8)
