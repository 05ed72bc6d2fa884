"""Stable Diffusion 1.5 and SDXL: a UNet that predicts noise (or v) at 1,000 discrete timesteps."""

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
        self.train_denoiser = opened.train_denoiser
        self.inference_denoiser = opened.inference_denoiser
        self.two_encoders = hasattr(self.pipe, "text_encoder_2")  # SDXL
        if self.train_denoiser.device.type == "cpu":
            # torch's fused attention is slow on the way back there, and convolutions like their
            # channels last: together a fifth of a training step (docs/benchmarks/training.md).
            self.train_denoiser.set_attn_processor(AttnProcessor())
            self.train_denoiser.to(memory_format=torch.channels_last)
        self.noising = DDPMScheduler.from_config(self.pipe.scheduler.config)
        # 20 to 30 steps do what the default samplers need 50 for.
        self.pipe.scheduler = DPMSolverMultistepScheduler.from_config(
            self.pipe.scheduler.config, algorithm_type="dpmsolver++", use_karras_sigmas=True
        )
        self.encode_prompts = latents.PromptCache(self._encode_text)
        kinds = (
            (StableDiffusionXLImg2ImgPipeline, StableDiffusionXLInpaintPipeline)
            if self.two_encoders
            else (StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline)
        )
        self.samplers = Samplers.for_diffusion(self.pipe, *kinds)

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return latents.encode_latents(self.pipe.vae, pixels)

    def _encode_text(self, text: str) -> Prompt:
        device = self.train_denoiser.device
        if not self.two_encoders:
            embeds, _ = self.pipe.encode_prompt([text], device, 1, False)
            return {"tokens": embeds[0]}
        embeds, _, pooled, _ = self.pipe.encode_prompt(
            [text], device=device, do_classifier_free_guidance=False
        )
        return {"tokens": embeds[0], "pooled": pooled[0]}

    def squared_errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, times: Tensor
    ) -> Tensor:
        steps = self.noising.config.num_train_timesteps
        timesteps = (times * steps).long().clamp(max=steps - 1).to(clean.device)
        noisy = self.noising.add_noise(clean, noise, timesteps)
        predicted = self._denoise(noisy, timesteps, prompts).float()
        kind = self.noising.config.prediction_type
        target = noise if kind == "epsilon" else self.noising.get_velocity(clean, noise, timesteps)
        weight = self.loss_weight(timesteps, kind)
        return (predicted - target) ** 2 * weight.view(-1, 1, 1, 1)

    def loss_weight(self, timesteps: Tensor, kind: str) -> Tensor:
        """min-SNR weights (arXiv 2303.09556): min(snr, gamma)/snr, for v over snr + 1."""
        gamma = self.recipe.train.min_snr
        alphas = self.noising.alphas_cumprod.to(timesteps.device)[timesteps]
        snr = alphas / (1 - alphas)
        if gamma == 0:
            return torch.ones_like(snr)
        return snr.clamp(max=gamma) / (snr if kind == "epsilon" else snr + 1)

    def _denoise(self, noisy: Tensor, timesteps: Tensor, prompts: Sequence[Prompt]) -> Tensor:
        noisy = noisy.to(self.train_denoiser.dtype)
        conditioning = self._size_conditioning(noisy, prompts) if self.two_encoders else None
        predicted: Tensor = self.train_denoiser(
            noisy,
            timesteps,
            encoder_hidden_states=latents.stack_prompts(prompts, "tokens", noisy),
            added_cond_kwargs=conditioning,
            return_dict=False,
        )[0]
        return predicted

    def _size_conditioning(self, noisy: Tensor, prompts: Sequence[Prompt]) -> dict[str, Tensor]:
        """SDXL's micro-conditioning: original size, crop corner and target size."""
        height, width = (side * self.pipe.vae_scale_factor for side in noisy.shape[-2:])
        time_ids = [[height, width, 0, 0, height, width]] * len(prompts)
        return {
            "text_embeds": latents.stack_prompts(prompts, "pooled", noisy),
            "time_ids": torch.tensor(time_ids, device=noisy.device, dtype=noisy.dtype),
        }

    def sample(
        self, requests: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        arguments = self._prompt_arguments(requests)
        return diffusers_sampling.sample(
            self.samplers, self.recipe.paint, requests, size, arguments, on_step
        )

    def _prompt_arguments(self, requests: Sequence[SamplingRequest]) -> dict[str, Any]:
        positive = self.encode_prompts([request.prompt for request in requests])
        negative = self.encode_prompts([request.negative for request in requests])
        like = latents.empty_like(self.inference_denoiser)
        arguments: dict[str, Any] = {
            "prompt_embeds": latents.stack_prompts(positive, "tokens", like),
            "negative_prompt_embeds": latents.stack_prompts(negative, "tokens", like),
            "guidance_scale": self.recipe.paint.guidance,
        }
        if self.two_encoders:
            arguments["pooled_prompt_embeds"] = latents.stack_prompts(positive, "pooled", like)
            arguments["negative_pooled_prompt_embeds"] = latents.stack_prompts(
                negative, "pooled", like
            )
        return arguments
