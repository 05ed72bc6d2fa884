"""Whether something lies over the eyes or the mouth: sunglasses, a bar, a mask, a hand, a mosaic.

Two small networks look at the upright face: histograms of gradients (does it look like an eye?)
and colours beside those of the bare skin. Clear glasses, beards and shut eyes pass. They were
trained on people who do not exist, with things drawn over their faces
(``python -m benchmarks.photos train``); how often they are right, ``python -m benchmarks.photos``
measures.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces
from pipeline.images.faces import Face, Pixels
from pipeline.models import weights

Features = NDArray[np.float32]
_CELL: Final = 8  # pixels
_COLOUR_SCALE: Final = np.array([40, 12, 12], np.float32)  # of L, a, b: how much they vary on skin


@dataclass(frozen=True, slots=True)
class FacePart:
    """A part of the upright face of 96 px, and where bare skin is looked for beside it.

    top, bottom, left, right   pixels on the chip, multiples of 8 apart; ``skin`` the same four
    """

    name: str
    box: tuple[int, int, int, int]
    skin: tuple[int, int, int, int]


EYES: Final = FacePart("eyes", (24, 56, 12, 84), (58, 74, 24, 72))
MOUTH: Final = FacePart("mouth", (62, 94, 20, 76), (14, 24, 30, 66))
PARTS: Final = (EYES, MOUTH)


def covered(pixels: Pixels, face: Face) -> float:
    """Probability 0..1 that the eyes or the mouth are covered; of the part that looks worse."""
    chip = faces.align(pixels, face, faces.UPRIGHT, faces.UPRIGHT_SIDE)
    return max(_network(part.name).probability(features(chip, part)) for part in PARTS)


def features(chip: Pixels, part: FacePart) -> Features:
    """What the network of a part is given of an upright face, shape (n,)."""
    top, bottom, left, right = part.box
    grey = cv2.cvtColor(chip[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    gradients = 3 * np.asarray(_gradients(right - left, bottom - top).compute(grey)).ravel()
    return np.concatenate([gradients, _colours(chip, part)]).astype(np.float32)


@functools.cache
def _gradients(width: int, height: int) -> cv2.HOGDescriptor:
    block = (2 * _CELL, 2 * _CELL)
    return cv2.HOGDescriptor((width, height), block, (_CELL, _CELL), (_CELL, _CELL), 9)


def _colours(chip: Pixels, part: FacePart) -> Features:
    """Mean colour of each cell less that of the skin, its size, and the spread within a cell."""
    lab = cv2.cvtColor(chip, cv2.COLOR_RGB2LAB).astype(np.float32)
    top, bottom, left, right = part.skin
    skin = np.median(lab[top:bottom, left:right].reshape(-1, 3), axis=0)
    top, bottom, left, right = part.box
    rows, columns = (bottom - top) // _CELL, (right - left) // _CELL
    cells = lab[top:bottom, left:right].reshape(rows, _CELL, columns, _CELL, 3).swapaxes(1, 2)
    cells = cells.reshape(rows * columns, _CELL * _CELL, 3)
    differs = (cells.mean(axis=1) - skin) / _COLOUR_SCALE
    parts = (differs, np.abs(differs), np.log1p(cells.std(axis=1)))
    return np.concatenate([one.ravel() for one in parts])


@dataclass(frozen=True, slots=True)
class CoveringNetwork:
    """One hidden layer. ``hidden``: shape (n + 1, k), the last row biases; ``output``: (k + 1,)."""

    hidden: Features
    output: Features

    def probability(self, found: Features) -> float:
        inner = np.maximum(found @ self.hidden[:-1] + self.hidden[-1], 0)
        logit = float(inner @ self.output[:-1] + self.output[-1])
        return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


@functools.cache
def _network(name: str) -> CoveringNetwork:
    with np.load(weights.find(weights.FACE_COVERING)) as stored:
        hidden, output = (stored[f"{name}_{part}"] for part in ("hidden", "output"))
    return CoveringNetwork(hidden.astype(np.float32), output.astype(np.float32))
