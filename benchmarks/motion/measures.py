"""What is measured of a clip's frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.images import faces, segmentation
from pipeline.images.faces import Face, Pixels

EVERY: Final = 4  # frames of which the first is compared with the source: a blink takes nine
AROUND: Final = 0.35  # face widths around people that are not yet the background
_BORDER: Final = 2  # pixels
_FLOW_SIDE: Final = 360  # pixels of the longer side on which flow is measured


@dataclass(frozen=True, slots=True)
class ClipMeasure:
    """One clip.

    likeness, mean_likeness   SFace of the frames to the source: the least, and on average
    background                the farthest that anything outside the heads went, pixels (p99.9)
    border                    the most by which a pixel of the border changed, levels
    jump                      the farthest that anything went from a frame to the next, in
                              thousandths of the face's width (p99.9)
    """

    likeness: float
    mean_likeness: float
    background: float
    border: int
    jump: float


def measure(first: Pixels, frames: Sequence[Pixels], *, still: bool) -> ClipMeasure:
    """``first`` is the picture at rest. ``still``: the camera does not move, so background and
    border are to be as they were; else these two are 0."""
    found = faces.find(first)
    own = faces.embedding(first)
    likenesses = [_likeness(own, frame) for frame in frames[::EVERY]]
    flows = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    shrink = min(1.0, _FLOW_SIDE / max(first.shape[:2]))
    greys = [_small(frame, shrink) for frame in frames]
    steps = (
        np.percentile(_lengths(flows.calc(one, other, None)), 99.9)
        for one, other in pairwise(greys)
    )
    jump = 1000 * max(steps) / (found[0].width * shrink)
    if not still:
        return ClipMeasure(min(likenesses), float(np.mean(likenesses)), 0.0, 0, float(jump))
    outside = cv2.resize(_outside(first, found), greys[0].shape[::-1]) > 0
    gone = (
        np.percentile(_lengths(flows.calc(greys[0], grey, None))[outside], 99.9) / shrink
        for grey in greys[:: 2 * EVERY]
        if outside.any()  # a close-up may have no background
    )
    return ClipMeasure(
        min(likenesses),
        float(np.mean(likenesses)),
        float(max(gone, default=0.0)),
        max(_border_change(first, frame) for frame in frames),
        float(jump),
    )


def _likeness(own: NDArray[np.float32] | None, frame: Pixels) -> float:
    other = faces.embedding(frame)
    return 0.0 if own is None or other is None else float(own @ other)


def _small(frame: Pixels, shrink: float) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA))


def _lengths(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.hypot(flow[..., 0], flow[..., 1]))


def _outside(picture: Pixels, found: Sequence[Face]) -> NDArray[np.uint8]:
    """255 where there is neither a person, nor what is within AROUND of one, nor a face."""
    person = (segmentation.person(picture) > 0.5).astype(np.uint8)
    for face in found:
        x, y = face.left + face.width / 2, face.top + face.height / 2
        cv2.circle(person, (int(x), int(y)), int(face.height / 2), 1, -1)
    reach = AROUND * found[0].width
    away = cv2.distanceTransform(1 - person, cv2.DIST_L2, 5)
    return np.asarray(255 * (away > reach), np.uint8)


def _border_change(source: Pixels, frame: Pixels) -> int:
    changed = cv2.absdiff(source, frame).max(axis=2)
    changed[_BORDER:-_BORDER, _BORDER:-_BORDER] = 0
    return int(changed.max())
