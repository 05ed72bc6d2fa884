"""One small adapter per architecture, so that train and paint are the same code for every base.

To add a base of a known architecture write a recipe; for a new architecture write a module with
a class that has the methods of `Base`, and name it in `load`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

from pipeline.faces import Pixels
from pipeline.orders import BaseMissing
from pipeline.recipe import Recipe
from pipeline.weights import Source

Prompt = dict[str, Tensor]  # of one text, without a batch axis
CLASSES = {
    "sd": ("StableDiffusionPipeline", "StableDiffusionXLPipeline"),
    "zimage": ("ZImagePipeline",),
    "flux": ("FluxPipeline",),
}
OnStep = Callable[[int], None]  # told the number of steps done


def unheard(step: int) -> None:
    """For callers that do not listen."""


class Base(Protocol):
    """A loaded base model.

    denoiser   the frozen network that a LoRA goes on (a diffusers model with peft's mixin)
    prefix     its name in LoRA files: "unet" or "transformer"
    """

    denoiser: Any
    prefix: str

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, h, w) in -1..1 -> mean and standard deviation of the scaled latents.

        The deviation is zero for autoencoders that are not variational.
        """
        ...

    def encode_prompts(self, texts: Sequence[str]) -> list[Prompt]: ...

    def loss(
        self, latents: Tensor, prompts: Sequence[Prompt], noise: Tensor, when: Tensor
    ) -> Tensor:
        """Mean training loss of a batch.

        latents, noise   (n, c, h, w) float32
        when             (n,) uniform in 0..1; the family makes its times of it
        """
        ...

    def sample(
        self, prompt: str, negative: str, size: tuple[int, int], seed: int, on_step: OnStep
    ) -> Pixels:
        """Paint one picture of `size` = (width, height); the same seed, the same picture."""
        ...


def load(recipe: Recipe, source: Source, device: str) -> Base:
    """Load a base with the family of its recipe."""
    if recipe.family == "sd":
        from pipeline.families.sd import StableDiffusion

        return StableDiffusion(open_diffusers(recipe, source, device), recipe)
    if recipe.family == "zimage":
        from pipeline.families.zimage import ZImage

        return ZImage(open_diffusers(recipe, source, device), recipe)
    from pipeline.families.flux import Flux

    return Flux(open_diffusers(recipe, source, device), recipe)


def open_diffusers(recipe: Recipe, source: Source, device: str) -> Any:
    """A frozen, silent diffusers pipeline on `device`. BaseMissing: not whole, or not reachable."""
    try:
        return frozen(_from_pretrained(recipe, source).to(device))
    except (OSError, ValueError) as error:  # diffusers' and the hub's words for "not there"
        raise BaseMissing(
            f"cannot load base {recipe.name!r} from {source.place} ({type(error).__name__}); put a "
            f"whole diffusers folder at $EIDER_BASES/{recipe.weights.folder}"
        ) from error


def _from_pretrained(recipe: Recipe, source: Source) -> Any:
    from diffusers import DiffusionPipeline

    hush()
    where: dict[str, Any] = {"revision": source.revision, "local_files_only": source.local}
    name = DiffusionPipeline.load_config(source.place, **where).get("_class_name")
    if name not in CLASSES[recipe.family]:
        raise ValueError(f"{name} is no {recipe.family}")  # a folder may name code of its own
    if name == "StableDiffusionPipeline":
        # Our own gate judges every picture; the checker would blacken them silently.
        where |= {"safety_checker": None, "requires_safety_checker": False}
    return DiffusionPipeline.from_pretrained(
        source.place,
        dtype=getattr(torch, recipe.weights.dtype),
        use_safetensors=True,  # a pickle runs code
        variant=recipe.weights.variant or None if not source.local else None,
        **where,
    )


def hush() -> None:
    """Errors only: their warnings about long prompts quote what a customer wrote."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for chatter in (diffusers.utils.logging, transformers.utils.logging):
        chatter.set_verbosity_error()
        chatter.disable_progress_bar()


def frozen(pipe: Any) -> Any:
    """No gradients, no dropout, no progress bars."""
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            part.requires_grad_(False).eval()
    pipe.set_progress_bar_config(disable=True)
    return pipe


def encode_latents(vae: Any, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Scaled latents: of AutoencoderKL mean and deviation; of AutoencoderTiny and DC a zero one."""
    shift = getattr(vae.config, "shift_factor", None) or 0.0
    scale = vae.config.scaling_factor
    encoded = vae.encode(pixels.to(vae.device, vae.dtype))
    if hasattr(encoded, "latent_dist"):
        mean, deviation = encoded.latent_dist.mean.float(), encoded.latent_dist.std.float()
    else:
        mean = (encoded.latents if hasattr(encoded, "latents") else encoded.latent).float()
        deviation = torch.zeros_like(mean)
    return (mean - shift) * scale, deviation * scale


def flow_times(when: Tensor, shift: float) -> Tensor:
    """Uniform numbers -> logit-normal sigmas in 0..1 (SD3, arXiv 2403.03206), then shifted."""
    sigma = torch.sigmoid(torch.special.ndtri(when.clamp(1e-6, 1 - 1e-6)))
    return shift * sigma / (1 + (shift - 1) * sigma)


def seeded(seed: int) -> torch.Generator:
    """On the CPU, so that a seed means the same picture on every card."""
    return torch.Generator("cpu").manual_seed(seed)


def step_listener(on_step: OnStep) -> Callable[..., dict[str, Any]]:
    """Diffusers' callback_on_step_end."""

    def heard(pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        on_step(step + 1)
        return values

    return heard


def as_pixels(output: Any) -> Pixels:
    """A pipeline's first picture as RGB uint8 (height, width, 3)."""
    return np.asarray(output.images[0].convert("RGB"))
