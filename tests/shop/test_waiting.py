from dataclasses import replace
from datetime import timedelta

import pytest

from shop import jobs
from shop.records import Job, JobId, JobQueue, JobState, UserId, new_id
from shop.waiting import Span

TRAIN = JobQueue.TRAIN


@pytest.fixture
def add(tx, now):
    """Put a job there, ``ago`` seconds old."""

    async def add(state=JobState.WAITING, ago=0.0, took=None, **changes):
        created = now - timedelta(seconds=ago)
        job = Job(JobId(new_id()), TRAIN, new_id(), UserId("u"), state, created)
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


async def test_nothing_measured_is_nothing_promised(tx, add, now):
    await add(ago=5)
    mine = await add()
    standing = await jobs.standing(tx, mine, now)

    assert (standing.position, standing.ahead, standing.running) == (2, 1, False)
    assert standing.seconds is None
    assert await jobs.forecast(tx, TRAIN, now) is None


async def test_the_median_of_recent_jobs_for_each_before_and_oneself(tx, add, now):
    for took in (80, 100, 130):
        await add(JobState.DONE, ago=600, took=took)
    await add(ago=9)
    await add(ago=8)
    mine = await add()
    standing = await jobs.standing(tx, mine, now)

    assert standing.position == 3
    assert standing.seconds == Span(3 * 90, 3 * 100, 3 * 115)


async def test_a_running_jobs_own_word_counts(tx, add, now):
    await add(JobState.DONE, ago=600, took=100)
    await add(JobState.RUNNING, ago=90, seconds_left=40.0)
    mine = await add()
    standing = await jobs.standing(tx, mine, now)

    assert (standing.position, standing.ahead) == (1, 1)
    assert standing.seconds.likely == 140


async def test_without_a_word_of_its_own_the_elapsed_time_is_taken_off(tx, add, now):
    await add(JobState.DONE, ago=600, took=100)
    await add(JobState.RUNNING, ago=30)
    mine = await add()

    assert (await jobs.standing(tx, mine, now)).seconds.likely == 170


async def test_the_first_job_of_all_measures_itself(tx, add, now):
    running = await add(JobState.RUNNING, ago=60, seconds_left=40.0)
    mine = await add()

    assert (await jobs.standing(tx, running, now)).seconds == Span(40, 40, 40)
    assert (await jobs.standing(tx, mine, now)).seconds.likely == 140


async def test_two_workers_halve_the_queue(tx, add, now):
    await add(JobState.DONE, ago=300, took=100)
    await add(JobState.DONE, ago=300, took=100, worker="w2")
    for ago in (9, 8, 7):
        await add(ago=ago)
    mine = await add()

    assert (await jobs.standing(tx, mine, now)).seconds.likely == 200


async def test_a_dead_lease_serves_nobody(tx, add, now):
    await add(JobState.DONE, ago=300, took=100)
    await add(JobState.RUNNING, ago=50, lease_until=now, seconds_left=3.0)
    mine = await add()
    standing = await jobs.standing(tx, mine, now)

    assert (standing.position, standing.seconds.likely) == (2, 200)


async def test_failed_and_old_jobs_measure_nothing(tx, add, now):
    await add(JobState.FAILED, ago=300, took=1)
    for _ in range(20):
        await add(JobState.DONE, ago=300, took=100)
    await add(JobState.DONE, ago=9000, took=5000)

    assert (await jobs.forecast(tx, TRAIN, now)).likely == 100
