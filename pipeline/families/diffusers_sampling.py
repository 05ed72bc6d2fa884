"""Sampling by diffusers' own pipelines: text to image, image to image, and inpainting."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image

from pipeline.families import InitialImage, OnStep, SamplingRequest
from pipeline.images.faces import Pixels
from pipeline.models.painting_settings import PaintSettings

MIN_STRENGTH = 0.01  # a flow that starts at less noise is not worth a step


@dataclass(frozen=True, slots=True)
class Samplers:
    """A family's three pipelines over the same networks.

    image_to_image   None: inpainting with a mask that is all white does it
    time_shift       of the noise levels from an initial image, as in training; None: not a flow
    """

    text_to_image: Any
    image_to_image: Any
    inpaint: Any
    time_shift: float | None

    @staticmethod
    def for_flow(
        pipe: Any, paint: PaintSettings, image_to_image: type | None, inpaint: type
    ) -> Samplers:
        """For flow models, of diffusers' image-to-image and inpaint classes."""
        no_shift = {"use_dynamic_shifting": False, "shift_terminal": None}
        kind, config = type(pipe.scheduler), pipe.scheduler.config
        if paint.shift:
            pipe.scheduler = kind.from_config(config, shift=paint.shift, **no_shift)
        # With an initial image we set each noise level: the scheduler must not shift them again.
        unshifted = kind.from_config(config, shift=1.0, **no_shift)
        return Samplers(
            pipe,
            image_to_image and _sibling(pipe, image_to_image, unshifted),
            _sibling(pipe, inpaint, unshifted),
            paint.shift or config.shift,
        )

    @staticmethod
    def for_diffusion(pipe: Any, image_to_image: type, inpaint: type) -> Samplers:
        """For models with discrete timesteps."""
        scheduler = pipe.scheduler
        return Samplers(
            pipe,
            _sibling(pipe, image_to_image, scheduler),
            _sibling(pipe, inpaint, scheduler),
            None,
        )


def _sibling(pipe: Any, kind: type, scheduler: Any) -> Any:
    """A pipeline of another kind from the very same networks; nothing is copied or cast."""
    parts = dict(pipe.config) | pipe.components | {"scheduler": scheduler}
    accepted = inspect.signature(kind).parameters
    sibling = kind(**{name: part for name, part in parts.items() if name in accepted})
    sibling.set_progress_bar_config(disable=True)
    return sibling


def noise_levels(strength: float, steps: int, time_shift: float) -> list[float]:
    """Sigmas from `strength` (0..1) down, on the base's shifted schedule of `steps` from 1.

    diffusers drops the first steps of the schedule instead: a model of four steps then knows three
    strengths, and 0.3 of a schedule that is shifted by 3 starts at a sigma of 0.56.
    """
    first = strength / (time_shift - (time_shift - 1) * strength)  # the level before the shift
    count = min(steps, max(2, math.ceil(steps * first)))
    even = np.linspace(first, first / count, count)
    return [float(level) for level in time_shift * even / (1 + (time_shift - 1) * even)]


def sample(
    samplers: Samplers,
    paint: PaintSettings,
    requests: Sequence[SamplingRequest],
    size: tuple[int, int],
    arguments: dict[str, Any],
    on_step: OnStep,
) -> list[Pixels]:
    """Paint one batch; see `Base.sample`. arguments: the pipeline's, for prompts and guidance."""
    initial = [request.initial_image for request in requests if request.initial_image is not None]
    if initial and len(initial) < len(requests):
        raise ValueError("some requests of a batch have an initial image and some do not")
    if len({(image.strength, image.mask is None) for image in initial}) > 1:
        raise ValueError("initial images of one batch differ in strength or kind")
    schedule = _step_arguments(samplers, initial[0].strength if initial else None, paint.steps)
    if schedule is None:
        return [image.pixels for image in initial]
    pipeline, images = _pipeline_for(samplers, initial)
    accepted = inspect.signature(pipeline.__call__).parameters
    if "width" in accepted:
        images |= {"width": size[0], "height": size[1]}
    painted = pipeline(
        **arguments,
        **images,
        **schedule,
        # On the CPU, so that a seed means the same picture on every card.
        generator=[torch.Generator("cpu").manual_seed(request.seed) for request in requests],
        callback_on_step_end=_step_callback(on_step),
    ).images
    pictures = [np.asarray(picture.convert("RGB")) for picture in painted]
    if not initial:
        return pictures
    return [_keep_unmasked(*pair) for pair in zip(initial, pictures, strict=True)]


def _step_arguments(
    samplers: Samplers, strength: float | None, steps: int
) -> dict[str, Any] | None:
    """The pipeline's arguments for its steps; None: no step, the initial image is the result."""
    if strength is None:
        return {"num_inference_steps": steps}
    if samplers.time_shift is None:
        arguments = {"num_inference_steps": steps, "strength": strength}
        return arguments if int(steps * strength) >= 1 else None
    if strength < MIN_STRENGTH:
        return None
    sigmas = noise_levels(strength, steps, samplers.time_shift)
    return {"num_inference_steps": len(sigmas), "sigmas": sigmas, "strength": 1.0}


def _pipeline_for(
    samplers: Samplers, initial: Sequence[InitialImage]
) -> tuple[Any, dict[str, Any]]:
    if not initial:
        return samplers.text_to_image, {}
    images: dict[str, Any] = {"image": [Image.fromarray(image.pixels) for image in initial]}
    if initial[0].mask is None and samplers.image_to_image is not None:
        return samplers.image_to_image, images
    return samplers.inpaint, images | {"mask_image": [_mask(image) for image in initial]}


def _mask(image: InitialImage) -> Image.Image:
    mask = image.mask if image.mask is not None else np.full(image.pixels.shape[:2], 255, np.uint8)
    return Image.fromarray(mask)


def _keep_unmasked(image: InitialImage, painted: Pixels) -> Pixels:
    """Put the unmasked pixels back as they were, not as the autoencoder decodes them."""
    if image.mask is None:
        return painted
    share = image.mask[..., None].astype(np.float32) / 255
    blend = image.pixels + share * (painted.astype(np.float32) - image.pixels)
    return np.rint(blend).astype(np.uint8)


def _step_callback(on_step: OnStep) -> Callable[..., dict[str, Any]]:
    """Diffusers' callback_on_step_end."""

    def callback(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        on_step(step + 1)
        return values

    return callback
