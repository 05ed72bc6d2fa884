"""Person segmentation: MediaPipe's selfie model, run by OpenCV."""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images.faces import Pixels
from pipeline.models import weights

SIDE = 256  # pixels; what the model was made for


@functools.lru_cache(maxsize=1)
def _net() -> cv2.dnn.Net:
    cv2.setNumThreads(1)
    return cv2.dnn.readNetFromTFLite(str(weights.find(weights.PERSON_FINDER)))


def person(pixels: Pixels) -> NDArray[np.float32]:
    """The mask, shape (height, width): probability 0..1 that a pixel is the person's."""
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    net = _net()
    net.setInput(cv2.dnn.blobFromImage(small, 1 / 255))
    found = net.forward().reshape(SIDE, SIDE)
    large = cv2.resize(found, (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, 0, 1), dtype=np.float32)
