"""Customers for benchmarks: photos, train requests, and LoRAs with random weights."""

from __future__ import annotations

from pathlib import Path

import torch

from pipeline.child.warm_models import LoadedBase
from pipeline.engine.engine import TrainRequest
from pipeline.lora import lora_file

PHOTOS = Path("deploy/demo/customer")  # a person who does not exist; ships with the checkout
SUBJECT = "woman"
STRENGTH = 0.02  # of random weights: enough to change every picture


def photos() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(PHOTOS.glob("*.jpg")))


def train_requests(count: int, base: str, photos_each: int | None = None) -> list[TrainRequest]:
    """Trainings of `count` people, who differ in their seeds. photos_each: None for all."""
    return [
        TrainRequest(f"customer-{one}", photos()[:photos_each], SUBJECT, base, one + 1)
        for one in range(count)
    ]


def lora_files(loaded_base: LoadedBase, count: int) -> list[bytes]:
    """LoRA files of the recipe's shape with random weights, all different."""
    shape, layout = lora_file.LoraShape.of(loaded_base.recipe.train), loaded_base.injector.layout
    generator = torch.Generator("cpu").manual_seed(5)
    vectors = [STRENGTH * torch.randn(layout.length, generator=generator) for _ in range(count)]
    prefix = loaded_base.injector.prefix
    return [lora_file.to_bytes(layout.unpack(one), prefix, shape, {}) for one in vectors]
