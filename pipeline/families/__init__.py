"""One adapter per architecture, so that train and paint are the same code for every base.

To add a base of a known architecture write a recipe; for a new architecture write a module with
a class that has the methods of `Base`, and name it in `load`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe
from pipeline.models.weights import WeightsSource

Prompt = dict[str, Tensor]  # of one text, without a batch axis
OnStep = Callable[[int], None]  # told the number of steps done


def ignore_step(step: int) -> None:
    """An `OnStep` that does nothing."""


@dataclass(frozen=True, slots=True)
class InitialImage:
    """The picture that an image-to-image or inpainting request begins with, at its size.

    pixels     RGB uint8 (height, width, 3)
    mask       uint8 (height, width), white is painted anew; None: the whole picture
    strength   0..1: how far from this picture the result may go; 0 leaves it as it is
    """

    pixels: Pixels
    mask: NDArray[np.uint8] | None
    strength: float


@dataclass(frozen=True, slots=True)
class SamplingRequest:
    """One picture to paint; equal requests give equal pictures."""

    prompt: str
    negative: str
    seed: int
    initial_image: InitialImage | None = None


class Base(Protocol):
    """A loaded base model.

    train_denoiser       the frozen denoiser that LoRAs are trained on
    inference_denoiser   the one that paints: the same, unless the recipe names a distilled one
    prefix               the denoiser's name in LoRA files: "unet" or "transformer"

    In every forward of a denoiser for n requests or examples the rows are n, or 2n for guidance,
    and row j belongs to request j % n.
    """

    train_denoiser: Any
    inference_denoiser: Any
    prefix: str

    def encode_images(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """(n, 3, h, w) in -1..1 -> mean and standard deviation of the scaled latents.

        The deviation is zero for autoencoders that are not variational.
        """
        ...

    def encode_prompts(self, texts: Sequence[str]) -> list[Prompt]:
        """Encode each text alone, whatever stands beside it; recent texts come from a cache."""
        ...

    def squared_errors(
        self, clean: Tensor, prompts: Sequence[Prompt], noise: Tensor, times: Tensor
    ) -> Tensor:
        """Squared errors of the prediction, (n, c, h, w) float32, times the family's time weight.

        clean, noise   (n, c, h, w) float32; scaled latents, and the noise that is mixed in
        times          (n,) uniform in 0..1; the family maps them to its timesteps or sigmas
        """
        ...

    def sample(
        self, requests: Sequence[SamplingRequest], size: tuple[int, int], on_step: OnStep
    ) -> list[Pixels]:
        """Paint all requests in one batch; picture i follows from request i, up to float rounding.

        size      (width, height), multiples of the recipe's size_multiple
        on_step   told the steps done, at most the recipe's paint.steps
        ValueError: some requests have an initial image and some not, or some a mask and some
        not, or their strengths differ.
        """
        ...


def load(recipe: Recipe, source: WeightsSource, device: str) -> Base:
    """Load a base with its recipe's family. BaseMissing: not whole, or not reachable."""
    from pipeline.families.loading import open_base

    parts = open_base(recipe, source, device)
    if recipe.family == "sd":
        from pipeline.families.sd import StableDiffusion as Family
    elif recipe.family == "zimage":
        from pipeline.families.zimage import ZImage as Family  # type: ignore[assignment]
    elif recipe.family == "flux2":
        from pipeline.families.flux2 import Flux2 as Family  # type: ignore[assignment]
    elif recipe.family == "qwen":
        from pipeline.families.qwen import QwenImage as Family  # type: ignore[assignment]
    else:
        from pipeline.families.flux import Flux as Family  # type: ignore[assignment]
    return Family(parts, recipe)
