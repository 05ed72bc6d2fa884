"""The choice of a checkpoint by likeness, with consent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.engine.messages import (
    PaintRequest,
)
from pipeline.families import Base
from pipeline.images import label
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


def test_every_sample_has_a_produce_id_of_its_own_that_tells_nothing(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    """Of two avatars in one batch, trained twice on the same photos with the same seed."""
    harness = make_harness(sample_at=2, steps=2)
    requests = [train_request(avatar=f"avatar-{name}-of-Zebulon") for name in "ab"]
    ids = []
    for _ in range(2):
        harness.train(*requests)
        samples = [news.picture for _, news in harness.news if news.picture is not None]
        read = [label.read_label(sample) for sample in samples]
        ids += [one.content_id for one in read if one is not None]
    assert len(ids) == len(set(ids)) == 4
    assert all(uuid.UUID(hex=id).version == 4 for id in ids), "not random alone"
