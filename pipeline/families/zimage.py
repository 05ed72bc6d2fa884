"""ZImagePipeline: a single-stream DiT that reads a language model's hidden states.

Flow matching with the signs reversed: the network is given 1 - sigma and predicts x_0 - e
(ZImagePipeline negates its output before the scheduler's step).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from diffusers import ZImageImg2ImgPipeline, ZImageInpaintPipeline
from torch import Tensor

from pipeline.families import OnStep, Prompt, SamplingRequest, diffusers_sampling, latents
from pipeline.families.diffusers_sampling import Samplers
from pipeline.families.loading import LoadedPipeline
from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe


class ZImage:
    prefix = "transformer"

    def __init__(self, opened: LoadedPipeline, recipe: Recipe) -> None:
        self.pipe, self.recipe = opened.pipe, recipe
        self.train_denoiser = opened.train_denoiser
        self.inference_denoiser = opened.inference_denoiser
        self.encode_prompts = latents.PromptCache(self._encode_text)
        self.samplers = Samplers.for_flow(
            self.pipe, recipe.paint, ZImageImg2ImgPipeline, ZImageInpaintPipeline
        )

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The mean alone, as diffusers trains it; the deviation is zero."""
        mean, _ = latents.encode_latents(self.pipe.vae, pixels)
        return mean, torch.zeros_like(mean)

    def _encode_text(self, text: str) -> Prompt:
        embeds, _ = self.pipe.encode_prompt(
            [text],
            do_classifier_free_guidance=False,
            max_sequence_length=self.recipe.paint.max_prompt_tokens,
        )
        return {"tokens": embeds[0]}  # (length, width), lengths differ

    def squared_errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, times: Tensor
    ) -> Tensor:
        dtype = self.train_denoiser.dtype
        sigma = latents.flow_sigmas(times, self.recipe.train.time_shift)
        noisy = latents.interpolate(clean, noise, sigma).to(dtype)
        predicted = self.train_denoiser(
            list(noisy.unsqueeze(2).unbind(0)),  # each (c, frames = 1, h, w)
            (1 - sigma).to(dtype),
            [prompt["tokens"].to(noisy.device, dtype) for prompt in prompts],
            return_dict=False,
        )[0]
        predicted_velocity = torch.stack(list(predicted)).squeeze(2).float()
        return (predicted_velocity - (clean - noise)) ** 2

    def sample(
        self, requests: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        positive = self.encode_prompts([request.prompt for request in requests])
        negative = self.encode_prompts([request.negative for request in requests])
        arguments = {
            "prompt_embeds": [prompt["tokens"] for prompt in positive],
            "negative_prompt_embeds": [prompt["tokens"] for prompt in negative],
            "guidance_scale": self.recipe.paint.guidance,
        }
        return diffusers_sampling.sample(
            self.samplers, self.recipe.paint, requests, size, arguments, on_step
        )
