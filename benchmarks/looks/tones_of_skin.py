"""What each look, and beauty, does to the skin of people of every tone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.looks.measures import face_measure
from pipeline.finishing.finish import Finishing
from pipeline.images import faces
from pipeline.images.faces import Pixels
from pipeline.images.photo import decode
from shop.catalog import Catalog

LEAST_FACE = 90  # pixels: smaller ones have no skin to measure
THIRDS = ("deep", "medium", "fair")


@dataclass(frozen=True, slots=True)
class ToneRow:
    """Of one finishing: stops by which it should change the skin, and did, by third of tone (mean,
    and the farthest from what it should)."""

    name: str
    asked: float
    means: tuple[float, ...]
    farthest: float


def people(folder: Path, most: int) -> list[Pixels]:
    """Portraits of people who do not exist, with one large face, from the darkest to the lightest
    skin; evenly picked."""
    found: list[tuple[float, Pixels]] = []
    for path in sorted(folder.glob("*/*.jpg")):
        pixels = decode(path.read_bytes())
        seen = faces.find(pixels)
        if len(seen) == 1 and seen[0].width >= LEAST_FACE:
            found.append((face_measure(pixels).skin, pixels))
    found.sort(key=lambda one: one[0])
    every = max(1, len(found) // most)
    return [pixels for _, pixels in found[::every]][:most]


def measure(portraits: Sequence[Pixels], catalog: Catalog) -> list[ToneRow]:
    """The rows of all grades that are sold, and of full beauty."""
    before = [face_measure(one).skin for one in portraits]
    third = [min(2, 3 * number // len(portraits)) for number in range(len(portraits))]
    ways = {one.id: Finishing(0.0, one.grade, 1) for one in catalog.templates if one.grade}
    rows = []
    for name, way in {**ways, "beauty 100 %": Finishing(1.0)}.items():
        asked = way.grade.skin if way.grade else 0.0
        after = [face_measure(way.apply(one), one).skin for one in portraits]
        changes = np.log2(np.array(after) / np.array(before))
        means = tuple(float(changes[np.array(third) == n].mean()) for n in range(3))
        farthest = float(changes[np.abs(changes - asked).argmax()])
        rows.append(ToneRow(name, asked, means, farthest))
    return rows
