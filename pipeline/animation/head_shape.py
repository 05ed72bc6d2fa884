"""A head as a body in space: how deep it is where, and how far what is around it follows its turns.

Lengths are in pixels of the picture, z away from the viewer, as in the mesh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

from pipeline.images import segmentation
from pipeline.images.face_mesh import Mesh
from pipeline.images.faces import Pixels

Field = NDArray[np.float32]

EARS: Final = (234, 454)  # of the oval: just before the ears
TOP, CHIN = 10, 152
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
GRID: Final = 96  # cells of a side of the field
_FINEST: Final = 2.5  # pixels of a cell: of a small head more would only cost
BORDER: Final = 6  # pixels along the picture's edges that never move, beside a cell of the field
BEHIND: Final = 0.26  # of it, where there is no person: what is behind hardly moves
REACH: Final = 0.42  # face widths beyond the head in which the movement fades
_UP, _DOWN, _SIDE = 1.85, 1.75, 1.75  # face widths from the face's middle to the field's border


@dataclass(frozen=True, slots=True)
class FaceAxes:
    """A face's place in the picture. ``middle``: (2,), of the oval; ``across`` and ``down``: unit
    vectors of the picture's plane along the eyes and the face; ``width``: from ear to ear, pixels,
    as if seen from the front."""

    middle: NDArray[np.float64]
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    width: float

    def own(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2) in the face's axes, in face widths from its middle."""
        moved = (points - self.middle) / self.width
        return np.stack([moved @ self.across, moved @ self.down], axis=-1)


def axes(mesh: Mesh) -> FaceAxes:
    """The axes of the face under a mesh."""
    down = mesh[CHIN, :2] - mesh[TOP, :2]
    down = down / np.linalg.norm(down)
    return FaceAxes(
        middle=mesh[list(OVAL), :2].mean(axis=0),
        across=np.array([down[1], -down[0]]),
        down=down,
        width=float(np.linalg.norm(mesh[EARS[1]] - mesh[EARS[0]])),
    )


@dataclass(frozen=True, slots=True)
class FieldBox:
    """A rectangle of the picture that a field lies over: ``left``, ``top`` and the ``cell``, all in
    pixels; and the field's ``columns`` and ``rows``."""

    left: float
    top: float
    cell: float
    columns: int
    rows: int

    def points(self) -> NDArray[np.float64]:
        """The pixels' coordinates of the field's knots: (rows, columns, 2)."""
        x = self.left + self.cell * np.arange(self.columns)
        y = self.top + self.cell * np.arange(self.rows)
        return np.stack(np.meshgrid(x, y), axis=-1)

    def look_up(self, field: Field, x: Field, y: Field) -> Field:
        """The field's values at places of the picture, 0 beyond the box."""
        return np.asarray(
            cv2.remap(
                field,
                (x - np.float32(self.left)) * np.float32(1 / self.cell),
                (y - np.float32(self.top)) * np.float32(1 / self.cell),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=(0, 0, 0, 0),
            ),
            np.float32,
        )


@dataclass(frozen=True, slots=True)
class HeadShape:
    """The head over its box: ``points`` in space (rows, columns, 3), ``weight`` 0..1: how much of
    the head's movement is made there. ``neck``: (3,), what it turns around."""

    axes: FaceAxes
    box: FieldBox
    points: NDArray[np.float32]
    weight: Field
    hull: Field
    neck: NDArray[np.float64]

    def displacement(self, yaw: float, pitch: float, roll: float) -> Field:
        """Where each knot's content comes from, less the knot: (rows, columns, 2), pixels."""
        turn = _rotation(self.axes, yaw, pitch, roll)
        moved = (self.points - self.neck.astype(np.float32)) @ turn.T.astype(np.float32)
        forward = (moved + self.neck.astype(np.float32) - self.points)[..., :2]
        forward = np.ascontiguousarray(forward * self.weight[..., None], np.float32)
        return inverse(forward, self.box.cell)


