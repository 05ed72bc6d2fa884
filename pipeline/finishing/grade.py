"""Grade a picture: light, exposure for the skin, film, background, grain (`Grade`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from pipeline.finishing import colour
from pipeline.finishing.colour import Linear
from pipeline.images.faces import Face
from shop.records import Grade
from shop.records.grades import Curve, Gains

# Stops, up and down, in which the exposure for the skin is sought. Faces of every tone want less
# than 1; a burnt one that a faded film cannot reach must not take the picture with it.
EXPOSURE = 1.5
HALVINGS = 24
SKIN_SAMPLES = 4096  # pixels; more do not change the mean
TONED_OVER = -3.5, 1.5  # stops around 18 % grey: from the shadows' tone to the highlights'
BACKGROUND_GAIN = 2.0**-6, 2.0**4
LEAST_BACKGROUND = 0.02  # of the picture: less has no mean worth speaking of
CURVE_STEPS = 2048
CURVE_ENDS = -20.0, 4.0  # stops

Mask = NDArray[np.float32]
"""Shape (height, width), 0..1."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """Where the person is. Where no face was found `face` is None and `skin` 0 all over."""

    person: Mask
    face: Face | None
    skin: Mask


def apply(linear: Linear, grade: Grade, sitter: Sitter, seed: int) -> Linear:
    """The graded picture. Equal arguments give equal pictures; `seed` is of the grain alone."""
    lit = _light(linear, grade, sitter.face) * colour.neutral(grade.balance)
    develop = _film(grade)
    developed = develop(lit * np.float32(2 ** _exposure(linear, lit, develop, grade, sitter)))
    return _grain(_background(developed, grade.background, sitter.person), grade, seed)


def _light(linear: Linear, grade: Grade, face: Face | None) -> Linear:
    """Side light and vignette, around the face, or around the middle where there is none."""
    height, width = linear.shape[:2]
    across, down = width, height
    x, y = width / 2, height / 2
    if face is not None:
        across, down = face.width, face.height
        x, y = face.left + across / 2, face.top + down / 2
    columns = (np.arange(width, dtype=np.float32) - x) / across
    rows = (np.arange(height, dtype=np.float32) - y) / down
    side = np.float32(-grade.side / 2 / np.tanh(1)) * np.tanh(2 * columns)[None, :]
    far = np.hypot(columns[None, :], rows[:, None])
    rim = np.float32(grade.vignette) * _smooth((far - 0.6) / 1.0)
    return np.asarray(linear * np.exp2(side - rim)[..., None], dtype=np.float32)


def _film(grade: Grade) -> Callable[[Linear], Linear]:
    """Saturation, the film's curve, and its tones, for pixels of any shape (..., 3)."""
    respond = _response(grade.curve)

    def develop(linear: Linear) -> Linear:
        grey = colour.luminance(linear)[..., None]
        # The curve after it: a film's contrast brings colour with it, saturation must not undo it.
        less = np.maximum(grey + np.float32(grade.saturation) * (linear - grey), 0)
        return _toned(respond(less), grade.shadows, grade.highlights)

    return develop


def _response(curve: Curve) -> Callable[[Linear], Linear]:
    """The film's curve as a function of linear light: monotone, smooth, flat beyond its ends."""
    if not curve:
        return lambda linear: linear
    points = np.array(curve, dtype=np.float64)
    at = np.linspace(*CURVE_ENDS, CURVE_STEPS)
    inside = np.clip(at, points[0, 0], points[-1, 0])
    out = colour.MIDDLE_GREY * np.exp2(PchipInterpolator(points[:, 0], points[:, 1])(inside))

    def respond(linear: Linear) -> Linear:
        return np.asarray(np.interp(colour.stops(linear), at, out), dtype=np.float32)

    return respond


def _toned(linear: Linear, shadows: Gains, highlights: Gains) -> Linear:
    low, high = colour.neutral(shadows), colour.neutral(highlights)
    if np.array_equal(low, high):
        return linear * low
    start, end = TONED_OVER
    share = _smooth((colour.stops(colour.luminance(linear)) - start) / (end - start))
    return linear * (low + share[..., None] * (high - low))


def _exposure(
    before: Linear, lit: Linear, develop: Callable[[Linear], Linear], grade: Grade, sitter: Sitter
) -> float:
    """The stops of exposure by which the skin's mean luminance changes by `grade.skin`.

    So dark skin and light skin change alike, whatever a curve does to their tones. 0 without a
    face; where no exposure within bounds reaches that luminance, it is the nearest.
    """
    rows, columns = np.nonzero(sitter.skin > 0.5)
    if not len(rows):
        return 0.0
    every = max(1, len(rows) // SKIN_SAMPLES)
    at = rows[::every], columns[::every]
    wanted = _mean(before[at]) * 2**grade.skin
    skin, low, high = lit[at], -EXPOSURE, EXPOSURE
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if _mean(develop(skin * np.float32(2**middle))) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _mean(skin: Linear) -> float:
    return float(np.minimum(colour.luminance(skin), 1).mean(dtype=np.float64))


def _background(linear: Linear, code: str, person: Mask) -> Linear:
    """All behind the person, its shades kept, with the mean of that colour."""
    behind = 1 - person
    if not code or float(behind.mean()) < LEAST_BACKGROUND:
        return linear
    far = (behind > 0.95).astype(np.float32)
    weight = far if far.mean() >= LEAST_BACKGROUND else behind
    mean = np.tensordot(weight, linear, axes=2) / weight.sum()
    wanted = np.maximum(colour.decode_code(code), colour.DARKEST)
    gains = np.clip(wanted / np.maximum(mean, colour.DARKEST), *BACKGROUND_GAIN)
    return np.asarray(linear * np.exp2(behind[..., None] * np.log2(gains)), dtype=np.float32)


def _grain(linear: Linear, grade: Grade, seed: int) -> Linear:
    """Grains as silver has them: in stops, the same in all channels, of mean luminance 1."""
    if not grade.grain:
        return linear
    height, width = linear.shape[:2]
    size = grade.grain_size * min(height, width) / 1000
    noise = np.random.default_rng(seed).standard_normal((height, width), dtype=np.float32)
    if size > 1:
        noise = cv2.GaussianBlur(noise, (0, 0), size / 2)
    noise *= grade.grain / max(float(noise.std()), 1e-6)
    gain = np.exp2(noise)
    return np.asarray(linear * (gain / gain.mean())[..., None], dtype=np.float32)


def _smooth(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """0 below 0, 1 above 1, and without corners between."""
    inside = np.clip(share, 0, 1)
    return inside * inside * (3 - 2 * inside)
