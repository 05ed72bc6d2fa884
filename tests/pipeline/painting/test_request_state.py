"""The seeds of repaints."""

from __future__ import annotations

import pytest

from pipeline.painting.request_state import repaint_seed

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_seeds_differ_between_attempts() -> None:
    seeds = {repaint_seed(seed, attempt) for seed in range(50) for attempt in range(1, 5)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**32 for seed in seeds)
