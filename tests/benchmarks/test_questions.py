"""Questions that the phrases were tuned by stay told apart."""

from collections import Counter

from benchmarks.questions.__main__ import count


def test_what_was_right_stays_right() -> None:
    """Over four languages: 95 % right, 1 % wrong, other talk taken for a question included."""
    counted = count()
    assert counted.keys() == {"en", "zh", "fr", "ko"}
    found = sum(counted.values(), Counter())
    asked = found["right"] + found["wrong"] + found["silent"]
    assert asked > 800
    assert found["right"] >= 0.95 * asked, found
    assert found["wrong"] + found["taken"] <= 0.01 * found.total(), found
