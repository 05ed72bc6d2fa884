"""The engine's requests and results for pictures that come alive.

Importable without torch, cv2 or PyAV; cross the pipe as the records of `messages.py` do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.engine.messages import LabelText
from pipeline.engine.wire import Blob
from shop.records import Motion
from shop.records.clip_encoders import ClipEncoder


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """Request to look at a picture that is to come alive, and to restore it.

    photo   a plain JPEG, as the sanitizer wrote it
    beside  a picture as :class:`AnimateRequest` has it, to stand beside it in one frame
    label   of that frame
    """

    photo: Blob = field(repr=False)
    label: LabelText
    beside: Blob | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PreparedSource:
    """A picture that is to come alive, looked at and restored.

    before      as it came, small; after: what moves, upright, mended. Both JPEG
    people      faces found in `after`, whatever their size
    faces       those of them that can move; with none, `reason` is an AnimationRefusal's value
    done        words for what was mended; empty: nothing
    indecency   0..1, probability that it is not safe for work
    youth       0..1, probability that the youngest of them is under 20 (0: no face)
    joined      both in one frame, a labelled JPEG; empty: there was none beside it, or `apart` (an
                AnimationRefusal's value) says why it cannot be
    """

    before: Blob = field(repr=False)
    after: Blob = field(repr=False)
    people: int
    faces: int
    reason: str
    done: tuple[str, ...]
    indecency: float
    youth: float
    joined: Blob = field(default=b"", repr=False)
    apart: str = ""


@dataclass(frozen=True, slots=True)
class AnimateRequest:
    """Request to move a picture's own pixels by the embedded animator.

    photo       JPEG, as :class:`PreparedSource` has it, or a portrait (PNG, WebP too)
    second      another one, to stand beside it in one frame
    motion      how it moves
    content_id  ProduceID of the hidden label
    largest     the longer side of the clip at most, pixels; None: as its heads need it
    encoder     of the MP4
    """

    photo: Blob = field(repr=False)
    motion: Motion
    content_id: str
    label: LabelText
    largest: int | None = None
    encoder: ClipEncoder = ClipEncoder.X264
    second: Blob | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PaintedClip:
    """A delivered clip, labelled throughout: `frames` of `width` x `height` pixels in `seconds`.

    mp4       faststart, yuv420p, with the hidden label of GB 45438
    poster    its first frame, JPEG; preview: animated WebP
    """

    mp4: Blob = field(repr=False)
    poster: Blob = field(repr=False)
    preview: Blob = field(repr=False)
    width: int
    height: int
    frames: int
    seconds: float
