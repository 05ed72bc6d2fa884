"""Stable Diffusion 1.5 and SDXL: a UNet that predicts noise (or v) at 1,000 discrete times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import (
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
)
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor

from pipeline.families import OnStep, Prompt, SamplingRequest, diffusers_sampling, latents
from pipeline.families.diffusers_sampling import Samplers
from pipeline.families.loading import LoadedPipeline
from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe


class StableDiffusion:
    prefix = "unet"

    def __init__(self, opened: LoadedPipeline, recipe: Recipe) -> None:
        self.pipe, self.recipe = opened.pipe, recipe
        self.trained, self.painter = opened.trained, opened.painter
        self.two_encoders = hasattr(self.pipe, "text_encoder_2")  # SDXL
        if self.trained.device.type == "cpu":
            # torch's fused attention is slow on the way back there, and convolutions like their
            # channels last: together a fifth of a training step (docs/benchmarks/training.md).
            self.trained.set_attn_processor(AttnProcessor())
            self.trained.to(memory_format=torch.channels_last)
        self.noising = DDPMScheduler.from_config(self.pipe.scheduler.config)
        # 20 to 30 steps do what the default samplers need 50 for.
        self.pipe.scheduler = DPMSolverMultistepScheduler.from_config(
            self.pipe.scheduler.config, algorithm_type="dpmsolver++", use_karras_sigmas=True
        )
        self.encode_prompts = latents.Phrasebook(self._encoded)
        kinds = (
            (StableDiffusionXLImg2ImgPipeline, StableDiffusionXLInpaintPipeline)
            if self.two_encoders
            else (StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline)
        )
        self.samplers = Samplers.of_diffusion(self.pipe, *kinds)

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return latents.encode_latents(self.pipe.vae, pixels)

    def _encoded(self, text: str) -> Prompt:
        device = self.trained.device
        if not self.two_encoders:
            words, _ = self.pipe.encode_prompt([text], device, 1, False)
            return {"tokens": words[0]}
        words, _, pooled, _ = self.pipe.encode_prompt(
            [text], device=device, do_classifier_free_guidance=False
        )
        return {"tokens": words[0], "pooled": pooled[0]}

    def errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, when: Tensor
    ) -> Tensor:
        steps = self.noising.config.num_train_timesteps
        times = (when * steps).long().clamp(max=steps - 1).to(clean.device)
        noisy = self.noising.add_noise(clean, noise, times)
        predicted = self._denoise(noisy, times, prompts).float()
        kind = self.noising.config.prediction_type
        target = noise if kind == "epsilon" else self.noising.get_velocity(clean, noise, times)
        return (predicted - target) ** 2 * self._weight(times, kind).view(-1, 1, 1, 1)

    def _weight(self, times: Tensor, kind: str) -> Tensor:
        """min-SNR weights (arXiv 2303.09556): min(snr, gamma)/snr, for v over snr + 1."""
        gamma = self.recipe.train.min_snr
        kept = self.noising.alphas_cumprod.to(times.device)[times]
        snr = kept / (1 - kept)
        if gamma == 0:
            return torch.ones_like(snr)
        return snr.clamp(max=gamma) / (snr if kind == "epsilon" else snr + 1)

    def _denoise(self, noisy: Tensor, times: Tensor, prompts: Sequence[Prompt]) -> Tensor:
        noisy = noisy.to(self.trained.dtype)
        predicted: Tensor = self.trained(
            noisy,
            times,
            encoder_hidden_states=latents.stacked(prompts, "tokens", noisy),
            added_cond_kwargs=self._sizes(noisy, prompts) if self.two_encoders else None,
            return_dict=False,
        )[0]
        return predicted

    def _sizes(self, noisy: Tensor, prompts: Sequence[Prompt]) -> dict[str, Tensor]:
        """SDXL is told the original size, the crop's corner and the target size."""
        height, width = (side * self.pipe.vae_scale_factor for side in noisy.shape[-2:])
        told = [[height, width, 0, 0, height, width]] * len(prompts)
        return {
            "text_embeds": latents.stacked(prompts, "pooled", noisy),
            "time_ids": torch.tensor(told, device=noisy.device, dtype=noisy.dtype),
        }

    def sample(
        self, asks: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        return diffusers_sampling.sample(
            self.samplers, self.recipe.paint, asks, size, self._words(asks), on_step
        )

    def _words(self, asks: Sequence[SamplingRequest]) -> dict[str, Any]:
        wanted = self.encode_prompts([ask.prompt for ask in asks])
        unwanted = self.encode_prompts([ask.negative for ask in asks])
        like = latents.blank(self.painter)
        words: dict[str, Any] = {
            "prompt_embeds": latents.stacked(wanted, "tokens", like),
            "negative_prompt_embeds": latents.stacked(unwanted, "tokens", like),
            "guidance_scale": self.recipe.paint.guidance,
        }
        if self.two_encoders:
            words["pooled_prompt_embeds"] = latents.stacked(wanted, "pooled", like)
            words["negative_pooled_prompt_embeds"] = latents.stacked(unwanted, "pooled", like)
        return words
