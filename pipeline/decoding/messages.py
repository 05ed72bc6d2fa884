"""What the pool and its decoder processes say to each other, over :mod:`pipeline.engine.wire`.

The pool sends ``decode`` with a :class:`DecodeRequest`; the process has said ``ready`` before, and
answers ``photo``, ``refused`` or ``heavy``, with the request's id. To ``label`` with a
:class:`LabelRequest` the answer is ``labels`` or ``refused``, to ``sheet`` with a
:class:`SheetRequest` ``photo`` or ``refused``. The pool does not trust these
answers: each is checked, value by value, and is of bounded size.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from pydantic import Field

from pipeline.engine.wire import Blob
from shop.errors import (
    PhotoBomb,
    PhotoIsVideo,
    PhotoPainted,
    PhotoRefused,
    PhotoTooLarge,
    PhotoTooNarrow,
    PhotoTooSmall,
    PhotoUnreadable,
)
from shop.labels.verification import LabelFindings

ANSWER_BYTES: Final = 8 * 2**20  # of a JPEG of 5 megapixels: noise at quality 92 has 5 MB
REFUSALS: Final[dict[str, type[PhotoRefused]]] = {
    kind.__name__: kind
    for kind in (
        PhotoBomb,
        PhotoIsVideo,
        PhotoPainted,
        PhotoTooLarge,
        PhotoTooNarrow,
        PhotoTooSmall,
        PhotoUnreadable,
    )
}


Detail = Literal["megabytes", "minimum"]
"""What a refusal may say besides its name."""

Side = Annotated[int, Field(ge=1, le=8192)]
"""Pixels of a sanitized photo's side."""


@dataclass(frozen=True, slots=True)
class DecoderLimits:
    """What one photo may cost, and how long a process lives.

    memory         bytes of address space that decoding may add
    cpu            seconds of CPU time for one photo
    wall           seconds until a process that does not answer is killed
    patience       expected seconds above which a photo never enters the quick lane
    quick          seconds after which it has to leave that lane
    photos         a process is replaced after so many
    resident       bytes of memory: a process that still holds more after a photo is replaced
    """

    memory: int = 1000 * 2**20
    cpu: int = 10
    wall: float = 30.0
    patience: float = 0.5
    quick: float = 1.0
    photos: int = 500
    resident: int = 200 * 2**20


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    """A photo. ``cpu`` as in :class:`DecoderLimits`. ``patience``: the expected seconds above which
    the answer is ``heavy``, at once. ``painted``: whether a picture may pass of which its label
    states that a model made it."""

    raw: Blob = field(repr=False)
    cpu: int
    patience: float
    painted: bool = False


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A file whose labels are asked for. ``cpu`` as in :class:`DecoderLimits`; ``anchors`` are the
    trusted roots, in PEM."""

    raw: Blob = field(repr=False)
    cpu: int
    anchors: str


@dataclass(frozen=True, slots=True)
class SheetRequest:
    """Photos that are to be one picture: sanitized JPEGs, their numbers, of which some are
    ``marked``, and the ``turns`` of each (:class:`shop.photos.decoding.SheetTile`). ``cpu`` as in
    :class:`DecoderLimits`; the answer is a ``photo``."""

    photos: tuple[Blob, ...] = field(repr=False)
    numbers: tuple[int, ...]
    turns: tuple[int, ...]
    cpu: int
    marked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file's labels say. ``resident`` as in :class:`Decoded`."""

    found: LabelFindings
    resident: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """A sanitized photo. ``resident``: the memory that the process holds after it, in bytes."""

    jpeg: Blob = field(repr=False)
    width: Side
    height: Side
    resident: int


@dataclass(frozen=True, slots=True)
class DecodeRefusal:
    """Why the photo is refused: the name of a class in :data:`REFUSALS`, and its details."""

    why: str
    details: dict[Detail, int]
    resident: int


@dataclass(frozen=True, slots=True)
class Heavy:
    """Nothing was decoded: it would cost more (``seconds``, expected) than the patience."""

    seconds: Annotated[float, Field(ge=0, le=60)]
