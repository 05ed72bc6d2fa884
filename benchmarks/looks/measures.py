"""Numbers of a delivered picture, each with a unit; none is shared with the code that finishes.

The lowest 15 % of the picture hold the label and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces, segmentation
from pipeline.images.faces import Face, Pixels
from pipeline.images.skin import skin_mask

LABEL = 0.15  # of the height
Plane = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tones:
    """Light and colour of a picture.

    saturation   mean of HSV's, 0..1
    warmth       stops of red over blue, of the person's mean linear light
    hues         degrees: spread of CIELAB's hue, weighted by chroma
    key          mean lightness (CIELAB L*), 0..100
    dark         share of pixels with L* below 10
    behind       mean L*, a*, b* of the background
    black        L* that the darkest hundredth is below
    grain        spread of single pixels in the background, in stops
    side         stops by which the picture's left cheek is lighter than its right one
    """

    saturation: float
    warmth: float
    hues: float
    key: float
    dark: float
    behind: tuple[float, float, float]
    black: float
    grain: float
    side: float


def tones(pixels: Pixels) -> Tones:
    """Measure a picture that shows one face. ValueError: it shows none."""
    shown = pixels[: round(pixels.shape[0] * (1 - LABEL))]
    person = segmentation.person(pixels)[: len(shown)]
    found = faces.find(pixels)
    if not found:
        raise ValueError("no face")
    light, lab = linear(shown), cv2.cvtColor(shown.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    behind = person < 0.02
    inside = person > 0.98
    red, _, blue = light[inside].mean(axis=0)
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    return Tones(
        saturation=float(cv2.cvtColor(shown, cv2.COLOR_RGB2HSV)[..., 1].mean()) / 255,
        warmth=float(np.log2(red / blue)),
        hues=_spread(np.arctan2(lab[..., 2], lab[..., 1]), chroma * (chroma > 2)),
        key=float(lab[..., 0].mean()),
        dark=float((lab[..., 0] < 10).mean()),
        behind=tuple(float(v) for v in lab[behind].mean(axis=0)),
        black=float(np.percentile(lab[..., 0], 1)),
        grain=_grain(luminance(light), behind),
        side=_side(luminance(light), found[0]),
    )


def linear(pixels: Pixels) -> Plane:
    """Light of sRGB (IEC 61966-2-1), 0..1."""
    code = pixels / 255.0
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def luminance(light: Plane) -> Plane:
    """ITU-R BT.709, of linear light."""
    return np.asarray(light @ np.array([0.2126, 0.7152, 0.0722]), dtype=np.float64)


def _spread(angles: Plane, weights: Plane) -> float:
    """Circular deviation in degrees; 0 where there is no colour at all."""
    total = float(weights.sum())
    if total <= 0:
        return 0.0
    length = abs(complex((np.exp(1j * angles) * weights).sum())) / total
    return float(np.degrees(np.sqrt(-2 * np.log(max(length, 1e-9)))))


def _grain(light: Plane, behind: NDArray[np.bool_]) -> float:
    stops = np.log2(np.maximum(light, 2.0**-9)).astype(np.float32)
    fine = stops - cv2.GaussianBlur(stops, (0, 0), 3.0)
    lit = behind & (light > 0.02)  # blacker ones are eight bits' own steps
    if lit.sum() < 100:
        return 0.0
    # By the median: the edges of hair are no grain.
    return 1.4826 * float(np.median(np.abs(fine[lit] - np.median(fine[lit]))))


def _side(light: Plane, face: Face) -> float:
    top, bottom = (round(face.top + share * face.height) for share in (0.35, 0.75))
    edges = [round(face.left + share * face.width) for share in (0.1, 0.4, 0.6, 0.9)]
    left, right = light[top:bottom, edges[0] : edges[1]], light[top:bottom, edges[2] : edges[3]]
    return float(np.log2(left.mean() / right.mean()))


@dataclass(frozen=True, slots=True)
class FaceMeasure:
    """What beauty may change, and what it must not.

    unevenness   median of the skin's unevenness between texture and shape, in L*
    skin         mean luminance of the skin, 0..1
    eyes         size of the eyes: spread of what is darker than the skin around them, over the
                 distance of the eyes
    symmetry     correlation of the face with its mirror image
    shape        the five points of the face, in units of its width
    """

    unevenness: float
    skin: float
    eyes: float
    symmetry: float
    shape: NDArray[np.float64]


def face_measure(pixels: Pixels, like: Pixels | None = None) -> FaceMeasure:
    """Measure the face, within the places where `like` has it (the same picture, unretouched).

    ValueError: no face.
    """
    found = faces.find(pixels if like is None else like)
    now = faces.find(pixels)
    if not found or not now:
        raise ValueError("no face")
    face = found[0]
    inside = skin_mask(pixels.shape, face) > 242
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    band = _blurred(lab, 0.012 * face.width) - _blurred(lab, 0.05 * face.width)
    chip = cv2.cvtColor(faces.crop(pixels, face, 192, 0.35), cv2.COLOR_RGB2GRAY).astype(np.float64)
    chip = chip[40:168, 32:160]
    return FaceMeasure(
        unevenness=float(np.median(np.abs(band[inside]))),
        skin=float(luminance(linear(pixels))[inside].mean()),
        eyes=_eye_size(lab, face),
        symmetry=float(np.corrcoef(chip.ravel(), chip[:, ::-1].ravel())[0, 1]),
        shape=now[0].points / face.width,
    )


def _blurred(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), dtype=np.float32)


def _eye_size(light: NDArray[np.float32], face: Face) -> float:
    distance = faces.eyes(face)[1]
    sizes = []
    for x, y in face.points[:2]:
        reach = round(0.3 * distance), round(0.17 * distance)
        patch = light[
            max(0, round(y) - reach[1]) : round(y) + reach[1] + 1,
            max(0, round(x) - reach[0]) : round(x) + reach[0] + 1,
        ]
        dark = np.clip(np.percentile(patch, 75) - patch, 0, None).astype(np.float64)
        spreads = [_deviation(dark.sum(axis=axis)) for axis in (0, 1)]
        sizes.append(float(np.sqrt(spreads[0] * spreads[1])))
    return float(np.mean(sizes)) / distance


def _deviation(weights: NDArray[np.float64]) -> float:
    at = np.arange(len(weights))
    middle = np.average(at, weights=weights)
    return float(np.sqrt(np.average((at - middle) ** 2, weights=weights)))
