"""QwenImagePipeline: a double-stream DiT behind a vision language model's last hidden states.

Flow matching as in `flux`. The autoencoder is made for video and is given one frame; each of its
channels has a mean and a deviation of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import QwenImageImg2ImgPipeline, QwenImageInpaintPipeline
from torch import Tensor

from pipeline.families import OnStep, Prompt, SamplingRequest, diffusers_sampling, latents
from pipeline.families.diffusers_sampling import Samplers
from pipeline.families.loading import LoadedPipeline
from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe


class QwenImage:
    prefix = "transformer"

    def __init__(self, opened: LoadedPipeline, recipe: Recipe) -> None:
        self.pipe, self.recipe = opened.pipe, recipe
        self.train_denoiser = opened.train_denoiser
        self.inference_denoiser = opened.inference_denoiser
        self.encode_prompts = latents.PromptCache(self._encode_text)
        self.samplers = Samplers.for_flow(
            self.pipe, recipe.paint, QwenImageImg2ImgPipeline, QwenImageInpaintPipeline
        )

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        config = self.pipe.vae.config
        mean, deviation = latents.vae_moments(self.pipe.vae, pixels.unsqueeze(2))
        centre = mean.new_tensor(config.latents_mean).view(1, -1, 1, 1)
        spread = mean.new_tensor(config.latents_std).view(1, -1, 1, 1)
        return (mean.squeeze(2) - centre) / spread, deviation.squeeze(2) / spread

    def _encode_text(self, text: str) -> Prompt:
        embeds, _ = self.pipe.encode_prompt(
            [text], max_sequence_length=self.recipe.paint.max_prompt_tokens
        )
        return {"tokens": embeds[0]}  # (length, width), lengths differ

    def squared_errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, times: Tensor
    ) -> Tensor:
        sigma = latents.flow_sigmas(times, self.recipe.train.time_shift)
        noisy = latents.pack(latents.interpolate(clean, noise, sigma)).to(self.train_denoiser.dtype)
        embeds, mask = _pad(prompts, noisy)
        height, width = clean.shape[-2:]
        predicted = self.train_denoiser(
            hidden_states=noisy,
            timestep=sigma.to(noisy.dtype),
            guidance=torch.ones_like(sigma) if self.train_denoiser.config.guidance_embeds else None,
            encoder_hidden_states=embeds,
            encoder_hidden_states_mask=mask,
            img_shapes=[[(1, height // 2, width // 2)]] * len(clean),
            return_dict=False,
        )[0]
        return (latents.unpack(predicted.float(), height, width) - (noise - clean)) ** 2

    def sample(
        self, requests: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        like = latents.empty_like(self.inference_denoiser)
        positive = self.encode_prompts([request.prompt for request in requests])
        negative = self.encode_prompts([request.negative for request in requests])
        positive_embeds, positive_mask = _pad(positive, like)
        negative_embeds, negative_mask = _pad(negative, like)
        arguments: dict[str, Any] = {
            "prompt_embeds": positive_embeds,
            "prompt_embeds_mask": positive_mask,
            "negative_prompt_embeds": negative_embeds,
            "negative_prompt_embeds_mask": negative_mask,
            "true_cfg_scale": self.recipe.paint.guidance,
        }
        return diffusers_sampling.sample(
            self.samplers, self.recipe.paint, requests, size, arguments, on_step
        )


def _pad(prompts: Sequence[Prompt], like: Tensor) -> tuple[Tensor, Tensor]:
    """Texts of different lengths as one padded batch, and its attention mask."""
    tokens = [prompt["tokens"].to(like.device, like.dtype) for prompt in prompts]
    mask = [torch.ones(len(text), dtype=torch.long, device=like.device) for text in tokens]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(tokens, batch_first=True), pad(mask, batch_first=True)
