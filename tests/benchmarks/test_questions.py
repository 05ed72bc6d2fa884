"""Typed questions stay told apart: those that were learned from, and those that were not
(docs/benchmarks/questions.md)."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.questions.__main__ import count
from benchmarks.questions.sets import HELD_OUT, TUNING
from benchmarks.questions.teach import digest, teach
from handlers.questions.classifier import WEIGHTS


@pytest.mark.parametrize(
    ("made", "least", "right", "wrong"), [(TUNING, 4400, 0.98, 0.003), (HELD_OUT, 400, 0.94, 0.005)]
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


def test_the_weights_are_those_of_the_examples() -> None:
    """Else: python -m benchmarks.questions.teach."""
    assert json.loads(gzip.decompress(WEIGHTS.read_bytes()))["taught_by"] == digest(TUNING)


def test_what_is_taught_is_told_apart() -> None:
    taught = teach([("how much is it", "price"), ("what does it cost", "price"), ("my cat", "-")])
    scores = taught.scores("how much does it cost?")
    assert max(scores, key=scores.__getitem__) == "price"
    assert taught.scores("a cat")["-"] > scores["-"]
