"""Face detection (YuNet), upright crops, and measurements of a face.

The five key points turn a crop upright and give the view. They stay in this process's memory:
neither sent to the parent nor stored.
Pictures here are RGB uint8 arrays of shape (height, width, 3).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.inspection import View
from pipeline.models import weights

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

LONGEST_SIDE = 640  # pixels; larger photos are shrunk for the search, never for the result
STRIP_SIDE = 320  # pixels of the shorter side that a long screenshot keeps in the search
LEAST_SCORE = 0.8  # 76 of 76 test photos found, 0 false on 20 pictures without faces
SHARPNESS_SIDE = 128  # pixels
UPRIGHT_SIDE = 96  # pixels
# The five key points of an upright face on a chip of that side.
UPRIGHT: Points = np.array([[30.0, 40.0], [66.0, 40.0], [48.0, 62.0], [34.0, 82.0], [62.0, 82.0]])
LEAST_SIDE = 64  # pixels; on smaller pictures YuNet reports faces far outside them
LEAST_PART = 0.35  # of the largest face's height: smaller ones are people in the background


@dataclass(frozen=True, slots=True)
class Face:
    """One face. left, top, width, height: the box in pixels. points: shape (5, 2), x and y of the
    picture-left eye, picture-right eye, nose tip, picture-left and picture-right mouth corner."""

    left: float
    top: float
    width: float
    height: float
    score: float
    points: Points


@functools.lru_cache(maxsize=1)
def finder() -> cv2.FaceDetectorYN:
    cv2.setNumThreads(1)  # OpenCV would take every core, and does not read OMP_NUM_THREADS
    return cv2.FaceDetectorYN.create(
        str(weights.find(weights.FACE_FINDER)), "", (LONGEST_SIDE, LONGEST_SIDE), LEAST_SCORE, 0.3
    )


def find(pixels: Pixels) -> tuple[Face, ...]:
    """The faces of a picture, largest first, without the small ones in the background."""
    found = find_all(pixels)
    return tuple(face for face in found if face.height >= LEAST_PART * found[0].height)


def find_all(pixels: Pixels) -> tuple[Face, ...]:
    """As :func:`find`, with those in the background."""
    if min(pixels.shape[:2]) < LEAST_SIDE:
        return ()
    sides = pixels.shape[:2]
    shrink = min(1.0, max(LONGEST_SIDE / max(sides), STRIP_SIDE / min(sides)))
    small = (
        pixels
        if shrink == 1.0
        else cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    )
    detector = finder()
    detector.setInputSize((small.shape[1], small.shape[0]))
    _, rows = detector.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    detected = (_face(row.astype(np.float64) / shrink, float(row[14])) for row in _rows(rows))
    found = [face for face in detected if _within(face, pixels)]
    return tuple(sorted(found, key=lambda face: -face.height))


def _rows(rows: object) -> Sequence[NDArray[np.float32]]:
    return [] if rows is None else list(np.asarray(rows))


def _face(row: NDArray[np.float64], score: float) -> Face:
    left, top, width, height = (float(v) for v in row[:4])
    return Face(left, top, width, height, score, row[4:14].reshape(5, 2))


def _within(face: Face, pixels: Pixels) -> bool:
    """Whether it is a box of some size, whose middle lies in the picture."""
    x, y = face.left + face.width / 2, face.top + face.height / 2
    inside = 0 <= x < pixels.shape[1] and 0 <= y < pixels.shape[0]
    return inside and min(face.width, face.height) >= 1


def find_turned(pixels: Pixels) -> tuple[Pixels, tuple[Face, ...]]:
    """As `find`, also for a picture that lies on a side or stands on its head (its EXIF lost).

    Returns the picture in that of four turns in which the largest face scores best, and its faces.
    """
    turns, found = find_upright(pixels)
    return turned(pixels, turns), found


def find_upright(pixels: Pixels) -> tuple[int, tuple[Face, ...]]:
    """After how many quarter turns, counterclockwise, a picture's largest face scores best, and its
    faces then; 0 for a picture without any.

    YuNet finds a third of the faces that stand on their heads as well, but scores each of them
    lower: of 215 portraits all scored best upright, by .016 and more.
    """
    best, found = 0, find(pixels)
    for turns in (1, 2, 3):
        seen = find(turned(pixels, turns))
        if seen and (not found or seen[0].score > found[0].score):
            best, found = turns, seen
    return best, found


def turned(pixels: Pixels, turns: int) -> Pixels:
    """A picture after quarter turns, counterclockwise; itself after none."""
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels


def roll(face: Face) -> float:
    """Degrees by which the line through the eyes falls to the right; 0 for profiles.

    In a profile the eyes lie so close that their line says nothing.
    """
    across = face.points[1] - face.points[0]
    if abs(across[0]) < 0.2 * face.width:
        return 0.0
    return float(np.clip(np.degrees(np.arctan2(across[1], across[0])), -45, 45))


def view(face: Face) -> View:
    """Where the nose lies between the eyes: by thirds, measured along the line of the eyes."""
    left, right, nose = face.points[0], face.points[1], face.points[2]  # the picture's
    across = right - left
    length = float(across @ across)
    if length < (0.05 * face.width) ** 2:
        return View.UNKNOWN
    share = float((nose - left) @ across) / length
    if share < 0.28:
        return View.LEFT
    return View.RIGHT if share > 0.72 else View.FRONT


def eyes(face: Face) -> tuple[Points, float]:
    """The middle of the eyes, shape (2,), and their distance in pixels as if seen from the front.

    In a profile only the height of the face is left: eyes lie about as far from each other as
    from the mouth, so the larger of both measures gives the scale.
    """
    middle = face.points[:2].mean(axis=0)
    across = float(np.linalg.norm(face.points[1] - face.points[0]))
    down = float(np.linalg.norm(face.points[3:].mean(axis=0) - middle))
    return middle, max(across, 0.95 * down)


def crop(
    pixels: Pixels,
    face: Face,
    side: int,
    share: float,
    level: float = 0.43,
    shift: tuple[float, float] = (0.0, 0.0),
    turn: float = 0.0,
) -> Pixels:
    """A square of `side` pixels around the face, eyes level.

    share   distance between the eyes / the square's side
    level   height of the eyes below the square's top, as a share of its side
    shift   of the face in the square, as shares of its side (right, down)
    turn    further degrees
    Outside the photo the edge is mirrored: flat bars would be learned as part of the person.
    """
    matrix, zoom = _placing(face, side, share, level, shift, turn)
    return warp(pixels, matrix, zoom, side)


def crop_coverage(
    shape: tuple[int, ...],
    face: Face,
    side: int,
    share: float,
    level: float = 0.43,
    shift: tuple[float, float] = (0.0, 0.0),
    turn: float = 0.0,
) -> NDArray[np.float32]:
    """Which pixels of :func:`crop` show the photo, whose shape is given, and no mirrored edge:
    (side, side), 0 or 1."""
    matrix, _ = _placing(face, side, share, level, shift, turn)
    whole = np.ones(shape[:2], np.float32)
    return np.asarray(cv2.warpAffine(whole, matrix, (side, side), flags=cv2.INTER_NEAREST))


def _placing(
    face: Face, side: int, share: float, level: float, shift: tuple[float, float], turn: float
) -> tuple[NDArray[np.float64], float]:
    """The affine matrix (2, 3) from a photo to its crop, and how much it enlarges."""
    middle, distance = eyes(face)
    zoom = share * side / distance
    matrix = cv2.getRotationMatrix2D((middle[0], middle[1]), roll(face) + turn, zoom)
    matrix[:, 2] += (np.array([0.5, level]) + np.asarray(shift)) * side - middle
    return np.asarray(matrix, dtype=np.float64), zoom


def warp(pixels: Pixels, matrix: NDArray[np.float64], zoom: float, side: int) -> Pixels:
    """A square of `side` pixels, by a matrix (2, 3) that enlarges by `zoom`.

    WarpAffine does not average when it shrinks, so warp larger and reduce by area.
    """
    excess = max(1, min(8, int(1 / zoom)))
    warped = cv2.warpAffine(
        pixels,
        matrix * excess,
        (side * excess, side * excess),
        flags=cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if excess == 1:
        return np.asarray(warped, dtype=np.uint8)
    return np.asarray(cv2.resize(warped, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def sharpness(pixels: Pixels, face: Face) -> float:
    """Laplacian variance of the face's box, shrunk to 128 px where it is larger.

    Never enlarged: an enlarged face looks soft however sharp the photo is. On 140 synthetic photos
    with faces of 70 to 390 px the least was 281; blurred by a hundredth of the face's height, 35 in
    the middle. Blind to noise and to JPEG blocks, which count as sharp.
    """
    left, top = max(0, int(face.left)), max(0, int(face.top))
    box = pixels[top : int(face.top + face.height) + 1, left : int(face.left + face.width) + 1]
    shrink = SHARPNESS_SIDE / max(box.shape[:2])
    if shrink < 1:
        box = cv2.resize(box, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(cv2.cvtColor(box, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())


def align(pixels: Pixels, face: Face, template: Points, side: int) -> Pixels:
    """A chip of `side` pixels whose key points lie on `template`, shape (5, 2).

    By the similarity transform of least squares (Umeyama 1991).
    """
    source = face.points @ np.array([1, 1j])
    target = template @ np.array([1, 1j])
    centred = source - source.mean()
    factor = (centred.conj() @ (target - target.mean())) / (centred.conj() @ centred).real
    move = target.mean() - factor * source.mean()
    matrix = np.array(
        [[factor.real, -factor.imag, move.real], [factor.imag, factor.real, move.imag]]
    )
    return warp(pixels, matrix, abs(factor), side)


@functools.lru_cache(maxsize=1)
def _matcher() -> cv2.FaceRecognizerSF:
    return cv2.FaceRecognizerSF.create(str(weights.find(weights.FACE_MATCHER)), "")


def embedding(pixels: Pixels) -> NDArray[np.float32] | None:
    """A unit vector of 128 numbers that identifies the largest face; None without a face.

    Biometric data. Production computes one of a customer's photo only with a separate consent, and
    stores it nowhere: while initial portraits are painted (`FaceSimilarity`), and while the photos
    of an order are compared with each other (`unlike`); of
    painted pictures to see whether a retouch changed the person. Else for benchmarks alone.
    """
    found = find(pixels)
    if not found:
        return None
    face = found[0]
    box = [face.left, face.top, face.width, face.height, *face.points.ravel(), face.score]
    picture = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    aligned = _matcher().alignCrop(picture, np.asarray([box], dtype=np.float32))
    vector = _matcher().feature(aligned).ravel().astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
