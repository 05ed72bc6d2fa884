"""The camera: which part of the picture is seen, and people against what is behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.animation.head_shape import Field, FieldBox, inverse
from pipeline.animation.timeline import CameraPose
from pipeline.images import segmentation
from pipeline.images.faces import Pixels

_COLUMNS: Final = 128  # knots of the parallax along the picture's width
_SOFT: Final = 0.022  # of the picture's width: how softly people part from what is behind them


@dataclass(frozen=True, slots=True)
class SeenPart:
    """The part of the picture that a frame shows, in pixels."""

    left: float
    top: float
    width: float
    height: float


def seen_part(
    width: int, height: int, pose: CameraPose, anchor: tuple[float, float], least_zoom: float
) -> SeenPart:
    """What the camera sees: never anything beyond the picture.

    anchor       the point, in shares of the sides, that stays where it is while the camera nears
    least_zoom   the least enlargement, at least 1
    """
    zoom = max(pose.zoom, least_zoom, 1.0)
    room = 1 - 1 / zoom
    left = np.clip(anchor[0] * room + pose.pan_x, 0, room)
    top = np.clip(anchor[1] * room + pose.pan_y, 0, room)
    return SeenPart(float(left * width), float(top * height), width / zoom, height / zoom)


@dataclass(frozen=True, slots=True)
class Parallax:
    """How near what is: ``near`` 0..1 over the whole picture, people 1."""

    box: FieldBox
    near: Field
    width: int

    def displacement(self, orbit: float) -> Field:
        """Where each knot's content comes from, less the knot, pixels; people to the left of what
        is behind them for ``orbit`` above 0, a share of the picture's width."""
        forward = np.zeros((*self.near.shape, 2), np.float32)
        forward[..., 0] = orbit * self.width * (0.5 - self.near)
        return inverse(forward, self.box.cell)


def parallax(picture: Pixels) -> Parallax:
    """The parallax of a picture, by its person mask."""
    height, width = picture.shape[:2]
    cell = (width - 1) / (_COLUMNS - 1)
    rows = int(np.ceil((height - 1) / cell)) + 1
    mask = segmentation.person(picture)
    near = cv2.resize(mask, (_COLUMNS, rows), interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(_filled(near), (0, 0), _SOFT * _COLUMNS)
    return Parallax(FieldBox(0.0, 0.0, cell, _COLUMNS, rows), near.astype(np.float32), width)


def _filled(near: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the mask's doubts: near or far, holes closed."""
    sure = (near > 0.5).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    return np.asarray(cv2.morphologyEx(sure, cv2.MORPH_CLOSE, kernel), np.float32)
