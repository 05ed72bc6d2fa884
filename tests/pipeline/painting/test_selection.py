"""Choosing among candidates: by what is seen, and with consent by likeness."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.engine.messages import BadPhotos
from pipeline.images import faces, safety
from pipeline.images.photo import decode
from pipeline.images.safety import GateVerdict
from pipeline.models import recipe
from pipeline.painting import selection
from pipeline.painting.selection import FaceSimilarity

GATE = recipe.load("mini").gate
GOOD = GateVerdict(indecency=0.01, youth=0.1, sharpness=100, share=0.6, roll=1, eyes=0.8)


@pytest.mark.parametrize(
    "worse",
    [
        {"eyes": 0.1},
        {"eyes": -0.4},
        {"sharpness": 14.0},
        {"share": 0.1},
        {"share": 1.0},
        {"roll": -14.0},
        {"youth": 0.8},
        {"indecency": 0.45},
    ],
)
def test_each_merit_counts(worse: dict[str, float]) -> None:
    other = replace(GOOD, **worse)
    assert selection.score(GOOD, GATE, None) > selection.score(other, GATE, None)
    assert selection.score(GOOD, GATE, 0.5) > selection.score(other, GATE, 0.5)


def test_likeness_outweighs_everything_else() -> None:
    poor = GateVerdict(indecency=0.4, youth=0.8, sharpness=13, share=0.2, roll=14, eyes=0.0)
    assert selection.score(poor, GATE, 0.8) > selection.score(GOOD, GATE, 0.5)
    assert selection.score(GOOD, GATE, 0.8) > selection.score(poor, GATE, 0.85), (
        "a trifle of likeness"
    )


def test_sharper_than_enough_is_not_better() -> None:
    """Noise counts as sharp: beyond a point more of it must not win."""
    sharp, noisy = replace(GOOD, sharpness=200), replace(GOOD, sharpness=5000)
    assert selection.score(sharp, GATE, None) == selection.score(noisy, GATE, None)


def test_a_profile_is_not_punished_for_its_eyes() -> None:
    profile = replace(GOOD, eyes=None)
    assert selection.score(replace(GOOD, eyes=0.1), GATE, None) < selection.score(
        profile, GATE, None
    )
    assert selection.score(profile, GATE, None) < selection.score(
        replace(GOOD, eyes=0.9), GATE, None
    )


def test_a_smeared_eye_is_seen(good_photos: tuple[Path, ...]) -> None:
    """One eye smeared looks worse than both whole: on nearly every front view, for faces wink."""
    worse: list[bool] = []
    for path in good_photos:
        whole = decode(path.read_bytes())
        found = faces.find(whole)
        verdict = safety.judge(whole, replace(GATE, sharpness=0, youth=1, indecency=1), adult=True)
        if len(found) != 1 or verdict.eyes is None or found[0].height < 120:
            continue
        smeared, face = whole.copy(), found[0]
        x, y = face.points[0]
        reach = int(0.16 * face.width)
        box = np.s_[int(y) - reach : int(y) + reach, int(x) - reach : int(x) + reach]
        smeared[box] = cv2.GaussianBlur(smeared[box], (0, 0), 0.06 * face.width)
        worse.append(faces.eye_symmetry(smeared, face) < faces.eye_symmetry(whole, face))
    assert len(worse) >= 4
    assert sum(worse) >= 0.8 * len(worse)


def test_similarity_knows_its_person(photos: tuple[bytes, ...]) -> None:
    """Of the same person's other photo more than half of the way; of no face nothing."""
    similarity = FaceSimilarity.from_photos(photos[:-1])
    own = similarity.likeness(decode(photos[-1]))
    assert 0.5 < own < 1.5
    assert similarity.likeness(np.full((200, 200, 3), 128, np.uint8)) == -1


def test_a_stranger_is_far_from_the_photos(
    photos: tuple[bytes, ...], stranger_photos: tuple[bytes, ...]
) -> None:
    similarity = FaceSimilarity.from_photos(photos)
    alike = [similarity.likeness(decode(photo)) for photo in stranger_photos]
    assert max(alike) < 0.5


def test_unreadable_photos_are_left_out_and_too_few_refused(photos: tuple[bytes, ...]) -> None:
    similarity = FaceSimilarity.from_photos([b"none", *photos[:3]])
    assert similarity.likeness(decode(photos[0])) == FaceSimilarity.from_photos(
        photos[:3]
    ).likeness(decode(photos[0]))
    with pytest.raises(BadPhotos):
        FaceSimilarity.from_photos([b"none", photos[0]])
