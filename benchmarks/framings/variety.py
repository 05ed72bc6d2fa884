"""How portraits of one person differ: crop, turn, light and background."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces
from pipeline.images.faces import Face, Pixels

# From these on two portraits differ to the eye.
CROP = math.log2(1.25)  # of the distances between the eyes
TURN = 0.15  # of the distance between the eyes, that the nose moves: some 10 degrees
LIGHT, BACKDROP = 6.0, 12.0  # CIE76 of the mean colours of face and background

Colour = NDArray[np.float64]  # CIE L*a*b*: 0..100, about -100..100


@dataclass(frozen=True, slots=True)
class PortraitTraits:
    """What one portrait shows.

    crop       log2 of the distance between the eyes / the picture's width
    turn       of the nose from the middle of the eyes, in distances between the eyes; right is +
    face       mean colour of the middle of the face
    backdrop   median colour of the upper corners
    """

    crop: float
    turn: float
    face: Colour
    backdrop: Colour


@dataclass(frozen=True, slots=True)
class Variety:
    """Of all pairs of a set of portraits: how many differ in each way, and in any."""

    pairs: int
    crop: int
    turn: int
    light: int
    backdrop: int
    any: int


def traits(pixels: Pixels) -> PortraitTraits | None:
    """Of a portrait, RGB; None if it shows no face."""
    found = faces.find(pixels)
    if not found:
        return None
    face, colours = found[0], _lab(pixels)
    return PortraitTraits(
        crop=math.log2(faces.eyes(face)[1] / pixels.shape[1]),
        turn=_turn(face),
        face=_middle_of(face, colours).mean(axis=0),
        backdrop=backdrop(colours),
    )


def variety(portraits: Sequence[PortraitTraits]) -> Variety:
    """Compare every two of them."""
    told = [_differences(*pair) for pair in itertools.combinations(portraits, 2)]
    columns = [sum(column) for column in zip(*told, strict=True)] if told else [0] * 4
    return Variety(len(told), *columns, sum(map(any, told)))


def backdrop(colours: NDArray[np.float64]) -> Colour:
    """Median colour of a picture's upper corners, a sixth of its width each."""
    side = colours.shape[1] // 6
    corners = [colours[: 2 * side, :side], colours[: 2 * side, -side:]]
    flat = np.concatenate([corner.reshape(-1, 3) for corner in corners])
    return np.asarray(np.median(flat, axis=0))


def _differences(one: PortraitTraits, other: PortraitTraits) -> tuple[bool, bool, bool, bool]:
    return (
        abs(one.crop - other.crop) >= CROP,
        abs(one.turn - other.turn) >= TURN,
        float(np.linalg.norm(one.face - other.face)) >= LIGHT,
        float(np.linalg.norm(one.backdrop - other.backdrop)) >= BACKDROP,
    )


def _lab(pixels: Pixels) -> NDArray[np.float64]:
    shares = pixels.astype(np.float32) / np.float32(255)
    return np.asarray(cv2.cvtColor(shares, cv2.COLOR_RGB2LAB), np.float64)


def _turn(face: Face) -> float:
    middle, distance = faces.eyes(face)
    return float(face.points[2][0] - middle[0]) / distance


def _middle_of(face: Face, colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """Colours of the inner half of the face's box, (n, 3): skin mostly, and no background."""
    left, right = (round(face.left + share * face.width) for share in (0.25, 0.75))
    top, bottom = (round(face.top + share * face.height) for share in (0.25, 0.75))
    return colours[max(0, top) : bottom, max(0, left) : right].reshape(-1, 3)
