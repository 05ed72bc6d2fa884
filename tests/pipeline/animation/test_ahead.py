"""Frames that a thread makes ahead."""

from __future__ import annotations

import itertools
import threading

import pytest

from pipeline.animation.ahead import MOST, ahead


def names() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name == "frames-ahead"]


def test_they_come_in_their_order_and_end():
    assert list(ahead(range(50))) == list(range(50))
    assert names() == []


def test_the_error_that_ends_them_comes_after_those_before_it():
    def made():
        yield 1
        raise ValueError("no more")

    frames = ahead(made())
    assert next(frames) == 1
    with pytest.raises(ValueError, match="no more"):
        next(frames)
    assert names() == []


def test_whoever_stops_early_leaves_no_thread_and_few_frames_are_made_in_vain():
    made = []

    def endless():
        for number in itertools.count():
            made.append(number)
            yield number

    frames = ahead(endless())
    assert [next(frames), next(frames)] == [0, 1]
    frames.close()
    assert names() == []
    assert len(made) <= 2 + MOST + 2
