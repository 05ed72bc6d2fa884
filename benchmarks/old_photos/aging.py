"""Age a photo as paper ages, by numbers: what the restoring is measured and tested with."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.images.faces import Pixels

SEPIA = np.array([1.07, 0.98, 0.80])  # of a grey value, for red, green and blue
PAPER = np.array([236.0, 228.0, 208.0])
TABLE = {"wood": np.array([112.0, 78.0, 52.0]), "cloth": np.array([70.0, 84.0, 96.0])}


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to a photo.

    fade        black and white of the faded print, 0..255
    grain       standard deviation, of 255
    scratches   lines through the picture; `creases` go from side to side
    specks      dust, in spots
    border      of paper, as a share of the shorter side
    turn        degrees by which the print lies aslant on a table; 0: a scan without a table
    tilt        how far a corner is out of the rectangle, as a share of the side
    """

    fade: tuple[float, float] = (48.0, 214.0)
    grain: float = 7.0
    scratches: int = 8
    creases: int = 1
    specks: int = 70
    border: float = 0.05
    turn: float = 6.0
    tilt: float = 0.012
    toned: bool = True
    table: str = "wood"


@dataclass(frozen=True, slots=True)
class Aged:
    """The aged photo, and the homography (3, 3) from the original's pixels to its own."""

    picture: Pixels = field(repr=False)
    homography: NDArray[np.float64]

    def straight(self, size: tuple[int, int]) -> Pixels:
        """As if the print had been laid straight and cropped by hand, of width and height."""
        back = np.linalg.inv(self.homography)
        warped = cv2.warpPerspective(self.picture, back, size, flags=cv2.INTER_CUBIC)
        return np.asarray(warped, np.uint8)


def age(picture: Pixels, damage: Damage, rng: Generator) -> Aged:
    """Damage an RGB photo (height, width, 3)."""
    print_ = _toned(picture, damage) if damage.toned else _faded(picture, damage.fade)
    print_ = print_ + cv2.GaussianBlur(
        rng.normal(0, 1.6 * damage.grain, (*picture.shape[:2], 1)).astype(np.float32), (0, 0), 0.7
    )[..., None].astype(np.float64)
    print_ = _scratched(print_, damage, rng)
    border = round(damage.border * min(picture.shape[:2]))
    if border:
        paper = PAPER + rng.normal(0, 2, (picture.shape[0] + 2 * border, 1, 1))
        framed = np.broadcast_to(paper, (len(paper), picture.shape[1] + 2 * border, 3)).copy()
        framed[border:-border, border:-border] = print_
        print_ = framed
    move = np.array([[1, 0, border], [0, 1, border], [0, 0, 1]], np.float64)
    if not damage.turn:
        return Aged(_bytes(print_), move)
    laid, homography = _on_a_table(print_, damage, rng)
    return Aged(_bytes(laid), homography @ move)


def _bytes(pixels: NDArray[np.float64]) -> Pixels:
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _faded(picture: Pixels, fade: tuple[float, float]) -> NDArray[np.float64]:
    black, white = fade
    return np.asarray(black + picture.astype(np.float64) * (white - black) / 255)


def _toned(picture: Pixels, damage: Damage) -> NDArray[np.float64]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return _faded(grey, damage.fade)[..., None] * SEPIA


def _scratched(print_: NDArray[np.float64], damage: Damage, rng: Generator) -> NDArray[np.float64]:
    """White, where the emulsion is gone: lines that waver a little and break off, and spots."""
    height, width = print_.shape[:2]
    scale = max(height, width) / 800
    mask = np.zeros((height, width), np.float32)
    for number in range(damage.scratches + damage.creases):
        whole = number >= damage.scratches
        angle = rng.normal(np.pi / 2, 0.35) if not whole else rng.uniform(0, np.pi)
        length = (2.0 if whole else rng.uniform(0.15, 0.6)) * max(height, width)
        middle = rng.uniform(0.1, 0.9, 2) * (width, height)
        along = np.linspace(-0.5, 0.5, 40)[:, None] * length * [np.cos(angle), np.sin(angle)]
        waver = np.cumsum(rng.normal(0, 0.25 * scale, (40, 2)), axis=0)
        points = np.rint(middle + along + waver).astype(np.int32)
        thick = max(1, round(scale * (rng.uniform(1.2, 2.2) if whole else rng.uniform(0.8, 1.6))))
        line = np.zeros_like(mask)
        cv2.polylines(line, [points[:, None]], False, 1.0, thick, cv2.LINE_AA)
        mask = np.maximum(mask, line * rng.uniform(0.7, 1.0))
    for _ in range(damage.specks):
        at = tuple(int(v) for v in rng.uniform(0, 1, 2) * (width, height))
        spot = np.zeros_like(mask)
        cv2.circle(spot, at, max(1, round(scale * rng.uniform(0.6, 2.2))), 1.0, -1, cv2.LINE_AA)
        mask = np.maximum(mask, spot)
    return np.asarray(print_ + mask[..., None] * (PAPER + 8 - print_))


def _on_a_table(
    print_: NDArray[np.float64], damage: Damage, rng: Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The print lies aslant, photographed by hand: seen at an angle, with a soft shadow."""
    height, width = print_.shape[:2]
    side = round(1.35 * max(height, width))
    table = _table(side, damage.table, rng)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    turn = np.radians(damage.turn)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    laid = (corners - corners.mean(axis=0)) @ spin + side / 2
    laid += rng.uniform(-1, 1, (4, 2)) * damage.tilt * max(height, width)
    homography = cv2.getPerspectiveTransform(corners.astype(np.float32), laid.astype(np.float32))
    on_top = cv2.warpPerspective(print_, homography, (side, side), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(
        np.ones((height, width), np.float32), homography, (side, side), flags=cv2.INTER_LINEAR
    )
    shadow = np.roll(cv2.GaussianBlur(mask, (0, 0), 0.008 * side), (6, 5), (0, 1))
    table *= 1 - 0.45 * shadow[..., None]
    return table * (1 - mask[..., None]) + on_top * mask[..., None], np.asarray(homography)


def _table(side: int, kind: str, rng: Generator) -> NDArray[np.float64]:
    """A table top with a grain, lit from one side."""
    noise = rng.normal(0, 1, (side, side)).astype(np.float32)
    stretch = (side / 12, 1.2) if kind == "wood" else (1.0, 1.0)
    grain = cv2.GaussianBlur(noise, (0, 0), sigmaX=stretch[0], sigmaY=stretch[1])
    grain = grain / grain.std() * (9 if kind == "wood" else 6)
    light = np.linspace(0.85, 1.15, side)[None, :, None]
    return np.asarray((TABLE[kind] + grain[..., None]) * light)
