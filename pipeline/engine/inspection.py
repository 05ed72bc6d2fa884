"""What the inspection of one photo measured.

Importable without torch, cv2 or onnxruntime; crosses the pipe as the records of `messages.py` do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.engine.wire import Blob


class View(StrEnum):
    """Where the face looks, as the viewer sees it.

    LEFT: the nose points to the *picture's* left edge, which is the person's own right.
    """

    FRONT = "front"
    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"


FACE_HASH_BYTES = 72
"""Of one hash in :attr:`InspectionResult.face_hashes`: 24 x 24 bits."""


@dataclass(frozen=True, slots=True)
class InspectionResult:
    """Measurements of one photo, without key points or an embedding. The hashes are made to tell
    the photo, not the person, but are personal data all the same (`images/face_hash.py`).

    width, height   pixels, after the EXIF turn
    faces           faces found; those under 35 % of the largest one's height do not count
    face_share      largest face box height / shorter side of the photo, 0..1 (0: no face)
    sharpness       Laplacian variance of the face box, shrunk to 128 px; below 60 soft (0: no face)
    indecency       0..1, probability that the photo is not safe for work
    covered         0..1, probability that the eyes or the mouth are covered (0: no face)
    youth           0..1, probability that the person is under 20 (0: no face)
    phash           256-bit perceptual hash, 64 hex digits; `phash_mirrored` of the mirror image
    face_hashes     perceptual hashes of the upright face, FACE_HASH_BYTES each: first as it was
                    aligned, then as it might have been (empty: no face)
    turns           quarter turns, 0..3, counterclockwise, after which the face stands upright
    """

    width: int
    height: int
    faces: int
    face_share: float
    sharpness: float
    indecency: float
    covered: float
    youth: float
    phash: str
    phash_mirrored: str
    face_hashes: Blob = field(repr=False)
    view: View
    turns: int = 0
