"""Which heads of a picture can move, and why a picture is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from pipeline.animation.head_shape import EARS, OVAL
from pipeline.images import covering, face_mesh, faces
from pipeline.images.face_mesh import Mesh
from pipeline.images.faces import Face, Pixels
from shop.records import AnimationRefusal

LEAST_HEIGHT: Final = 48.0  # pixels of a face's box
TURNED: Final = 22.0  # degrees of yaw beyond which the far cheek would tear
COVERED: Final = 0.5  # probability
CLIP_SIDE: Final = 720  # pixels, the longer side of a clip
LARGE_CLIP_SIDE: Final = 1024


class CannotAnimate(Exception):
    """The picture cannot come alive, for a ``reason`` that a customer is told."""

    def __init__(self, reason: AnimationRefusal) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Head:
    """A head that can move: its face, and the mesh over it."""

    face: Face
    mesh: Mesh = field(repr=False)


def find_heads(pixels: Pixels) -> tuple[Head, ...]:
    """The heads that can move, largest first, at least one. Raises :class:`CannotAnimate` with
    what is wrong with the largest face if none can."""
    judged = _judged(pixels)
    heads = tuple(one for one in judged if isinstance(one, Head))
    if heads:
        return heads
    wrong = (one for one in judged if isinstance(one, AnimationRefusal))
    raise CannotAnimate(next(wrong, AnimationRefusal.NO_FACE))


def _judged(pixels: Pixels) -> list[Head | AnimationRefusal]:
    """Of each face, largest first."""
    return [_judge(pixels, face) for face in faces.find(pixels)]


def clip_side(picture: Pixels) -> int:
    """The longer side of the clip that is made of a picture, in pixels: 720, or 1,024 where more
    heads can move then, as those of a group can."""
    usual = _judged(within(picture, CLIP_SIDE))
    if max(picture.shape[:2]) <= CLIP_SIDE or AnimationRefusal.FACE_TOO_SMALL not in usual:
        return CLIP_SIDE
    large = _judged(within(picture, LARGE_CLIP_SIDE))
    return LARGE_CLIP_SIDE if _moving(large) > _moving(usual) else CLIP_SIDE


def _moving(judged: list[Head | AnimationRefusal]) -> int:
    return sum(isinstance(one, Head) for one in judged)


def within(picture: Pixels, side: int) -> Pixels:
    """The picture, made smaller if its longer side is more than that."""
    shrink = side / max(picture.shape[:2])
    if shrink >= 1:
        return picture
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _judge(pixels: Pixels, face: Face) -> Head | AnimationRefusal:
    if face.height < LEAST_HEIGHT:
        return AnimationRefusal.FACE_TOO_SMALL
    mesh = face_mesh.lay(pixels, face)
    if abs(_yaw(mesh)) > TURNED:
        return AnimationRefusal.PROFILE
    oval = mesh[list(OVAL), :2]
    size = np.array([pixels.shape[1], pixels.shape[0]]) - 1
    if ((oval < 0) | (oval > size)).any():
        return AnimationRefusal.FACE_CUT_OFF
    if covering.covered(pixels, face) > COVERED:
        return AnimationRefusal.COVERED
    return Head(face, mesh)


def _yaw(mesh: Mesh) -> float:
    across = mesh[EARS[1]] - mesh[EARS[0]]
    return float(np.degrees(np.arctan2(across[2], np.hypot(*across[:2]))))
