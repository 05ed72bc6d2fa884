"""ZImagePipeline: a single-stream DiT that reads a language model's hidden states.

Flow matching with the signs turned round: the network is told 1 - sigma and predicts x_0 - e
(ZImagePipeline negates its output before the scheduler's step).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pipeline import families
from pipeline.faces import Pixels
from pipeline.families import OnStep, Prompt
from pipeline.recipe import Recipe


class ZImage:
    prefix = "transformer"

    def __init__(self, pipe: Any, recipe: Recipe) -> None:
        self.pipe, self.recipe = pipe, recipe
        self.denoiser = pipe.transformer

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return families.encode_latents(self.pipe.vae, pixels)

    def encode_prompts(self, texts: Sequence[str]) -> list[Prompt]:
        words, _ = self.pipe.encode_prompt(
            list(texts),
            do_classifier_free_guidance=False,
            max_sequence_length=self.recipe.paint.tokens,
        )
        return [{"tokens": tokens} for tokens in words]  # (length, width), lengths differ

    def loss(
        self, latents: Tensor, prompts: Sequence[Prompt], noise: Tensor, when: Tensor
    ) -> Tensor:
        sigma = families.flow_times(when, self.recipe.train.time_shift)
        spread = sigma.view(-1, 1, 1, 1)
        noisy = ((1 - spread) * latents + spread * noise).to(self.denoiser.dtype)
        predicted = self.denoiser(
            list(noisy.unsqueeze(2).unbind(0)),  # each (c, frames = 1, h, w)
            (1 - sigma).to(self.denoiser.dtype),
            [prompt["tokens"].to(self.denoiser.dtype) for prompt in prompts],
            return_dict=False,
        )[0]
        clean = torch.stack(list(predicted)).squeeze(2).float()
        return torch.nn.functional.mse_loss(clean, latents - noise)

    def sample(
        self, prompt: str, negative: str, size: tuple[int, int], seed: int, on_step: OnStep
    ) -> Pixels:
        wanted, unwanted = self.encode_prompts([prompt, negative])
        paint = self.recipe.paint
        return families.as_pixels(
            self.pipe(
                prompt_embeds=[wanted["tokens"]],
                negative_prompt_embeds=[unwanted["tokens"]],
                guidance_scale=paint.guidance,
                width=size[0],
                height=size[1],
                num_inference_steps=paint.steps,
                generator=families.seeded(seed),
                callback_on_step_end=families.step_listener(on_step),
            )
        )
