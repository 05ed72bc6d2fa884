"""How aged the tones of a photo are, its grain softened, and its darks and lights spread again."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from pipeline.images.faces import Face, Pixels
from pipeline.images.skin import skin_mask

_SIDE: Final = 512  # pixels of the longer side, for measurements
_LEVELS: Final = 24
_ONE_TONE: Final = 3.0  # Lab's units that colours leave the one curve of a black-and-white photo
_BLOCK: Final = 16  # pixels of a side
_GRAINY: Final = 3.0  # of 255: a standard deviation above which grain is softened
_SOFTEN: Final = 0.9  # times the grain: the strength of the softening
_KEPT_GRAIN: Final = 0.25  # of what is softened stays: skin without any looks like wax
_FADED: Final = 195.0  # of 255: darks and lights that are closer than this have faded
_DARK: Final = 10.0  # of 255: where the darkest is brought
_LIGHT: Final = 246.0
_MOST_GAIN: Final = 1.35  # of contrast
_LEAST_GAIN: Final = 0.75


def is_one_toned(picture: Pixels) -> bool:
    """Whether it is black and white, or sepia, or the like: its colours follow from its light."""
    lab = cv2.cvtColor(_small(picture).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    level = np.clip(lab[..., 0] / 100 * _LEVELS, 0, _LEVELS - 1).astype(int).ravel()
    colours = cv2.GaussianBlur(lab[..., 1:], (0, 0), 2).reshape(-1, 2)
    left = []
    for number in range(_LEVELS):
        here = colours[level == number]
        if len(here) > 20:
            left.append(np.abs(here - np.median(here, axis=0)).max(axis=1))
    return bool(np.percentile(np.concatenate(left), 95) < _ONE_TONE)


def grain(picture: Pixels) -> float:
    """The standard deviation of the grain, of 255: what a blur of two pixels takes away from the
    smoothest tenth of the picture's blocks: cloth and leaves are not smooth, grain is everywhere.
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    plain = cv2.GaussianBlur(grey, (0, 0), 2)
    high, wide = (side // _BLOCK * _BLOCK for side in grey.shape)
    blocks = np.square(grey - plain)[:high, :wide].reshape(high // _BLOCK, _BLOCK, -1, _BLOCK)
    light = plain[:high, :wide].reshape(high // _BLOCK, _BLOCK, -1, _BLOCK).mean(axis=(1, 3))
    usable = (light > 25) & (light < 230)  # clipped, grain does not show
    if usable.mean() < 0.1:
        return 0.0
    return float(np.sqrt(np.percentile(blocks.mean(axis=(1, 3))[usable], 10)))


def soften(picture: Pixels, deviation: float) -> Pixels:
    """Its grain softened by non-local means (Buades 2005), which keeps edges; a part stays."""
    strength = _SOFTEN * deviation
    soft = cv2.fastNlMeansDenoisingColored(picture, None, strength, strength, 5, 15)
    return np.asarray(cv2.addWeighted(soft, 1 - _KEPT_GRAIN, picture, _KEPT_GRAIN, 0), np.uint8)


def is_grainy(deviation: float) -> bool:
    """Whether that is more grain than is left alone."""
    return deviation > _GRAINY


def spread(picture: Pixels, found: tuple[Face, ...]) -> Pixels | None:
    """Faded darks darker and faded lights lighter; None for a photo that has not faded.

    By one smooth curve for all three colours' light, with one point that stays: the tone of the
    faces' skin, or without a face of the picture's middle. So nobody becomes lighter or darker.
    """
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light = lab[..., 0] * 2.55
    small = _small(light)
    dark, white = (float(v) for v in np.percentile(small, (0.5, 99.5)))
    if white - dark >= _FADED:
        return None
    kept = _skin(light, found)
    kept = float(np.clip(kept, dark + 8, white - 8))
    below = np.clip((kept - _DARK) / (kept - dark), 1.0, _MOST_GAIN)
    above = np.clip((_LIGHT - kept) / (white - kept), 1.0, _MOST_GAIN)
    points = [kept - below * (kept - dark), kept, kept + above * (white - kept)]
    ends = [points[0] - _LEAST_GAIN * dark, points[2] + _LEAST_GAIN * (255 - white)]
    curve = PchipInterpolator(
        [0, dark, kept, white, 255], [max(0.0, ends[0]), *points, min(255.0, ends[1])]
    )
    lab[..., 0] = np.clip(curve(light), 0, 255) / 2.55
    rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
    return np.asarray(np.clip(np.rint(rgb * 255), 0, 255), np.uint8)


def skin_tone(picture: Pixels, found: tuple[Face, ...]) -> float | None:
    """The median light of the faces' skin, 0..255 (Lab's L times 2.55); None without a face."""
    if not found:
        return None
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return _skin(lab[..., 0] * 2.55, found)


def _skin(light: NDArray[np.float32], found: tuple[Face, ...]) -> float:
    mask = np.zeros(light.shape, bool)
    for face in found:
        mask |= skin_mask(light.shape, face) > 128
    return float(np.median(light[mask] if mask.any() else light))


def _small(picture: NDArray) -> NDArray:  # type: ignore[type-arg]
    shrink = min(1.0, _SIDE / max(picture.shape[:2]))
    return np.asarray(cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA))
