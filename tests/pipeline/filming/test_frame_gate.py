"""The gate of moving pictures: on real faces, with a scorer of decency that the tests steer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.engine.messages import NothingDecent
from pipeline.filming.frame_gate import INDECENT, STAYS, FrameGate
from pipeline.images import faces, safety
from pipeline.images.faces import Pixels
from pipeline.images.photo import decode

FPS = 5
SELFIE = Path("deploy/demo/customer/03-front.jpg")


@pytest.fixture(scope="module")
def alone() -> Pixels:
    picture = decode(SELFIE.read_bytes())
    small = np.asarray(cv2.resize(picture, (240, 320), interpolation=cv2.INTER_AREA), np.uint8)
    assert len(faces.find(small)) == 1
    return small


@pytest.fixture(scope="module")
def wide(alone: Pixels) -> Pixels:
    """One face, and an empty place beside it."""
    return np.hstack([alone, np.full_like(alone, 128)])


@pytest.fixture(scope="module")
def pair(alone: Pixels) -> Pixels:
    both = np.hstack([alone, alone])
    assert len(faces.find(both)) == 2
    return both


def passed(frames: list[Pixels], people: int) -> int:
    return sum(1 for _ in FrameGate(people, FPS).passing(iter(frames)))


def test_every_frame_passes_once_and_unchanged(alone: Pixels) -> None:
    frames = [alone.copy() for _ in range(12)]
    through = list(FrameGate(1, FPS).passing(iter(frames)))
    assert [id(one) for one in through] == [id(one) for one in frames]


def test_a_stranger_who_stays_ends_the_clip(wide: Pixels, pair: Pixels) -> None:
    with pytest.raises(NothingDecent, match="face"):
        passed([wide] * 5 + [pair] * 15, people=1)


def test_what_falls_like_a_face_for_a_moment_is_none(wide: Pixels, pair: Pixels) -> None:
    moment = [wide] * FPS + [pair] * (STAYS - 1) + [wide] * 8
    assert passed(moment, people=1) == len(moment)


def test_as_many_as_were_ordered_may_be_seen(pair: Pixels, wide: Pixels) -> None:
    assert passed([pair] * 8, people=2) == 8
    assert passed([wide] * 8, people=2) == 8, "somebody out of the frame is no fault"
    assert passed([pair] * 8, people=1) == 8, "the first frame is the source at rest"


@pytest.mark.parametrize("at", [0, FPS, 11])
def test_an_indecent_frame_ends_the_clip(
    alone: Pixels, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first, one of each second, and the last are looked at."""
    bad = alone.copy()
    monkeypatch.setattr(
        safety, "indecency", lambda frame: INDECENT if frame is bad else INDECENT - 0.01
    )
    frames = [alone] * 12
    assert passed(frames, people=1) == 12
    frames[at] = bad
    with pytest.raises(NothingDecent, match="indecent"):
        passed(frames, people=1)


def test_nothing_is_looked_at_where_nothing_comes() -> None:
    def none() -> Iterator[Pixels]:
        yield from ()

    assert list(FrameGate(1, FPS).passing(none())) == []
