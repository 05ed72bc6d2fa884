"""One portrait in several skin tones, of a person who does not exist."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.finishing import colour
from pipeline.images import faces, segmentation, skin
from pipeline.images.faces import Face, Pixels
from pipeline.images.photo import decode

CUSTOMER = Path(__file__).resolve().parents[3] / "deploy" / "demo" / "customer"
TONES = (-2.0, -1.0, 0.0, 0.6)
"""Stops of the person beside the photo, with dark skin's redder light: from deep to fair."""


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    """A studio portrait, 384 px wide, on grey."""
    pixels = decode((CUSTOMER / "07-neutral.jpg").read_bytes())
    side = 384 / pixels.shape[1]
    return np.asarray(cv2.resize(pixels, None, fx=side, fy=side, interpolation=cv2.INTER_AREA))


@pytest.fixture(scope="session")
def tones(portrait: Pixels) -> dict[float, Pixels]:
    """The portrait with the person darker or lighter, the background as it is."""
    person = segmentation.person(portrait)[..., None]
    found = {}
    for tone in TONES:
        warm = np.exp2(tone * np.array([0.85, 1.0, 1.15], dtype=np.float32) * person)
        found[tone] = colour.encode(colour.decode(portrait) * warm)
    return found


@pytest.fixture(scope="session")
def face(portrait: Pixels) -> Face:
    return faces.find(portrait)[0]


@pytest.fixture(scope="session")
def skin_weights(portrait: Pixels, face: Face) -> np.ndarray:
    return skin.skin_mask(portrait.shape, face) / 255.0


def skin_light(pixels: Pixels, weights: np.ndarray) -> float:
    """Mean relative luminance of the skin, by the standard's own numbers, not the product's."""
    code = pixels / 255.0
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    light = 0.2126 * linear[..., 0] + 0.7152 * linear[..., 1] + 0.0722 * linear[..., 2]
    return float(np.average(light, weights=weights))
