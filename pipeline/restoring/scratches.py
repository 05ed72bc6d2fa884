"""Scratches, creases and dust of a print: light, thin, and in no relation to what the photo shows.

A scratch is a straight line as light as bare paper, darker on both of its sides; dust are spots of
the same, all over the picture. Only where enough of either stands beyond doubt is the
photo taken for damaged; then what is like it and less clear goes as well. Filled from what is
beside it. Eyes and mouths lose no spots (their glints are theirs), lines that cross them alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces
from pipeline.images.faces import Face, Pixels

Grey = NDArray[np.float32]
Mask = NDArray[np.uint8]
"""Shape (height, width): 255 where something is to be filled."""

_SIDE: Final = 800  # pixels of the longer side, for the search
_REFERENCE: Final = 800  # the longer side for which the sizes below are meant, in pixels
_DIRECTIONS: Final = 24
_LENGTH: Final = 41  # over which a line is averaged
_APART: Final = 4  # from a line to what lies beside it
_EDGE: Final = 8  # from the picture's edge to a scratch, at least
_WAVERS: Final = 2.5  # how far a line is from straight
_ONE_LINE: Final = 0.4  # of the longer side: length of a line that proves damage alone
_ALL_LINES: Final = {False: 2.5, True: 2.0}  # the same of all lines, and on what is a print
_LEAST_SPOTS: Final = 18
_LEAST_TILES: Final = 4  # of nine, that such spots lie in
_CALM: Final = 40  # per cent of the picture that is calmer: there spots of light are dust
_BUSY: Final = 85  # per cent of the picture that is calmer than where nothing less clear is filled
_SPOT_LARGEST: Final = 40  # square pixels
_RADIUS: Final = 4  # pixels around a hole that it is filled from


@dataclass(frozen=True, slots=True)
class _Clarity:
    """How clear something must be.

    length    of a line
    contrast  how much lighter than both sides, of 255
    share     of a line's length that is so much lighter
    dimmer    than the picture's white, at most
    unrest    times that of what is around, for a spot
    """

    length: float
    contrast: float
    share: float
    dimmer: float
    unrest: float


_DOUBTLESS: Final = _Clarity(length=90, contrast=22, share=0.75, dimmer=12, unrest=9)
_LIKELY: Final = _Clarity(length=45, contrast=12, share=0.6, dimmer=60, unrest=8)


@dataclass(frozen=True, slots=True)
class _Line:
    pixels: tuple[NDArray[np.intp], NDArray[np.intp]]
    length: float
    contrast: float
    share_of: NDArray[np.float64]
    core: float


def find(picture: Pixels, found: tuple[Face, ...], *, is_print: bool = False) -> Mask | None:
    """Where scratches and dust are, at the picture's size; None for too little to be damage.

    ``is_print``: paper was seen around it, so that less proves damage, and spots may be dust: those
    alone are in many a modern photo, as leaves before the sky.
    """
    shrink = min(1.0, _SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scale = max(small.shape[:2]) / _REFERENCE
    smooth = cv2.medianBlur(np.rint(grey).astype(np.uint8), 5)
    around = max(31, round(31 * scale)) | 1  # wide, and capped: a spot is no unrest of its own
    unrest = cv2.blur(np.minimum(np.abs(grey - smooth), 10), (around, around))
    calm, busy = np.percentile(unrest, (_CALM, _BUSY))
    white = float(np.percentile(smooth, 99.5))
    lines = list(_lines(grey, scale))
    delicate = _delicate(grey.shape, found, shrink)

    lengths = [one.length for one in lines if _is(one, _DOUBTLESS, scale, white)]
    shares = np.array([0.0, *lengths]) / max(grey.shape)
    scratched = shares.max() > _ONE_LINE or shares.sum() > _ALL_LINES[is_print]
    dust = _spots(grey, unrest, scale, _DOUBTLESS, white) & ~delicate
    dust[unrest > calm] = 0
    dusty = (scratched or is_print) and _is_everywhere(dust)
    if not scratched and not dusty:
        return None
    mask = np.zeros(grey.shape, np.uint8)
    for one in lines:
        sure = _is(one, _DOUBTLESS, scale, white)
        likely = unrest[one.pixels].mean() < busy and _is(one, _LIKELY, scale, white)
        if scratched and (sure or likely):
            mask[one.pixels] = 255
    if dusty:
        spots = _spots(grey, unrest, scale, _LIKELY, white) & ~delicate
        mask[(spots > 0) & (unrest < busy)] = 255
    mask = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    size = (picture.shape[1], picture.shape[0])
    large = cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR)
    return np.where(large > 60, 255, 0).astype(np.uint8)


def fill(picture: Pixels, mask: Mask) -> Pixels:
    """The picture without them, by Telea's method (2004)."""
    return np.asarray(cv2.inpaint(picture, mask, _RADIUS, cv2.INPAINT_TELEA), np.uint8)


def _thin(grey: Grey, width: float) -> Grey:
    """How much lighter a pixel is than what is left when all that is thinner than that goes."""
    side = 2 * max(1, round(width / 2)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, kernel))


def _is(line: _Line, clarity: _Clarity, scale: float, white: float) -> bool:
    return bool(
        line.length >= clarity.length * scale
        and line.contrast >= clarity.contrast
        and (line.share_of > clarity.contrast / 2).mean() >= clarity.share
        and line.core >= white - clarity.dimmer
    )


