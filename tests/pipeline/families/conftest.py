"""Fixtures of the family tests; torch is imported by the first test that needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.models.recipe import Recipe

if TYPE_CHECKING:
    from tests.pipeline.families.pictures import Open


@pytest.fixture
def opened(tiny_recipe: Callable[..., Recipe], bases: Path) -> Open:
    """Open a tiny base by name, with changes of its recipe: the base and the recipe."""
    from pipeline import families
    from pipeline.models import weights

    def make(name: str, **changes: object) -> tuple[Any, Recipe]:
        recipe = tiny_recipe(name, **changes)
        return families.load(recipe, weights.locate(recipe, bases), "cpu"), recipe

    return make
