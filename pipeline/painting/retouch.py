"""Retouch by image-to-image and inpainting: skin, light, and the plain background of an ID photo.

Nothing is pasted from elsewhere. SKIN repaints the face lightly and spares eyes and mouth, which
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
from pipeline.painting.request_state import Candidate, PictureSlot, RequestState

MIN_SHADING_CORRELATION = 0.97  # a light retouch has .99, another painting of the same person .95
PROMPTS = {
    Retouch.SKIN: "clear even skin with natural texture",
    Retouch.LIGHT: "soft even studio light",
    Retouch.BACKGROUND: "plain background",
}
STRENGTH = {Retouch.SKIN: 0.25, Retouch.LIGHT: 0.25, Retouch.BACKGROUND: 0.35}
PERSON_SHARE = 0.1, 0.95  # of a portrait's pixels; else the segmentation is wrong


@dataclass(frozen=True, slots=True)
class RetouchPlan:
    """What to sample for one step, and how to finish what was painted."""

    task: SamplingTask
    finish: Callable[[Pixels], Pixels]


def plan(
    state: RequestState, slot: PictureSlot, picture: Candidate, kind: Retouch
) -> RetouchPlan | None:
    """The step for one picture; None if it shows no face or no clear person."""
    prepared = _PREPARE[kind](picture.pixels, state.request.background)
    if prepared is None:
        return None
    initial_image, finish = prepared
    prompt = f"{slot.prompt}, {PROMPTS[kind]}"
    sampling = SamplingRequest(prompt, state.request.negative, picture.seed, initial_image)
    return RetouchPlan(replace(state.task(slot, picture.seed), sampling=sampling), finish)


Prepared = tuple[InitialImage, Callable[[Pixels], Pixels]] | None


def _light(pixels: Pixels, background: str) -> Prepared:
    return InitialImage(pixels, None, STRENGTH[Retouch.LIGHT]), _unchanged


def _skin(pixels: Pixels, background: str) -> Prepared:
    found = faces.find(pixels)
    if not found:
        return None
    mask = skin_mask(pixels.shape[:2], found[0])
    return InitialImage(pixels, mask, STRENGTH[Retouch.SKIN]), _unchanged


def _background(pixels: Pixels, background: str) -> Prepared:
    shade = style.parse_colour(background)
    person = segmentation.person(pixels)
    if not PERSON_SHARE[0] <= float(person.mean()) <= PERSON_SHARE[1]:
        return None
    initial_image = _blend(pixels, shade, person)
    mask = np.rint((1 - person) * 255).astype(np.uint8)
    far = np.clip(1 - person / 0.15, 0, 1)  # 1 where surely nobody is

    def finish(painted: Pixels) -> Pixels:
        # An office measures the colour: away from the person it is the requested one, exactly.
        return _blend(painted, shade, 1 - far)

    return InitialImage(initial_image, mask, STRENGTH[Retouch.BACKGROUND]), finish


_PREPARE = {Retouch.SKIN: _skin, Retouch.LIGHT: _light, Retouch.BACKGROUND: _background}


def skin_mask(shape: tuple[int, ...], face: Face) -> NDArray[np.uint8]:
    """White on the face, black outside and on eyes, brows and mouth; soft edges."""
    mask = np.zeros(shape[:2], dtype=np.uint8)
    middle = _point(face.left + face.width / 2, face.top + face.height / 2)
    cv2.ellipse(mask, middle, _point(0.46 * face.width, 0.5 * face.height), 0, 0, 360, 255, -1)
    eye_distance = faces.eyes(face)[1]
    for x, y in face.points[:2]:
        spared = _point(x, y - 0.08 * eye_distance)
        cv2.ellipse(mask, spared, _point(0.36 * eye_distance, 0.3 * eye_distance), 0, 0, 360, 0, -1)
    x, y = face.points[3:].mean(axis=0)
    wide = float(np.linalg.norm(face.points[4] - face.points[3]))
    cv2.ellipse(mask, _point(x, y), _point(0.65 * wide, 0.28 * eye_distance), 0, 0, 360, 0, -1)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(1.0, 0.05 * face.width)), np.uint8)


def _point(x: float, y: float) -> tuple[int, int]:
    return round(float(x)), round(float(y))


def _blend(pixels: Pixels, shade: NDArray[np.float32], share: NDArray[np.float32]) -> Pixels:
    """`share` (0..1) of the picture, the rest of the plain colour."""
    mixed = shade + share[..., None] * (pixels.astype(np.float32) - shade)
    return np.rint(mixed).astype(np.uint8)


def _unchanged(painted: Pixels) -> Pixels:
    return painted
