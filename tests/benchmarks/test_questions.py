"""Typed questions stay told apart: those that the phrases were tuned by, and those that they were
not, which are told apart less well (docs/benchmarks/questions.md)."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.questions.__main__ import HELD_OUT, TUNING, count


@pytest.mark.parametrize(
    ("made", "least", "right", "wrong"), [(TUNING, 1500, 0.97, 0.02), (HELD_OUT, 300, 0.85, 0.08)]
)
def test_what_was_right_stays_right(made: Path, least: int, right: float, wrong: float) -> None:
    """Over four languages; other talk taken for a question is wrong too."""
    counted = count(made)
    assert counted.keys() == {"en", "zh", "fr", "ko"}
    found = sum(counted.values(), Counter())
    asked = found["right"] + found["wrong"] + found["silent"]
    assert asked >= least
    assert found["right"] >= right * asked, found
    assert found["wrong"] + found["taken"] <= wrong * found.total(), found
