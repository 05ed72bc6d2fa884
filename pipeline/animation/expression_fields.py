"""Smile, brows and an opening mouth, as displacements over the face; made once a head, then only
scaled and added for each frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.animation.head_shape import (
    BORDER,
    CHIN,
    FaceAxes,
    Field,
    FieldBox,
    axes,
    inverse,
    smooth,
)
from pipeline.animation.timeline import HeadPose
from pipeline.images.face_mesh import Mesh
from pipeline.images.faces import Pixels

Own = NDArray[np.float64]

MOUTH: Final = (61, 291)  # corners
CHEEKS: Final = (50, 280)
LOWER_LIDS: Final = (145, 374)
INNER_LIPS: Final = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
BROWS: Final = (((70, 63, 105, 66, 107), (46, 53, 52, 65, 55)),
                ((300, 293, 334, 296, 336), (276, 283, 282, 295, 285)))  # fmt: skip
_CELL: Final = 1 / 80  # face widths
_GAP: Final = 0.13  # face widths between the lips of a mouth that opens wide
_OPEN: Final = 0.05  # face widths between the lips from which on a mouth is open and stays as it is


@dataclass(frozen=True, slots=True)
class ExpressionFields:
    """The fields over a box around the face; see :func:`fields`. ``lip_line``: v of the line
    between the lips at each knot, in face widths."""

    axes: FaceAxes
    box: FieldBox
    own: Field
    smile: Field
    brows: Field
    lip_line: Field
    gap: Field
    jaw: Field

    def displacement(self, pose: HeadPose) -> Field:
        """Where each knot's content comes from, less the knot: (rows, columns, 2), pixels."""
        forward = pose.smile * self.smile + pose.brows * self.brows
        back = inverse(np.ascontiguousarray(forward), self.box.cell)
        if pose.mouth > 0:
            down = self._jaw(pose.mouth)
            back = back + down[..., None] * self.axes.down.astype(np.float32)
        return back

    def _jaw(self, mouth: float) -> Field:
        """How far above each knot its content comes from, pixels, not above 0."""
        below = self.own[..., 1] - self.lip_line
        inside = np.clip(below, 0, None)
        return np.asarray(-np.minimum(inside, mouth * self.jaw) * self.axes.width, np.float32)

    def mouth_hole(self, mouth: float) -> Field:
        """How much of each knot is the open mouth's inside, 0..1."""
        gap = mouth * self.gap
        below = self.own[..., 1] - self.lip_line
        soft = 0.012
        inside = np.minimum(below, gap - below)
        return np.asarray(np.clip(inside / soft + 0.2, 0, 1) * (gap > 0.004), np.float32)


def fields(picture: Pixels, mesh: Mesh) -> ExpressionFields:
    """The fields of the face under a mesh."""
    face = axes(mesh)
    low, high = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
    low, high = low - 0.35 * face.width, high + 0.35 * face.width
    cell = max(_CELL * face.width, 1.0)
    columns, rows = (int(np.ceil(side / cell)) + 1 for side in high - low)
    box = FieldBox(float(low[0]), float(low[1]), cell, columns, rows)
    knots = box.points()
    own = face.own(knots)
    marks = face.own(mesh[:, :2])
    edge = _border(picture, knots, box)
    to_picture = face.width * np.stack([face.across, face.down])

    def in_picture(field: Own) -> Field:
        return np.asarray((field @ to_picture) * edge[..., None], np.float32)

    lip_line, half = _lip_line(marks, own)
    shut = float(np.clip(1 - (marks[14, 1] - marks[13, 1]) / _OPEN, 0, 1))
    gap = _GAP * shut * half * edge
    return ExpressionFields(
        face, box, own.astype(np.float32),
        in_picture(_smile(marks, own)), in_picture(_brows(marks, own)),
        lip_line.astype(np.float32),
        gap.astype(np.float32),
        _jaw(marks, own, lip_line, gap, _GAP * shut * edge).astype(np.float32),
    )  # fmt: skip


def _border(picture: Pixels, knots: Own, box: FieldBox) -> Own:
    height, width = picture.shape[:2]
    x, y = knots[..., 0], knots[..., 1]
    away = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    from_box = np.minimum(
        np.minimum(x - x.min(), x.max() - x), np.minimum(y - y.min(), y.max() - y)
    )
    near = np.minimum(away - BORDER - box.cell, from_box) / (12 * box.cell)
    return np.asarray(smooth(np.clip(near, 0, 1)), np.float64)


