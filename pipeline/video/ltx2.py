"""LTX-2. It generates sound with every clip, which is left behind."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import torch
from diffusers import LTX2ImageToVideoPipeline, LTX2Pipeline

from pipeline.models.video_recipe import VideoRecipe
from pipeline.video import Conditioning, Frames, OnStep, VideoPass, sampling

# LTX-2 knows plain guidance only; diffusers' defaults are those of LTX-2.3.
PLAIN_GUIDANCE = {
    "stg_scale": 0.0,
    "audio_stg_scale": 0.0,
    "modality_scale": 1.0,
    "audio_modality_scale": 1.0,
    "guidance_rescale": 0.0,
    "audio_guidance_rescale": 0.0,
    "spatio_temporal_guidance_blocks": None,
    "use_cross_timestep": False,
}


def tile_stride(side: int) -> int:
    """Pixels from tile to tile of a clip's side, where the autoencoder works in tiles of 512.

    With diffusers' 448 the last tile of some sides is a single latent (32 px), which its decoder
    cannot reflect: it fails.
    """
    return 384 if side // 32 % (448 // 32) == 1 else 448


class Ltx2:
    """Adapter of family `ltx2`."""

    def __init__(self, pipe: Any, recipe: VideoRecipe, device: str) -> None:
        self._recipe = recipe
        self.pipe: Any = sampling.sibling(pipe, LTX2ImageToVideoPipeline)
        self._from_words = sampling.sibling(self.pipe, LTX2Pipeline)
        self.denoisers: Mapping[str, Any] = {"transformer": self.pipe.transformer}
        name = sampling.usable_attention(recipe.memory.attention, device)
        self._attention = functools.partial(sampling.active_attention, name)

    def encode(self, prompt: str) -> Conditioning:
        settings = self._recipe.sampling
        with torch.no_grad():
            positive, mask, negative, negative_mask = self.pipe.encode_prompt(
                prompt,
                settings.negative,
                do_classifier_free_guidance=settings.guidance > 1,
                max_sequence_length=settings.max_prompt_tokens,
            )
        return {
            "prompt_embeds": positive,
            "prompt_attention_mask": mask,
            "negative_prompt_embeds": negative,
            "negative_prompt_attention_mask": negative_mask,
        }

    def generate(self, wanted: VideoPass, on_step: OnStep) -> Frames:
        settings = self._recipe.sampling
        vae = self.pipe.vae
        vae.tile_sample_stride_width, vae.tile_sample_stride_height = map(tile_stride, wanted.size)
        more: dict[str, Any] = PLAIN_GUIDANCE | {
            "frame_rate": float(settings.fps),
            "audio_guidance_scale": settings.guidance,
        }
        pipe = self._from_words
        if wanted.first is not None:
            # 0: our photo is a JPEG already; diffusers would compress it as a video once more.
            pipe, more = self.pipe, more | {"image_crf": 0}
        return sampling.sample(pipe, self.pipe, wanted, settings, on_step, self._attention, **more)
