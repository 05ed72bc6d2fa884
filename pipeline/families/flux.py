"""FluxPipeline: FLUX.1, and the embedded base `mini`, which is one with a tiny config.

Flow matching: x_s = (1-s) x_0 + s e, the network predicts e - x_0 (arXiv 2403.03206). Latents are
packed 2 x 2 into tokens; prompts are a pooled CLIP vector and T5 tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from pipeline import families
from pipeline.faces import Pixels
from pipeline.families import OnStep, Prompt
from pipeline.families.attention import PlainAttention
from pipeline.recipe import Recipe


class Flux:
    prefix = "transformer"

    def __init__(self, pipe: Any, recipe: Recipe) -> None:
        self.pipe, self.recipe = pipe, recipe
        self.denoiser = pipe.transformer
        single = not self.denoiser.transformer_blocks
        if single and self.denoiser.device.type == "cpu":
            self.denoiser.set_attn_processor(PlainAttention())

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return families.encode_latents(self.pipe.vae, pixels)

    def encode_prompts(self, texts: Sequence[str]) -> list[Prompt]:
        tokens, pooled, _ = self.pipe.encode_prompt(
            prompt=list(texts), prompt_2=None, max_sequence_length=self.recipe.paint.tokens
        )
        return [{"tokens": t, "pooled": p} for t, p in zip(tokens, pooled, strict=True)]

    def loss(
        self, latents: Tensor, prompts: Sequence[Prompt], noise: Tensor, when: Tensor
    ) -> Tensor:
        sigma = families.flow_times(when, self.recipe.train.time_shift)
        spread = sigma.view(-1, 1, 1, 1)
        noisy = (1 - spread) * latents + spread * noise
        predicted = self._denoise(self._packed(noisy), sigma, prompts)
        return torch.nn.functional.mse_loss(predicted.float(), self._packed(noise - latents))

    def _packed(self, latents: Tensor) -> Tensor:
        packed: Tensor = self.pipe._pack_latents(latents, *latents.shape)
        return packed

    def _denoise(self, tokens: Tensor, sigma: Tensor, prompts: Sequence[Prompt]) -> Tensor:
        """(n, tokens, channels) -> the same shape."""
        network, dtype, device = self.denoiser, self.denoiser.dtype, tokens.device
        words = torch.stack([prompt["tokens"] for prompt in prompts]).to(device, dtype)
        side = int(tokens.shape[1] ** 0.5)
        guidance = torch.ones_like(sigma) if network.config.guidance_embeds else None
        predicted: Tensor = network(
            hidden_states=tokens.to(dtype),
            timestep=sigma.to(dtype),
            guidance=guidance,
            pooled_projections=torch.stack([p["pooled"] for p in prompts]).to(device, dtype),
            encoder_hidden_states=words,
            txt_ids=torch.zeros(words.shape[1], 3, device=device, dtype=dtype),
            img_ids=self.pipe._prepare_latent_image_ids(1, side, side, device, dtype),
            return_dict=False,
        )[0]
        return predicted

    def sample(
        self, prompt: str, negative: str, size: tuple[int, int], seed: int, on_step: OnStep
    ) -> Pixels:
        wanted, unwanted = self.encode_prompts([prompt, negative])
        paint = self.recipe.paint
        return families.as_pixels(
            self.pipe(
                prompt_embeds=wanted["tokens"][None],
                pooled_prompt_embeds=wanted["pooled"][None],
                negative_prompt_embeds=unwanted["tokens"][None],
                negative_pooled_prompt_embeds=unwanted["pooled"][None],
                true_cfg_scale=paint.guidance,
                width=size[0],
                height=size[1],
                num_inference_steps=paint.steps,
                generator=families.seeded(seed),
                callback_on_step_end=families.step_listener(on_step),
            )
        )
