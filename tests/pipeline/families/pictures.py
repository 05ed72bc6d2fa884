"""Test pictures, requests and comparisons for every family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.families import SamplingRequest
from pipeline.models.recipe import Recipe
from tests.pipeline import tiny_bases as tiny

NAMES = sorted(tiny.MAKERS)


FLOWS = sorted(set(NAMES) - {"sd15", "sdxl"})


SIZE = (48, 32)


REQUESTS = (
    SamplingRequest("a man", "", 1),
    SamplingRequest("a woman in red, looking left", "bad hands", 2),
    SamplingRequest("x", "", 3),
)


BOUND = 2  # of 255: what a batch may round otherwise than a picture alone


Open = Callable[..., tuple[Any, Recipe]]


def picture(seed: int) -> np.ndarray:
    """Smooth, as photos are, so that an autoencoder's cells say something."""
    across, down = np.linspace(0, 3, SIZE[0]), np.linspace(0, 2, SIZE[1])
    waves = [np.sin(across[None] * (seed + c) + down[:, None] * c) for c in range(3)]
    return (127 + 100 * np.stack(waves, axis=-1)).astype(np.uint8)


def as_tensor(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def quiet(step: int) -> None:
    """Nobody listens."""