def _bump(own: Own, at: Own, size: float) -> Own:
    return np.asarray(np.exp(-(((own - at) / size) ** 2).sum(axis=-1)))


def _smile(marks: Own, own: Own) -> Own:
    """Corners up and out, cheeks up, lower lids a little: forward, in face widths."""
    left, right = marks[MOUTH[0]], marks[MOUTH[1]]
    middle = (left + right) / 2
    half = np.linalg.norm(right - left) / 2
    along = (right - left) / (2 * half)
    t = (own - middle) @ along / half
    v = (own - middle) @ np.array([-along[1], along[0]])
    inner = smooth(np.clip((np.abs(t) - 0.1) / 0.9, 0, 1))
    beyond = np.exp(-((np.clip(np.abs(t) - 1, 0, None) / 0.65) ** 2))
    tall = np.exp(-((v / np.where(v < 0, 0.26, 0.17)) ** 2))
    lift = inner * beyond * tall
    wide = smooth(np.clip(np.abs(t), 0, 1)) * beyond * np.exp(-((v / 0.2) ** 2))
    field = np.stack([0.042 * np.sign(t) * wide, -0.05 * lift], axis=-1)
    for cheek in CHEEKS:
        field[..., 1] -= 0.018 * _bump(own, marks[cheek], 0.14)
    for lid in LOWER_LIDS:
        field[..., 1] -= 0.008 * _bump(own, marks[lid] + [0, 0.02], 0.07)
    return field


def _brows(marks: Own, own: Own) -> Own:
    """Brows up, and the forehead with them: forward, in face widths."""
    field = np.zeros_like(own)
    for upper, lower in BROWS:
        line = (marks[list(upper)] + marks[list(lower)]) / 2
        order = np.argsort(line[:, 0])
        height = np.interp(own[..., 0], line[order, 0], line[order, 1])
        v = own[..., 1] - height
        ends = line[order][[0, -1], 0]
        aside = np.clip(np.maximum(ends[0] - own[..., 0], own[..., 0] - ends[1]), 0, None)
        across = np.exp(-((aside / 0.09) ** 2))
        tall = np.exp(-((v / np.where(v < 0, 0.26, 0.07)) ** 2))
        field[..., 1] -= 0.045 * across * tall
    return field


def _lip_line(marks: Own, own: Own) -> tuple[Own, Own]:
    """Where the line between the lips is at each knot (v), and how much of the opening happens."""
    upper, lower = (marks[list(points)] for points in INNER_LIPS)
    line = (upper + lower) / 2
    order = np.argsort(line[:, 0])
    left, right = line[order[0], 0], line[order[-1], 0]
    height = np.interp(own[..., 0], line[order, 0], line[order, 1])
    t = np.clip((2 * own[..., 0] - left - right) / (right - left) / 0.8, -1, 1)
    return height, np.cos(np.pi / 2 * t) ** 1.2


def _jaw(marks: Own, own: Own, lip_line: Own, gap: Own, most: Own) -> Own:
    """How far the opening moves what lies below the lips down, in face widths: the lower lip as far
    as it opens, the chin less and in its whole width, the neck not at all."""
    chin = marks[CHIN, 1]
    u, v = own[..., 0] - marks[CHIN, 0], own[..., 1]
    to_chin = np.clip((v - lip_line) / np.maximum(chin - lip_line, 1e-3), 0, 1)
    broad = np.exp(-((u / 0.3) ** 2)) * most
    share = smooth(np.clip(1.4 * to_chin, 0, 1))
    beyond = smooth(np.clip((v - chin) / 0.32, 0, 1))
    return np.asarray((gap * (1 - share) + 0.62 * broad * share) * (1 - beyond))


def inside_colour(picture: Pixels, mesh: Mesh) -> NDArray[np.float32]:
    """The colour of the open mouth's inside: the lips' darkest, darker."""
    lips = mesh[[13, 14, 82, 312, 87, 317], :2].round().astype(int)
    height, width = picture.shape[:2]
    colours = [
        picture[min(max(y, 0), height - 1), min(max(x, 0), width - 1)].astype(np.float32)
        for x, y in lips
    ]
    darkest = min(colours, key=lambda one: float(one.sum()))
    return np.asarray(0.38 * darkest, np.float32)
