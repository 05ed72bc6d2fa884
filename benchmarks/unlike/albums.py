"""Faces of people who do not exist, as uploads show them, and albums drawn from them."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.minors.__main__ import variant
from benchmarks.photos import occluders
from benchmarks.photos.people import Portrait
from pipeline.engine.inspection import View
from pipeline.images import faces
from pipeline.images.faces import Face, Pixels

SMALL = 60, 110  # pixels of a face's height, of those that are small
KINDS = {"as it is": 0.35, "cropped": 0.175, "glasses": 0.1, "hat": 0.1, "small": 0.1}
"""How a photo is sent, and how often (two of it are cropped)."""


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A photo's face: its SFace vector, and whether it is turned aside."""

    photo: str
    kind: str
    vector: NDArray[np.float32]
    turned: bool


People = Mapping[str, list[SeenFace]]


def read(portraits: Iterable[Portrait], *, as_they_are: bool = False) -> People:
    """By person, each photo, upright, sent in every way of :data:`KINDS`, or ``as_they_are``; those
    without one face left out."""
    people: dict[str, list[SeenFace]] = defaultdict(list)
    for portrait in portraits:
        ways = [("as it is", portrait.pixels)] if as_they_are else _ways(portrait)
        people[portrait.person] += [
            one for kind, sent in ways if (one := _seen(portrait.name, kind, sent))
        ]
    return {person: seen for person, seen in people.items() if seen}


def draw(seen: list[SeenFace], count: int, rng: np.random.Generator) -> list[SeenFace]:
    """So many of one person, of as many photos as there are; no file twice."""
    names = sorted({one.photo for one in seen})
    rng.shuffle(names)
    drawn: list[SeenFace] = []
    for turn in range(len(seen)):
        left = [
            one
            for one in seen
            if one.photo == names[turn % len(names)] and all(one is not other for other in drawn)
        ]
        if left and len(drawn) < count:
            weights = np.array([KINDS[one.kind] for one in left])
            drawn.append(left[rng.choice(len(left), p=weights / weights.sum())])
    return drawn


def _ways(portrait: Portrait) -> Iterator[tuple[str, Pixels]]:
    pixels, found = portrait.pixels, faces.find(portrait.pixels)
    if len(found) != 1:
        return
    rng = np.random.default_rng(zlib.crc32((portrait.person + portrait.name).encode()))
    yield "as it is", pixels
    for _ in range(2):
        yield "cropped", variant(pixels, found[0], rng)
    yield "glasses", occluders.as_sent(occluders.clear_glasses(pixels, found[0], rng), rng)
    yield "hat", occluders.as_sent(_hat(pixels, found[0], rng), rng)
    size = min(1.0, rng.uniform(*SMALL) / found[0].height)
    sent = occluders.as_sent(pixels, rng)
    yield "small", cv2.resize(sent, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)


def _hat(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame = occluders.FaceFrame.of(face)
    above = frame.middle - frame.down * frame.unit * 1.15
    outline = frame.box(above, frame.unit * 2.6, frame.unit * rng.uniform(1.2, 1.5))
    mask = occluders.filled(pixels.shape[:2], outline)
    return occluders.paste(pixels, mask, occluders.stuff(rng, pixels.shape[:2]))


def _seen(photo: str, kind: str, sent: Pixels) -> SeenFace | None:
    found = faces.find(sent)
    if len(found) != 1:
        return None
    vector = faces.embedding(sent)
    turned = faces.view(found[0]) is not View.FRONT
    return SeenFace(photo, kind, vector, turned) if vector is not None else None
