"""A batch of runs, and one run: gradients, errors, progress, results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.engine.messages import (
    BadPhotos,
    EngineError,
    EngineStage,
    TrainedLora,
    TrainRequest,
)
from pipeline.families import SamplingRequest
from pipeline.lora import lora_file
from pipeline.lora.lora_file import LoraShape
from pipeline.lora.multi_lora import ActiveLora
from pipeline.training import (
    train,
    training_data,
)
from pipeline.training.trainer_state import TrainerState
from tests.pipeline import tiny_bases
from tests.pipeline.training.harness import (
    MakeRequest,
    Stop,
    TrainingHarness,
    apart,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.mark.parametrize("name", sorted(tiny_bases.MAKERS))
def test_gradients_of_a_batch_of_runs_are_those_of_single_runs_on_every_family(
    name: str, make_harness: Callable[..., TrainingHarness], two_requests: Sequence[TrainRequest]
) -> None:
    """Through the family's own loss, on photos; and the LoRA that comes of it is diffusers'."""
    harness = make_harness(name, steps=2, batch=2)
    context = train.TrainingContext(
        harness.base, harness.injector, harness.lora_cache, harness.recipe, "x",
        lambda index, news: None, lambda: None, harness.cache, 1, False,
    )  # fmt: skip
    trainers = [
        train.prepare_trainer(context, number, request, {})
        for number, request in enumerate(two_requests)
    ]
    for one in trainers:  # with an up matrix of zeros the down matrix has no gradient
        generator = torch.Generator().manual_seed(one.index)
        one.lora_params.data += torch.randn(len(one.lora_params), generator=generator) * 0.1
    train.forward_backward(trainers, context)
    together = [
        one.lora_params.grad.clone() for one in trainers if one.lora_params.grad is not None
    ]
    for one, gradient in zip(trainers, together, strict=True):
        train.forward_backward([one], context)
        assert one.lora_params.grad is not None
        size = float(one.lora_params.grad.abs().max())
        assert size > 1e-4
        assert float((gradient - one.lora_params.grad).abs().max()) <= 1e-5 * max(1.0, size)
    harness.injector.end_training()
    file = trainers[0].lora_file()
    key = harness.lora_cache.injector.load(file)
    requests = [SamplingRequest("a man", "", 3)]
    with torch.no_grad():
        with harness.lora_cache.activate([ActiveLora(key, 1.0)]):
            (ours,) = harness.base.sample(requests, (32, 32), lambda step: None)
        harness.base.inference_denoiser.load_lora_adapter(
            lora_file.from_bytes(file, harness.base.prefix)[0], prefix=None,
            metadata=LoraShape.of(harness.recipe.train).to_config(),
        )  # fmt: skip
        (theirs,) = harness.base.sample(requests, (32, 32), lambda step: None)
    assert abs(ours.astype(int) - theirs.astype(int)).max() <= 1


def test_a_batch_of_runs_learns_what_each_would_alone(
    make_harness: Callable[..., TrainingHarness], two_requests: Sequence[TrainRequest]
) -> None:
    harness = make_harness(
        steps=6, learning_rate=1e-3, keep_checkpoints=2, validation_photos=1, face_weight=3.0
    )
    together = harness.train(*two_requests)
    assert {number for number, _ in harness.news} == {0, 1}
    for request, done in zip(two_requests, together, strict=True):
        (alone,) = harness.train(request)
        assert apart(done, alone) <= 1e-5
        assert [kept.step for kept in done.kept] == [kept.step for kept in alone.kept]
        errors = [kept.error for kept in alone.kept]
        assert [kept.error for kept in done.kept] == pytest.approx(errors, rel=1e-4)
    assert apart(*together) > 1e-3


def test_runs_whose_pictures_differ_in_size_learn_what_each_would_alone(
    make_harness: Callable[..., TrainingHarness], two_requests: Sequence[TrainRequest]
) -> None:
    """One goes on from a checkpoint: its larger pictures come in other steps than the other's."""
    harness = make_harness(
        steps=6, learning_rate=1e-3, wide_every=3, enlarge=2.0, checkpoint_every=1
    )
    whole, other = (harness.train(request)[0] for request in two_requests)
    with pytest.raises(Stop):
        harness.train(two_requests[0], kill_at=2)
    together = harness.train(harness.resumed(two_requests[0]), two_requests[1])
    for done, alone in zip(together, (whole, other), strict=True):
        assert apart(done, alone) <= 1e-5
    narrow = dataclasses.replace(harness.recipe.train, wide_every=0)
    harness.recipe = dataclasses.replace(harness.recipe, train=narrow)
    assert apart(harness.train(two_requests[0])[0], whole) > 1e-4, "they were not trained on"


