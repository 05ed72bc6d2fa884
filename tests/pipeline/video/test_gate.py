"""The gate of generated clips, on photos of people who do not exist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.images.photo import decode
from pipeline.models import video_recipe
from pipeline.video import Frames, gate

OPEN = replace(video_recipe.load("wan22-ti2v-5b").gate, indecency=1.0, youth=1.0)


def frame_of(*photos: bytes) -> np.ndarray:
    """The photos side by side, 256 px high."""
    pictures = [Image.fromarray(decode(photo)).resize((256, 256)) for photo in photos]
    return np.concatenate([np.asarray(picture) for picture in pictures], axis=1)


@pytest.fixture
def alone(photos: tuple[bytes, ...]) -> np.ndarray:
    return np.pad(frame_of(photos[2]), ((0, 0), (0, 256), (0, 0)))


@pytest.fixture
def together(photos: tuple[bytes, ...], stranger_photos: tuple[bytes, ...]) -> np.ndarray:
    return frame_of(photos[2], stranger_photos[1])


def clip(frame: np.ndarray, count: int = 9) -> Frames:
    return np.repeat(frame[None], count, axis=0)


def test_the_first_and_the_last_frame_are_judged_and_so_many_a_second_between() -> None:
    assert gate.sampled(25, 24, 4) == [0, 6, 12, 18, 24]
    assert gate.sampled(9, 8, 2) == [0, 4, 8]
    assert gate.sampled(24, 24, 60) == list(range(24))
    assert gate.sampled(1, 24, 4) == [0]
    assert gate.sampled(20, 24, 1) == [0, 19]


@pytest.mark.parametrize("shown", [(0, 3), (3, 6), (6, 9), (4, 7)])
def test_one_face_more_that_stays_refuses_a_clip(
    alone: np.ndarray, together: np.ndarray, shown: tuple[int, int]
) -> None:
    frames, looks = clip(alone), replace(OPEN, frames_a_second=2.0)  # at 0, 4 and 8
    assert gate.fault(frames, 8, looks, 1, adult=False) == ""
    frames[slice(*shown)] = together
    assert gate.fault(frames, 8, looks, 1, adult=False) == "a face too many"
    assert gate.fault(frames, 8, looks, 2, adult=False) == ""


@pytest.mark.parametrize("shown", [(0, 2), (4, 5), (7, 9)])
def test_a_face_that_is_seen_for_a_moment_is_an_error_of_the_finder(
    alone: np.ndarray, together: np.ndarray, shown: tuple[int, int]
) -> None:
    frames = clip(alone)
    frames[slice(*shown)] = together
    assert gate.fault(frames, 8, OPEN, 1, adult=False) == ""


def test_a_face_that_is_gone_refuses_nothing(alone: np.ndarray) -> None:
    """Whoever turns around has no face for a while."""
    frames = clip(alone)
    frames[4:] = 0
    assert gate.fault(frames, 8, OPEN, 1, adult=False) == ""


def test_indecency_and_youth_are_asked_of_the_judged_frames(alone: np.ndarray) -> None:
    frames = clip(alone, 3)
    from pipeline.images import faces, safety

    unsafe = safety.indecency(frames[0])
    assert gate.fault(frames, 8, replace(OPEN, indecency=unsafe), 1, False) == "indecent"
    young = safety.painted_youth(frames[0], faces.find(frames[0])[0])
    strict = replace(OPEN, youth=young)
    assert gate.fault(frames, 8, strict, 1, adult=True) == "young"
    assert gate.fault(frames, 8, strict, 1, adult=False) == ""
