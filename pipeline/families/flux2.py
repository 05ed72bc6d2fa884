"""Flux2KleinPipeline: FLUX.2 klein, which reads three layers of a small language model.

Flow matching as in `flux`. Latents are patches of 2 x 2 cells, normalised by the running mean
and variance of the autoencoder's batch norm; a patch is a token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import Flux2KleinInpaintPipeline
from torch import Tensor

from pipeline.families import OnStep, Prompt, SamplingRequest, diffusers_sampling, latents
from pipeline.families.diffusers_sampling import Samplers
from pipeline.families.loading import LoadedPipeline
from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe


class Flux2:
    prefix = "transformer"

    def __init__(self, opened: LoadedPipeline, recipe: Recipe) -> None:
        self.pipe, self.recipe = opened.pipe, recipe
        self.train_denoiser = opened.train_denoiser
        self.inference_denoiser = opened.inference_denoiser
        self.encode_prompts = latents.PromptCache(self._encode_text)
        # diffusers has no image-to-image pipeline of it: inpainting with an all-white mask does it.
        self.samplers = Samplers.for_flow(self.pipe, recipe.paint, None, Flux2KleinInpaintPipeline)

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The mean alone, as FLUX.2's own training has it; the deviation is zero."""
        norm = self.pipe.vae.bn
        mean = torch.nn.functional.pixel_unshuffle(latents.vae_moments(self.pipe.vae, pixels)[0], 2)
        spread = (norm.running_var + self.pipe.vae.config.batch_norm_eps).sqrt()
        scaled = (mean - _per_channel(norm.running_mean)) / _per_channel(spread)
        return scaled, torch.zeros_like(scaled)

    def _encode_text(self, text: str) -> Prompt:
        embeds, _ = self.pipe.encode_prompt(
            [text], max_sequence_length=self.recipe.paint.max_prompt_tokens
        )
        return {"tokens": embeds[0]}

    def squared_errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, times: Tensor
    ) -> Tensor:
        sigma = latents.flow_sigmas(times, self.recipe.train.time_shift)
        noisy = latents.interpolate(clean, noise, sigma).to(self.train_denoiser.dtype)
        predicted = self._denoise(noisy, sigma, prompts).float()
        return (predicted - (noise - clean)) ** 2

    def _denoise(self, noisy: Tensor, sigma: Tensor, prompts: Sequence[Prompt]) -> Tensor:
        embeds = latents.stack_prompts(prompts, "tokens", noisy)
        predicted: Tensor = self.train_denoiser(
            hidden_states=noisy.flatten(2).transpose(1, 2),
            timestep=sigma.to(noisy.dtype),
            guidance=torch.ones_like(sigma) if self.train_denoiser.config.guidance_embeds else None,
            encoder_hidden_states=embeds,
            txt_ids=self.pipe._prepare_text_ids(embeds).to(noisy.device),
            img_ids=self.pipe._prepare_latent_ids(noisy).to(noisy.device),
            return_dict=False,
        )[0]
        return predicted.transpose(1, 2).unflatten(2, noisy.shape[-2:])

    def sample(
        self, requests: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        positive = self.encode_prompts([request.prompt for request in requests])
        negative = self.encode_prompts([request.negative for request in requests])
        like = latents.empty_like(self.inference_denoiser)
        arguments: dict[str, Any] = {
            "prompt_embeds": latents.stack_prompts(positive, "tokens", like),
            "negative_prompt_embeds": latents.stack_prompts(negative, "tokens", like),
            "guidance_scale": self.recipe.paint.guidance,
        }
        return diffusers_sampling.sample(
            self.samplers, self.recipe.paint, requests, size, arguments, on_step
        )


def _per_channel(values: Tensor) -> Tensor:
    return values.float().view(1, -1, 1, 1)
