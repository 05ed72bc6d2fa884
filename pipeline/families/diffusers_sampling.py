"""Painting by diffusers' own samplers: from nothing, on a picture, or on a masked part of one."""

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

LEAST = 0.01  # a flow that starts at less noise is not worth a step


@dataclass(frozen=True, slots=True)
class Samplers:
    """A family's three pipelines over the same networks; no `over`: `inside`, all masked.

    bend   time shift of the curve of noise levels from a start, as in Train; None: not a flow
    """

    plain: Any
    over: Any
    inside: Any
    bend: float | None

    @staticmethod
    def of_flow(pipe: Any, paint: PaintSettings, over: type | None, inside: type) -> Samplers:
        """`over` and `inside`: diffusers' image-to-image and inpaint classes."""
        straight = {"use_dynamic_shifting": False, "shift_terminal": None}
        kind, config = type(pipe.scheduler), pipe.scheduler.config
        if paint.shift:
            pipe.scheduler = kind.from_config(config, shift=paint.shift, **straight)
        # From a start we tell each noise level ourselves: the scheduler shall not shift them.
        exact = kind.from_config(config, shift=1.0, **straight)
        return Samplers(
            pipe,
            over and _sharing(pipe, over, exact),
            _sharing(pipe, inside, exact),
            paint.shift or config.shift,
        )

    @staticmethod
    def of_diffusion(pipe: Any, over: type, inside: type) -> Samplers:
        """The same for models with discrete times."""
        by = pipe.scheduler
        return Samplers(pipe, _sharing(pipe, over, by), _sharing(pipe, inside, by), None)


def _sharing(pipe: Any, kind: type, scheduler: Any) -> Any:
    """A pipeline of another kind from the very same networks; nothing is copied or cast."""
    told = dict(pipe.config) | pipe.components | {"scheduler": scheduler}
    wanted = inspect.signature(kind).parameters
    other = kind(**{name: part for name, part in told.items() if name in wanted})
    other.set_progress_bar_config(disable=True)
    return other


def levels(strength: float, steps: int, bend: float) -> list[float]:
    """Noise levels from `strength` down, on the base's own curve, as dense as `steps` for all.

    Diffusers' own way drops the first steps of the curve: a model of four steps then knows three
    strengths, and 0.3 of a curve that is bent by 3 starts at a noise of 0.56.
    """
    start = strength / (bend - (bend - 1) * strength)  # where the unbent curve has this level
    count = min(steps, max(2, math.ceil(steps * start)))
    even = np.linspace(start, start / count, count)
    return [float(level) for level in bend * even / (1 + (bend - 1) * even)]


def sample(
    samplers: Samplers,
    paint: PaintSettings,
    asks: Sequence[SamplingRequest],
    size: tuple[int, int],
    words: dict[str, Any],
    on_step: OnStep,
) -> list[Pixels]:
    """One batch. words: the sampler's arguments for prompts and guidance; see `Base.sample`."""
    starts = [ask.start for ask in asks if ask.start is not None]
    if starts and len(starts) < len(asks):
        raise ValueError("some asks of a batch start from a picture and some do not")
    if len({(start.strength, start.mask is None) for start in starts}) > 1:
        raise ValueError("starts of one batch differ in strength or kind")
    way = _way(samplers, starts[0].strength if starts else None, paint.steps)
    if way is None:
        return [start.pixels for start in starts]
    sampler, given = _chosen(samplers, starts)
    taken = inspect.signature(sampler.__call__).parameters
    if "width" in taken:
        given |= {"width": size[0], "height": size[1]}
    painted = sampler(
        **words,
        **given,
        **way,
        # On the CPU, so that a seed means the same picture on every card.
        generator=[torch.Generator("cpu").manual_seed(ask.seed) for ask in asks],
        callback_on_step_end=_listener(on_step),
    ).images
    pictures = [np.asarray(picture.convert("RGB")) for picture in painted]
    return [_kept(s, p) for s, p in zip(starts, pictures, strict=True)] if starts else pictures


def _way(samplers: Samplers, strength: float | None, steps: int) -> dict[str, Any] | None:
    """The sampler's arguments for its steps; None: no step at all, the start is the picture."""
    if strength is None:
        return {"num_inference_steps": steps}
    if samplers.bend is None:
        whole = {"num_inference_steps": steps, "strength": strength}
        return whole if int(steps * strength) >= 1 else None
    if strength < LEAST:
        return None
    told = levels(strength, steps, samplers.bend)
    return {"num_inference_steps": len(told), "sigmas": told, "strength": 1.0}


def _chosen(samplers: Samplers, starts: Sequence[InitialImage]) -> tuple[Any, dict[str, Any]]:
    if not starts:
        return samplers.plain, {}
    given: dict[str, Any] = {"image": [Image.fromarray(start.pixels) for start in starts]}
    if starts[0].mask is None and samplers.over is not None:
        return samplers.over, given
    return samplers.inside, given | {"mask_image": [_mask(start) for start in starts]}


def _mask(start: InitialImage) -> Image.Image:
    mask = start.mask if start.mask is not None else np.full(start.pixels.shape[:2], 255, np.uint8)
    return Image.fromarray(mask)


def _kept(start: InitialImage, painted: Pixels) -> Pixels:
    """Unmasked pixels come back as they were, not as the autoencoder remembers them."""
    if start.mask is None:
        return painted
    share = start.mask[..., None].astype(np.float32) / 255
    blend = start.pixels + share * (painted.astype(np.float32) - start.pixels)
    return np.rint(blend).astype(np.uint8)


def _listener(on_step: OnStep) -> Callable[..., dict[str, Any]]:
    """Diffusers' callback_on_step_end."""

    def heard(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        on_step(step + 1)
        return values

    return heard
