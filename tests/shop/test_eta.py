from dataclasses import replace
from datetime import timedelta

import pytest

from shop.avatars.avatars import TRAIN
from shop.clips.filming import VIDEO
from shop.job_kinds import JOB_KINDS
from shop.jobs import eta
from shop.jobs.kinds import Needs, SchedulingClass
from shop.records import Job, JobId, JobState, UserId, Worker, new_id


@pytest.fixture
def add(tx, now):
    """Put a job there, ``ago`` seconds old."""

    async def add(state=JobState.WAITING, ago=0.0, took=None, **changes):
        created = now - timedelta(seconds=ago)
        kind = changes.pop("kind", TRAIN.name)
        job = Job(JobId(new_id()), kind, new_id(), UserId("u"), state, created)
        if state is JobState.RUNNING:
            until = now + timedelta(seconds=20)
            job = replace(job, worker="w1", attempts=1, started_at=created, lease_until=until)
        if took is not None:
            ended = created + timedelta(seconds=took)
            job = replace(job, worker="w1", started_at=created, ended_at=ended)
        job = replace(job, **changes)
        await tx.add(job)
        return job

    return add


@pytest.fixture(autouse=True)
async def worker(tx, now):
    """One is there, idle, if no test says otherwise."""
    idle = Worker("w1", (TRAIN.name,), now)
    await tx.add(idle)
    return idle


async def test_without_a_worker_nothing_is_promised(tx, add, now, worker):
    """Whatever was measured before: whoever is to do it is not there."""
    await add(JobState.DONE, ago=600, took=100)
    mine = await add()
    assert (await eta.queue_position(tx, mine, TRAIN, now)).attended
    await tx.remove(Worker, id=worker.id)
    waiting = await eta.queue_position(tx, mine, TRAIN, now)
    assert (waiting.seconds, waiting.attended) == (None, False)
    await add(JobState.RUNNING, ago=9, seconds_left=40.0)
    assert (await eta.queue_position(tx, mine, TRAIN, now)).attended


async def test_nothing_measured_is_nothing_promised(tx, add, now):
    await add(ago=5)
    mine = await add()
    standing = await eta.queue_position(tx, mine, TRAIN, now)

    assert (standing.position, standing.ahead, standing.running) == (2, 1, False)
    assert standing.seconds is None
    assert await eta.forecast(tx, TRAIN, now) is None


async def test_the_median_of_recent_jobs_for_each_before_and_oneself(tx, add, now):
    for took in (80, 100, 130):
        await add(JobState.DONE, ago=600 + took, took=took)
    await add(ago=9)
    await add(ago=8)
    mine = await add()
    standing = await eta.queue_position(tx, mine, TRAIN, now)

    assert standing.position == 3
    span = standing.seconds
    assert span.likely == pytest.approx(2 * 103 + 100, abs=8)
    assert 200 < span.low < 285
    assert 325 < span.high < 420


async def test_a_running_jobs_own_word_counts(tx, add, now):
    await add(JobState.DONE, ago=600, took=100)
    await add(JobState.RUNNING, ago=90, seconds_left=40.0)
    mine = await add()
    standing = await eta.queue_position(tx, mine, TRAIN, now)

    assert (standing.position, standing.ahead) == (1, 1)
    assert standing.seconds.likely == pytest.approx(140, abs=1)


async def test_without_a_word_of_its_own_the_elapsed_time_is_taken_off(tx, add, now):
    await add(JobState.DONE, ago=600, took=100)
    await add(JobState.RUNNING, ago=30)
    mine = await add()

    assert (await eta.queue_position(tx, mine, TRAIN, now)).seconds.likely == pytest.approx(
        170, abs=1
    )


async def test_the_first_job_of_all_measures_itself(tx, add, now):
    running = await add(JobState.RUNNING, ago=60, seconds_left=40.0)
    mine = await add()

    span = (await eta.queue_position(tx, running, TRAIN, now)).seconds
    assert span.likely == pytest.approx(40, abs=1)
    assert 25 < span.low < 40 < span.high < 55
    assert (await eta.queue_position(tx, mine, TRAIN, now)).seconds.likely == pytest.approx(
        140, abs=1
    )


async def test_two_workers_halve_the_queue(tx, add, now):
    """Those that gave a sign of life lately, and do such work."""
    await tx.remove(Worker, id="w1")
    await add(JobState.DONE, ago=300, took=100)
    for name, queue, ago in (
        ("w1", TRAIN.name, 9),
        ("w2", TRAIN.name, 50),
        ("w3", TRAIN.name, 70),
        ("w4", "", 1),
    ):
        await tx.add(Worker(name, (queue,), now - timedelta(seconds=ago)))
    for ago in (9, 8, 7):
        await add(ago=ago)
    mine = await add()

    assert (await eta.queue_position(tx, mine, TRAIN, now)).seconds.likely == pytest.approx(
        200, abs=2
    )


