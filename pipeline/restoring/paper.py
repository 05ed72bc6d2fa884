"""The paper print in a photo of it: found as four straight edges, laid straight, its border cut.

Edges are asked for, not guessed: along each of the four the colour must change, nearly everywhere,
between the print and what it lies on. A modern photo seldom has such a rectangle around its faces.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images.faces import Face, Pixels

Corners = NDArray[np.float64]
"""Shape (4, 2): x and y of the upper left, upper right, lower right and lower left corner."""

_SIDE: Final = 640  # pixels of the longer side, for the search
_LEAST_AREA: Final = 0.15  # of the picture
_MOST_AREA: Final = 0.985
_SAMPLES: Final = 72  # along an edge
_REACH: Final = 6  # pixels on either side of an edge that are compared
_CHANGE: Final = 9.0  # of colour, in Lab's units, across an edge
_SUPPORT: Final = 0.85  # of an edge's samples that show it
_LEAST_ANGLE: Final = 60.0  # degrees, of a corner
_MOST_TURN: Final = 40.0  # degrees by which a print lies aslant

_BORDER_DEEPEST: Final = 0.22  # of the shorter side
_BORDER_LEAST: Final = 0.006
_PAPER_SPREAD: Final = 11.0  # of colour, within one border
_PAPER_SHARE: Final = 0.92  # of a row that is paper's
_PICTURE_SHARE: Final = 0.6  # at most, of the first row that is the picture's
_INSET: Final = 0.012  # of the shorter side: what of the table is left at an edge
_RING: Final = 0.012  # of the shorter side, behind it: where the paper is looked at


def find_print(picture: Pixels, found: tuple[Face, ...]) -> Corners | None:
    """The corners of the print that the picture shows, with all its faces on it; None for none."""
    shrink = min(1.0, _SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    middles = np.array([[f.left + f.width / 2, f.top + f.height / 2] for f in found]) * shrink
    best: Corners | None = None
    for rough in _rectangles(lab):
        corners = _refined(lab, rough)
        if corners is None or not _is_plausible(corners, small.shape, middles):
            continue
        if not _is_supported(lab, corners):
            continue
        if best is None or cv2.contourArea(corners.astype(np.float32)) > cv2.contourArea(
            best.astype(np.float32)
        ):
            best = corners
    return None if best is None else np.asarray(best / shrink)


def lay_straight(picture: Pixels, corners: Corners) -> Pixels:
    """The print alone, as if seen from above."""
    across = _length(corners[0], corners[1]) + _length(corners[3], corners[2])
    down = _length(corners[0], corners[3]) + _length(corners[1], corners[2])
    width, height = max(2, round(across / 2)), max(2, round(down / 2))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    straight = cv2.warpPerspective(
        picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(straight, np.uint8)


def find_border(picture: Pixels) -> tuple[int, int, int, int] | None:
    """Pixels of paper at the left, top, right and bottom of a straight print; None where not all
    four sides are paper of one colour, with a picture that begins at once behind it."""
    height, width = picture.shape[:2]
    short = min(height, width)
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab = cv2.GaussianBlur(lab, (0, 0), max(0.8, short / 600))
    inset, ring = max(3, round(_INSET * short)), max(2, round(_RING * short))
    sides = [np.rot90(lab, turns) for turns in (3, 0, 1, 2)]  # each with its edge at the top
    edge = np.concatenate([side[inset : inset + ring].reshape(-1, 3) for side in sides])
    paper = np.median(edge, axis=0)
    depths = [_depth(side, paper, inset, short) for side in sides]
    if any(depth is None for depth in depths):
        return None
    left, top, right, bottom = (depth or 0 for depth in depths)
    if left + right > width / 2 or top + bottom > height / 2:
        return None
    return left, top, right, bottom


def _depth(
    side: NDArray[np.float32], paper: NDArray[np.float32], inset: int, short: int
) -> int | None:
    """How many rows from the top are paper. None: none, or the picture does not begin sharply."""
    across = side.shape[1]
    middle = side[: round(_BORDER_DEEPEST * short), round(0.12 * across) : round(0.88 * across)]
    is_paper = np.linalg.norm(middle - paper, axis=2) < _PAPER_SPREAD
    shares = is_paper.mean(axis=1)
    below = np.flatnonzero(shares[inset:] < _PAPER_SHARE)
    if not len(below):
        return None
    depth = int(below[0]) + inset
    step = max(3, round(0.012 * short))  # an edge that is slightly aslant, or blurred
    if (
        depth < max(inset + 1, _BORDER_LEAST * short)
        or shares[depth : depth + 2 * step].min() > _PICTURE_SHARE
    ):
        return None
    sharp = np.flatnonzero(shares[depth:] <= _PICTURE_SHARE)
    begins = depth + int(sharp[0])
    return begins + max(2, round(0.009 * short)) if begins - depth <= 2 * step else None


def turn_of(corners: Corners) -> float:
    """Degrees by which the print's upper edge falls to the right."""
    across = corners[1] - corners[0]
    return float(np.degrees(np.arctan2(across[1], across[0])))


