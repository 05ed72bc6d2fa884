"""Perceptual hashes of the upright face: one photo stays itself when it is cropped, bordered or
turned, whatever that makes of the whole picture.

The finder places the five key points of a face a little differently in each crop, by up to a
twentieth of the face. So one hash is kept, and the next photo's face is tried in some thousand
alignments. Nothing here tells who a person is: two photos of somebody differ like strangers'.
"""

from __future__ import annotations

import functools
import itertools
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces
from pipeline.images.faces import Face, Pixels

_SIDE: Final = 64  # pixels of the face that is hashed
_LOW: Final = 24  # frequencies in each direction: 24 x 24 bits, the first of them always 0
_MARGIN: Final = 0.2  # of the wider crop's side, around the face
_WIDE: Final = 160  # pixels
_SHIFTS: Final = np.arange(-3, 4) * 0.0125  # of the face's side
_ZOOMS: Final = 1 + np.arange(-2, 3) * 0.03
_TURNS: Final = np.arange(-3, 4) * 2.0  # degrees


def face_hashes(pixels: Pixels, face: Face) -> bytes:
    """Hashes of `FACE_HASH_BYTES` each: first the face as it was aligned, then as it might have
    been, all of the latter also in the mirror.

    To be compared by the share of bits that differ.
    """
    plain = _wide(pixels, face)
    mirrored = np.ascontiguousarray(plain[:, ::-1])
    hashed = np.concatenate([_hashes([_warped(plain, _matrix(0, 0, 1, 0))]),
                             *(_hashes([_warped(one, m) for m in _matrices()])
                               for one in (plain, mirrored))])  # fmt: skip
    return hashed.tobytes()


def _wide(pixels: Pixels, face: Face) -> Pixels:
    """The upright face with a margin, in grey."""
    template = (faces.UPRIGHT / faces.UPRIGHT_SIDE * (1 - 2 * _MARGIN) + _MARGIN) * _WIDE
    return np.asarray(cv2.cvtColor(faces.align(pixels, face, template, _WIDE), cv2.COLOR_RGB2GRAY))


@functools.cache
def _matrices() -> tuple[NDArray[np.float64], ...]:
    grid = itertools.product(_SHIFTS, _SHIFTS, _ZOOMS, _TURNS)
    return tuple(_matrix(*(float(one) for one in step)) for step in grid)


def _matrix(right: float, down: float, zoom: float, turn: float) -> NDArray[np.float64]:
    """From the wide crop to the face, a little off."""
    scale = zoom * _SIDE / (_WIDE * (1 - 2 * _MARGIN))
    matrix = np.asarray(cv2.getRotationMatrix2D((_WIDE / 2, _WIDE / 2), turn, scale), np.float64)
    matrix[:, 2] += np.array([right, down]) * _SIDE + (_SIDE - _WIDE) / 2
    return matrix


def _warped(wide: Pixels, matrix: NDArray[np.float64]) -> Pixels:
    warped = cv2.warpAffine(wide, matrix, (_SIDE, _SIDE), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(warped, np.uint8)


@functools.cache
def _cosines() -> NDArray[np.float32]:
    """The discrete cosine transform (DCT-II, orthonormal) of the low frequencies."""
    waves = np.arange(_LOW)[:, np.newaxis] * (2 * np.arange(_SIDE) + 1) * np.pi / (2 * _SIDE)
    return (np.cos(waves) * np.where(waves > 0, 1, np.sqrt(0.5))).astype(np.float32)


def _hashes(squares: list[Pixels]) -> NDArray[np.uint8]:
    """Whether each low frequency is above the median of all but the first, shape (n, bytes)."""
    found = _cosines() @ np.asarray(squares, np.float32) @ _cosines().T
    flat = found.reshape(len(squares), -1)
    bits = flat > np.median(flat[:, 1:], axis=1, keepdims=True)
    bits[:, 0] = False  # the mean: light, not the face
    return np.packbits(bits, axis=1)
