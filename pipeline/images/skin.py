"""Where the skin of a face is, by its five points alone."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces
from pipeline.images.faces import Face


def skin_mask(shape: tuple[int, ...], face: Face) -> NDArray[np.uint8]:
    """White on the face, black outside and on eyes, brows and mouth; soft edges."""
    mask = np.zeros(shape[:2], dtype=np.uint8)
    middle = _point(face.left + face.width / 2, face.top + face.height / 2)
    cv2.ellipse(mask, middle, _point(0.46 * face.width, 0.5 * face.height), 0, 0, 360, 255, -1)
    eye_distance = faces.eyes(face)[1]
    for x, y in face.points[:2]:
        spared = _point(x, y - 0.08 * eye_distance)
        cv2.ellipse(mask, spared, _point(0.36 * eye_distance, 0.3 * eye_distance), 0, 0, 360, 0, -1)
    x, y = face.points[3:].mean(axis=0)
    wide = float(np.linalg.norm(face.points[4] - face.points[3]))
    cv2.ellipse(mask, _point(x, y), _point(0.65 * wide, 0.28 * eye_distance), 0, 0, 360, 0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.05 * face.width)), np.uint8)


def _point(x: float, y: float) -> tuple[int, int]:
    return round(float(x)), round(float(y))
