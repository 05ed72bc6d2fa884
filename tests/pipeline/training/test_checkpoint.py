"""Interrupted runs resume; foreign and broken checkpoints are refused."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.engine.messages import (
    TrainRequest,
)
from pipeline.training import (
    checkpoint,
)
from tests.pipeline.training.harness import (
    MakeRequest,
    Stop,
    TrainingHarness,
    apart,
    elsewhere,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


@pytest.mark.parametrize("killed_at", [1, 2, 5, 6])
def test_an_interrupted_run_ends_bit_equal_and_loses_few_steps(
    killed_at: int, make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(steps=7, keep_checkpoints=2, validation_photos=1)
    request = train_request()
    (whole,) = harness.train(elsewhere(request, "whole"))
    with pytest.raises(Stop):
        harness.train(request, kill_at=killed_at)
    (resumed,) = harness.train(request)
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
    whole = [
        harness.train(elsewhere(request, f"whole {request.avatar}"))[0] for request in two_requests
    ]
    with pytest.raises(Stop):
        harness.train(*two_requests, kill_at=5)
    (alone,) = harness.train(two_requests[0])
    assert harness.steps_told()[0] == 5
    newcomer = dataclasses.replace(elsewhere(two_requests[0], "newcomer"), avatar="c", seed=9)
    mixed, fresh = harness.train(two_requests[1], newcomer)
    assert (harness.steps_told(0)[0], harness.steps_told(1)[0]) == (5, 1)
    assert max(apart(alone, whole[0]), apart(mixed, whole[1])) <= 1e-5
    assert fresh.steps == 7
    assert [done.loss_last for done in (alone, mixed)] == pytest.approx(
        [done.loss_last for done in whole], rel=1e-4
    )


KILLED = """
import os, pickle, signal, sys
from pathlib import Path
from pipeline.models import recipe
from pipeline.engine.messages import EngineStage
from tests.pipeline.training.harness import TrainingHarness
text, bases, cache, request = pickle.load(open(sys.argv[1], "rb"))
harness = TrainingHarness(recipe.parse(text, "tiny"), bases, cache)
def report(number, news):
    if news.stage is EngineStage.TRAINING and news.step == 5:
        os.kill(os.getpid(), signal.SIGKILL)
harness.news = type("Listener", (list,), {"append": lambda self, news: report(*news)})()
from pipeline.training import train
train.train(harness.base, harness.injector, harness.lora_cache, harness.recipe, "x", [request],
            report, lambda: None, cache, 1)
"""


def test_a_run_that_was_killed_by_the_system_ends_bit_equal(
    make_harness: Callable[..., TrainingHarness],
    train_request: MakeRequest,
    bases: Path,
    tmp_path: Path,
) -> None:
    import pickle

    from tests.pipeline.conftest import TINY, adapted

    harness, request = make_harness(steps=7), train_request()
    text = adapted("mini", **(TINY | {"sample_at": 0, "steps": 7}))
    arguments = tmp_path / "arguments"
    arguments.write_bytes(pickle.dumps((text, bases, harness.cache, request)))
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(arguments)],
        check=False,
        env=dict(os.environ),
        timeout=120,
    )
    assert child.returncode == -signal.SIGKILL
    (whole,) = harness.train(elsewhere(request, "whole"))
    (resumed,) = harness.train(request)
    assert harness.steps_told() == [5, 6, 7]
    assert resumed.kept == whole.kept


def test_a_crash_before_the_result_is_put_away_costs_no_step(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(keep_checkpoints=2)
    (done,) = harness.train(train_request())
    (again,) = harness.train(train_request())
    assert harness.steps_told() == [harness.recipe.train.steps]
    assert again.kept == done.kept


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
    request, fingerprint = train_request(), "x"
    left = checkpoint.checkpoint_path(request)
    (candidate,) = request.workdir.glob("*.kept")
    if change == "file":
        left.write_bytes(left.read_bytes()[:-9])
    elif change == "candidate":
        candidate.unlink()
    elif change == "recipe":
        harness.with_train(learning_rate=0.5)
    elif change == "base":
        fingerprint = "y"
    else:
        other = {"seed": 12, "photos": photos[1:], "subject": "person"}[change]
        request = train_request(**{change: other})
    harness.train(request, fingerprint=fingerprint)
    assert harness.steps_told()[0] == 1


def test_a_checkpoint_is_for_its_owner_alone(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest
) -> None:
    harness = make_harness(keep_checkpoints=2)
    request = train_request(avatar="../../etc/avatar of Zebulon")
    harness.train(request)
    left = list(request.workdir.iterdir())
    assert len(left) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in left)
    assert not any("Zebulon" in path.name for path in left)
