"""FluxPipeline: FLUX.1, and the embedded base `mini`, which is one with a tiny config.

Flow matching: x_s = (1-s) x_0 + s e, the network predicts e - x_0 (arXiv 2403.03206). Latents are
packed 2 x 2 into tokens; prompts are a pooled CLIP vector and T5 tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import FluxImg2ImgPipeline, FluxInpaintPipeline
from torch import Tensor

from pipeline.engine.messages import RecipeError
from pipeline.families import OnStep, Prompt, SamplingRequest, diffusers_sampling, latents
from pipeline.families.attention import PlainAttention
from pipeline.families.diffusers_sampling import Samplers
from pipeline.families.loading import LoadedPipeline
from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe


class _ImageToImage(FluxImg2ImgPipeline):  # type: ignore[misc]
    """Encodes the initial image as training does, with any kind of autoencoder."""

    def _encode_vae_image(self, image: Tensor, generator: object) -> Tensor:
        return latents.encode_latents(self.vae, image)[0].to(image.dtype)


class _Inpaint(FluxInpaintPipeline):  # type: ignore[misc]
    """The same, and does not encode the masked picture: nothing reads its latents."""

    _encode_vae_image = _ImageToImage._encode_vae_image

    def prepare_mask_latents(
        self,
        mask: Tensor,
        masked_image: Tensor,
        batch_size: int,
        num_channels_latents: int,
        num_images_per_prompt: int,
        height: int,
        width: int,
        dtype: torch.dtype,
        device: torch.device,
        generator: object,
    ) -> tuple[Tensor, None]:
        cells = height // self.vae_scale_factor, width // self.vae_scale_factor
        small = torch.nn.functional.interpolate(mask, size=cells).to(device, dtype)
        return latents.pack(small.repeat(1, num_channels_latents, 1, 1)), None


class Flux:
    prefix = "transformer"

    def __init__(self, opened: LoadedPipeline, recipe: Recipe) -> None:
        self.pipe, self.recipe = opened.pipe, recipe
        self.train_denoiser = opened.train_denoiser
        self.inference_denoiser = opened.inference_denoiser
        self.encode_prompts = latents.PromptCache(self._encode_text)
        self.samplers = Samplers.for_flow(self.pipe, recipe.paint, _ImageToImage, _Inpaint)
        if recipe.paint.uncond_lora_scale != 1 and self.inference_denoiser.config.guidance_embeds:
            raise RecipeError(
                "paint.uncond_lora_scale: this denoiser was distilled to its guidance"
            )
        single = not self.train_denoiser.transformer_blocks
        if single and self.train_denoiser.device.type == "cpu":
            self.train_denoiser.set_attn_processor(PlainAttention())

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        return latents.encode_latents(self.pipe.vae, pixels)

    def _encode_text(self, text: str) -> Prompt:
        tokens, pooled, _ = self.pipe.encode_prompt(
            prompt=[text], prompt_2=None, max_sequence_length=self.recipe.paint.max_prompt_tokens
        )
        return {"tokens": tokens[0], "pooled": pooled[0]}

    def squared_errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, times: Tensor
    ) -> Tensor:
        sigma = latents.flow_sigmas(times, self.recipe.train.time_shift)
        noisy = latents.pack(latents.interpolate(clean, noise, sigma))
        predicted = self._denoise(noisy, sigma, prompts, clean.shape[-2:]).float()
        return (latents.unpack(predicted, *clean.shape[-2:]) - (noise - clean)) ** 2

    def _denoise(
        self, tokens: Tensor, sigma: Tensor, prompts: Sequence[Prompt], shape: torch.Size
    ) -> Tensor:
        """(n, tokens, channels) -> the same shape; `shape` is the latents' height and width."""
        network = self.train_denoiser
        tokens = tokens.to(network.dtype)
        embeds = latents.stack_prompts(prompts, "tokens", tokens)
        height, width = shape[0] // 2, shape[1] // 2
        ids = self.pipe._prepare_latent_image_ids(1, height, width, tokens.device, tokens.dtype)
        predicted: Tensor = network(
            hidden_states=tokens,
            timestep=sigma.to(tokens.dtype),
            guidance=torch.ones_like(sigma) if network.config.guidance_embeds else None,
            pooled_projections=latents.stack_prompts(prompts, "pooled", tokens),
            encoder_hidden_states=embeds,
            txt_ids=torch.zeros_like(embeds[0, :, :3]),
            img_ids=ids,
            return_dict=False,
        )[0]
        return predicted

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
        guidance = self.recipe.paint.guidance
        embedded = self.inference_denoiser.config.guidance_embeds
        return {
            "prompt_embeds": latents.stack_prompts(positive, "tokens", like),
            "pooled_prompt_embeds": latents.stack_prompts(positive, "pooled", like),
            "negative_prompt_embeds": latents.stack_prompts(negative, "tokens", like),
            "negative_pooled_prompt_embeds": latents.stack_prompts(negative, "pooled", like),
            "true_cfg_scale": 1.0 if embedded else guidance,
            "guidance_scale": guidance,  # read by a denoiser that was distilled to it (FLUX.1-dev)
        }
