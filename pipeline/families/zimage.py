"""ZImagePipeline: a single-stream DiT that reads a language model's hidden states.

Flow matching with the signs turned round: the network is told 1 - sigma and predicts x_0 - e
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
        self.trained, self.painter = opened.trained, opened.painter
        self.encode_prompts = latents.Phrasebook(self._encoded)
        self.samplers = Samplers.of_flow(
            self.pipe, recipe.paint, ZImageImg2ImgPipeline, ZImageInpaintPipeline
        )

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """The mean alone, as diffusers trains it; the deviation is zero."""
        mean, _ = latents.encode_latents(self.pipe.vae, pixels)
        return mean, torch.zeros_like(mean)

    def _encoded(self, text: str) -> Prompt:
        words, _ = self.pipe.encode_prompt(
            [text],
            do_classifier_free_guidance=False,
            max_sequence_length=self.recipe.paint.tokens,
        )
        return {"tokens": words[0]}  # (length, width), lengths differ

    def errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, when: Tensor
    ) -> Tensor:
        dtype = self.trained.dtype
        sigma = latents.flow_times(when, self.recipe.train.time_shift)
        noisy = latents.mixed(clean, noise, sigma).to(dtype)
        predicted = self.trained(
            list(noisy.unsqueeze(2).unbind(0)),  # each (c, frames = 1, h, w)
            (1 - sigma).to(dtype),
            [prompt["tokens"].to(noisy.device, dtype) for prompt in prompts],
            return_dict=False,
        )[0]
        towards = torch.stack(list(predicted)).squeeze(2).float()
        return (towards - (clean - noise)) ** 2

    def sample(
        self, asks: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        wanted = self.encode_prompts([ask.prompt for ask in asks])
        unwanted = self.encode_prompts([ask.negative for ask in asks])
        words = {
            "prompt_embeds": [prompt["tokens"] for prompt in wanted],
            "negative_prompt_embeds": [prompt["tokens"] for prompt in unwanted],
            "guidance_scale": self.recipe.paint.guidance,
        }
        return diffusers_sampling.sample(
            self.samplers, self.recipe.paint, asks, size, words, on_step
        )
