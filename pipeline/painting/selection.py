"""Which of several candidates is delivered.

Without comparison: the face with whole eyes, sharp, well placed, and clearly past the gate. With
the customer's separate consent: first of all, how like their photos it is. The vectors that tell
likeness live in a `FaceSimilarity` for as long as the first portraits are painted: never on a disk,
in a log, or on the way to another process.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.messages import BadPhotos
from pipeline.images import faces
from pipeline.images.faces import Face, Pixels
from pipeline.images.photo import decode
from pipeline.images.safety import GateVerdict
from pipeline.models.painting_settings import GateSettings

STRANGERS = 0.13  # mean cosine of SFace between two people (reference/models.md, 761 pairs)
LEAST_OWN = 0.5  # one person's photos hardly agree less; wild uploads must not lower the bar
SHARP_ENOUGH = 8.0  # times the gate's bar; beyond it noise counts as sharp
BEST_SHARE = 0.3, 0.8  # of the picture's shorter side
SHADING_SIDE = 48  # pixels
INSET = 0.15  # of the face's box, on each side
UPRIGHT = 15.0  # degrees
TURNED = 0.5  # merit of eyes that cannot mirror each other, because the face looks aside
WEIGHTS = {"eyes": 4.0, "sharp": 2.0, "size": 1.0, "upright": 1.0, "adult": 0.5, "decent": 0.5}


class FaceSimilarity:
    """A customer's own photos, to compare portraits with: only with their consent to it."""

    def __init__(self, vectors: Sequence[NDArray[np.float32]]) -> None:
        """vectors: at least two, unit length. BadPhotos: fewer."""
        if len(vectors) < 2:
            raise BadPhotos("fewer than two photos with a face to compare with")
        self._photos = np.stack(vectors)
        among = self._photos @ self._photos.T
        pairs = among[np.triu_indices(len(among), 1)]
        self._own = max(LEAST_OWN, float(pairs.mean()))

    @staticmethod
    def of(photos: Sequence[bytes]) -> FaceSimilarity:
        """From files; those that cannot be read or show no face are left out."""
        vectors = []
        for photo in photos:
            try:
                vector = faces.embedding(decode(photo))
            except BadPhotos:
                continue
            if vector is not None:
                vectors.append(vector)
        return FaceSimilarity(vectors)

    def likeness(self, pixels: Pixels) -> float:
        """0: like any stranger; 1: like another photo of the same person. No face: -1."""
        vector = faces.embedding(pixels)
        if vector is None:
            return -1.0
        alike = float((self._photos @ vector).mean())
        return (alike - STRANGERS) / (self._own - STRANGERS)


def score(verdict: GateVerdict, gate: GateSettings, likeness: float | None) -> float:
    """Higher is better; only pictures that passed the gate are worth asking about.

    Likeness outweighs all else: a quarter of the way counts as much as the best face of all.
    """
    merits = {
        "eyes": TURNED if verdict.eyes is None else max(0.0, verdict.eyes),
        "sharp": _sharp(verdict.sharpness, max(1.0, gate.sharpness)),
        "size": _size(verdict.share),
        "upright": max(0.0, 1 - abs(verdict.roll) / UPRIGHT),
        "adult": _margin(verdict.youth, gate.youth),
        "decent": _margin(verdict.indecency, gate.indecency),
    }
    looks = sum(WEIGHTS[name] * merit for name, merit in merits.items()) / sum(WEIGHTS.values())
    return looks if likeness is None else looks + 4 * likeness


def _sharp(sharpness: float, bar: float) -> float:
    return min(1.0, math.log(max(sharpness / bar, 1.0)) / math.log(SHARP_ENOUGH))


def _size(share: float) -> float:
    """1 for a face of a portrait's size, less for one that is tiny or runs over the edges."""
    low, high = BEST_SHARE
    return max(0.0, min(1.0, share / low, (1.2 - share) / (1.2 - high)))


def _margin(value: float, bar: float) -> float:
    return max(0.0, 1 - value / bar) if bar > 0 else 0.0


def alike(one: Pixels, other: Pixels) -> float:
    """Correlation of light and shade in the face's place, -1..1; -1 if `one` has no face.

    For one picture before and after a retouch, which moves nothing: it tells whether features were
    changed, whatever the light, and knows nothing of who the person is.
    """
    found = faces.find(one)
    if not found:
        return -1.0
    before, after = (_shading(pixels, found[0]) for pixels in (one, other))
    return float((before * after).mean())


def _shading(pixels: Pixels, face: Face) -> NDArray[np.float64]:
    """Of the features alone: what lies behind the head reaches into the corners of a face's box."""
    left, right = (round(face.left + face.width * share) for share in (INSET, 1 - INSET))
    top, bottom = (round(face.top + face.height * share) for share in (INSET, 1 - INSET))
    box = pixels[max(0, top) : bottom, max(0, left) : right]
    small = cv2.resize(box, (SHADING_SIDE, SHADING_SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64)
    return np.asarray((grey - grey.mean()) / (grey.std() + 1e-6))
