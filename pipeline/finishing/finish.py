"""Finish one picture: beauty first, so that a film's grain and tones are not evened away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.finishing import beauty, colour
from pipeline.finishing import grade as grading
from pipeline.finishing.grade import Mask, Sitter
from pipeline.images import faces, segmentation
from pipeline.images.faces import Face, Pixels
from pipeline.images.skin import skin_mask
from shop.records import Grade


@dataclass(frozen=True, slots=True)
class Finishing:
    """How one picture is finished.

    beauty   0 (as painted) to 1; nothing happens where no face is found
    seed     of the grain
    """

    beauty: float = 0.0
    grade: Grade | None = None
    seed: int = 0

    def apply(self, pixels: Pixels) -> Pixels:
        """The finished picture, of the same size; the same bytes for the same picture."""
        if self.grade is None and self.beauty <= 0:
            return pixels
        found = faces.find(pixels)
        face = found[0] if found else None
        skin = _skin(pixels, face)
        linear = colour.decode(pixels)
        if face is not None:
            linear = beauty.apply(linear, face, skin, self.beauty)
        if self.grade is not None:
            sitter = Sitter(segmentation.person(pixels), face, skin)
            linear = grading.apply(linear, self.grade, sitter, self.seed)
        return colour.encode(linear)


def _skin(pixels: Pixels, face: Face | None) -> Mask:
    if face is None:
        return np.zeros(pixels.shape[:2], dtype=np.float32)
    return skin_mask(pixels.shape[:2], face).astype(np.float32) / np.float32(255)
