"""Things before a face, drawn by its five key points: glasses dark and clear, bars, masks, mosaics.

For training and measuring :mod:`pipeline.images.covering`; its tests draw others of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images.faces import Face, Pixels, eyes

Floats = NDArray[np.float64]
LENSES = {"round": 2.0, "oval": 2.5, "aviator": 2.6, "rectangle": 5.0}  # exponents of superellipses


@dataclass(frozen=True, slots=True)
class FaceFrame:
    """The face's own axes: ``right`` and ``down`` of length 1, ``unit`` the eyes' distance."""

    middle: Floats
    right: Floats
    down: Floats
    unit: float
    face: Face

    @classmethod
    def of(cls, face: Face) -> FaceFrame:
        middle, unit = eyes(face)
        across = face.points[1] - face.points[0]
        down = face.points[3:].mean(axis=0) - middle
        if np.linalg.norm(across) < 0.3 * unit:  # a profile
            across = np.array([down[1], -down[0]])
        right = across / max(float(np.linalg.norm(across)), 1e-6)
        return cls(middle, right, np.array([-right[1], right[0]]), unit, face)

    @property
    def between_eyes(self) -> float:
        return float(np.linalg.norm(self.face.points[1] - self.face.points[0]))

    @property
    def mouth(self) -> Floats:
        return self.face.points[3:].mean(axis=0)

    def box(self, middle: Floats, width: float, height: float) -> Floats:
        corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        steps = [self.right * x * width / 2 + self.down * y * height / 2 for x, y in corners]
        return np.array([middle + step for step in steps])

    def lens(self, middle: Floats, width: float, height: float, kind: str) -> Floats:
        turn = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        power = 2 / LENSES[kind]
        x = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** power * width / 2
        y = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** power * height / 2
        if kind == "aviator":
            x = x * (1 - 0.18 * (y / height * 2).clip(0))
        return np.asarray(middle + x[:, None] * self.right + y[:, None] * self.down)


def colour(rng: np.random.Generator) -> Floats:
    match rng.integers(5):
        case 0:
            return np.full(3, rng.uniform(0, 60))
        case 1:
            return np.full(3, rng.uniform(180, 255))
        case 2:  # as skin: a hand
            return np.array([235, 190, 160.0]) * rng.uniform(0.25, 1) + rng.normal(0, 8, 3)
        case 3:  # as a surgical mask
            return np.array([120, 160, 200.0]) + rng.normal(0, 25, 3)
        case _:
            return rng.uniform(0, 255, 3)


def stuff(rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Cloth, skin, plastic: one colour, a gradient, noise, stripes or checks, unevenly lit."""
    height, width = shape
    one, other = (np.ones((height, width, 3)) * colour(rng) for _ in range(2))
    rows, columns = np.arange(height)[:, None, None], np.arange(width)[None, :, None]
    step = rng.uniform(0.04, 0.2) * height + 2
    match rng.choice(["flat", "flat", "flat", "gradient", "noise", "stripes", "checks"]):
        case "gradient":
            one = one + (other - one) * rows / height
        case "noise":
            cells = int(rng.integers(3, 30))
            one = one + _clouds(rng, shape, cells, rng.uniform(10, 50), 3)
        case "stripes":
            one = np.where((rows // step) % 2 < 1, one, other)
        case "checks":
            one = np.where((rows // step + columns // step) % 2 < 1, one, other)
    light = _clouds(rng, shape, 4, rng.uniform(0, 14), 1)
    return np.clip(one + light + rng.normal(0, rng.uniform(0, 4), (height, width, 1)), 0, 255)


def _clouds(
    rng: np.random.Generator, shape: tuple[int, int], cells: int, spread: float, planes: int
) -> Floats:
    coarse = rng.normal(0, spread, (cells, cells, planes)).astype(np.float32)
    fine = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine, np.float64).reshape(*shape, planes)


def filled(shape: tuple[int, int], *outlines: Floats) -> NDArray[np.uint8]:
    mask = np.zeros(shape, np.uint8)
    for outline in outlines:
        points = np.round(outline * 8).astype(np.int32)
        cv2.fillPoly(mask, [points], 1, cv2.LINE_AA, 3)
    return mask


def paste(pixels: Pixels, mask: NDArray[np.uint8], what: Floats, opacity: float = 1.0) -> Pixels:
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(0.6, pixels.shape[1] / 700))
    share = soft[..., None] * opacity
    return np.asarray(np.clip(pixels * (1 - share) + what * share, 0, 255), np.uint8)


def _flat(pixels: Pixels, what: Floats) -> Floats:
    return np.ones(pixels.shape) * what


def _along(frame: FaceFrame, pixels: Pixels, middle: Floats, axis: Floats) -> Floats:
    """How far each pixel lies from `middle` along `axis`, in units of the face."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    places = np.stack([columns, rows], axis=-1) - middle
    return np.asarray((places @ axis / frame.unit)[..., None])


def bar_over_eyes(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame = FaceFrame.of(face)
    middle = frame.middle + frame.down * frame.unit * rng.uniform(-0.06, 0.08)
    width = frame.between_eyes + frame.unit * rng.uniform(0.7, 1.5)
    outline = frame.box(middle, width, frame.unit * rng.uniform(0.32, 0.75))
    black = rng.random() < 0.4
    what = _flat(pixels, np.zeros(3)) if black else stuff(rng, pixels.shape[:2])
    return paste(pixels, filled(pixels.shape[:2], outline), what)


def sunglasses(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    dark = rng.random() < 0.8
    tint = colour(rng) * (rng.uniform(0.05, 0.35) if dark else 1.0)
    glass = _flat(pixels, tint)
    frame = FaceFrame.of(face)
    if rng.random() < 0.6:  # darker above than below
        fade = np.clip(_along(frame, pixels, frame.middle, frame.down) + 0.5, 0, 1)
        glass = glass + fade * rng.uniform(-30, 70)
    if rng.random() < 0.4:  # what they mirror
        glass = glass + _clouds(rng, pixels.shape[:2], 8, 25, 3)
    return _glasses(pixels, frame, rng, np.clip(glass, 0, 255), rng.uniform(0.82, 1))


def clear_glasses(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    """What must pass."""
    glass = _flat(pixels, colour(rng))
    return _glasses(pixels, FaceFrame.of(face), rng, glass, rng.uniform(0, 0.22))


def _glasses(
    pixels: Pixels, frame: FaceFrame, rng: np.random.Generator, glass: Floats, opacity: float
) -> Pixels:
    width = frame.unit * rng.uniform(0.62, 0.95)
    height, kind = width * rng.uniform(0.6, 1.0), str(rng.choice(list(LENSES)))
    lower = frame.down * height * rng.uniform(0, 0.15)
    lenses = [frame.lens(eye + lower, width, height, kind) for eye in frame.face.points[:2]]
    rims = np.zeros(pixels.shape[:2], np.uint8)
    thick = max(1, int(frame.unit * rng.uniform(0.015, 0.07)))
    outlines = [np.round(lens * 8).astype(np.int32) for lens in lenses]
    cv2.polylines(rims, outlines, True, 1, thick, cv2.LINE_AA, 3)
    inner = frame.right * width * 0.4 - frame.down * height * 0.2
    left = (frame.face.points[0] + inner).astype(int).tolist()
    right = (frame.face.points[1] - frame.right * width * 0.4 - frame.down * height * 0.2).astype(
        int
    )
    cv2.line(rims, left, right.tolist(), 1, max(1, int(frame.unit * 0.04)), cv2.LINE_AA)
    shown = paste(pixels, filled(pixels.shape[:2], *lenses), glass, opacity)
    return paste(shown, rims, _flat(pixels, colour(rng) * rng.uniform(0.05, 1)))


def discs_over_eyes(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame, size = FaceFrame.of(face), 2 * rng.uniform(0.25, 0.45)
    where = [eye + rng.normal(0, 0.03 * frame.unit, 2) for eye in face.points[:2]]
    discs = [frame.lens(eye, size * frame.unit, size * frame.unit, "round") for eye in where]
    return paste(pixels, filled(pixels.shape[:2], *discs), stuff(rng, pixels.shape[:2]))


def mosaic_over_eyes(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame = FaceFrame.of(face)
    width = frame.between_eyes + frame.unit * rng.uniform(0.7, 1.3)
    outline = frame.box(frame.middle, width, frame.unit * rng.uniform(0.4, 0.8))
    return paste(pixels, filled(pixels.shape[:2], outline), _coarse(pixels, frame, rng))


def _coarse(pixels: Pixels, frame: FaceFrame, rng: np.random.Generator) -> Floats:
    """The picture in squares, or as blurred."""
    size = frame.unit * rng.uniform(0.16, 0.3)
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(pixels, (0, 0), size), np.float64)
    height, width = pixels.shape[:2]
    least = (max(1, int(width / size)), max(1, int(height / size)))
    small = cv2.resize(pixels, least, interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST), np.float64
    )


def mask(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    """Of cloth or paper, from the nose to the chin, with folds."""
    frame, mouth, nose = FaceFrame.of(face), FaceFrame.of(face).mouth, face.points[2]
    right, down = frame.right * frame.unit, frame.down * frame.unit
    top, cheek = nose - down * rng.uniform(-0.12, 0.4), 0.4 * mouth + 0.6 * nose
    wide, drop = rng.uniform(0.8, 1.25), rng.uniform(0.6, 0.95)
    ears = (rng.uniform(-0.1, 0.2), rng.uniform(-0.1, 0.2))
    outline = np.array([
        top, top + right * wide * 0.5 + down * 0.08, cheek + right * wide * 0.95 + down * ears[0],
        mouth + right * wide * 0.75 + down * drop * 0.5, mouth + right * wide * 0.3 + down * drop,
        mouth - right * wide * 0.3 + down * drop, mouth - right * wide * 0.75 + down * drop * 0.5,
        cheek - right * wide * 0.95 + down * ears[1], top - right * wide * 0.5 + down * 0.08,
    ])  # fmt: skip
    cloth = stuff(rng, pixels.shape[:2])
    if rng.random() < 0.6:
        folds = np.sin(_along(frame, pixels, mouth, frame.down) * rng.uniform(10, 30))
        cloth = cloth + rng.uniform(3, 18) * folds
    cloth = cloth - np.abs(_along(frame, pixels, mouth, frame.right)) * rng.uniform(0, 60)
    return paste(pixels, filled(pixels.shape[:2], outline), np.clip(cloth, 0, 255))


def bar_over_mouth(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame = FaceFrame.of(face)
    middle = frame.mouth + frame.down * frame.unit * rng.uniform(-0.05, 0.08)
    wide = float(np.linalg.norm(face.points[4] - face.points[3]))
    width = max(wide, 0.5 * frame.unit) + frame.unit * rng.uniform(0.4, 1.2)
    outline = frame.box(middle, width, frame.unit * rng.uniform(0.4, 0.9))
    black = rng.random() < 0.3
    what = _flat(pixels, np.zeros(3)) if black else stuff(rng, pixels.shape[:2])
    return paste(pixels, filled(pixels.shape[:2], outline), what)


def disc_over_mouth(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame = FaceFrame.of(face)
    wide = float(np.linalg.norm(face.points[4] - face.points[3]))
    size = 2 * max(0.7 * wide, 0.35 * frame.unit) * rng.uniform(1, 1.6)
    middle = frame.mouth + rng.normal(0, 0.05 * frame.unit, 2)
    disc = frame.lens(middle, size, size * rng.uniform(0.7, 1.2), "oval")
    return paste(pixels, filled(pixels.shape[:2], disc), stuff(rng, pixels.shape[:2]))


def mosaic_over_mouth(pixels: Pixels, face: Face, rng: np.random.Generator) -> Pixels:
    frame = FaceFrame.of(face)
    wide = float(np.linalg.norm(face.points[4] - face.points[3]))
    width = max(wide, 0.5 * frame.unit) + 0.6 * frame.unit
    outline = frame.box(frame.mouth, width, frame.unit * rng.uniform(0.5, 0.9))
    return paste(pixels, filled(pixels.shape[:2], outline), _coarse(pixels, frame, rng))


OVER_EYES = (bar_over_eyes, sunglasses, discs_over_eyes, mosaic_over_eyes)
OVER_MOUTH = (mask, bar_over_mouth, disc_over_mouth, mosaic_over_mouth)


def as_sent(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Another light, colour, sharpness and quality, perhaps in the mirror."""
    values = 255 * (pixels / 255.0) ** rng.uniform(0.6, 1.6) * (1 + rng.uniform(-0.12, 0.12, 3))
    if rng.random() < 0.4:
        side = np.linspace(rng.uniform(0.4, 1), 1, pixels.shape[1])[None, :, None]
        values = values * (side if rng.random() < 0.5 else side[:, ::-1])
    if rng.random() < 0.2:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    sent: Pixels = np.clip(values, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        sent = np.asarray(cv2.GaussianBlur(sent, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(40, 90))]
        _, packed = cv2.imencode(".jpg", sent, quality)
        sent = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(sent[:, ::-1]) if rng.random() < 0.5 else sent
