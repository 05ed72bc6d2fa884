"""The visible mark on one frame after the other: drawn once, blended by whole numbers."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.images.faces import Pixels
from pipeline.images.label import mark_layer

_OPAQUE: Final = 255


class FrameMark:
    """The mark of :func:`pipeline.images.label.draw_mark`, for frames of one size."""

    def __init__(self, size: tuple[int, int], mark: str) -> None:
        """``size`` is width and height in pixels. BadLabel: as :func:`mark_layer`."""
        layer, (left, top) = mark_layer(size, mark)
        pixels = np.asarray(layer).astype(np.uint16)
        alpha = pixels[..., 3:]
        self._place = np.s_[top : top + layer.height, left : left + layer.width]
        self._kept = _OPAQUE - alpha
        self._added = pixels[..., :3] * alpha + _OPAQUE // 2

    def drawn(self, frame: Pixels) -> Pixels:
        """A copy of the RGB frame (height, width, 3) with the mark on it."""
        marked = frame.copy()
        under = marked[self._place]
        marked[self._place] = (under * self._kept + self._added) // _OPAQUE
        return marked
