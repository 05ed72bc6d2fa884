"""Wan2.2: TI2V-5B, which paints from pictures and from words, and A14B, two denoisers in turn."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import torch
from diffusers import WanImageToVideoPipeline, WanPipeline

from pipeline.models.video_recipe import VideoRecipe
from pipeline.video import Conditioning, Frames, OnStep, VideoPass, sampling


class Wan:
    """Adapter of family `wan`."""

    def __init__(self, pipe: Any, recipe: VideoRecipe, device: str) -> None:
        self._recipe = recipe
        pipe.scheduler = sampling.scheduler(pipe.scheduler, recipe.sampling)
        self.pipe: Any = sampling.sibling(pipe, WanImageToVideoPipeline)
        self._from_words = sampling.sibling(self.pipe, WanPipeline)
        both = {name: getattr(self.pipe, name) for name in ("transformer", "transformer_2")}
        self.denoisers: Mapping[str, Any] = {
            name: part for name, part in both.items() if part is not None
        }
        name = sampling.usable_attention(recipe.memory.attention, device)
        self._attention = functools.partial(sampling.active_attention, name)

    def encode(self, prompt: str) -> Conditioning:
        settings = self._recipe.sampling
        guided = max(settings.guidance, settings.guidance_low_noise) > 1
        with torch.no_grad():
            positive, negative = self.pipe.encode_prompt(
                prompt,
                settings.negative,
                do_classifier_free_guidance=guided,
                max_sequence_length=settings.max_prompt_tokens,
            )
        return {"prompt_embeds": positive, "negative_prompt_embeds": negative}

    def generate(self, wanted: VideoPass, on_step: OnStep) -> Frames:
        more: dict[str, Any] = {}
        if len(self.denoisers) > 1:
            more["guidance_scale_2"] = self._recipe.sampling.guidance_low_noise or None
        pipe = self.pipe
        if wanted.first is None:
            if not self._recipe.text_pipeline:
                raise ValueError("this base needs a picture")
            pipe = self._from_words
        return sampling.sample(
            pipe, self.pipe, wanted, self._recipe.sampling, on_step, self._attention, **more
        )
