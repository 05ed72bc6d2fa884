"""The mesh of 468 points that MediaPipe lays over a face, and upright patches cut out by it.

The mesh knows what faces look like, and lays two open eyes over one that is shut: it tells where
things are, how far a mouth opens and where a head turns. What eyes and mouth look like, patches
tell. Points and patches stay in this process's memory; nothing of them is sent or stored.
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

Mesh = NDArray[np.float64]
"""Shape (468, 3): x, y in pixels of the picture, z in the same unit, towards the viewer below 0."""

POINTS: Final = 468
_SIDE = 192  # pixels, of the model
_ZOOM = 3.6  # the square's side / the distance between the eyes, or from eyes to mouth


@functools.lru_cache(maxsize=1)
def _net() -> cv2.dnn.Net:
    cv2.setNumThreads(1)
    return cv2.dnn.readNetFromTFLite(str(weights.find(weights.FACE_MESH)))


def lay(pixels: Pixels, face: Face) -> Mesh:
    """The mesh over one face of a picture."""
    eyes, mouth = face.points[:2].mean(axis=0), face.points[3:].mean(axis=0)
    zoom = _SIDE / (_ZOOM * faces.eyes(face)[1])
    middle = (eyes + mouth) / 2
    matrix = cv2.getRotationMatrix2D((middle[0], middle[1]), faces.roll(face), zoom)
    matrix[:, 2] += _SIDE / 2 - middle
    square = faces.warp(pixels, np.asarray(matrix, np.float64), zoom, _SIDE)
    net = _net()
    net.setInput(cv2.dnn.blobFromImage(square, 1 / 255))
    found = next(
        out for out in net.forward(net.getUnconnectedOutLayersNames()) if out.size == 3 * POINTS
    ).reshape(POINTS, 3)
    back = cv2.invertAffineTransform(matrix)
    flat = found[:, :2] @ back[:, :2].T + back[:, 2]
    return np.column_stack([flat, found[:, 2] / zoom]).astype(np.float64)


@dataclass(frozen=True, slots=True)
class PatchShape:
    """A patch of ``width`` x ``height`` pixels. The two points lie on its horizontal middle line,
    ``reach`` of its width apart; ``level``: how far down that line is, 0..1."""

    width: int
    height: int
    reach: float
    level: float = 0.5


def patch(
    pixels: Pixels, mesh: Mesh, left: int, right: int, shape: PatchShape, *, mirrored: bool = False
) -> NDArray[np.uint8]:
    """A patch in grey, shape (height, width), in which point ``left`` of the mesh lies left of
    ``right``. ``mirrored``: as a mirror shows it, for the other side of a face."""
    ends = mesh[[left, right], :2] @ np.array([1, 1j])
    ends = ends.conj() if mirrored else ends
    line = shape.level * (shape.height - 1) * 1j
    margin = (1 - shape.reach) / 2 * (shape.width - 1)
    to = np.array([margin, shape.width - 1 - margin]) + line
    factor = (to[1] - to[0]) / (ends[1] - ends[0])
    move = to[0] - factor * ends[0]
    sign = -1 if mirrored else 1
    matrix = np.array(
        [
            [factor.real, -sign * factor.imag, move.real],
            [factor.imag, sign * factor.real, move.imag],
        ]
    )
    side = max(shape.width, shape.height)
    cut = faces.warp(pixels, matrix, abs(factor), side)[: shape.height, : shape.width]
    return np.asarray(cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY), np.uint8)