def _lines(grey: Grey, scale: float) -> Iterator[_Line]:
    """What is light along a straight line, one direction after the other."""
    light = np.minimum(_thin(grey, 6 * scale), 60)
    for number in range(_DIRECTIONS):
        angle = np.pi * number / _DIRECTIONS
        kernel = _line_kernel(angle, round(_LENGTH * scale))
        along = cv2.filter2D(light, -1, kernel, borderType=cv2.BORDER_REFLECT)
        step = _APART * scale * np.array([-np.sin(angle), np.cos(angle)])
        beside = np.maximum(_moved(along, step), _moved(along, -step))
        weak = np.where((along - beside > 5) & (light > 7), 255, 0).astype(np.uint8)
        weak = cv2.morphologyEx(weak, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        _, labels, stats, _ = cv2.connectedComponentsWithStats(weak, connectivity=8)
        lengths = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
        areas = stats[:, cv2.CC_STAT_AREA]
        usable = (lengths >= _LIKELY.length * scale) & (areas <= 7 * scale * lengths)
        for label in np.flatnonzero(usable[1:]) + 1:
            left, top, wide, high = stats[label, :4]
            inside = np.nonzero(labels[top : top + high, left : left + wide] == label)
            line = _measured(grey, (inside[0] + top, inside[1] + left), scale)
            if line is not None:
                yield line


def _measured(
    grey: Grey, pixels: tuple[NDArray[np.intp], NDArray[np.intp]], scale: float
) -> _Line | None:
    """A line through those pixels, compared with what lies on both of its sides; None for what is
    not straight."""
    points = np.column_stack([pixels[1], pixels[0]]).astype(np.float32)
    x, y, cx, cy = cv2.fitLine(points, cv2.DIST_L2, 0, 0.01, 0.01).ravel()
    along, normal = np.array([x, y]), np.array([-y, x])
    offset = points - [cx, cy]
    if np.abs(offset @ normal).mean() > _WAVERS * scale:
        return None
    edge = np.minimum(points, [grey.shape[1], grey.shape[0]] - points).min(axis=1)
    if np.median(edge) < _EDGE * scale:  # what is left of a paper border
        return None
    places = offset @ along
    ends = float(places.min()), float(places.max())
    length = ends[1] - ends[0]
    steps = np.linspace(*ends, max(8, int(length)))
    bend = np.polyfit(places, offset @ normal, 2)  # of a print that is not quite flat
    middle = [cx, cy] + steps[:, None] * along + np.polyval(bend, steps)[:, None] * normal
    across = np.arange(-7, 8) * max(1.0, scale)
    grid = (middle[:, None] + across[None, :, None] * normal).astype(np.float32)
    values = cv2.remap(
        grey, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    core = values[:, 5:10].max(axis=1)
    sides = np.maximum(values[:, :4].mean(axis=1), values[:, 11:].mean(axis=1))
    contrast = core - sides
    return _Line(pixels, length, float(np.median(contrast)), contrast, float(np.median(core)))


def _line_kernel(angle: float, length: int) -> Grey:
    side = length | 1
    kernel = np.zeros((side, side), np.float32)
    middle = side // 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    start, end = np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int)
    cv2.line(kernel, tuple(map(int, start)), tuple(map(int, end)), 1.0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)


def _moved(grey: Grey, step: NDArray[np.float64]) -> Grey:
    matrix = np.array([[1, 0, step[0]], [0, 1, step[1]]], np.float64)
    size = (grey.shape[1], grey.shape[0])
    return np.asarray(cv2.warpAffine(grey, matrix, size, borderMode=cv2.BORDER_REFLECT))


def _spots(grey: Grey, unrest: Grey, scale: float, clarity: _Clarity, white: float) -> Mask:
    """Round spots that are light, on what is calmer than they are."""
    light = _thin(grey, 8 * scale)
    level = np.maximum(1.5 * clarity.contrast, clarity.unrest * unrest)
    clear = (light > level) & (grey > white - clarity.dimmer)
    mask = np.where(clear, 255, 0).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    sides = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]]
    dust = stats[:, cv2.CC_STAT_AREA] <= _SPOT_LARGEST * scale * scale
    dust &= sides.max(axis=1) <= 2.5 * sides.min(axis=1) + 1
    dust[0] = False
    return np.where(dust[labels], 255, 0).astype(np.uint8)


def _is_everywhere(spots: Mask) -> bool:
    """Whether there are many, and in most parts of the picture."""
    count, _, _, centroids = cv2.connectedComponentsWithStats(spots, connectivity=8)
    height, width = spots.shape
    tiles = {(int(3 * x / width), int(3 * y / height)) for x, y in centroids[1:]}
    return count - 1 >= _LEAST_SPOTS and len(tiles) >= _LEAST_TILES


def _delicate(shape: tuple[int, ...], found: tuple[Face, ...], shrink: float) -> Mask:
    """Eyes and mouths."""
    mask = np.zeros(shape[:2], np.uint8)
    for face in found:
        distance = faces.eyes(face)[1] * shrink
        for number, (x, y) in enumerate(face.points * shrink):
            reach = (0.24, 0.15) if number < 2 else (0.30, 0.22)
            if number != 2:  # the tip of the nose
                axes = (round(reach[0] * distance), round(reach[1] * distance))
                cv2.ellipse(mask, (round(x), round(y)), axes, 0, 0, 360, 255, -1)
    return mask
