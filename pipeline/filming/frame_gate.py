"""The gate of moving pictures: some of the frames are judged as they pass.

The animator only moves a photo's own pixels, so that the gate guards against what is wrong with the
photo (it shows at the first frame) and against a fault of ours. A face finder errs for a frame now
and then, where cloth or leaves fall like a face: only what stays for several frames is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.engine.messages import NothingDecent
from pipeline.images import faces, safety
from pipeline.images.faces import Pixels

INDECENT: Final = 0.8  # as of photos: what an admin let pass below it may move
LOOKS: Final = 1.0  # a second
STAYS: Final = 3  # frames on end that show a face more


class FrameGate:
    """Judges a clip's frames: the first, so many a second, and the last."""

    def __init__(self, people: int, fps: int) -> None:
        """``people``: faces that were ordered. The first frame, which is the source at rest, may
        show more, where the source is larger than what the face finder sees of it."""
        self._people = people
        self._every = max(1, round(fps / LOOKS))
        self._more = 0  # looks on end that found a face too many

    def passing(self, frames: Iterator[Pixels]) -> Iterator[Pixels]:
        """The same frames. Raises :class:`NothingDecent` at the first that is indecent, or once a
        face more than was ordered stays."""
        last: Pixels | None = None
        looked = False
        for number, frame in enumerate(frames):
            looked = number % self._every == 0 or self._more > 0
            if number == 0:
                self._people = max(self._people, len(faces.find(frame)))
            if looked:
                self._look(frame)
            last = frame
            yield frame
        if last is not None and not looked:
            self._look(last)

    def _look(self, frame: Pixels) -> None:
        if safety.indecency(frame) >= INDECENT:
            raise NothingDecent("an indecent frame")
        self._more = self._more + 1 if len(faces.find(frame)) > self._people else 0
        if self._more >= STAYS:
            raise NothingDecent("a face more than was ordered")
