"""The learning rate schedule of a run."""

from __future__ import annotations

import itertools

import pytest

from pipeline.training import (
    trainer_state,
)

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_the_learning_rate_warms_up_and_decays() -> None:
    factors = [trainer_state.lr_factor(step, 10, 100) for step in range(100)]
    assert factors[0] == pytest.approx(0.1)
    assert factors[9] == 1
    assert factors[10] == pytest.approx(1)
    assert factors[99] < 0.03
    assert all(a >= b for a, b in itertools.pairwise(factors[10:]))
