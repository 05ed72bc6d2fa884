"""Which heads of a picture can move, and why a picture is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.images.face_mesh import Mesh
from pipeline.images.faces import Face, Pixels
from shop.records import AnimationRefusal


class CannotAnimate(Exception):  # noqa: N818
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
    """The heads that can move, largest first, at least one. Raises :class:`CannotAnimate`."""
    raise CannotAnimate(AnimationRefusal.NO_FACE)