def slant(corners: Corners) -> float:
    """How far from straight it is seen: the most degrees by which an edge leaves the upright."""
    turns = []
    for n in range(4):
        across = corners[(n + 1) % 4] - corners[n]
        turn = np.degrees(np.arctan2(across[1], across[0])) - 90 * n
        turns.append(abs((turn + 180) % 360 - 180))
    return float(max(turns))


def _rectangles(lab: NDArray[np.float32]) -> Iterator[Corners]:
    """Rough ones: of edges in any channel, and of what differs from the picture's own edge."""
    channels = [cv2.medianBlur(_eight_bits(lab[..., n]), 5) for n in range(3)]
    edges = np.zeros(lab.shape[:2], np.uint8)
    for channel in channels:
        high = max(40.0, float(np.percentile(_gradient(channel), 93)))
        edges |= cv2.Canny(channel, high / 2, high)
    for closing in (3, 7):
        closed = cv2.morphologyEx(
            edges, cv2.MORPH_CLOSE, np.ones((closing, closing), np.uint8), iterations=1
        )
        closed = cv2.dilate(closed, np.ones((3, 3), np.uint8))
        yield from _quads(closed)
    ring = np.concatenate(
        [
            lab[:6].reshape(-1, 3),
            lab[-6:].reshape(-1, 3),
            lab[:, :6].reshape(-1, 3),
            lab[:, -6:].reshape(-1, 3),
        ]
    )
    apart = np.linalg.norm(lab - np.median(ring, axis=0), axis=2)
    apart = cv2.GaussianBlur(apart, (0, 0), 2)
    level, mask = cv2.threshold(_eight_bits(apart, 100.0), 0, 255, cv2.THRESH_OTSU)
    yield from _quads(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)))
    for share in (0.5, 0.7):
        _, mask = cv2.threshold(_eight_bits(apart, 100.0), share * level, 255, cv2.THRESH_BINARY)
        yield from _quads(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8)))


def _quads(mask: NDArray[np.uint8]) -> Iterator[Corners]:
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    least = _LEAST_AREA * mask.size
    hulls = sorted(
        (hull for hull in map(cv2.convexHull, contours) if cv2.contourArea(hull) > least),
        key=cv2.contourArea,
        reverse=True,
    )
    for hull in hulls[:12]:
        around = cv2.arcLength(hull, closed=True)
        for share in (0.02, 0.04, 0.07):
            polygon = cv2.approxPolyDP(hull, share * around, closed=True)
            if len(polygon) == 4:
                yield _ordered(polygon[:, 0].astype(np.float64))
                break


def _ordered(corners: Corners) -> Corners:
    """By angle around their middle, from the upper left one on, clockwise."""
    middle = corners.mean(axis=0)
    offset = corners - middle
    around = corners[np.argsort(np.arctan2(offset[:, 1], offset[:, 0]))]
    first = int(np.argmin((around - middle).sum(axis=1)))
    return np.roll(around, -first, axis=0)


