"""Interrupted runs resume; foreign and broken checkpoints are refused."""

from __future__ import annotations

import dataclasses
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import pytest

from pipeline.child.warm_models import KeptCheckpoints
from pipeline.engine.messages import (
    TrainRequest,
)
from pipeline.training import trainer_state
from tests.pipeline.training.harness import (
    MakeRequest,
    Stop,
    TrainingHarness,
    apart,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.mark.parametrize("killed_at", [1, 2, 5, 6])
def test_an_interrupted_run_ends_bit_equal_and_loses_few_steps(
    killed_at: int, make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(steps=7, keep_checkpoints=2, validation_photos=1)
    request = train_request()
    (whole,) = harness.train(request)
    with pytest.raises(Stop):
        harness.train(request, kill_at=killed_at)
    (resumed,) = harness.train(harness.resumed(request))
    steps = harness.steps_told()
    assert steps[0] > killed_at - harness.recipe.train.checkpoint_every, "too much was lost"
    assert steps == list(range(steps[0], 8))
    assert resumed.kept == whole.kept
    assert (resumed.loss_first, resumed.loss_last) == (whole.loss_first, whole.loss_last)
    assert resumed.best == whole.best


def test_after_a_crash_of_a_batch_each_run_resumes_in_another_batch(
    make_harness: Callable[..., TrainingHarness], two_requests: Sequence[TrainRequest]
) -> None:
    """Killed together at 5; one resumes alone, the other beside a new run."""
    harness = make_harness(steps=7, learning_rate=1e-3)
    whole = [harness.train(request)[0] for request in two_requests]
    with pytest.raises(Stop):
        harness.train(*two_requests, kill_at=5)
    first, second = (harness.resumed(request) for request in two_requests)
    (alone,) = harness.train(first)
    assert harness.steps_told()[0] == 5
    newcomer = dataclasses.replace(two_requests[0], avatar="c", seed=9)
    mixed, fresh = harness.train(second, newcomer)
    assert (harness.steps_told(0)[0], harness.steps_told(1)[0]) == (5, 1)
    assert max(apart(alone, whole[0]), apart(mixed, whole[1])) <= 1e-5
    assert fresh.steps == 7
    assert [done.loss_last for done in (alone, mixed)] == pytest.approx(
        [done.loss_last for done in whole], rel=1e-4
    )


def test_a_crash_before_the_result_is_put_away_costs_no_step(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(keep_checkpoints=2)
    (done,) = harness.train(train_request())
    (again,) = harness.train(harness.resumed(train_request()))
    assert harness.steps_told() == [harness.recipe.train.steps]
    assert again.kept == done.kept


def test_where_steps_are_quick_the_state_is_kept_by_time(
    make_harness: Callable[..., TrainingHarness],
    train_request: MakeRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each second step, but 20 seconds apart, where a step takes 4; and with the last candidate."""
    harness = make_harness(
        steps=13, keep_checkpoints=1, checkpoint_every=2, checkpoint_seconds=20, sample_at=0
    )
    passed = itertools.count(step=4)
    times = [next(passed)]
    monkeypatch.setattr(trainer_state, "time", SimpleNamespace(monotonic=lambda: times[-1]))
    harness.train(train_request(), between_steps=lambda: times.append(next(passed)))
    kept = [news.step for _, news in harness.news if news.checkpoint]
    assert kept == [6, 12, 13]


@pytest.mark.parametrize(
    "change", ["seed", "photos", "subject", "recipe", "base", "file", "candidate"]
)
def test_a_foreign_or_broken_checkpoint_is_not_used(
    change: str,
    make_harness: Callable[..., TrainingHarness],
    train_request: MakeRequest,
    photos: tuple[bytes, ...],
) -> None:
    harness = make_harness(keep_checkpoints=3, steps=6)
    with pytest.raises(Stop):
        harness.train(train_request(), kill_at=4)
    request, fingerprint = harness.resumed(train_request()), "x"
    candidate, state = request.checkpoint
    if change == "file":
        broken = dataclasses.replace(state, data=state.data[:-9])
        request = dataclasses.replace(request, checkpoint=(candidate, broken))
    elif change == "candidate":
        request = dataclasses.replace(request, checkpoint=(state,))
    elif change == "recipe":
        harness.with_train(learning_rate=0.5)
    elif change == "base":
        fingerprint = "y"
    else:
        other = {"seed": 12, "photos": photos[1:], "subject": "person"}[change]
        request = train_request(checkpoint=request.checkpoint, **{change: other})
    harness.train(request, fingerprint=fingerprint)
    assert harness.steps_told()[0] == 1


def test_a_training_writes_no_file_and_its_checkpoints_name_nobody(
    make_harness: Callable[..., TrainingHarness],
    train_request: MakeRequest,
) -> None:
    harness = make_harness(keep_checkpoints=2, sample_at=2)
    harness.train(train_request())  # what is made once per base is cached now
    written: list[str] = []
    watching = True  # an audit hook stays for the life of the process

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and int(str(arguments[2])) & os.O_ACCMODE:
            written.append(str(arguments[0]))

    sys.addaudithook(watch)
    harness.train(train_request(avatar="avatar of Zebulon"))
    watching = False
    assert written == []
    kept = harness.kept["avatar of Zebulon"].values()
    assert {file.name for file in kept} == {"candidate-3", "candidate-4", "state"}
    assert not any(b"Zebulon" in file.data for file in kept)


def test_a_batch_that_ran_out_of_memory_goes_on_in_smaller_parts(
    make_harness: Callable[..., TrainingHarness], two_requests: Sequence[TrainRequest]
) -> None:
    """As the child does it: what came with the progress so far is in the requests again."""
    harness = make_harness(steps=7, learning_rate=1e-3)
    whole = harness.train(*two_requests)
    kept = KeptCheckpoints(two_requests, lambda index, progress: None)
    with pytest.raises(Stop):
        harness.train(*kept.requests(), kill_at=5)
    for index, progress in harness.news:
        kept.report(index, progress)
    smaller = harness.train(*kept.requests(), micro_batches=2)
    assert harness.steps_told(0) == harness.steps_told(1) == [5, 6, 7]
    assert all(apart(one, other) <= 1e-5 for one, other in zip(whole, smaller, strict=True))
