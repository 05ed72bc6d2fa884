"""Retouch as painted steps: skin, light, and the plain background of an ID photo.

Nothing is pasted from elsewhere. SKIN paints the face lightly anew and spares eyes and mouth, which
carry the person; LIGHT the whole picture; BACKGROUND all but the person, from a plain colour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.engine.messages import Retouch
from pipeline.families import InitialImage, SamplingRequest
from pipeline.images import faces, segmentation
from pipeline.images.faces import Face, Pixels
from pipeline.painting import style
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.request_state import Candidate, RequestState

LEAST_ALIKE = 0.97  # of shading, `pick.alike`: light retouch .99, another painting of them .95
WORDS = {
    Retouch.SKIN: "clear even skin with natural texture",
    Retouch.LIGHT: "soft even studio light",
    Retouch.BACKGROUND: "plain background",
}
STRENGTH = {Retouch.SKIN: 0.25, Retouch.LIGHT: 0.25, Retouch.BACKGROUND: 0.35}
PERSON_SHARE = 0.1, 0.95  # of a portrait's pixels; else the cut-out is wrong


@dataclass(frozen=True, slots=True)
class RetouchPlan:
    """What to paint for one step, and what to make of it."""

    task: SamplingTask
    finish: Callable[[Pixels], Pixels]


def plan(sitting: RequestState, picture: Candidate, kind: Retouch) -> RetouchPlan | None:
    """The step for one picture; None if it shows no face or no clear person."""
    made = _MAKERS[kind](picture.pixels, sitting.order.background)
    if made is None:
        return None
    start, finish = made
    prompt = f"{sitting.prompt}, {WORDS[kind]}"
    ask = SamplingRequest(prompt, sitting.order.negative, picture.seed, start)
    return RetouchPlan(replace(sitting.task(picture.seed), ask=ask), finish)


Made = tuple[InitialImage, Callable[[Pixels], Pixels]] | None


def _light(pixels: Pixels, background: str) -> Made:
    return InitialImage(pixels, None, STRENGTH[Retouch.LIGHT]), _as_it_is


def _skin(pixels: Pixels, background: str) -> Made:
    found = faces.find(pixels)
    if not found:
        return None
    mask = skin_mask(pixels.shape[:2], found[0])
    return InitialImage(pixels, mask, STRENGTH[Retouch.SKIN]), _as_it_is


def _background(pixels: Pixels, background: str) -> Made:
    shade = style.colour(background)
    person = segmentation.person(pixels)
    if not PERSON_SHARE[0] <= float(person.mean()) <= PERSON_SHARE[1]:
        return None
    start = _mixed(pixels, shade, person)
    mask = np.rint((1 - person) * 255).astype(np.uint8)
    far = np.clip(1 - person / 0.15, 0, 1)  # 1 where surely nobody is

    def finish(painted: Pixels) -> Pixels:
        # An office measures the colour: away from the person it is the ordered one, exactly.
        return _mixed(painted, shade, 1 - far)

    return InitialImage(start, mask, STRENGTH[Retouch.BACKGROUND]), finish


_MAKERS = {Retouch.SKIN: _skin, Retouch.LIGHT: _light, Retouch.BACKGROUND: _background}


def skin_mask(shape: tuple[int, ...], face: Face) -> NDArray[np.uint8]:
    """White on the face, black outside and on eyes, brows and mouth; soft edges."""
    mask = np.zeros(shape[:2], dtype=np.uint8)
    middle = _point(face.left + face.width / 2, face.top + face.height / 2)
    cv2.ellipse(mask, middle, _point(0.46 * face.width, 0.5 * face.height), 0, 0, 360, 255, -1)
    apart = faces.eyes(face)[1]
    for x, y in face.points[:2]:
        spared = _point(x, y - 0.08 * apart)
        cv2.ellipse(mask, spared, _point(0.36 * apart, 0.3 * apart), 0, 0, 360, 0, -1)
    x, y = face.points[3:].mean(axis=0)
    wide = float(np.linalg.norm(face.points[4] - face.points[3]))
    cv2.ellipse(mask, _point(x, y), _point(0.65 * wide, 0.28 * apart), 0, 0, 360, 0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.05 * face.width)), np.uint8)


def _point(x: float, y: float) -> tuple[int, int]:
    return round(float(x)), round(float(y))


def _mixed(pixels: Pixels, shade: NDArray[np.float32], share: NDArray[np.float32]) -> Pixels:
    """`share` of the picture, the rest of the plain colour."""
    mixed = shade + share[..., None] * (pixels.astype(np.float32) - shade)
    return np.rint(mixed).astype(np.uint8)


def _as_it_is(painted: Pixels) -> Pixels:
    return painted
