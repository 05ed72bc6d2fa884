"""Customers for benchmarks: their photos, and LoRAs of theirs that nobody had to train."""

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


def orders(count: int, base: str, workdir: Path, looks: int | None = None) -> list[TrainRequest]:
    """Trainings of `count` people, who differ in their seeds. looks: photos of each; None: all."""
    return [
        TrainRequest(f"customer-{one}", photos()[:looks], SUBJECT, base, one + 1, workdir)
        for one in range(count)
    ]


def lora_files(room: LoadedBase, count: int) -> list[bytes]:
    """LoRA files of the recipe's shape with random weights, all different."""
    shape, layout = lora_file.LoraShape.of(room.recipe.train), room.injector.layout
    dice = torch.Generator("cpu").manual_seed(5)
    rows = [STRENGTH * torch.randn(layout.length, generator=dice) for _ in range(count)]
    return [lora_file.to_bytes(layout.unpack(row), room.injector.prefix, shape, {}) for row in rows]
