"""A photo as it came, and as it may move: each step looks whether there is anything to mend.

What is not plainly an old print (paper around it; or in one tone, and scratched) is only enlarged.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from pipeline.images import faces
from pipeline.images.faces import Pixels
from pipeline.restoring import paper, scratches, tone
from shop.records.repairs import Repair

SMALL: Final = 640  # pixels of the longer side below which a photo is enlarged
ENLARGED: Final = 720  # pixels to which it is
_MOST_TIMES: Final = 2.0
_SLIVER: Final = 0.005  # of the shorter side
_ASLANT: Final = 0.4  # degrees, or per cent of a corner out of the rectangle


@dataclass(frozen=True, slots=True)
class Restored:
    """``picture`` RGB uint8 (height, width, 3); ``done``: what was done to it, in that order.
    Nothing done: the very picture that was given."""

    picture: Pixels = field(repr=False)
    done: tuple[Repair, ...]


def restore(picture: Pixels) -> Restored:
    """Help an old photo, RGB uint8 (height, width, 3), as upright as faces stand in it."""
    done: list[Repair] = []
    cut, is_print = _cut_out(picture, done)
    if is_print or tone.is_one_toned(cut):
        cut = _cleaned(cut, is_print, done)
    return Restored(_enlarged(cut, done), tuple(done))


def _cut_out(picture: Pixels, done: list[Repair]) -> tuple[Pixels, bool]:
    """The print alone, and whether paper was seen."""
    corners = paper.find_print(picture, faces.find(picture))
    cut = picture
    if corners is not None:
        cut = paper.lay_straight(picture, corners)
        if paper.slant(corners) > _ASLANT:
            done.append(Repair.STRAIGHTENED)
        done.append(Repair.CROPPED)
    border = paper.find_border(cut)
    if border is None and corners is not None:  # what is left of the table along the edges
        sliver = max(1, round(_SLIVER * min(cut.shape[:2])))
        border = (sliver, sliver, sliver, sliver)
    if border is not None:
        left, top, right, bottom = border
        cut = np.ascontiguousarray(cut[top : cut.shape[0] - bottom, left : cut.shape[1] - right])
        if Repair.CROPPED not in done:
            done.append(Repair.CROPPED)
    return cut, bool(done)


def _cleaned(picture: Pixels, is_print: bool, done: list[Repair]) -> Pixels:
    found = faces.find(picture)
    holes = scratches.find(picture, found, is_print=is_print)
    if holes is not None:
        picture = scratches.fill(picture, holes)
        done.append(Repair.SCRATCHES)
    if not done:  # grain and little contrast alone may be meant, or be cloth and mist
        return picture
    deviation = tone.grain(picture)
    if tone.is_grainy(deviation):
        picture = tone.soften(picture, deviation)
        done.append(Repair.NOISE)
    spread = tone.spread(picture, found)
    if spread is not None:
        picture = spread
        done.append(Repair.FADING)
    return picture


def _enlarged(picture: Pixels, done: list[Repair]) -> Pixels:
    longer = max(picture.shape[:2])
    if longer >= SMALL:
        return picture
    times = min(_MOST_TIMES, ENLARGED / longer)
    done.append(Repair.ENLARGED)
    large = cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_LANCZOS4)
    return np.asarray(large, np.uint8)
