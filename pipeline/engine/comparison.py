"""The engine's request and result for photos that are compared with each other.

Importable without torch, cv2 or onnxruntime; cross the pipe as the records of `messages.py` do. No
embedding and no distance does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.engine.wire import Blob
from shop.records import Compared


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Photos that are meant to be of one person: plain JPEGs, as the sanitizer wrote them."""

    photos: tuple[Blob, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """A word for each photo, in their order: ALIKE, UNLIKE or UNCLEAR."""

    words: tuple[Compared, ...]
