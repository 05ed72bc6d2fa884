"""What the pool and its decoder processes say to each other, over :mod:`pipeline.engine.wire`.

The pool sends ``decode`` with a :class:`DecodeRequest`; the process has said ``ready`` before, and
answers ``photo``, ``refused`` or ``heavy``. The pool does not trust these answers: each is checked
against its record, and is of bounded size.
"""

from dataclasses import dataclass, field
from typing import Final

from pipeline.engine.wire import Blob
from shop.errors import PhotoBomb, PhotoRefused, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable

ANSWER_BYTES: Final = 8 * 2**20  # of a JPEG of 2,048 x 2,048 px: noise at quality 92 has half of it
REFUSALS: Final[dict[str, type[PhotoRefused]]] = {
    kind.__name__: kind for kind in (PhotoBomb, PhotoTooLarge, PhotoTooSmall, PhotoUnreadable)
}


@dataclass(frozen=True, slots=True)
class DecoderLimits:
    """What one photo may cost, and how long a process lives.

    memory         bytes of address space that decoding may add
    cpu            seconds of CPU time for one photo
    wall           seconds until a process that does not answer is killed
    quick          seconds after which a photo has to leave the quick lane, and expected seconds
                   above which it never enters it
    photos         a process is replaced after so many
    peak           bytes of memory: a process that ever used more is replaced after that photo
    """

    memory: int = 1000 * 2**20
    cpu: int = 10
    wall: float = 30.0
    quick: float = 0.5
    photos: int = 200
    peak: int = 320 * 2**20


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """A photo. ``cpu`` as in :class:`DecoderLimits`. ``patience``: the expected seconds above which
    the answer is ``heavy``, at once."""

    raw: Blob = field(repr=False)
    cpu: int
    patience: float


@dataclass(frozen=True, slots=True)
class Decoded:
    """A sanitized photo. ``peak``: the most memory that the process has ever used, in bytes."""

    jpeg: Blob = field(repr=False)
    width: int
    height: int
    peak: int


@dataclass(frozen=True, slots=True)
class DecodeRefusal:
    """Why the photo is refused: the name of a class in :data:`REFUSALS`, and its details."""

    why: str
    details: dict[str, int]
    peak: int


@dataclass(frozen=True, slots=True)
class Heavy:
    """Nothing was decoded: it would cost more (``seconds``, expected) than the patience."""

    seconds: float
