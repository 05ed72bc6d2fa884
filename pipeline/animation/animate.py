"""A picture and a motion become frames: read from :func:`animate` downwards.

Every frame is one warp of the picture's own pixels: camera, parallax, heads and expressions are
displacements on coarse grids, looked up one through the other and sampled once. Lids are drawn into
a copy of the picture before that, the inside of an open mouth over it afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.animation import camera, expression_fields, head_shape, heads, lids
from pipeline.animation.camera import Parallax, SeenPart
from pipeline.animation.expression_fields import ExpressionFields
from pipeline.animation.head_shape import Field, FieldBox, HeadShape
from pipeline.animation.heads import CannotAnimate, Head
from pipeline.animation.lids import Eye
from pipeline.animation.timeline import HeadPose, Timeline
from pipeline.images.faces import Pixels
from shop.records import Motion, Track

_STILL: Final = 1e-3  # degrees or shares: less is not seen
_FINE: Final = 90  # knots across a face
_CENTRE: Final = (0.5, 0.45)  # of a picture without heads


@dataclass(frozen=True, slots=True)
class _Actor:
    """All that moves one head."""

    shape: HeadShape
    face: ExpressionFields
    eyes: tuple[Eye, ...]
    mouth_colour: NDArray[np.float32]


def animate(picture: Pixels, motion: Motion, largest: int) -> Iterator[Pixels]:
    """The frames, RGB, all of one size with even sides, the longer at most ``largest`` pixels.

    A picture is never enlarged but by the motion's zoom. Raises :class:`CannotAnimate` before the
    first frame, if the motion needs a face and none can move.
    """
    timeline = Timeline(motion)
    zoom = max(timeline.most(Track.ZOOM), 1 + 2 * timeline.most(Track.ORBIT))
    size, source = _prepared(picture, largest, zoom)
    try:
        found = heads.find_heads(source)
    except CannotAnimate:
        if motion.faces:
            raise
        found = ()
    return _Scene(source, size, timeline, found).frames()


def _prepared(picture: Pixels, largest: int, zoom: float) -> tuple[tuple[int, int], Pixels]:
    """The frames' (width, height), and the picture as large as the nearest view of it needs."""
    height, width = picture.shape[:2]
    shrink = min(1.0, largest / max(height, width))
    size = tuple(max(2, round(side * shrink) // 2 * 2) for side in (width, height))
    keep = min(1.0, shrink * zoom)
    if shrink == 1.0:
        return (size[0], size[1]), np.ascontiguousarray(picture[: size[1], : size[0]])
    if keep == 1.0:
        return (size[0], size[1]), np.ascontiguousarray(picture)
    kept = (round(size[0] * keep / shrink), round(size[1] * keep / shrink))
    small = cv2.resize(picture, kept, interpolation=cv2.INTER_AREA)
    return (size[0], size[1]), np.asarray(small, np.uint8)


class _Scene:
    def __init__(
        self, source: Pixels, size: tuple[int, int], timeline: Timeline, found: tuple[Head, ...]
    ) -> None:
        self._source = source
        self._size = size
        self._timeline = timeline
        self._actors = _apart([_actor(source, head) for head in found])
        orbit = timeline.most(Track.ORBIT)
        self._least_zoom = 1 + 2 * orbit
        self._parallax = camera.parallax(source) if orbit > 0 else None
        self._anchor = _anchor(found, source)
        self._towards = _towards(found)

    def frames(self) -> Iterator[Pixels]:
        return map(self._frame, range(self._timeline.frames))

    def _frame(self, number: int) -> Pixels:
        height, width = self._source.shape[:2]
        pose = self._timeline.camera(number)
        seen = camera.seen_part(width, height, pose, self._anchor, self._least_zoom)
        x, y = self._base(seen)
        rests = self._size == (seen.width, seen.height) == (width, height)
        if self._parallax is not None and abs(pose.orbit) > _STILL / 10:
            x, rests = x + self._passed(self._parallax, pose.orbit, x, y), False
        poses = [
            self._timeline.head(number, place, towards)
            for place, towards in enumerate(self._towards)
        ]
        return self._rendered(self._with_lids(poses), poses, x, y, rests=rests)

    def _passed(self, parallax: Parallax, orbit: float, x: Field, y: Field) -> Field:
        """How far aside the content of each of the frame's pixels comes from."""
        knots = self._size[0] // 4, self._size[1] // 4
        at_x, at_y = (cv2.resize(one, knots, interpolation=cv2.INTER_AREA) for one in (x, y))
        found = parallax.box.look_up(parallax.displacement(orbit), at_x, at_y)
        return _enlarged(np.ascontiguousarray(found[..., 0]), self._size)

    def _base(self, seen: SeenPart) -> tuple[Field, Field]:
        """The place in the picture of each of the frame's pixels."""
        columns, rows = self._size
        x = seen.left + (np.arange(columns) + 0.5) * (seen.width / columns) - 0.5
        y = seen.top + (np.arange(rows) + 0.5) * (seen.height / rows) - 0.5
        across, down = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
        return across, down

    def _rendered(
        self, source: Pixels, poses: list[HeadPose], x: Field, y: Field, *, rests: bool
    ) -> Pixels:
        """The frame whose pixels lie at x, y of the picture before the heads move; ``rests``: at
        their own places."""
        to_x, to_y = x.copy(), y.copy()
        moves = []
        for actor, pose in zip(self._actors, poses, strict=True):
            here = _rectangle(actor.shape.box, x, y)
            if here is None or _still(pose):
                continue
            move = _moved(actor, pose, x[here], y[here])
            to_x[here] += move.displacement[..., 0]
            to_y[here] += move.displacement[..., 1]
            moves.append((here, move.hole, actor.mouth_colour))
        if rests:
            frame = source.copy()
            for here, _, _ in moves:
                frame[here] = _sampled(source, to_x[here], to_y[here])
        else:
            frame = _sampled(source, to_x, to_y)
        for here, hole, colour in moves:
            if hole is not None:
                share = hole[..., None]
                frame[here] = np.rint(frame[here] * (1 - share) + colour * share)
        return frame

    def _with_lids(self, poses: list[HeadPose]) -> Pixels:
        if not any(pose.blink > _STILL for pose in poses):
            return self._source
        drawn = self._source.copy()
        for actor, pose in zip(self._actors, poses, strict=True):
            if pose.blink > _STILL:
                for eye in actor.eyes:
                    eye.paint(self._source, drawn, pose.blink)
        return drawn


@dataclass(frozen=True, slots=True)
class _Moved:
    displacement: Field
    hole: Field | None


def _sampled(source: Pixels, x: Field, y: Field) -> Pixels:
    return np.asarray(
        cv2.remap(source, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101), np.uint8
    )


def _moved(actor: _Actor, pose: HeadPose, x: Field, y: Field) -> _Moved:
    """What comes from where of a part of a frame; found as finely as the face needs, and enlarged:
    a quarter of the time."""
    rows, columns = x.shape
    step = float(np.clip(actor.shape.axes.width / _FINE, 1, 4))
    knots = max(1, round(columns / step)), max(1, round(rows / step))
    x, y = (cv2.resize(one, knots, interpolation=cv2.INTER_AREA) for one in (x, y))
    found = _moved_knots(actor, pose, x, y)
    hole = None if found.hole is None else _enlarged(found.hole, (columns, rows))
    return _Moved(_enlarged(found.displacement, (columns, rows)), hole)


def _enlarged(field: Field, size: tuple[int, int]) -> Field:
    return np.asarray(cv2.resize(field, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _moved_knots(actor: _Actor, pose: HeadPose, x: Field, y: Field) -> _Moved:
    turned = actor.shape.displacement(pose.yaw, pose.pitch, pose.roll)
    total = actor.shape.box.look_up(turned, x, y)
    if max(pose.smile, abs(pose.brows), pose.mouth) <= _STILL:
        return _Moved(total, None)
    at_x, at_y = x + total[..., 0], y + total[..., 1]
    box = actor.face.box
    total = total + box.look_up(actor.face.displacement(pose), at_x, at_y)
    if pose.mouth <= _STILL:
        return _Moved(total, None)
    return _Moved(total, box.look_up(actor.face.mouth_hole(pose.mouth), at_x, at_y))


def _still(pose: HeadPose) -> bool:
    sizes = (pose.yaw, pose.pitch, pose.roll, pose.smile, pose.brows, pose.mouth)
    return max(map(abs, sizes)) <= _STILL


def _rectangle(box: FieldBox, x: Field, y: Field) -> tuple[slice, slice] | None:
    """The part of a frame whose pixels come from a box; None if none does."""
    columns = np.flatnonzero((x[0] >= box.left) & (x[0] <= box.left + box.cell * (box.columns - 1)))
    rows = np.flatnonzero((y[:, 0] >= box.top) & (y[:, 0] <= box.top + box.cell * (box.rows - 1)))
    if not columns.size or not rows.size:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _actor(source: Pixels, head: Head) -> _Actor:
    return _Actor(
        head_shape.shape(source, head.mesh),
        expression_fields.fields(source, head.mesh),
        lids.eyes(source, head.mesh),
        expression_fields.inside_colour(source, head.mesh),
    )


def _towards(found: tuple[Head, ...]) -> tuple[float, ...]:
    """Where the middle of all heads lies, of each: 1 to the right, -1 to the left, 0 here."""
    across = np.array([one.face.left + one.face.width / 2 for one in found])
    if len(across) < 2:
        return (0.0,) * len(across)
    return tuple(float(np.sign(round(one, 1))) for one in across.mean() - across)


def _apart(actors: list[_Actor]) -> tuple[_Actor, ...]:
    """The same, none of which moves another's head."""
    return tuple(
        _Actor(
            head_shape.beside(one.shape, [other.shape for other in actors if other is not one]),
            one.face, one.eyes, one.mouth_colour,
        )
        for one in actors
    )  # fmt: skip


def _anchor(found: tuple[Head, ...], source: Pixels) -> tuple[float, float]:
    """What the camera nears, in shares of the sides: the middle of the faces."""
    if not found:
        return _CENTRE
    middles = np.array([head.mesh[:, :2].mean(axis=0) for head in found])
    x, y = middles.mean(axis=0) / [source.shape[1], source.shape[0]]
    return float(np.clip(x, 0, 1)), float(np.clip(y, 0, 1))
