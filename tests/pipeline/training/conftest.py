"""Fixtures of the training tests; torch is imported by the first test that needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.engine.messages import TrainRequest

if TYPE_CHECKING:
    from tests.pipeline.training.harness import MakeRecipe, MakeRequest, TrainingHarness


@pytest.fixture
def make_harness(
    tiny_recipe: MakeRecipe, bases: Path, tmp_path: Path
) -> Callable[..., TrainingHarness]:
    """Open a tiny base by name, with changes of its recipe; no sample picture by default."""
    from tests.pipeline.training.harness import TrainingHarness

    def make(name: str = "mini", **changes: object) -> TrainingHarness:
        quiet = {"sample_at": 0} | changes
        return TrainingHarness(tiny_recipe(name, **quiet), bases, tmp_path / "cache")

    return make


@pytest.fixture
def two_requests(train_request: MakeRequest, photos: tuple[bytes, ...]) -> Sequence[TrainRequest]:
    """Two customers."""
    return (
        train_request(),
        train_request(avatar="b", seed=5, photos=photos[3:]),
    )
