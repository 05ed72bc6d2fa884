"""Fixtures of the painting tests; torch is imported by the first test that needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.models.recipe import Recipe

if TYPE_CHECKING:
    from tests.pipeline.painting.harness import Open, PaintHarness


@pytest.fixture
def opened(tiny_recipe: Callable[..., Recipe], bases: Path) -> Open:
    """Open a tiny base by name; batch: pictures in one forward; changes: of its recipe."""
    from pipeline import families
    from pipeline.lora import lora_file
    from pipeline.lora.cache import LoraCache
    from pipeline.lora.multi_lora import MultiLoraInjector
    from pipeline.models import weights
    from tests.pipeline.painting.harness import PaintHarness

    def make(name: str = "mini", batch: int = 4, **changes: object) -> PaintHarness:
        recipe = tiny_recipe(name, **changes)
        recipe = replace(recipe, paint=replace(recipe.paint, batch=batch))
        base = families.load(recipe, weights.locate(recipe, bases), "cpu")
        injector = MultiLoraInjector(
            base.inference_denoiser,
            lora_file.LoraShape.of(recipe.train),
            recipe.paint.uncond_lora_scale,
        )
        return PaintHarness(base, recipe, LoraCache(injector, 1 << 30))

    return make
