"""Retouch by image-to-image and inpainting: skin, light, and a plain background of one colour.

Nothing is pasted from elsewhere. SKIN repaints the face lightly and spares eyes and mouth, which
carry the person; LIGHT the whole picture; BACKGROUND all but the person, from a plain colour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pipeline.engine.messages import Retouch
from pipeline.families import InitialImage, SamplingRequest
from pipeline.images import faces, segmentation, skin
from pipeline.images.faces import Pixels
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
    mask = skin.skin_mask(pixels.shape[:2], found[0])
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


def _blend(pixels: Pixels, shade: NDArray[np.float32], share: NDArray[np.float32]) -> Pixels:
    """`share` (0..1) of the picture, the rest of the plain colour."""
    mixed = shade + share[..., None] * (pixels.astype(np.float32) - shade)
    return np.rint(mixed).astype(np.uint8)


def _unchanged(painted: Pixels) -> Pixels:
    return painted
