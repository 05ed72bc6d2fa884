"""Candidates, their validation loss, and the choice by it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
import torch

from pipeline.lora import lora_file
from pipeline.training import (
    training_data,
    validation,
)
from tests.pipeline.training.harness import (
    MakeRecipe,
    MakeRequest,
    TrainingHarness,
    settings_of,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.mark.parametrize(
    ("errors", "held_out", "best"),
    [
        ([0.9, 0.8, 0.7], True, 2),  # still falling
        ([0.614, 0.612, 0.615], True, 2),  # as good as the least: likeness grows on
        ([0.7, 0.75, 0.9], True, 0),  # overfitted
        ([0.9, 0.7, 0.75], True, 1),
        ([0.5, 0.6, 0.9], False, 2),
        ([0.3], True, 0),
    ],
)
def test_the_latest_checkpoint_near_the_least_error_is_chosen(
    errors: list[float], held_out: bool, best: int
) -> None:
    assert validation.select_checkpoint(errors, held_out) == best


@pytest.mark.parametrize(
    ("steps", "kept", "expected"),
    [(330, 3, (220, 275, 330)), (800, 2, (600, 800)), (7, 1, (7,)), (1, 3, (1,))],
)
def test_candidate_steps(
    steps: int, kept: int, expected: tuple[int, ...], tiny_recipe: MakeRecipe
) -> None:
    settings = settings_of(tiny_recipe, steps=steps, keep_checkpoints=kept)
    assert validation.candidate_steps(settings) == expected


def test_kept_checkpoints_are_those_of_their_steps(
    make_harness: Callable[..., TrainingHarness],
    train_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The middle candidate is the very LoRA of a run that stops there; its error is repeatable."""
    harness = make_harness(
        steps=6, keep_checkpoints=3, validation_photos=1, learning_rate=0.01, warmup=0
    )
    (done,) = harness.train(train_request())
    assert [kept.step for kept in done.kept] == [4, 5, 6]
    assert len({kept.lora for kept in done.kept}) == 3
    steps = [lora_file.from_bytes(kept.lora, "transformer")[1]["steps"] for kept in done.kept]
    assert steps == ["4", "5", "6"]
    made = training_data.prepare(
        harness.base, harness.recipe, train_request(), None, lambda seen: None
    )
    assert made.held_out is not None
    for which, kept in enumerate(done.kept):
        values = lora_file.from_bytes(kept.lora, "transformer")[0]
        pairs = {
            name: (values[f"{name}{lora_file.DOWN}"], values[f"{name}{lora_file.UP}"])
            for name in harness.injector.layout.widths
        }
        vector = torch.nn.Parameter(harness.injector.layout.pack(pairs))
        settings = harness.recipe.train
        error = validation.mean_loss(
            harness.base, harness.injector, settings, made.held_out, vector
        )
        assert error == pytest.approx(done.kept[which].error, rel=1e-5)
    untrained = torch.nn.Parameter(harness.injector.layout.init_vector(1))
    hooked = validation.mean_loss(
        harness.base, harness.injector, settings, made.held_out, untrained
    )
    with monkeypatch.context() as unhooked:
        unhooked.setattr(harness.injector, "training", lambda vectors: contextlib.nullcontext())
        bare = validation.mean_loss(
            harness.base, harness.injector, settings, made.held_out, untrained
        )
    assert hooked == bare
