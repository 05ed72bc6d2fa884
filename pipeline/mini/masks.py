"""Person segmentation, to replace backgrounds in the base's training pictures (data step only)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.mini.align import Image

_SIDE = 256  # the network's own input


class PersonMask:
    """MediaPipe's selfie segmentation (Apache 2.0), run by `ai-edge-litert`.

    Args:
        weights: `selfie_segmentation.tflite` from npm `@mediapipe/selfie_segmentation`.

    Raises:
        ImportError: `ai-edge-litert` is missing; only the data step needs it.

    """

    def __init__(self, weights: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._network: Any = Interpreter(str(weights))
        self._network.allocate_tensors()
        self._input = self._network.get_input_details()[0]["index"]
        self._output = self._network.get_output_details()[0]["index"]

    def __call__(self, image: Image) -> Image:
        """Return the person's share of every pixel, 0 to 255, for RGB (h, w, 3)."""
        small = cv2.resize(image, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        self._network.set_tensor(self._input, small[None].astype(np.float32) / 255)
        self._network.invoke()
        soft: npt.NDArray[np.float32] = self._network.get_tensor(self._output)[0, :, :, 0]
        height, width = image.shape[:2]
        mask = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.clip(mask, 0, 1) * 255, dtype=np.uint8)
