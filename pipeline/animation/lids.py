"""Blinks: the upper lid comes down over the eye, made of the skin above it.

The eye is not squeezed. The lashes move as they are; the skin between them and the brow is
stretched; what is still open below the lid stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.animation.head_shape import Field, axes, smooth
from pipeline.images.face_mesh import Mesh
from pipeline.images.faces import Pixels

# Each from the outer to the inner corner, the picture's left eye first.
UPPER: Final = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (263, 466, 388, 387, 386, 385, 384, 398, 362),
)
LOWER: Final = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    (263, 249, 390, 373, 374, 380, 381, 382, 362),
)
BROW: Final = ((46, 53, 52, 65, 55), (276, 283, 282, 295, 285))  # the lower edge
_LASHES: Final = 0.028  # face widths above the lid's edge that move as they are
_WIDER: Final = (1.18, 1.05)  # an eye's outer and inner half: lashes end beyond the mesh's corners
_RIM: Final = 0.05  # change of tone, of the mean, within a fiftieth of the way to the brow
_PAST: Final = 0.004  # face widths by which a shut lid overlaps the lower one


@dataclass(frozen=True, slots=True)
class Eye:
    """A patch of the picture around an eye, and where its lids are, in pixels along ``down`` from
    the line of its corners, at each of its pixels."""

    top: int
    left: int
    down: NDArray[np.float32]
    level: Field
    upper: Field
    lower: Field
    above: Field
    lashes: float
    past: float

    def paint(self, source: Pixels, target: Pixels, blink: float) -> None:
        """Draw the eye of ``source``, shut by 0..1, into ``target``."""
        rows, columns = self.level.shape
        here = np.s_[self.top : self.top + rows, self.left : self.left + columns]
        edge = self.upper + blink * np.maximum(self.lower + self.past - self.upper, 0)
        moved = edge - self.upper
        wanted = edge - self.lashes - self.above
        had = self.upper - self.lashes - self.above
        stretched = self.above + (self.level - self.above) * (had / wanted)
        from_level = np.where(self.level > edge - self.lashes, self.level - moved, stretched)
        from_level = np.where(self.level < self.above, self.level, from_level)
        shift = from_level - self.level
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        x = x + self.left + shift * self.down[0]
        y = y + self.top + shift * self.down[1]
        lid = cv2.remap(source, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        share = np.clip(edge - self.level + 0.5, 0, 1)[..., None]
        target[here] = np.rint(source[here] + share * (lid.astype(np.float32) - source[here]))


def eyes(picture: Pixels, mesh: Mesh) -> tuple[Eye, ...]:
    """Both eyes of a face, those whose patch lies in the picture."""
    found = (_eye(picture, mesh, side) for side in (0, 1))
    return tuple(one for one in found if one is not None)


def _eye(picture: Pixels, mesh: Mesh, side: int) -> Eye | None:
    width = axes(mesh).width
    corner, other = mesh[UPPER[side][0], :2], mesh[UPPER[side][-1], :2]
    if side == 1:
        corner, other = other, corner
    along = (other - corner) / np.linalg.norm(other - corner)
    down = np.array([-along[1], along[0]])
    reach = 0.3 * width
    middle = (corner + other) / 2
    left, top = np.floor(middle - reach).astype(int)
    side_length = int(np.ceil(2 * reach)) + 1
    height, wide = picture.shape[:2]
    if left < 0 or top < 0 or left + side_length > wide or top + side_length > height:
        return None
    y, x = np.mgrid[top : top + side_length, left : left + side_length]
    u = (x - corner[0]) * along[0] + (y - corner[1]) * along[1]
    level = (x - corner[0]) * down[0] + (y - corner[1]) * down[1]

    def line(points: tuple[int, ...]) -> NDArray[np.float64]:
        placed = mesh[list(points), :2] - corner
        at, height_of = placed @ along, placed @ down
        at = length / 2 + (at - length / 2) * np.where((at > length / 2) == (side == 1), *_WIDER)
        order = np.argsort(at)
        return np.asarray(np.interp(u, at[order], height_of[order]))

    length = float(np.linalg.norm(other - corner))
    upper, lower, brow = line(UPPER[side]), line(LOWER[side]), line(BROW[side])
    outside = np.maximum(-u, u - length) / (0.1 * length)
    inner = 1 - np.clip(outside, 0, 1)
    upper = cv2.GaussianBlur(upper, (0, 0), 0.01 * width)
    lower = cv2.GaussianBlur(lower, (0, 0), 0.01 * width)
    gap = np.maximum(lower - upper, 0) * smooth(inner)
    free = _free_skin(picture[top : top + side_length, left : left + side_length], u / length,
                      (upper - level) / np.maximum(upper - brow, 1))  # fmt: skip
    above = upper - np.maximum(free * (upper - brow), 2 * _LASHES * width)
    return Eye(
        int(top), int(left), down.astype(np.float32), level.astype(np.float32),
        upper.astype(np.float32), (upper + gap).astype(np.float32), above.astype(np.float32),
        _LASHES * width, _PAST * width,
    )  # fmt: skip


def _free_skin(patch: Pixels, u: NDArray[np.float64], share: NDArray[np.float64]) -> float:
    """How far from the lid up to the brow (0..1) there is nothing but skin: a rim of glasses, a
    deep fold and the brow itself are not to be stretched.

    u      of each pixel along the eye, 0..1
    share  of each pixel on the way from the lid (0) to the brow (1)
    """
    grey = cv2.GaussianBlur(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    levels = np.linspace(0.3, 0.8, 26)
    within = (u > 0.25) & (u < 0.75)
    tones = [
        float(np.median(near)) if (near := grey[within & (abs(share - at) < 0.03)]).size else np.nan
        for at in levels
    ]
    steep = np.abs(np.diff(tones)) > _RIM * (np.nanmean(tones) + 10)
    first = int(np.argmax(steep)) if steep.any() else len(levels) - 1
    return float(np.clip(levels[first] - 0.06, 0.3, 0.65))
