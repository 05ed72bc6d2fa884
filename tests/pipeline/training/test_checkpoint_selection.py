"""The choice of a checkpoint by likeness, with consent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pipeline.engine.messages import (
    PaintRequest,
)
from pipeline.families import Base
from pipeline.models.recipe import Recipe
from pipeline.painting import paint, selection
from tests.pipeline.training.harness import (
    MakeRequest,
    TrainingHarness,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_with_consent_to_compare_the_most_similar_checkpoint_is_chosen_and_paints_first(
    make_harness: Callable[..., TrainingHarness],
    train_request: MakeRequest,
    paint_request: Callable[..., PaintRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness = make_harness(keep_checkpoints=3, steps=6, min_similarity=-1.0, learning_rate=0.05)
    compared: list[float] = []
    values = [0.2, 0.2, 0.7, 0.5, 0.3, 0.2]  # two pictures of each checkpoint

    def likeness(similarity: object, pixels: object) -> float:
        compared.append(values[len(compared)] if len(compared) < len(values) else 0.5)
        return compared[-1]

    monkeypatch.setattr(selection.FaceSimilarity, "likeness", likeness)
    active: list[bytes] = []
    first = paint.paint_initial_portraits

    def looking(
        base: Base, lora_cache: Any, recipe: Recipe, request: Any, file: bytes, *m: Any
    ) -> Any:
        active.append(file)
        return first(base, lora_cache, recipe, request, file, *m)

    monkeypatch.setattr(paint, "paint_initial_portraits", looking)
    (done,) = harness.train(train_request(initial_portraits=paint_request(seeds=(1, 2))))
    assert done.best == 1
    assert active == [done.kept[1].lora]
    assert len(done.initial_portraits) == 2
    (without,) = harness.train(train_request())
    assert (without.best, without.initial_portraits) == (2, ())
