"""Two people of two photos in one frame: same size, one eye line, light that goes together.

Nobody's face is changed: each is enlarged alike and turned level. Behind them each keeps the
blurred surroundings of the own photo, which pass into the other's in the middle: so no edge of hair
stands before a stranger's background. Skin keeps how light it is; what is matched is the colour of
the light, by half, and how light the surroundings are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.animation.heads import CannotAnimate, find_heads
from pipeline.engine.messages import BadSource
from pipeline.images import faces, segmentation
from pipeline.images.faces import Face, Pixels
from pipeline.images.own_picture import unmarked
from shop.records import AnimationRefusal, Keyframe, Motion, Track

ASPECTS: Final = (4 / 3, 1.8)  # width by height; wider where a close-up leaves less height
_EYES_DOWN: Final = 0.40  # of the frame's height, where there is room
_EYES_AT: Final = (0.285, 0.715)  # of the frame's width
_ROOMY: Final = 5.6  # distances between the eyes: as wide, a frame shows both heads whole
_LEAST_WIDTH: Final = 5.2  # of the frame, in distances between the eyes: else heads are cut off
_MOST_WIDTH: Final = 10.0
_BLUR: Final = 0.018  # of the frame's width: what is behind people is out of focus
_SOFT: Final = 0.006  # of the frame's width: the edge of a person
_SEAM: Final = (0.32, 0.68)  # of the frame's width: where one background passes into the other
_LEAN: Final = 4.5  # degrees
_ONE_TONE: Final = 3.0  # Lab's units that a print of one tone is off its own at most, by 9 in 10
_MOST_CAST: Final = 7.0  # Lab's units by which a picture's colours are moved

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Window:
    """What the frame shows, in distances between the eyes: its width, above them and below."""

    width: float
    up: float
    down: float


@dataclass(frozen=True, slots=True)
class _Layer:
    """One photo laid into the frame.

    rgb       (height, width, 3), 0..255; beyond the photo its mirrored edge
    person    0..1, softly
    """

    rgb: Plane
    person: Plane


def framed(photo: bytes, second: bytes | None, mark: str, largest: int) -> Pixels:
    """The picture that is to move, RGB uint8, without its mark; with a ``second`` one both in one
    frame. BadPhotos: no picture; BadSource: they cannot stand together; BadLabel: the mark breaks
    the rules."""
    picture = unmarked(photo, mark)
    if second is None:
        return picture
    try:
        return side_by_side(picture, unmarked(second, mark), largest)
    except CannotAnimate as refusal:
        raise BadSource(refusal.reason.value) from refusal


def side_by_side(left: Pixels, right: Pixels, largest: int) -> Pixels:
    """A frame with the largest head of each photo, RGB uint8, at most ``largest`` px wide, as large
    as the smaller of both allows. Raises :class:`pipeline.animation.heads.CannotAnimate` for a
    photo without a head that can move, or whose border is too near to it."""
    pictures = (left, right)
    heads = tuple(find_heads(one)[0].face for one in pictures)
    window = _window(pictures, heads)
    # Neither photo is enlarged by more than a half.
    sharp = 1.5 * min(faces.eyes(face)[1] for face in heads) * window.width
    width = int(min(largest, max(480.0, sharp))) // 2 * 2
    height = round(width * (window.up + window.down) / window.width) // 2 * 2
    layers = [
        _laid(picture, face, (width, height), window, at)
        for picture, face, at in zip(pictures, heads, _EYES_AT, strict=True)
    ]
    backgrounds = [_background(layer) for layer in layers]
    shares = _passing(width)[None, :, None]
    layers, backgrounds = _matched(*_toned(layers, backgrounds))
    frame = backgrounds[0] * (1 - shares) + backgrounds[1] * shares
    for layer in layers:
        mask = layer.person[..., None]
        frame = frame * (1 - mask) + layer.rgb * mask
    return np.asarray(np.clip(np.rint(frame), 0, 255), np.uint8)


def leaning(motion: Motion) -> Motion:
    """The same motion, in which heads also lean towards each other, unless it says how they do."""
    if any(track is Track.LEAN for track, _ in motion.tracks):
        return motion
    times = (0.0, 0.4 * motion.seconds, 0.75 * motion.seconds, motion.seconds)
    keys = zip(times, (0.0, _LEAN, 0.9 * _LEAN, 0.0), strict=True)
    lean = (Track.LEAN, tuple(Keyframe(at, value) for at, value in keys))
    return replace(motion, tracks=(*motion.tracks, lean))


def _window(pictures: tuple[Pixels, ...], heads: tuple[Face, ...]) -> _Window:
    """As large as both photos fill."""
    widths, ups, downs = [_MOST_WIDTH], [np.inf], [np.inf]
    for picture, face, at in zip(pictures, heads, _EYES_AT, strict=True):
        middle, distance = faces.eyes(face)
        x, y = middle / distance
        height, width = picture.shape[0] / distance, picture.shape[1] / distance
        widths.append((x if at < 0.5 else width - x) / min(at, 1 - at))
        ups.append(y)
        downs.append(height - y)
    up, down, wide = min(ups), min(downs), min(widths)
    high = min(wide / ASPECTS[0], up / _EYES_DOWN, down / (1 - _EYES_DOWN))
    if high * ASPECTS[0] >= _ROOMY:
        wide = high * ASPECTS[0]
    else:
        high = wide / ASPECTS[0]
    up, down = min(up, _EYES_DOWN * high), min(down, (1 - _EYES_DOWN) * high)
    wide = min(wide, ASPECTS[1] * (up + down))
    if wide < _LEAST_WIDTH:
        raise CannotAnimate(AnimationRefusal.FACE_CUT_OFF)
    return _Window(float(wide), float(up), float(down))


def _laid(picture: Pixels, face: Face, size: tuple[int, int], window: _Window, at: float) -> _Layer:
    width = size[0]
    middle, distance = faces.eyes(face)
    zoom = width / window.width / distance
    matrix = cv2.getRotationMatrix2D((middle[0], middle[1]), faces.roll(face), zoom)
    matrix[:, 2] += np.array([at * width, window.up * zoom * distance]) - middle
    source = picture
    if zoom < 0.7:  # warpAffine does not average: shrink first
        source = cv2.GaussianBlur(picture, (0, 0), 0.45 / zoom)
    rgb = cv2.warpAffine(
        source, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    person = cv2.warpAffine(_person(picture, face), matrix, size, flags=cv2.INTER_LINEAR)
    inside = cv2.warpAffine(np.ones(picture.shape[:2], np.float32), matrix, size)
    # At the photo's own edge a shoulder ends softly; at the frame's it may go on, mirrored.
    edge = max(3, round(0.03 * width))
    for side in (inside, inside[::-1], inside.T, inside.T[::-1]):
        side[:edge] = np.maximum(side[:edge], side[edge : 2 * edge][::-1])
    padded = cv2.copyMakeBorder(inside, edge, edge, edge, edge, cv2.BORDER_REPLICATE)
    eroded = cv2.erode(padded, np.ones((2 * edge + 1, 2 * edge + 1), np.uint8))
    soft = cv2.GaussianBlur(eroded, (0, 0), edge / 2)[edge:-edge, edge:-edge]
    person = cv2.GaussianBlur(person, (0, 0), max(0.8, _SOFT * width))
    return _Layer(rgb.astype(np.float32), np.asarray(person * soft, np.float32))


def _person(picture: Pixels, face: Face) -> Plane:
    """The mask of that person, and of nobody beside them."""
    mask = segmentation.person(picture)
    sure = (mask > 0.5).astype(np.uint8)
    _, labels = cv2.connectedComponents(sure)
    x = int(np.clip(face.left + face.width / 2, 0, picture.shape[1] - 1))
    y = int(np.clip(face.top + face.height / 2, 0, picture.shape[0] - 1))
    own = labels == labels[y, x] if sure[y, x] else sure > 0
    near = cv2.dilate(own.astype(np.uint8), np.ones((9, 9), np.uint8))
    return np.asarray(np.clip((mask - 0.25) * 2, 0, 1) * near, np.float32)


def _background(layer: _Layer) -> Plane:
    """What is behind the person, out of focus; in their place what is around them."""
    width = layer.rgb.shape[1]
    away = cv2.dilate(layer.person, np.ones((round(0.02 * width) | 1,) * 2, np.uint8))
    seen = (1 - np.clip(away * 1.5, 0, 1))[..., None]
    filled = np.zeros_like(layer.rgb)
    weight = np.full((*seen.shape[:2], 1), 1e-6, np.float32)
    for sigma, share in ((_BLUR, 1.0), (4 * _BLUR, 0.02), (16 * _BLUR, 1e-4)):
        blur = sigma * width
        filled += share * _blurred(layer.rgb * seen, blur)
        weight += share * _blurred(seen, blur)
    return np.asarray(filled / weight, np.float32)


def _blurred(plane: Plane, sigma: float) -> Plane:
    """A wide blur, found small."""
    shrink = min(1.0, 4.0 / sigma)
    small = cv2.resize(plane, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma * shrink, borderType=cv2.BORDER_REPLICATE)
    large = cv2.resize(small, plane.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(large.reshape(plane.shape), np.float32)


def _passing(width: int) -> Plane:
    """The share of the right photo's background, from left to right."""
    x = np.linspace(0, 1, width, dtype=np.float32)
    t = np.clip((x - _SEAM[0]) / (_SEAM[1] - _SEAM[0]), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _toned(layers: list[_Layer], backgrounds: list[Plane]) -> tuple[list[_Layer], list[Plane]]:
    """Beside a print in black and white, or in sepia, the other one has its tone too; of two such
    prints both have the warmer one's."""
    tones = [tone for layer in layers if (tone := _tone(_lab(layer.rgb))) is not None]
    if not tones:
        return layers, backgrounds
    tone = max(tones, key=_warmth)
    return (
        [replace(one, rgb=_in_tone(one.rgb, tone)) for one in layers],
        [_in_tone(one, tone) for one in backgrounds],
    )


def _tone(lab: Plane) -> Plane | None:
    """Of a picture of one tone the polynomials (3, 2) that give Lab's a and b by its L / 100; None
    for one in colour."""
    pixels = lab[::4, ::4].reshape(-1, 3)
    powers = np.vander(pixels[:, 0] / 100, 3)
    tone, *_ = np.linalg.lstsq(powers, pixels[:, 1:], rcond=None)
    off = np.abs(powers @ tone - pixels[:, 1:]).max(axis=1)
    return tone.astype(np.float32) if np.percentile(off, 90) < _ONE_TONE else None


def _warmth(tone: Plane) -> float:
    """Lab's b of its middle grey."""
    return float(np.array([0.25, 0.5, 1.0]) @ tone[:, 1])


def _in_tone(rgb: Plane, tone: Plane) -> Plane:
    lab = _lab(rgb)
    lab[..., 1:] = np.vander(lab[..., 0].ravel() / 100, 3).reshape(*lab.shape[:2], 3) @ tone
    return _rgb(lab)


def _matched(layers: list[_Layer], backgrounds: list[Plane]) -> tuple[list[_Layer], list[Plane]]:
    """Colour of the light, as the lightest parts show it, by half; lightness of the surroundings by
    two thirds."""
    labs = [_lab(one) for one in backgrounds]
    casts = [_cast(_lab(layer.rgb)) for layer in layers]
    means = [lab.reshape(-1, 3).mean(axis=0) for lab in labs]
    changed, behind = [], []
    for number, layer in enumerate(layers):
        step = means[1 - number] - means[number]
        cast = np.clip(0.25 * (casts[1 - number] - casts[number]), -_MOST_CAST, _MOST_CAST)
        person = _lab(layer.rgb)
        person[..., 1:] += cast
        around = labs[number].copy()
        around[..., 0] += np.clip(step[0] / 3, -14, 14)
        around[..., 1:] += cast
        changed.append(_Layer(_rgb(person), layer.person))
        behind.append(_rgb(around))
    return changed, behind


def _cast(lab: Plane) -> Plane:
    """The colour of the light: what is lightest, and not burnt out, has it."""
    low, high = np.percentile(lab[..., 0], (90, 99.5))
    lightest = (lab[..., 0] >= low) & (lab[..., 0] <= high)
    return np.asarray(lab[lightest][:, 1:].mean(axis=0), np.float32)


def _lab(rgb: Plane) -> Plane:
    whole = np.clip(rgb, 0, 255).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(whole, cv2.COLOR_RGB2LAB), np.float32)


def _rgb(lab: Plane) -> Plane:
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255, np.float32)
