"""The people who do not exist: those that thresholds are tuned on, and those held out."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.images import photo
from pipeline.images.faces import Pixels

PEOPLE = Path("/work/shared/people")  # has a README that says where each picture is from
TUNED = ("P001", "P002", "P004", "P005", "P006")
HELD_OUT = ("P007", "P008", "P009", "P010")
_SINGLE = ("amateur_selfie", "amateur_posture", "studio_portrait", "studio_posture")
_EMOTIONS = (98, 116, 563, 422, 520, 334, 4, 4)  # left, top, steps, size, columns, rows: pixels
_ANGLES = (67, 138, 594, 0, 484, 508, 4, 1)


@dataclass(frozen=True, slots=True)
class Portrait:
    """One picture, RGB. ``age`` in years as the caption says, 0 where there is none."""

    person: str
    name: str
    pixels: Pixels
    sex: str = ""
    age: int = 0


def tuning(people: Path = PEOPLE) -> Iterator[Portrait]:
    """Every second of the CC0 portraits, and five persons of openpeople."""
    yield from cc0(people, held_out=False)
    for person in TUNED:
        for path in sorted((people / "openpeople" / person).glob("*.jpg")):
            yield Portrait(person, path.stem, photo.decode(path.read_bytes()))


def held_out(people: Path = PEOPLE) -> Iterator[Portrait]:
    """The other CC0 portraits, and the four persons on whom nothing is tuned."""
    yield from cc0(people, held_out=True)
    for person in HELD_OUT:
        yield from sitting(person)


def cc0(people: Path, *, held_out: bool) -> Iterator[Portrait]:
    folder = people / "portraits-cc0"
    with (folder / "captions.tsv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            path = folder / row["file"]
            if int(path.stem) % 2 == held_out and (age := re.search(r"(\d+)-year", row["prompt"])):
                pixels = photo.decode(path.read_bytes())
                sex = row["file"].partition("/")[0]
                yield Portrait(row["file"], path.stem, pixels, sex, int(age[1]))


def sitting(person: str) -> Iterator[Portrait]:
    """The pictures of one person of the package openpeople, its sheets cut apart."""
    package = importlib.util.find_spec("openpeople")  # does not run the package
    if package is None or package.origin is None:
        raise SystemExit("the package openpeople is not installed")
    folder = Path(package.origin).parent / "data" / "curated" / person / "assets"
    for name in _SINGLE:
        yield Portrait(person, name, _shrunk(Image.open(folder / f"{name}.jpg")))
    for sheet, cells in (("emotions", _EMOTIONS), ("character", _ANGLES)):
        left, top, right, down, width, height, columns, rows = cells
        with Image.open(folder / f"{sheet}_sheet.jpg") as picture:
            for number in range(columns * rows):
                x, y = left + right * (number % columns), top + down * (number // columns)
                box = (x + 12, y + 12, x + width - 12, y + height - 12)
                yield Portrait(person, f"{sheet}-{number}", _shrunk(picture.crop(box)))


def _shrunk(picture: Image.Image) -> Pixels:
    picture = picture.convert("RGB")
    picture.thumbnail((768, 768), Image.Resampling.LANCZOS)
    return np.asarray(picture)
