"""The loss of each LoRA on the same latents, noise and times, loaded by diffusers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from PIL import Image

from benchmarks.training.case import Given
from pipeline import families
from pipeline.families import Base
from pipeline.models import weights

ROWS = 16  # pictures times moments of noising


class Piped(Base, Protocol):
    """A base with its diffusers pipeline, which loads LoRAs."""

    pipe: Any


def errors(given: Given, files: dict[str, Path], device: str) -> dict[str, float]:
    """Mean squared errors of what the family predicts, by name; "" is the base without a LoRA."""
    plain = dataclasses.replace(given.recipe.weights, dtype="float32")
    recipe = dataclasses.replace(given.recipe, weights=plain)
    base = cast(Piped, families.load(recipe, weights.locate(recipe, given.bases), device))
    found = {"": _error(base, given)}
    for name, file in files.items():
        base.pipe.load_lora_weights(file.parent, weight_name=file.name)
        found[name] = _error(base, given)
        base.pipe.unload_lora_weights()
    return found


@torch.no_grad()
def _error(base: Base, given: Given) -> float:
    """Mean over ROWS draws; times spread evenly over the whole range."""
    generator = torch.Generator("cpu").manual_seed(20)
    paths = sorted(given.pictures.glob("*.png"))
    (prompt,) = base.encode_prompts([given.prompt])
    total = 0.0
    for row in range(ROWS):
        mean, deviation = base.encode_images(_pixels(paths[row % len(paths)]))
        latents = mean + deviation * torch.randn(mean.shape, generator=generator).to(mean)
        noise = torch.randn(mean.shape, generator=generator).to(mean)
        when = torch.tensor([(row + 0.5) / ROWS], device=mean.device)
        total += float(base.squared_errors(latents, [prompt], noise, when).mean())
    return total / ROWS


def _pixels(path: Path) -> torch.Tensor:
    """(1, 3, h, w) float32 in -1..1"""
    values = torch.from_numpy(np.asarray(Image.open(path).convert("RGB")).copy())
    return values.permute(2, 0, 1)[None].float() / 127.5 - 1