def test_a_run_that_cannot_go_on_ends_alone(
    make_harness: Callable[..., TrainingHarness],
    two_requests: Sequence[TrainRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bad photos before the start, a loss that is no number, a picture that breaks the forward."""
    harness = make_harness(steps=5, learning_rate=1e-3)
    (alone,) = harness.train(two_requests[0])
    blind = dataclasses.replace(two_requests[1], photos=(b"junk",) * 3)
    wild = dataclasses.replace(two_requests[1], seed=6)
    bad = dataclasses.replace(two_requests[1], seed=7)
    batch, errors = TrainerState.next_batch, harness.base.squared_errors

    def poisoned(one: TrainerState) -> training_data.TrainingBatch:
        made = batch(one)
        if one.steps == 2 and one.request.seed == 6:
            return dataclasses.replace(made, latents=made.latents * float("nan"))
        if one.steps == 3 and one.request.seed == 7:
            return dataclasses.replace(made, latents=made.latents + 1e6)
        return made

    def breaking(latents: Tensor, *more: Any) -> Tensor:
        if latents.max() > 1e5:
            raise ValueError("a shape of theirs")
        return errors(latents, *more)

    monkeypatch.setattr(TrainerState, "next_batch", poisoned)
    monkeypatch.setattr(harness.base, "squared_errors", breaking)
    done = harness.train(blind, wild, two_requests[0], bad)
    assert isinstance(done[0], BadPhotos)
    assert isinstance(done[1], EngineError)
    assert "diverged at step 3" in str(done[1])
    assert isinstance(done[3], EngineError)
    assert "shape of theirs" not in str(done[3]), "a library's words may quote the customer"
    assert max(harness.steps_told(3)) == 3
    assert apart(done[2], alone) <= 1e-5


def test_portraits_between_two_steps_change_nothing(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(steps=3)
    request = train_request()
    (quiet,) = harness.train(request)
    key = harness.lora_cache.fetch(quiet.kept[-1].lora)

    def paint(lora: ActiveLora | None) -> Any:
        with torch.no_grad(), harness.lora_cache.activate([lora]):
            return harness.base.sample(
                [SamplingRequest("a man", "", 1)], (32, 32), lambda step: None
            )[0]

    bare, active = paint(None), paint(ActiveLora(key, 1.0))
    assert (bare != active).any()
    seen: list[bool] = []

    def between_steps() -> None:
        seen.append((paint(None) == bare).all() and (paint(ActiveLora(key, 1.0)) == active).all())

    (done,) = harness.train(request, between_steps=between_steps)
    assert len(seen) > 3
    assert all(seen)
    assert done.kept[-1].lora == quiet.kept[-1].lora


@pytest.mark.parametrize("micro_batches", [2, 4])
def test_micro_batches_are_the_same_mathematics(
    micro_batches: int,
    make_harness: Callable[..., TrainingHarness],
    two_requests: Sequence[TrainRequest],
) -> None:
    """4 micro-batches of a batch of 2 also split the runs into groups."""
    harness = make_harness(steps=4, batch=2, learning_rate=1e-3)
    whole = harness.train(*two_requests)
    cut = harness.train(*two_requests, micro_batches=micro_batches)
    assert all(apart(a, b) <= 1e-5 for a, b in zip(whole, cut, strict=True))


def test_out_of_memory_concerns_all_and_leaves_the_base_bare(
    make_harness: Callable[..., TrainingHarness],
    two_requests: Sequence[TrainRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness = make_harness()

    def hungry(*more: object) -> Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(harness.base, "squared_errors", hungry)
    with pytest.raises(torch.OutOfMemoryError):
        harness.train(*two_requests)
    monkeypatch.undo()
    assert isinstance(harness.train(two_requests[0])[0], TrainedLora)


def test_checkpointed_activations_give_the_same_lora(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(steps=3, learning_rate=1e-3)
    (plain,) = harness.train(train_request())
    harness.with_train(gradient_checkpointing=True)
    (saved,) = harness.train(train_request())
    assert harness.base.train_denoiser.is_gradient_checkpointing
    assert apart(plain, saved) <= 1e-6


def test_training_learns_and_tells(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(steps=40, learning_rate=0.02, sample_at=20, batch=8)
    (done,) = harness.train(train_request())
    assert done.loss_last < 0.97 * done.loss_first
    assert (done.steps, done.best, done.lora_scales) == (40, 0, harness.recipe.likeness)
    assert done.seconds > 0
    assert harness.steps_told() == list(range(1, 41))
    news = [piece for _, piece in harness.news]
    assert [piece.step for piece in news if piece.picture is not None] == [20]
    left = [piece.seconds_left for piece in news if piece.stage is EngineStage.TRAINING]
    assert left[-1] == 0
    assert all(value is not None and value > 0 for value in left[:-1])


def test_a_sample_that_never_passes_is_left_out(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(one_face="true", repaints=0, sample_at=2)
    assert isinstance(harness.train(train_request())[0], TrainedLora)
    assert all(piece.picture is None for _, piece in harness.news)


def test_a_lora_is_bytewise_the_same_for_the_same_run(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness()
    one, again = (harness.train(train_request())[0] for _ in range(2))
    assert one.kept == again.kept
    values, facts = lora_file.from_bytes(one.kept[-1].lora, "transformer")
    assert all(value.dtype is torch.float32 for value in values.values())
    assert facts["steps"] == "4"
    assert facts["base_fingerprint"] == "x"
    assert not any("avatar" in text for text in (*facts, *facts.values()))
    (other,) = harness.train(train_request(seed=12))
    assert other.kept != one.kept
