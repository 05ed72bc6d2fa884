"""The moving preview of a clip: an animated WebP, small enough for a page or a message."""

from __future__ import annotations

import io
from typing import Final

import cv2
from PIL import Image

from pipeline.clips.frame_mark import FrameMark
from pipeline.images.faces import Pixels
from pipeline.images.label import hidden_packet
from shop.labels.hidden import SourceType

LONGER_SIDE: Final = 320  # pixels
RATE: Final = 8  # pictures a second, about
MOST: Final = 80  # pictures that are kept: 10 s
_QUALITY: Final = 55
_EFFORT: Final = 1  # of 0 to 6; each step costs time, and saves a few per cent


class Preview:
    """Collects every n-th frame of a clip, small, with the mark drawn anew at that size."""

    def __init__(
        self, size: tuple[int, int], fps: int, mark: str, longer_side: int = LONGER_SIDE
    ) -> None:
        """``size`` of the clip: width and height in pixels; ``longer_side`` of the preview at most.
        BadLabel: the mark breaks the rules."""
        shrink = min(1.0, longer_side / max(size))
        self._size = (max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink)))
        self._mark = FrameMark(self._size, mark)
        self._every = max(1, round(fps / RATE))
        self._milliseconds = round(1000 * self._every / fps)
        self._seen = 0
        self._kept: list[Image.Image] = []

    def add(self, frame: Pixels) -> None:
        """The clip's next frame, unmarked, RGB uint8 (height, width, 3)."""
        if self._seen % self._every == 0 and len(self._kept) < MOST:
            small = cv2.resize(frame, self._size, interpolation=cv2.INTER_AREA)
            self._kept.append(Image.fromarray(self._mark.drawn(small)))
        self._seen += 1

    def encode(self, producer: str, content_id: str, source_type: SourceType) -> bytes:
        """The WebP, with the hidden label of today. It repeats without end. BadLabel: the codes
        break the rules. ValueError: no frame was added."""
        if not self._kept:
            raise ValueError("a preview of no frames")
        out = io.BytesIO()
        self._kept[0].save(
            out,
            "WEBP",
            save_all=True,
            append_images=self._kept[1:],
            duration=self._milliseconds,
            loop=0,
            quality=_QUALITY,
            method=_EFFORT,
            xmp=hidden_packet(producer, content_id, source_type),
        )
        return out.getvalue()
