"""Seconds of work owed, by kind and base."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shop.avatars.avatars import TRAIN
from shop.clips.filming import FILM
from shop.jobs.kinds import Needs
from shop.jobs.owed import LEAST_SECONDS, owed_work
from shop.records import Job, JobId, JobState, UserId, new_id


async def by_ref(tx, refs):
    """The base is what a ref begins with; an erased avatar's needs are not known."""
    return {ref: Needs(ref.partition("-")[0]) for ref in refs if not ref.startswith("erased")}


TRAINING = replace(TRAIN, needs=by_ref)


@pytest.fixture
def add(tx, now):
    async def add(base, state=JobState.WAITING, ago=0.0, took=None, **changes):
        created = now - timedelta(seconds=ago)
        job = Job(JobId(new_id()), "train", f"{base}-{new_id()}", UserId("u"), state, created)
        if state is JobState.RUNNING:
            job = replace(
                job, worker="w1", attempts=1, started_at=created,
                lease_until=now + timedelta(seconds=20),
            )  # fmt: skip
        if took is not None:
            ended = created + timedelta(seconds=took)
            job = replace(job, worker="w1", started_at=created, ended_at=ended)
        await tx.add(replace(job, **changes))

    return add


async def seconds(tx, now, kind=TRAINING):
    return {one.base: (one.jobs, pytest.approx(one.seconds)) for one in await owed_work(
        tx, (kind,), now
    )}  # fmt: skip


async def test_each_base_has_its_own_lengths_and_what_was_never_measured_a_quantum(tx, add, now):
    assert await owed_work(tx, (TRAINING, FILM), now) == []
    await add("sdxl")
    (unmeasured,) = await owed_work(tx, (TRAINING, FILM), now)
    assert (unmeasured.seconds, unmeasured.measured) == (TRAIN.quantum.total_seconds(), False)

    await add("sdxl", JobState.DONE, ago=900, took=100)
    await add("sdxl", JobState.DONE, ago=700, took=200)
    await add("flux", JobState.DONE, ago=400, took=390)
    await add("sdxl")
    await add("flux")
    await add("new")  # of a base of which none has ended: as the kind's
    assert await seconds(tx, now) == {"flux": (1, 390), "new": (1, 230), "sdxl": (2, 300)}
    assert all(one.measured for one in await owed_work(tx, (TRAINING,), now))


async def test_a_batch_costs_once(tx, add, now):
    """Four trained together in 200 s are 50 s each; two under way have one remainder."""
    for _ in range(4):
        await add("sdxl", JobState.DONE, ago=900, took=200)
    await add("sdxl")
    await add("sdxl", JobState.RUNNING, ago=60)
    await add("sdxl", JobState.RUNNING, ago=60)
    assert await seconds(tx, now) == {"sdxl": (3, 50 + 140)}


async def test_what_runs_late_still_counts_and_a_dead_lease_counts_whole(tx, add, now):
    await add("sdxl", JobState.DONE, ago=900, took=100)
    await add("sdxl", JobState.RUNNING, ago=500)
    assert await seconds(tx, now) == {"sdxl": (1, LEAST_SECONDS)}
    dead = now - timedelta(seconds=1)
    await add("sdxl", JobState.RUNNING, ago=500, worker="w2", lease_until=dead)
    await add("erased")  # its avatar is gone: of no base, until somebody ends it
    assert await seconds(tx, now) == {"": (1, 100), "sdxl": (2, LEAST_SECONDS + 100)}


async def test_the_first_of_all_measures_itself(tx, add, now):
    await add("sdxl", JobState.RUNNING, ago=40, seconds_left=60.0)
    await add("sdxl")
    (owed,) = await owed_work(tx, (TRAINING,), now)
    assert owed.seconds == pytest.approx(60 + 100)
    assert owed.measured
