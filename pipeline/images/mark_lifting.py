"""The visible mark taken off a picture of ours, so that what moves below it does not drag it along.

For pictures that get a mark again at once, as every frame of a clip does: never for one that leaves
the house as it is.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import label
from pipeline.images.faces import Pixels

_LETTERS: Final = 0.6  # opacity from which on a pixel is a letter's, not the plate's
ALIKE: Final = 0.65  # correlation with the mark: with it 0.84 and more, without it up to 0.2


def without_mark(pixels: Pixels, mark: str) -> Pixels:
    """The picture without the mark, as :func:`pipeline.images.label.draw_mark` draws it in that
    size; the same picture where it is not there. What is below the plate is lightened as it was,
    what is below the letters filled from beside them. BadLabel: the mark breaks the rules."""
    height, width = pixels.shape[:2]
    layer, (left, top) = label.mark_layer((width, height), mark)
    drawn = np.asarray(layer, np.float64)
    here = np.s_[top : top + layer.height, left : left + layer.width]
    opacity = drawn[..., 3] / 255
    if pixels[here].shape[:2] != opacity.shape or _alike(pixels[here], opacity) < ALIKE:
        return pixels
    letters = cv2.dilate((opacity > _LETTERS).astype(np.uint8), np.ones((3, 3), np.uint8))
    share = np.minimum(opacity, _LETTERS)[..., None]
    below = (pixels[here] - share * drawn[..., :3]) / (1 - share)
    plain = np.rint(np.clip(below, 0, 255)).astype(np.uint8)
    lifted = pixels.copy()
    lifted[here] = cv2.inpaint(plain, letters, 3, cv2.INPAINT_TELEA)
    return lifted


def _alike(pixels: Pixels, share: NDArray[np.float64]) -> float:
    """Correlation of the picture's light with the letters' opacity."""
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float64)
    return float(np.nan_to_num(np.corrcoef(light.ravel(), share.ravel())[0, 1]))
