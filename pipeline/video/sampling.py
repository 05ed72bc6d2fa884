"""One pass by diffusers' own pipelines: what all architectures have in common."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import structlog
import torch
from diffusers import FlowMatchEulerDiscreteScheduler, UniPCMultistepScheduler
from diffusers.models.attention_dispatch import attention_backend
from PIL import Image
from torch import Tensor

from pipeline.models.video_recipe import VideoSampling
from pipeline.video import Frames, OnStep, VideoPass

log = structlog.get_logger()


class EvenEulerScheduler(FlowMatchEulerDiscreteScheduler):  # type: ignore[misc]
    """Euler steps on noise levels 1, 1 - 1/n, ..., 1/n before the shift: those that few-step LoRAs
    are distilled to. The parent spaces them from 1 down to almost 0 instead."""

    def set_timesteps(
        self, num_inference_steps: int, device: str | torch.device | None = None
    ) -> None:
        count = num_inference_steps
        super().set_timesteps(sigmas=[1 - done / count for done in range(count)], device=device)


def scheduler(own: Any, settings: VideoSampling) -> Any:
    """The recipe's scheduler; `own` is the one that came with the weights."""
    if settings.scheduler == "unipc":
        return UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=settings.shift
        )
    return EvenEulerScheduler(shift=settings.shift) if settings.scheduler == "euler" else own


def sibling(pipe: Any, kind: type) -> Any:
    """A pipeline of another kind from the very same networks; nothing is copied or cast."""
    if type(pipe) is kind:
        return pipe
    accepted = inspect.signature(kind).parameters
    parts = dict(pipe.config) | pipe.components
    made = kind(**{name: part for name, part in parts.items() if name in accepted})
    made.set_progress_bar_config(disable=True)
    return made


def sample(
    pipe: Any, owner: Any, wanted: VideoPass, settings: VideoSampling, on_step: OnStep,
    attention: Callable[[], AbstractContextManager[Any]], **more: Any,
) -> Frames:  # fmt: skip
    """Call a pipeline for a pass.

    owner       the pipeline that offloads the parts
    attention   active within the pass, not in what `on_step` does
    more        arguments of this architecture
    """
    if wanted.first is not None:
        more["image"] = Image.fromarray(wanted.first)
    width, height = wanted.size
    try:
        with torch.no_grad(), attention():
            video = pipe(
                **wanted.conditioning,
                **more,
                width=width,
                height=height,
                num_frames=wanted.frames,
                num_inference_steps=settings.steps,
                guidance_scale=settings.guidance,
                # On the CPU, so that a seed means the same clip on every card.
                generator=torch.Generator("cpu").manual_seed(wanted.seed),
                callback_on_step_end=_step_callback(on_step),
                output_type="pt",
            ).frames[0]
        return _to_frames(video)
    finally:
        owner.maybe_free_model_hooks()  # diffusers does so as well, but not when a pass is ended


def _to_frames(video: Tensor) -> Frames:
    """(frames, 3, height, width) of 0..1 -> RGB uint8, a frame at a time: a clip in float32 would
    take as much memory again as a small base."""
    frames = [
        (frame.float().clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).cpu()
        for frame in video
    ]
    return np.asarray(torch.stack(frames).numpy(), np.uint8)


def _step_callback(on_step: OnStep) -> Callable[..., dict[str, Any]]:
    """For callback_on_step_end of diffusers."""

    def callback(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        with attention_backend("native"):
            on_step(step + 1)
        return values

    return callback


def usable_attention(name: str, device: str) -> str:
    """The recipe's attention where it runs: on a GPU that has its library; else torch's own."""
    if device == "cpu":
        return "native"
    try:
        with attention_backend(name):
            return name
    except (ImportError, RuntimeError, ValueError, KeyError) as error:
        log.warning("attention_missing", wanted=name, error=type(error).__name__)
        return "native"


@contextlib.contextmanager
def active_attention(name: str) -> Iterator[None]:
    """Let diffusers' networks use this attention."""
    with attention_backend(name):
        yield
