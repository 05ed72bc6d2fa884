"""The ladder between more beautiful and more like me."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shop.avatars.likeness import LadderRung, ladder, neighbour
from shop.records import Avatar, AvatarState, Subject

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def avatar(kept: int, best: int, start: float, step: float, floor: float, ceiling: float) -> Avatar:
    return Avatar(
        id="a", user_id="u", order_id="o", state=AvatarState.READY, base="mini",
        subject=Subject.PERSON, seed=1, created_at=NOON, key_id="k",
        blobs=tuple(f"lora-{number}" for number in range(kept)), best=best, checkpoint=best,
        start=start, weight=start, step=step, floor=floor, ceiling=ceiling,
    )  # fmt: skip


def test_checkpoints_are_spread_towards_both_ends():
    rungs = ladder(avatar(3, 1, 0.8, 0.1, 0.5, 1.0))
    assert [(one.checkpoint, one.weight) for one in rungs] == [
        (0, 0.5), (1, 0.6), (1, 0.7), (1, 0.8), (1, 0.9), (2, 1.0),
    ]  # fmt: skip


def test_an_avatar_of_one_checkpoint_has_weights_alone():
    """As all were that were made before there were several."""
    rungs = ladder(avatar(1, 0, 0.8, 0.25, 0.5, 1.0))
    assert rungs == (
        LadderRung(0, 0.5),
        LadderRung(0, 0.55),
        LadderRung(0, 0.8),
        LadderRung(0, 1.0),
    )


@st.composite
def avatars(draw):
    floor, start, ceiling = sorted(draw(st.integers(0, 200)) / 100 for _ in range(3))
    kept = draw(st.integers(1, 3))
    best, step = draw(st.integers(0, kept - 1)), draw(st.integers(1, 50)) / 100
    return avatar(kept, best, start, step, floor, ceiling)


@given(avatars())
def test_every_ladder_rises_from_floor_to_ceiling_through_the_best(one):
    rungs = ladder(one)
    weights, checkpoints = [rung.weight for rung in rungs], [rung.checkpoint for rung in rungs]

    assert weights == sorted(set(weights))
    assert checkpoints == sorted(checkpoints)
    assert (weights[0], weights[-1]) == (one.floor, one.ceiling)
    assert LadderRung(one.best, one.start) in rungs
    if one.floor < one.start:
        assert checkpoints[0] == 0
    if one.ceiling > one.start:
        assert checkpoints[-1] == len(one.blobs) - 1
    assert neighbour(one, -len(rungs)) is None is neighbour(one, len(rungs))
