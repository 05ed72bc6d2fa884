"""The ladder between more beautiful and more like me."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from shop.avatars.likeness import FIRST_BEAUTY, LadderRung, ladder, neighbour
from shop.records import Avatar, AvatarState, Subject

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def avatar(kept: int, best: int, start: float, step: float, ceiling: float) -> Avatar:
    return Avatar(
        id="a", user_id="u", order_id="o", state=AvatarState.READY, base="mini",
        subject=Subject.PERSON, seed=1, created_at=NOON, key_id="k",
        blobs=tuple(f"lora-{number}" for number in range(kept)), best=best, checkpoint=best,
        start=start, weight=start, step=step, ceiling=ceiling, beauty=FIRST_BEAUTY,
    )  # fmt: skip


def test_beauty_falls_then_weights_rise_and_later_checkpoints_come():
    rungs = ladder(avatar(3, 1, 0.8, 0.1, 1.0))
    assert [(one.checkpoint, one.weight, one.beauty) for one in rungs] == [
        (1, 0.8, 1.0), (1, 0.8, 0.65), (1, 0.8, 0.3), (1, 0.9, 0.0), (2, 1.0, 0.0),
    ]  # fmt: skip


def test_at_its_ceiling_an_avatar_still_sheds_its_retouch():
    rungs = ladder(avatar(2, 0, 1.0, 0.1, 1.0))
    assert rungs[-1] == LadderRung(0, 1.0, 0.0)


@st.composite
def avatars(draw):
    start, ceiling = sorted(draw(st.integers(1, 200)) / 100 for _ in range(2))
    kept = draw(st.integers(1, 3))
    best, step = draw(st.integers(0, kept - 1)), draw(st.integers(1, 50)) / 100
    return avatar(kept, best, start, step, ceiling)


@given(avatars())
def test_every_ladder_goes_from_the_fullest_retouch_to_the_ceiling_by_single_steps(one):
    rungs = ladder(one)
    weights, beauties = [rung.weight for rung in rungs], [rung.beauty for rung in rungs]

    assert weights == sorted(weights)
    assert beauties == sorted(beauties, reverse=True)
    assert len(set(rungs)) == len(rungs)
    assert (beauties[0], beauties[-1], weights[-1]) == (1.0, 0.0, one.ceiling)
    assert all(rung.weight == one.start for rung in rungs if rung.beauty), "another face"
    assert [rung.checkpoint for rung in rungs] == sorted(rung.checkpoint for rung in rungs)
    if one.ceiling > one.start:
        assert rungs[-1].checkpoint == len(one.blobs) - 1
    here = next(at for at, rung in enumerate(rungs) if rung == LadderRung(one.best, one.start, 0.3))
    steps = [neighbour(one, by - here) for by in range(len(rungs))]
    assert tuple(steps) == rungs
    assert neighbour(one, -here - 1) is None is neighbour(one, len(rungs) - here)
