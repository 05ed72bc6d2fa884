"""Light: sRGB's transfer function (IEC 61966-2-1), and luminance (ITU-R BT.709).

Linear pictures are float32 of shape (height, width, 3), 1.0 being the screen's white.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from pipeline.images.faces import Pixels

Linear = NDArray[np.float32]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
MIDDLE_GREY = 0.18
DARKEST = 2.0**-20  # what black counts as where a logarithm is taken


@functools.cache
def _decoded() -> NDArray[np.float32]:
    code = np.arange(256) / 255
    table = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    return table.astype(np.float32)


def decode(pixels: Pixels) -> Linear:
    """Bytes of sRGB as linear light."""
    return _decoded()[pixels]


def encode(linear: Linear) -> Pixels:
    """Linear light as sRGB bytes, the nearest ones; what the screen cannot show is clipped."""
    light = np.clip(linear, 0, 1)
    code = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(code * 255), dtype=np.uint8)


def luminance(linear: Linear) -> NDArray[np.float32]:
    """Relative luminance, 0 to 1 for what a screen can show; shape without the last axis."""
    return linear @ LUMINANCE


def decode_code(code: str) -> NDArray[np.float32]:
    """Linear RGB of a code like "#438edb"."""
    return decode(np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)], dtype=np.uint8))


def stops(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stops (powers of two) above 18 % grey."""
    return np.log2(np.maximum(light, DARKEST) / np.float32(MIDDLE_GREY))


def neutral(gains: tuple[float, float, float]) -> NDArray[np.float32]:
    """Gains that leave the luminance of grey as it is."""
    given = np.array(gains, dtype=np.float32)
    return given / (given @ LUMINANCE)
