"""Stable Diffusion 1.5 and SDXL: a UNet that predicts noise (or v) at 1,000 discrete times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import DDPMScheduler, DPMSolverMultistepScheduler
from torch import Tensor

from pipeline import families
from pipeline.faces import Pixels
from pipeline.families import OnStep, Prompt
from pipeline.recipe import Recipe


class StableDiffusion:
    prefix = "unet"

    def __init__(self, pipe: Any, recipe: Recipe) -> None:
        self.pipe, self.recipe = pipe, recipe
        self.denoiser = pipe.unet
        self.two_encoders = hasattr(pipe, "text_encoder_2")  # SDXL
        self.noising = DDPMScheduler.from_config(pipe.scheduler.config)
        # 20 to 30 steps do what the default samplers need 50 for.
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(
            pipe.scheduler.config, algorithm_type="dpmsolver++", use_karras_sigmas=True
        )

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return families.encode_latents(self.pipe.vae, pixels)

    def encode_prompts(self, texts: Sequence[str]) -> list[Prompt]:
        device = self.denoiser.device
        if not self.two_encoders:
            words, _ = self.pipe.encode_prompt(list(texts), device, 1, False)
            return [{"tokens": tokens} for tokens in words]
        words, _, pooled, _ = self.pipe.encode_prompt(
            list(texts), device=device, do_classifier_free_guidance=False
        )
        return [{"tokens": t, "pooled": p} for t, p in zip(words, pooled, strict=True)]

    def loss(
        self, latents: Tensor, prompts: Sequence[Prompt], noise: Tensor, when: Tensor
    ) -> Tensor:
        steps = self.noising.config.num_train_timesteps
        times = (when * steps).long().clamp(max=steps - 1).to(latents.device)
        noisy = self.noising.add_noise(latents, noise, times)
        predicted = self._denoise(noisy, times, prompts).float()
        kind = self.noising.config.prediction_type
        target = noise if kind == "epsilon" else self.noising.get_velocity(latents, noise, times)
        errors = ((predicted - target) ** 2).mean(dim=(1, 2, 3))
        return (errors * self._weight(times, kind)).mean()

    def _weight(self, times: Tensor, kind: str) -> Tensor:
        """min-SNR weights (arXiv 2303.09556): min(snr, gamma)/snr, for v over snr + 1."""
        gamma = self.recipe.train.min_snr
        kept = self.noising.alphas_cumprod.to(times.device)[times]
        snr = kept / (1 - kept)
        if gamma == 0:
            return torch.ones_like(snr)
        return snr.clamp(max=gamma) / (snr if kind == "epsilon" else snr + 1)

    def _denoise(self, noisy: Tensor, times: Tensor, prompts: Sequence[Prompt]) -> Tensor:
        dtype, device = self.denoiser.dtype, noisy.device
        words = torch.stack([prompt["tokens"] for prompt in prompts]).to(device, dtype)
        predicted: Tensor = self.denoiser(
            noisy.to(dtype),
            times,
            encoder_hidden_states=words,
            added_cond_kwargs=self._sizes(noisy, prompts) if self.two_encoders else None,
            return_dict=False,
        )[0]
        return predicted

    def _sizes(self, noisy: Tensor, prompts: Sequence[Prompt]) -> dict[str, Tensor]:
        """SDXL is told the original size, the crop's corner and the target size."""
        height, width = (side * self.pipe.vae_scale_factor for side in noisy.shape[-2:])
        told = [height, width, 0, 0, height, width]
        dtype, device = self.denoiser.dtype, noisy.device
        return {
            "text_embeds": torch.stack([p["pooled"] for p in prompts]).to(device, dtype),
            "time_ids": torch.tensor([told] * len(prompts), device=device, dtype=dtype),
        }

    def sample(
        self, prompt: str, negative: str, size: tuple[int, int], seed: int, on_step: OnStep
    ) -> Pixels:
        wanted, unwanted = self.encode_prompts([prompt, negative])
        embeds = {
            "prompt_embeds": wanted["tokens"][None],
            "negative_prompt_embeds": unwanted["tokens"][None],
        }
        if self.two_encoders:
            embeds["pooled_prompt_embeds"] = wanted["pooled"][None]
            embeds["negative_pooled_prompt_embeds"] = unwanted["pooled"][None]
        return families.as_pixels(
            self.pipe(
                **embeds,
                guidance_scale=self.recipe.paint.guidance,
                width=size[0],
                height=size[1],
                num_inference_steps=self.recipe.paint.steps,
                generator=families.seeded(seed),
                callback_on_step_end=families.step_listener(on_step),
            )
        )
