"""Beauty: even skin, rested eyes, the same face.

What a retoucher does by hand. Blotches and lines that are shallower than features are evened,
finer texture stays; shadows under the eyes are lifted halfway at most, eyes get some clarity.
Nothing is moved, and the skin's mean luminance afterwards is what it was before.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.finishing import colour
from pipeline.finishing.colour import Linear
from pipeline.images import faces
from pipeline.images.faces import Face

Plane = NDArray[np.float32]
"""Shape (height, width)."""

# Widths of a face: below the first is texture, above the second the shape of the face.
TEXTURE, SHAPE = 0.008, 0.05
EVENED, COLOUR_EVENED = 0.8, 0.85  # share of blotches that goes at an amount of 1
SHALLOW = 0.5  # stops: what is much deeper is a feature
SHADOW_LIFTED, MOST_LIFTED = 0.5, 0.3  # share of what is missing under the eyes, and stops
CLARITY = 0.5


def apply(linear: Linear, face: Face, skin: Plane, amount: float) -> Linear:
    """The same picture, more flattering; amount: 0 (as it is) to 1."""
    if amount <= 0:
        return linear
    light = np.log2(np.maximum(linear, colour.DARKEST))
    tone = np.log2(np.maximum(colour.luminance(linear), colour.DARKEST))
    hue = light - tone[..., None]
    inner, outer = TEXTURE * face.width, SHAPE * face.width

    blotches = _band(tone, skin, inner, outer)
    shallow = np.exp(-((blotches / SHALLOW) ** 2))
    evened = tone - np.float32(amount * EVENED) * skin * shallow * blotches
    evened += amount * _rested(evened, face, skin)
    evened += amount * _clear(tone, face)
    colours = [_band(hue[..., channel], skin, inner, outer) for channel in range(3)]
    hue = hue - np.float32(amount * COLOUR_EVENED) * skin[..., None] * np.stack(colours, axis=2)
    return _kept_tone(linear, np.exp2(hue + evened[..., None]), skin)


def _band(plane: Plane, skin: Plane, inner: float, outer: float) -> Plane:
    """What is larger than `inner` pixels and smaller than `outer`, of the skin alone."""
    return _within(plane, skin, inner) - _within(plane, skin, outer)


def _within(plane: Plane, skin: Plane, sigma: float) -> Plane:
    """Blurred over the skin: hair, eyes and background do not bleed into it."""
    weight = cv2.GaussianBlur(skin, (0, 0), max(0.5, sigma))
    blurred = cv2.GaussianBlur(plane * skin, (0, 0), max(0.5, sigma))
    return np.asarray(blurred / np.maximum(weight, 1e-3), dtype=np.float32)


def _rested(tone: Plane, face: Face, skin: Plane) -> Plane:
    """Stops by which the shadows under the eyes are lifted, towards the skin around."""
    distance = faces.eyes(face)[1]
    under = np.zeros(tone.shape, dtype=np.float32)
    for x, y in face.points[:2]:
        middle = round(float(x)), round(float(y + 0.3 * distance))
        axes = round(0.3 * distance), round(0.13 * distance)
        cv2.ellipse(under, middle, axes, 0, 0, 360, 1.0, -1)
    under = cv2.GaussianBlur(under, (0, 0), max(1.0, 0.07 * distance)) * skin
    missing = _within(tone, skin, 0.5 * distance) - _within(tone, skin, 0.06 * distance)
    return np.asarray(under * np.clip(SHADOW_LIFTED * missing, 0, MOST_LIFTED), dtype=np.float32)


def _clear(tone: Plane, face: Face) -> Plane:
    """Local contrast of the eyes, in stops."""
    distance = faces.eyes(face)[1]
    where = np.zeros(tone.shape, dtype=np.float32)
    for x, y in face.points[:2]:
        middle = round(float(x)), round(float(y))
        cv2.ellipse(
            where, middle, (round(0.25 * distance), round(0.15 * distance)), 0, 0, 360, 1.0, -1
        )
    where = cv2.GaussianBlur(where, (0, 0), max(1.0, 0.06 * distance))
    detail = tone - cv2.GaussianBlur(tone, (0, 0), max(1.0, 0.035 * distance))
    return np.asarray(CLARITY * where * np.clip(detail, -1, 1), dtype=np.float32)


def _kept_tone(before: Linear, after: Linear, skin: Plane) -> Linear:
    """The skin of `after` as light as that of `before`, on average."""
    weight = float(skin.sum())
    if weight < 1:
        return after
    for _ in range(3):  # the mask is soft, so that one step does not quite arrive
        means = [float((colour.luminance(each) * skin).sum()) / weight for each in (before, after)]
        change = np.log2(max(means[0], colour.DARKEST) / max(means[1], colour.DARKEST))
        after = after * np.exp2(np.float32(change) * skin)[..., None]
    return after.astype(np.float32)
