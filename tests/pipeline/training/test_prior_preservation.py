"""Prior pictures are painted once, cached, or shipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.engine.messages import (
    TrainRequest,
)
from pipeline.families import SamplingRequest
from pipeline.models import weights
from pipeline.training import (
    prior_preservation,
)
from tests.pipeline.training.harness import (
    MakeRequest,
    TrainingHarness,
    apart,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_prior_pictures_are_painted_once_and_learned_from(
    make_harness: Callable[..., TrainingHarness],
    two_requests: Sequence[TrainRequest],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harness = make_harness(prior_share=0.5, batch=4, learning_rate=1e-3)
    monkeypatch.setattr(prior_preservation, "PICTURES", 5)
    painted: list[str] = []
    sample = harness.base.sample

    def counting(requests: Sequence[SamplingRequest], *more: Any) -> Any:
        painted.extend(request.prompt for request in requests)
        return sample(requests, *more)

    monkeypatch.setattr(harness.base, "sample", counting)
    (first, _) = harness.train(*two_requests)
    assert len(painted) == 5, "once for both customers"
    assert len(set(painted)) > 1
    assert all("a man" in words and harness.recipe.token not in words for words in painted)
    (kept,) = (harness.cache / "prior").iterdir()
    (again,) = harness.train(two_requests[0])
    assert len(painted) == 5
    assert apart(first, again) <= 1e-5
    kept.write_bytes(kept.read_bytes()[:-9])
    (repainted,) = harness.train(two_requests[0])
    assert len(painted) == 10
    assert repainted.kept == again.kept
    harness.train(two_requests[0], fingerprint="y")
    assert len(painted) == 15
    harness.with_train(prior_share=0.0)
    (without,) = harness.train(two_requests[0])
    assert apart(without, again) > 1e-5


def test_prior_pictures_that_ship_are_not_painted(
    make_harness: Callable[..., TrainingHarness], train_request: MakeRequest, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    harness = make_harness(prior_share=0.25)
    monkeypatch.setattr(prior_preservation, "PICTURES", 2)
    monkeypatch.setattr(weights, "SHIPPED_BASES", tmp_path)
    (painted,) = harness.train(train_request())
    shipped = tmp_path / harness.recipe.weights.folder / prior_preservation.SHIPPED
    shipped.parent.mkdir()
    shipped.write_bytes(prior_preservation.shipped_file(harness.base, harness.recipe))
    harness.cache = tmp_path / "empty"
    monkeypatch.setattr(prior_preservation, "paint_latents", None)
    (used,) = harness.train(train_request())
    assert used.kept == painted.kept
    assert not harness.cache.exists()
