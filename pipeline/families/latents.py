"""Latents, noise levels and text embeddings: what several families share."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from pipeline.families import Prompt

CACHED_PROMPTS = 64  # a text of FLUX.2 klein takes 8 MB


def encode_latents(vae: Any, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the scaled latents.

    The deviation is zero for AutoencoderTiny and AutoencoderDC, which are not variational.
    """
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    mean, deviation = vae_moments(vae, pixels)
    return (mean - shift) * vae.config.scaling_factor, deviation * vae.config.scaling_factor


def vae_moments(vae: Any, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of the unscaled latents, float32."""
    encoded = vae.encode(pixels.to(vae.device, vae.dtype))
    if hasattr(encoded, "latent_dist"):
        return encoded.latent_dist.mean.float(), encoded.latent_dist.std.float()
    mean = (encoded.latents if hasattr(encoded, "latents") else encoded.latent).float()
    return mean, torch.zeros_like(mean)


def flow_sigmas(times: Tensor, shift: float) -> Tensor:
    """Map uniform numbers to logit-normal sigmas in 0..1 (SD3, arXiv 2403.03206), then shift."""
    sigma = torch.sigmoid(torch.special.ndtri(times.clamp(1e-6, 1 - 1e-6)))
    return shift * sigma / (1 + (shift - 1) * sigma)


def interpolate(latents: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    """The noisy latents (1 - sigma) * latents + sigma * noise, as in rectified flow."""
    share = sigma.view(-1, *[1] * (latents.ndim - 1))
    return (1 - share) * latents + share * noise


def pack(latents: Tensor) -> Tensor:
    """(n, c, h, w) -> (n, h/2 * w/2, 4c): each 2 x 2 cells become one token."""
    cells = torch.nn.functional.pixel_unshuffle(latents, 2)
    return cells.flatten(2).transpose(1, 2)


def unpack(tokens: Tensor, height: int, width: int) -> Tensor:
    """The inverse of `packed`; height and width of the latents."""
    cells = tokens.transpose(1, 2).unflatten(2, (height // 2, width // 2))
    return torch.nn.functional.pixel_shuffle(cells, 2)


class PromptCache:
    """An LRU cache of text embeddings. `encode` is given one text at a time.

    Alone, because a batch pads and rounds otherwise: a prompt must not depend on its neighbours.
    """

    def __init__(self, encode: Callable[[str], Prompt]) -> None:
        self.encode_one = encode
        self._cached: OrderedDict[str, Prompt] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> list[Prompt]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Prompt:
        prompt = self._cached.get(text)
        if prompt is None:
            with torch.no_grad():
                prompt = self.encode_one(text)
            self._cached[text] = prompt
            if len(self._cached) > CACHED_PROMPTS:
                self._cached.popitem(last=False)
        self._cached.move_to_end(text)
        return prompt


def empty_like(network: Any) -> Tensor:
    """An empty tensor on a network's device and of its dtype."""
    return torch.empty(0, device=network.device, dtype=network.dtype)


def stack_prompts(prompts: Sequence[Prompt], key: str, like: Tensor) -> Tensor:
    """One entry of all prompts as a batch, on `like`'s device and of its dtype."""
    return torch.stack([prompt[key] for prompt in prompts]).to(like.device, like.dtype)