def _refined(lab: NDArray[np.float32], corners: Corners) -> Corners | None:
    """Each edge moved to where the colour changes most, within a few pixels; their crossings."""
    lines = []
    for start, end, normal in _edges(corners):
        profiles, points = _profiles(lab, start, end, normal, _REACH + 4)
        kernel = np.r_[-np.ones(2), 0, np.ones(2)] / 2
        change = np.stack(
            [[np.convolve(row, kernel, "valid") for row in profiles[..., n]] for n in range(3)], -1
        )
        strength = np.linalg.norm(change, axis=2)
        at = strength.argmax(axis=1) - strength.shape[1] // 2
        moved = points + at[:, None] * normal
        line = cv2.fitLine(moved.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append(line)
    crossings = [_crossing(lines[n - 1], lines[n]) for n in range(4)]
    if any(one is None for one in crossings):
        return None
    return np.array(crossings, np.float64)


def _is_plausible(corners: Corners, shape: tuple[int, ...], middles: NDArray[np.float64]) -> bool:
    height, width = shape[:2]
    area = cv2.contourArea(corners.astype(np.float32)) / (width * height)
    if not _LEAST_AREA < area < _MOST_AREA or abs(turn_of(corners)) > _MOST_TURN:
        return False
    out = 0.02 * max(height, width)
    if (
        corners.min() < -out
        or corners[:, 0].max() > width + out
        or corners[:, 1].max() > height + out
    ):
        return False
    if not cv2.isContourConvex(np.rint(corners).astype(np.int32)):
        return False
    for n in range(4):
        a, b = corners[n - 1] - corners[n], corners[(n + 1) % 4] - corners[n]
        angle = np.degrees(np.arccos(a @ b / max(1e-6, np.linalg.norm(a) * np.linalg.norm(b))))
        if not _LEAST_ANGLE < angle < 180 - _LEAST_ANGLE:
            return False
    inside = [cv2.pointPolygonTest(corners.astype(np.float32), (x, y), False) for x, y in middles]
    return bool(inside) and min(inside) > 0


def _is_supported(lab: NDArray[np.float32], corners: Corners) -> bool:
    """Whether along each edge the colour changes, nearly everywhere."""
    height, width = lab.shape[:2]
    for start, end, normal in _edges(corners):
        profiles, points = _profiles(lab, start, end, normal, _REACH)
        outside = profiles[:, : _REACH - 1].mean(axis=1)
        inside = profiles[:, _REACH + 2 :].mean(axis=1)
        apart = np.linalg.norm(outside - inside, axis=1) > _CHANGE
        beyond = points - _REACH * normal
        seen = ((beyond >= 0) & (beyond < [width, height])).all(axis=1)
        if (apart & seen).mean() < _SUPPORT:
            return False
    return True


def _edges(
    corners: Corners,
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
    """Start, end and the unit normal that points inwards, of the upper edge and so on."""
    for n in range(4):
        start, end = corners[n], corners[(n + 1) % 4]
        along = (end - start) / max(1e-6, float(np.linalg.norm(end - start)))
        yield start, end, np.array([-along[1], along[0]])


def _profiles(
    lab: NDArray[np.float32],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    normal: NDArray[np.float64],
    reach: int,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Colours across an edge, from outside in: (samples, 2 * reach + 1, 3); and the samples."""
    points = start + np.linspace(0.06, 0.94, _SAMPLES)[:, None] * (end - start)
    grid = points[:, None] + np.arange(-reach, reach + 1)[None, :, None] * normal
    grid = grid.astype(np.float32)
    colours = cv2.remap(
        lab, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(colours, np.float32), points


def _crossing(one: NDArray[np.float32], other: NDArray[np.float32]) -> list[float] | None:
    a = np.array([one[:2], -other[:2]], np.float64).T
    if abs(np.linalg.det(a)) < 0.2:
        return None
    share = np.linalg.solve(a, (other[2:] - one[2:]).astype(np.float64))
    return list((one[2:] + share[0] * one[:2]).astype(float))


def _eight_bits(channel: NDArray[np.float32], most: float = 0.0) -> NDArray[np.uint8]:
    low, high = (0.0, most) if most else (float(channel.min()), float(channel.max()))
    scaled = (channel - low) * (255 / max(25.0, high - low))
    return np.asarray(np.clip(scaled, 0, 255), np.uint8)


def _gradient(channel: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = channel.astype(np.float32)
    return np.asarray(cv2.magnitude(cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1)))


def _length(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(one - other))
