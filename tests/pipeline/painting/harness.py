"""A tiny base with its LoRA cache, and a short way to paint with it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.engine.messages import (
    EngineError,
    PaintedImage,
    PaintRequest,
    Progress,
)
from pipeline.families import Base
from pipeline.images import safety
from pipeline.images.safety import GateVerdict
from pipeline.lora import lora_file
from pipeline.lora.cache import LoraCache
from pipeline.models.recipe import Recipe
from pipeline.painting import paint

MakeRequest = Callable[..., PaintRequest]


Result = tuple[PaintedImage, ...] | EngineError


@dataclass
class PaintHarness:
    """A tiny base with its LoRA cache, and a short way to paint with it."""

    base: Base
    recipe: Recipe
    lora_cache: LoraCache

    def paint(self, *requests: PaintRequest, news: list[Progress] | None = None) -> list[Result]:
        def report(place: int, one: Progress) -> None:
            if news is not None:
                news.append(one)

        return paint.paint(self.base, self.lora_cache, self.recipe, requests, report)

    def pictures(self, request: PaintRequest) -> tuple[PaintedImage, ...]:
        (result,) = self.paint(request)
        assert isinstance(result, tuple), result
        return result

    def lora(self, seed: int) -> bytes:
        """A person's file: random, strong enough to be seen."""
        layout, shape = self.lora_cache.injector.layout, lora_file.LoraShape.of(self.recipe.train)
        generator = torch.Generator().manual_seed(seed)
        row = 0.3 * torch.randn(layout.length, generator=generator)
        return lora_file.to_bytes(layout.unpack(row), self.base.prefix, shape, {})


Open = Callable[..., PaintHarness]


def pixels(picture: PaintedImage) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.image))).astype(int)


def judged(monkeypatch: pytest.MonkeyPatch, *verdicts: str) -> None:
    """The gate says this, in order; then it passes all."""
    left = list(verdicts)
    monkeypatch.setattr(
        safety, "judge", lambda *args: GateVerdict(left.pop(0)) if left else GateVerdict()
    )
