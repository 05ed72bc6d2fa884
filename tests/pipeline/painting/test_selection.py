"""Choosing among candidates: by what is seen, and with consent by likeness."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.engine.expressions import Expression
from pipeline.engine.messages import BadPhotos
from pipeline.images.expression import FaceMeasure
from pipeline.images.photo import decode
from pipeline.images.safety import GateVerdict
from pipeline.models import recipe
from pipeline.painting import selection
from pipeline.painting.selection import FaceSimilarity

GATE = recipe.load("mini").gate
CALM = FaceMeasure(
    yaw=1, pitch=8, shut=(0.01, 0.01), staring=0.4, eyes_alike=0.9, brows_alike=0.9,
    mouth_opening=0.02, mouth_width=0.57, smile=-0.015, brows=0.19, mouth_tilt=0.5,
    mouth_alike=0.92, mouth_detail=0.9, skin=4.0,
)  # fmt: skip
SMILING = replace(CALM, mouth_width=0.75, smile=0.0, mouth_opening=0.12)
GOOD = GateVerdict(indecency=0.01, youth=0.1, sharpness=100, share=0.6, roll=1, face=CALM)


@pytest.mark.parametrize(
    "worse",
    [
        {"face": replace(CALM, eyes_alike=0.3)},
        {"face": replace(CALM, shut=(0.4, 0.0))},
        {"face": replace(CALM, brows_alike=0.6)},
        {"face": replace(CALM, mouth_alike=0.6)},
        {"face": replace(CALM, skin=8.0)},
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
    bad = replace(CALM, eyes_alike=0.0, brows_alike=0.2, mouth_alike=0.5, skin=9.0)
    poor = GateVerdict(indecency=0.4, youth=0.8, sharpness=13, share=0.2, roll=14, face=bad)
    assert selection.score(poor, GATE, 0.8) > selection.score(GOOD, GATE, 0.5)
    assert selection.score(GOOD, GATE, 0.8) > selection.score(poor, GATE, 0.85), (
        "a trifle of likeness"
    )


def test_sharper_than_enough_is_not_better() -> None:
    """Noise counts as sharp: beyond a point more of it must not win."""
    sharp, noisy = replace(GOOD, sharpness=200), replace(GOOD, sharpness=5000)
    assert selection.score(sharp, GATE, None) == selection.score(noisy, GATE, None)


def test_a_profile_is_not_punished_for_its_far_side() -> None:
    far = replace(CALM, yaw=40, eyes_alike=0.0, brows_alike=0.0, mouth_alike=0.0, shut=(0.0, 0.9))
    profile = selection.score(replace(GOOD, face=far), GATE, None)
    bad = replace(CALM, eyes_alike=0.1, mouth_alike=0.1)
    assert selection.score(replace(GOOD, face=bad), GATE, None) < profile
    assert profile < selection.score(GOOD, GATE, None)


def test_the_expression_asked_for_is_preferred() -> None:
    smiling = replace(GOOD, face=SMILING)

    def better(asked: Expression | None) -> GateVerdict:
        return max((GOOD, smiling), key=lambda one: selection.score(one, GATE, None, asked))

    assert better(Expression.SMILE) is better(Expression.SOFT_SMILE) is smiling
    assert better(Expression.NEUTRAL) is GOOD
    assert selection.score(GOOD, GATE, None) == selection.score(smiling, GATE, None)


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
