"""A picture and a motion become frames."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.images.faces import Pixels
from shop.records import Motion


def animate(picture: Pixels, motion: Motion, largest: int) -> Iterator[Pixels]:
    """The frames, RGB, all of one size with even sides, the longer at most ``largest`` pixels.

    Raises :class:`CannotAnimate`, before the first frame, for a picture that cannot come alive.
    """
    raise NotImplementedError
