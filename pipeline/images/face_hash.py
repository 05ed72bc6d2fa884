"""Perceptual hashes of the upright face: one photo stays itself when it is cropped, bordered or
turned, whatever that makes of the whole picture.

The finder places the five key points of a face a little differently in each crop, by up to a
twentieth of the face: too much for a hash. So the face is moved on until it lies on the mean of
many faces as well as it can (Evangelidis and Psarakis 2008), which depends on what it shows alone;
and of what then remains, some hundred steps are tried.

This tells a photo, and is no way to tell people: most photos of one person differ as much as those
of two. But those of one sitting are closer than chance (``python -m benchmarks.photos`` measures
it), so a hash is a person's data: compared within their order alone, and deleted with it.
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
from pipeline.models import weights

Matrix = NDArray[np.float64]

_SIDE: Final = 64  # pixels of the face that is hashed
_LOW: Final = 24  # frequencies in each direction: 24 x 24 bits, the first of them always 0
_MARGIN: Final = 0.2  # of the wider crop's side, around the face
_WIDE: Final = 160  # pixels
MEAN_SIDE: Final = 96  # pixels of the mean face, which is as wide
_STEPS: Final = 150
_PRECISION: Final = 1e-5  # of the correlation, from one step to the next
_SMOOTH: Final = 5  # pixels of the filter before it
_AROUND: Final = 10  # pixels: the surroundings that a pixel is levelled by
_NOISE: Final = 4  # of 255: less contrast than this is none
_MOST_MOVED: Final = 0.1  # of the wider crop's side
_MOST_TURNED: Final = 10.0  # degrees
_MOST_ENLARGED: Final = 1.25
_MIDDLE: Final = np.array([48.0, 50.0])  # of the face on the mean face
_SHIFTS: Final = (-0.01, 0.0, 0.01)  # of the face's side
_ZOOMS: Final = tuple(1 + 0.015 * step for step in range(-3, 4))
_TURNS: Final = (-1.0, 0.0, 1.0)  # degrees


def face_hashes(pixels: Pixels, face: Face) -> bytes:
    """Hashes of `FACE_HASH_BYTES` each: first the face as it was aligned, then as it might have
    been, all of the latter also in the mirror.

    To be compared by the share of bits that differ.
    """
    plain = _settled(wide_face(pixels, face))
    mirrored = np.ascontiguousarray(plain[:, ::-1])
    squares = [_warped(plain, _matrix(0, 0, 1, 0))]
    squares += [_warped(one, matrix) for one in (plain, mirrored) for matrix in _matrices()]
    return _hashes(squares).tobytes()


def wide_face(pixels: Pixels, face: Face) -> Pixels:
    """The upright face with a margin, in grey."""
    template = (faces.UPRIGHT / faces.UPRIGHT_SIDE * (1 - 2 * _MARGIN) + _MARGIN) * _WIDE
    return np.asarray(cv2.cvtColor(faces.align(pixels, face, template, _WIDE), cv2.COLOR_RGB2GRAY))


def _settled(wide: Pixels) -> Pixels:
    """Moved, turned and enlarged until it lies best on the mean face; as it was if nothing fits."""
    small = _levelled(cv2.resize(wide, (MEAN_SIDE, MEAN_SIDE), interpolation=cv2.INTER_AREA))
    limits = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _STEPS, _PRECISION)
    mean, inside = _mean_face()
    start = np.eye(2, 3, dtype=np.float32)
    try:
        _, found = cv2.findTransformECC(
            mean, small, start, cv2.MOTION_AFFINE, limits, inside, _SMOOTH
        )
    except cv2.error:  # it does not converge: hardly a face from the front
        return wide
    matrix = _similarity(np.asarray(found, np.float64))
    if not _is_small(matrix):
        return wide
    matrix[:, 2] *= _WIDE / MEAN_SIDE
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(wide, matrix, (_WIDE, _WIDE), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
    )


def _levelled(face: Pixels) -> NDArray[np.float32]:
    """Each pixel beside its surroundings. Otherwise a dark face before a window, or below dark
    hair, is laid on the mean face by those, and turned by up to 45 degrees.
    """
    grey = face.astype(np.float32)
    beside = grey - cv2.GaussianBlur(grey, (0, 0), _AROUND)
    spread = np.sqrt(cv2.GaussianBlur(beside**2, (0, 0), _AROUND))
    return np.asarray(beside / (spread + _NOISE), np.float32)


def _similarity(affine: Matrix) -> Matrix:
    """What of it moves, turns and enlarges: the rest is the shape of a face, not where it lies."""
    (a, b), (c, d) = affine[:, :2]
    same = np.array([[a + d, b - c], [c - b, a + d]]) / 2
    moved = affine @ np.append(_MIDDLE, 1) - same @ _MIDDLE
    return np.column_stack([same, moved])


def _is_small(matrix: Matrix) -> bool:
    """Whether it does no more than mend what the finder errs by: anything else is no face's fit."""
    moved = np.abs(matrix @ np.append(_MIDDLE, 1) - _MIDDLE).max()
    turned = np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
    larger = np.hypot(matrix[0, 0], matrix[1, 0])
    fits = 1 / _MOST_ENLARGED <= larger <= _MOST_ENLARGED and abs(turned) <= _MOST_TURNED
    return bool(fits and moved <= _MOST_MOVED * MEAN_SIDE)


@functools.cache
def _mean_face() -> tuple[NDArray[np.float32], Pixels]:
    """Of a hundred people who do not exist, alike on both sides; and where on it the face is."""
    stored = cv2.imread(str(weights.find(weights.MEAN_FACE)), cv2.IMREAD_GRAYSCALE)
    inside = np.zeros((MEAN_SIDE, MEAN_SIDE), np.uint8)
    cv2.ellipse(inside, _MIDDLE.astype(int).tolist(), (30, 38), 0, 0, 360, 1, -1)
    return _levelled(np.asarray(stored, np.uint8)), inside


@functools.cache
def _matrices() -> tuple[Matrix, ...]:
    return tuple(itertools.starmap(_matrix, itertools.product(_SHIFTS, _SHIFTS, _ZOOMS, _TURNS)))


def _matrix(right: float, down: float, zoom: float, turn: float) -> Matrix:
    """From the wide crop to the face, a little off."""
    scale = zoom * _SIDE / (_WIDE * (1 - 2 * _MARGIN))
    matrix = np.asarray(cv2.getRotationMatrix2D((_WIDE / 2, _WIDE / 2), turn, scale), np.float64)
    matrix[:, 2] += np.array([right, down]) * _SIDE + (_SIDE - _WIDE) / 2
    return matrix


def _warped(wide: Pixels, matrix: Matrix) -> Pixels:
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