async def test_trainings_that_were_done_together_are_foretold_together(tx, add, now):
    for _ in range(4):
        await add(JobState.DONE, ago=600, took=200)
    for ago in (9, 8, 7, 6, 5):
        await add(ago=ago)
    mine = await add()

    assert (await eta.queue_position(tx, mine, TRAIN, now)).seconds.likely == pytest.approx(
        400, abs=4
    )


async def test_whoever_asked_for_much_stands_behind_others(tx, add, now):
    """By turn, as they will be served, not by when they came."""
    await add(JobState.DONE, ago=600, took=100)
    await add(ago=50, fair_queue_at=now - timedelta(seconds=50))
    await add(ago=50, fair_queue_at=now + timedelta(seconds=3000))
    mine = await add(ago=1, fair_queue_at=now - timedelta(seconds=1))

    assert (await eta.queue_position(tx, mine, TRAIN, now)).position == 2
    assert (await eta.forecast(tx, TRAIN, now)).likely == pytest.approx(300, abs=3)


async def test_a_dead_lease_serves_nobody(tx, add, now):
    await add(JobState.DONE, ago=300, took=100)
    await add(JobState.RUNNING, ago=50, lease_until=now, seconds_left=3.0)
    mine = await add()
    standing = await eta.queue_position(tx, mine, TRAIN, now)

    assert standing.position == 2
    assert standing.seconds.likely == pytest.approx(200, abs=2)


async def test_failed_and_old_jobs_measure_nothing(tx, add, now):
    await add(JobState.FAILED, ago=300, took=1)
    for _ in range(40):
        await add(JobState.DONE, ago=300, took=100)
    await add(JobState.DONE, ago=9000, took=5000)

    assert (await eta.forecast(tx, TRAIN, now)).likely == pytest.approx(100, abs=1)


async def test_another_kind_that_takes_turns_with_it_is_waited_for(tx, add, now, worker):
    """A worker does one background job at a time, whatever its kind."""
    await tx.put(replace(worker, kinds=(TRAIN.name, VIDEO.name)))
    await add(JobState.DONE, ago=900, took=100)
    await add(JobState.DONE, ago=900, took=30, kind=VIDEO.name)
    await add(JobState.RUNNING, ago=60, seconds_left=40.0)
    await add(ago=50)
    clip = await add(ago=20, kind=VIDEO.name)
    behind = await add(ago=5)
    told = await eta.queue_position(tx, clip, VIDEO, now)
    assert (told.position, told.seconds.likely) == (1, pytest.approx(40 + 100 + 30, abs=3))
    told = await eta.queue_position(tx, behind, TRAIN, now)
    assert told.seconds.likely == pytest.approx(40 + 100 + 30 + 100, abs=4)
    assert (await eta.forecast(tx, VIDEO, now)).likely == pytest.approx(40 + 200 + 60, abs=5)


async def test_what_other_workers_do_is_not_waited_for(tx, add, now):
    await tx.add(Worker("w2", (VIDEO.name,), now))
    await add(JobState.DONE, ago=900, took=100)
    await add(JobState.DONE, ago=900, took=30, kind=VIDEO.name)
    await add(ago=50)
    clip = await add(ago=20, kind=VIDEO.name)
    told = await eta.queue_position(tx, clip, VIDEO, now)
    assert told.seconds.likely == pytest.approx(30, abs=1)


async def test_only_workers_of_its_base_are_counted_and_what_they_do(tx, add, now, worker):
    """A fleet of another base neither helps nor is waited for."""

    async def needs(tx, refs):
        return {ref: Needs(base=ref[0]) for ref in refs}

    train = replace(TRAIN, needs=needs)
    await tx.put(replace(worker, bases=("a",)))
    for name in ("w2", "w3", "w4"):
        await tx.add(Worker(name, (TRAIN.name,), now, bases=("b",)))
    await add(JobState.DONE, ago=900, took=100)
    for ref in ("a1", "a2", "b1", "b2", "b3"):
        await add(ago=50, ref=ref)
    mine, orphan = await add(ago=1, ref="a3"), await add(ago=9, ref="c1")
    told = await eta.queue_position(tx, mine, train, now)
    assert (told.position, told.seconds.likely) == (3, pytest.approx(300, abs=3))
    told = await eta.queue_position(tx, orphan, train, now)
    assert (told.position, told.seconds, told.attended) == (1, None, False)
    assert (await eta.forecast(tx, train, now, "b")).likely == pytest.approx(200, abs=3)
    assert not (await eta.promise(tx, train, now, "c")).attended
    await tx.add(Worker("w5", (TRAIN.name,), now))  # of every base
    told = await eta.queue_position(tx, mine, train, now)
    assert told.position == 7, "it may take any of them first"


def test_background_kinds_know_each_other():
    background = {
        kind.name for kind in JOB_KINDS.values() if kind.scheduling is SchedulingClass.BACKGROUND
    }
    for kind in JOB_KINDS.values():
        rivals = background - {kind.name} if kind.name in background else set()
        assert kind.rivals == rivals, kind.name
