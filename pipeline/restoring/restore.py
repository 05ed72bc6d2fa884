"""A photo as it came, and as it may move: each step looks whether there is anything to mend."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.images.faces import Pixels
from shop.records.repairs import Repair


@dataclass(frozen=True, slots=True)
class Restored:
    """``picture`` RGB uint8 (height, width, 3); ``done``: what was done to it, in that order.
    Nothing done: the very picture that was given."""

    picture: Pixels = field(repr=False)
    done: tuple[Repair, ...]


def restore(picture: Pixels) -> Restored:
    """Help an old photo, RGB uint8 (height, width, 3), as upright as faces stand in it."""
    return Restored(picture, ())