def inverse(forward: Field, cell: float) -> Field:
    """The displacement that undoes ``forward``, by fixed-point iteration; both in pixels."""
    rows, columns = forward.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    back = -forward
    for _ in range(3):
        back = -cv2.remap(
            forward, x + back[..., 0] / cell, y + back[..., 1] / cell, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
    return np.asarray(back, np.float32)


def _rotation(face: FaceAxes, yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """The rotation (3, 3) in the picture's axes; z points away from the viewer."""
    y, p, r = np.radians([-yaw, pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    own = np.array([[*face.across, 0], [*face.down, 0], [0, 0, 1]])
    return np.asarray(own.T @ about_z @ about_x @ about_y @ own)


def shape(pixels: Pixels, mesh: Mesh) -> HeadShape:
    """The shape of the head under a mesh."""
    face = axes(mesh)
    box = _box(face)
    knots = box.points()
    own = face.own(knots)
    mask = _person(pixels, box)
    hull = _hull(mask, face, mesh, own)
    depth = _depth(mesh, face, knots)
    middle = mesh[list(EARS)].mean(axis=0)
    neck = middle + 0.12 * face.width * np.array([0, 0, 1.0])
    neck[:2] += 0.6 * face.width * face.down
    weight = _faded(hull, mask, box, face) * _inside(pixels, knots, face, box.cell)
    points = np.concatenate([knots, depth[..., None]], axis=-1).astype(np.float32)
    whole = HeadShape(face, box, points, weight.astype(np.float32), hull, neck)
    return _trimmed(whole)


def _trimmed(whole: HeadShape) -> HeadShape:
    """The same over as small a box as its movement needs."""
    rows, columns = (np.flatnonzero(whole.weight.max(axis=axis) > 0) for axis in (1, 0))
    if not rows.size:
        return whole
    top, left = max(0, rows[0] - 1), max(0, columns[0] - 1)
    here = np.s_[top : rows[-1] + 2, left : columns[-1] + 2]
    weight, box = whole.weight[here], whole.box
    return replace(
        whole,
        box=FieldBox(
            box.left + left * box.cell, box.top + top * box.cell, box.cell,
            weight.shape[1], weight.shape[0],
        ),
        points=whole.points[here], weight=weight, hull=whole.hull[here],
    )  # fmt: skip


def _box(face: FaceAxes) -> FieldBox:
    """An upright box around the head, however it leans."""
    corners = np.array([[x, y] for x in (-_SIDE, _SIDE) for y in (-_UP, _DOWN)])
    placed = face.middle + face.width * (corners @ np.stack([face.across, face.down]))
    low, high = placed.min(axis=0), placed.max(axis=0)
    cell = max(float((high - low).max() / (GRID - 1)), _FINEST)
    columns, rows = (int(np.ceil(side / cell)) + 1 for side in high - low)
    return FieldBox(float(low[0]), float(low[1]), cell, columns, rows)


def _hull(mask: Field, face: FaceAxes, mesh: Mesh, own: NDArray[np.float64]) -> Field:
    """Where the head is, 0 or 1: skull and face by their usual form, hair and hat by the mask."""
    chin = face.own(mesh[[CHIN], :2])[0, 1]
    top = face.own(mesh[[TOP], :2])[0, 1]
    crown = top - 0.32
    u, v = own[..., 0], own[..., 1]
    middle, half = (chin + crown) / 2, (chin - crown) / 2
    skull = (u / 0.6) ** 2 + ((v - middle) / half) ** 2 <= 1
    wide = (u / 1.05) ** 2 + ((v - middle + 0.15) / (half + 0.45)) ** 2 <= 1
    hair = wide & (mask > 0.5) & (v < chin - 0.25)
    found = (skull | hair).astype(np.uint8)
    _, parts = cv2.connectedComponents(found)
    row, column = np.unravel_index(np.argmin(u**2 + v**2), u.shape)
    return np.asarray(parts == parts[row, column], np.float32)


def _person(pixels: Pixels, box: FieldBox) -> Field:
    """The person mask at the box's knots; it is sought in the box, as if it were a selfie."""
    height, width = pixels.shape[:2]
    left, top = max(0, int(box.left)), max(0, int(box.top))
    right = min(width, int(box.left + box.cell * box.columns))
    down = min(height, int(box.top + box.cell * box.rows))
    mask = segmentation.person(np.ascontiguousarray(pixels[top:down, left:right]))
    knots = box.points().astype(np.float32)
    return np.asarray(
        cv2.remap(mask, knots[..., 0] - left, knots[..., 1] - top, cv2.INTER_LINEAR), np.float32
    )


def _faded(hull: Field, mask: Field, box: FieldBox, face: FaceAxes) -> Field:
    """1 in the head, smoothly down to 0 at REACH beyond it on neck and hair, at BEHIND beside."""
    away = cv2.distanceTransform((hull < 0.5).astype(np.uint8), cv2.DIST_L2, 5) * box.cell
    soft = 0.06 * face.width / box.cell
    reach = BEHIND + (REACH - BEHIND) * cv2.GaussianBlur(mask, (0, 0), soft)
    share = smooth(1 - np.clip(away / (reach * face.width), 0, 1))
    return np.asarray(cv2.GaussianBlur(share, (0, 0), soft), np.float32)


def _inside(pixels: Pixels, knots: NDArray[np.float64], face: FaceAxes, cell: float) -> Field:
    """0 at the picture's borders and beyond, 1 from a fifth of a face on."""
    height, width = pixels.shape[:2]
    x, y = knots[..., 0], knots[..., 1]
    away = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    return smooth(np.clip((away - BORDER - cell) / (0.2 * face.width), 0, 1))


def smooth(share: NDArray[np.floating]) -> Field:
    """Eased in and out, 0..1 (smoothstep)."""
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _depth(mesh: Mesh, face: FaceAxes, knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """The z at the knots: the mesh, then down to the plane of the ears; below the chin it stays."""
    back = float(mesh[list(EARS), 2].mean())
    rings = [mesh]
    oval = mesh[list(OVAL)]
    own = face.own(oval[:, :2])
    lower = np.clip(own[:, 1] / np.linalg.norm(own, axis=1), 0, 1) ** 2
    for factor, share in ((1.3, 0.75), (1.7, 0.35), (4.0, 0.0)):
        ring = face.middle + (oval[:, :2] - face.middle) * factor
        keep = lower * (0.5 + 0.5 * share) + (1 - lower) * (0.35 if factor < 1.5 else 0.0)
        rings.append(np.column_stack([ring, back + (oval[:, 2] - back) * keep]))
    cloud = np.concatenate(rings)
    sampled = LinearNDInterpolator(cloud[:, :2], cloud[:, 2], fill_value=back)(knots)
    cell = float(np.abs(knots[0, 1, 0] - knots[0, 0, 0]))
    return np.asarray(cv2.GaussianBlur(sampled, (0, 0), 0.045 * face.width / cell))


def beside(one: HeadShape, others: list[HeadShape]) -> HeadShape:
    """The same head, which moves nothing of the others' heads. Hair that touches is whose face is
    nearer: both would move it, and with it a part of a face."""
    if not others:
        return one
    knots = one.box.points()
    at_x, at_y = (np.ascontiguousarray(knots[..., axis], np.float32) for axis in (0, 1))
    away = _away(one, knots)
    free = np.ones_like(one.weight)
    for other in others:
        theirs = other.box.look_up(other.hull, at_x, at_y)
        mine = one.hull * (away <= _away(other, knots))
        free *= 1 - theirs * (1 - mine)
    soft = cv2.GaussianBlur(free, (0, 0), 0.05 * one.axes.width / one.box.cell)
    return replace(one, weight=np.asarray(one.weight * soft, np.float32))


def _away(head: HeadShape, knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far from the middle of a face, in widths of it."""
    return np.asarray(np.linalg.norm(head.axes.own(knots), axis=-1))
