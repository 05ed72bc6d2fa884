"""Score the candidates for a portrait, and compare faces with the customer's photos.

Without comparison: the face with eyes and mouth right that does what was asked, sharp, well placed,
and clearly past the gate. With the customer's separate consent: first of all, how similar it is to
their photos. The face embeddings live in a `FaceSimilarity` for as long as it is used; this module
writes them to no disk and no log.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.expressions import Expression
from pipeline.engine.messages import BadPhotos
from pipeline.images import expression, face_faults, faces
from pipeline.images.expression import FaceMeasure
from pipeline.images.faces import Face, Pixels
from pipeline.images.photo import decode
from pipeline.images.safety import GateVerdict
from pipeline.models.painting_settings import GateSettings

# Mean cosine of SFace between two people (reference/models.md, 761 pairs).
STRANGER_SIMILARITY = 0.13
# One person's photos rarely agree less; odd uploads must not lower the bar.
MIN_OWN_SIMILARITY = 0.5
SHARPNESS_CEILING = 8.0  # times the gate's bar; beyond it noise looks sharp
BEST_FACE_SHARE = 0.3, 0.8  # of the picture's shorter side
SHADING_SIDE = 48  # pixels
INSET = 0.15  # of the face's box, on each side
MAX_ROLL = 15.0  # degrees
PROFILE = 0.5  # for a face that is turned aside, whose halves cannot be compared
UNEVEN_SKIN = 10.0  # `FaceMeasure.skin` that counts as blotched
WEIGHTS = {
    "expression": 4.0, "eyes": 4.0,
    "brows": 1.0, "mouth": 2.0, "sharp": 1.0, "size": 1.0, "upright": 1.0,
    "skin": 0.5, "adult": 0.5, "decent": 0.5,
}  # fmt: skip


class FaceSimilarity:
    """Similarity of a face to a customer's photos, by SFace: only with consent to it."""

    def __init__(self, embeddings: Sequence[NDArray[np.float32]]) -> None:
        """embeddings: at least two, (128,) of unit length each. BadPhotos: fewer."""
        if len(embeddings) < 2:
            raise BadPhotos("fewer than two photos with a face to compare with")
        self._embeddings = np.stack(embeddings)
        cosines = self._embeddings @ self._embeddings.T
        pairs = cosines[np.triu_indices(len(cosines), 1)]
        self._own_similarity = max(MIN_OWN_SIMILARITY, float(pairs.mean()))

    @staticmethod
    def from_photos(photos: Sequence[bytes]) -> FaceSimilarity:
        """Of image files; those that cannot be read or show no face are left out.

        BadPhotos: fewer than two are left.
        """
        embeddings = []
        for photo in photos:
            try:
                embedding = faces.embedding(faces.find_turned(decode(photo))[0])
            except BadPhotos:
                continue
            if embedding is not None:
                embeddings.append(embedding)
        return FaceSimilarity(embeddings)

    def likeness(self, pixels: Pixels) -> float:
        """About 0 for a stranger, 1 for another photo of the same person; -1 without a face."""
        embedding = faces.embedding(pixels)
        if embedding is None:
            return -1.0
        cosine = float((self._embeddings @ embedding).mean())
        return (cosine - STRANGER_SIMILARITY) / (self._own_similarity - STRANGER_SIMILARITY)


def score(
    verdict: GateVerdict, gate: GateSettings, similarity: float | None,
    asked: Expression | None = None,
) -> float:  # fmt: skip
    """The quality of a picture that passed the gate; higher is better.

    Similarity outweighs all else: a quarter of it counts as much as the best face of all.
    """
    merits = {
        **_face_merits(verdict.face, asked),
        "sharp": _sharp(verdict.sharpness, max(1.0, gate.sharpness)),
        "size": _size(verdict.share),
        "upright": max(0.0, 1 - abs(verdict.roll) / MAX_ROLL),
        "adult": _margin(verdict.youth, gate.youth),
        "decent": _margin(verdict.indecency, gate.indecency),
    }
    looks = sum(WEIGHTS[name] * merit for name, merit in merits.items()) / sum(WEIGHTS.values())
    return looks if similarity is None else looks + 4 * similarity


def _face_merits(face: FaceMeasure | None, asked: Expression | None) -> dict[str, float]:
    """Of the face itself, each 0..1; an expression that nobody asked for counts like one met."""
    if face is None:
        return dict.fromkeys(("expression", "eyes", "brows", "mouth", "skin"), PROFILE)
    turned = abs(face.yaw) > expression.TURNED
    return {
        "expression": 1.0 if asked is None else face_faults.met(face, asked),
        "eyes": PROFILE if turned else max(0.0, face.eyes_alike) * (1 - max(face.shut)),
        "brows": PROFILE if turned else max(0.0, face.brows_alike),
        "mouth": PROFILE if turned else max(0.0, face.mouth_alike),
        "skin": max(0.0, 1 - face.skin / UNEVEN_SKIN),
    }


def _sharp(sharpness: float, bar: float) -> float:
    return min(1.0, math.log(max(sharpness / bar, 1.0)) / math.log(SHARPNESS_CEILING))


def _size(share: float) -> float:
    """1 for a face of a portrait's size, less for one that is tiny or runs over the edges."""
    low, high = BEST_FACE_SHARE
    return max(0.0, min(1.0, share / low, (1.2 - share) / (1.2 - high)))


def _margin(value: float, bar: float) -> float:
    return max(0.0, 1 - value / bar) if bar > 0 else 0.0


def shading_correlation(one: Pixels, other: Pixels) -> float:
    """Correlation of the shading of the face, -1..1; -1 if `one` has no face.

    For one picture before and after a retouch, which moves nothing: it tells whether features were
    changed, whatever the light, and does not identify the person.
    """
    found = faces.find(one)
    if not found:
        return -1.0
    before, after = (_shading(pixels, found[0]) for pixels in (one, other))
    return float((before * after).mean())


def _shading(pixels: Pixels, face: Face) -> NDArray[np.float64]:
    """Normalised grey values inside the face's box, without its corners, which show background."""
    left, right = (round(face.left + face.width * share) for share in (INSET, 1 - INSET))
    top, bottom = (round(face.top + face.height * share) for share in (INSET, 1 - INSET))
    box = pixels[max(0, top) : bottom, max(0, left) : right]
    small = cv2.resize(box, (SHADING_SIDE, SHADING_SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float64)
    return np.asarray((grey - grey.mean()) / (grey.std() + 1e-6))
