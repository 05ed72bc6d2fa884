from datetime import timedelta

import pytest

from shop.avatars.avatars import TRAIN
from shop.errors import NotAllowed
from shop.job_kinds import JOB_KINDS
from shop.jobs import jobs
from shop.photos.photos import CHECK
from shop.records import Job, JobState, OutboxMessage, UserId

USER = UserId("u1")


@pytest.fixture
async def job(tx, now):
    return await jobs.enqueue(tx, TRAIN, "a1", USER, now)


def after(now, seconds):
    return now + timedelta(seconds=seconds)


async def test_a_job_leaves_its_wake_up(tx, job):
    [message] = await tx.find(OutboxMessage)
    assert (message.queue, message.name) == (TRAIN.name, jobs.WAKE_UP)
    assert message.payload == {"job": job.id}


async def test_one_worker_at_a_time(tx, job, now):
    leased = await jobs.lease(tx, job.id, "w1", now, 30)

    assert leased.state is JobState.RUNNING
    assert (leased.attempts, leased.worker, leased.started_at) == (1, "w1", now)
    assert await jobs.lease(tx, job.id, "w2", after(now, 29), 30) is None
    assert await jobs.lease(tx, job.id, "w1", after(now, 29), 30) is None  # itself, woken up twice


async def test_a_dead_workers_job_goes_to_another(tx, job, now):
    mine = await jobs.lease(tx, job.id, "w1", now, 30)
    theirs = await jobs.lease(tx, job.id, "w2", after(now, 30), 30)

    assert (theirs.worker, theirs.attempts) == ("w2", 2)
    assert not await jobs.heartbeat(tx, mine, "w1", after(now, 31), 30)
    assert not await jobs.hand_back(tx, mine, "w1", after(now, 31))
    assert await jobs.heartbeat(tx, theirs, "w2", after(now, 31), 30)


async def test_a_worker_that_came_back_under_its_old_name_is_another(tx, job, now):
    before = await jobs.lease(tx, job.id, "w1", now, 30)
    await jobs.lease(tx, job.id, "w1", after(now, 30), 30)

    assert not await jobs.heartbeat(tx, before, "w1", after(now, 31), 30)


async def test_heartbeats_prolong_the_lease_and_tell_the_progress(tx, job, now):
    leased = await jobs.lease(tx, job.id, "w1", now, 30)
    await jobs.heartbeat(
        tx, leased, "w1", after(now, 20), 30, stage="training", step=5, steps=9, seconds_left=44.0
    )

    beaten = await tx.get(Job, job.id)
    assert (beaten.stage, beaten.step, beaten.steps, beaten.seconds_left) == ("training", 5, 9, 44)
    assert await jobs.lease(tx, job.id, "w2", after(now, 49), 30) is None


async def test_what_has_ended_stays_as_it_ended(tx, job, now):
    await jobs.lease(tx, job.id, "w1", now, 30)
    done = await jobs.end(tx, job, JobState.DONE, after(now, 10))

    assert await jobs.end(tx, job, JobState.FAILED, after(now, 20), "late") == done
    assert await jobs.lease(tx, job.id, "w2", after(now, 99), 30) is None
    with pytest.raises(NotAllowed):
        await jobs.transition(tx, job, JobState.RUNNING, now)


async def test_dead_workers_poison_a_job_in_the_end(tx, job, now):
    last = jobs.MAX_ATTEMPTS * 30
    for attempt in range(jobs.MAX_ATTEMPTS):
        assert await jobs.lease(tx, job.id, f"w{attempt}", after(now, attempt * 30), 30)
    fresh = await tx.get(Job, job.id)

    assert not jobs.poisoned(fresh, after(now, last - 1))  # the last one is still alive
    assert jobs.poisoned(fresh, after(now, last))
    assert await jobs.lease(tx, job.id, "w", after(now, last), 30) is None


async def test_an_orderly_shutdown_does_not_poison(tx, job, now):
    for _ in range(9):
        leased = await jobs.lease(tx, job.id, "w1", now, 30)
        assert await jobs.hand_back(tx, leased, "w1", now, counted=False)

    assert (await tx.get(Job, job.id)).attempts == 0


@pytest.mark.parametrize(
    ("failed", "most"), [(True, jobs.MAX_FAILURES), (False, jobs.MAX_ATTEMPTS)]
)
async def test_a_counted_return_does_and_is_not_tried_again_at_once(tx, job, now, failed, most):
    """Sooner where it failed on a host that was well."""
    for attempt in range(most):
        assert not jobs.poisoned(await tx.get(Job, job.id), after(now, 5 * attempt))
        leased = await jobs.lease(tx, job.id, "w1", after(now, 5 * attempt), 30)
        await jobs.hand_back(tx, leased, "w1", after(now, 5 * attempt), delay=5, failed=failed)
        assert not jobs.leasable(await tx.get(Job, job.id), after(now, 5 * attempt + 4))

    assert jobs.poisoned(await tx.get(Job, job.id), after(now, 5 * most))
    assert [one.id for one in await jobs.dead(tx, after(now, 5 * most))] == [job.id]


async def test_whoever_waits_already_stands_behind_themselves(tx, job, now):
    """And, handed back, on their old place."""
    second = await jobs.enqueue(tx, TRAIN, "a2", USER, now)
    other = await jobs.enqueue(tx, TRAIN, "b1", UserId("u2"), after(now, 9))
    assert (job.fair_queue_at, other.fair_queue_at) == (now, after(now, 9))
    assert second.fair_queue_at == now + TRAIN.quantum
    leased = await jobs.lease(tx, job.id, "w1", after(now, 60), 30)
    await jobs.hand_back(tx, leased, "w1", after(now, 61))
    assert (await tx.get(Job, job.id)).fair_queue_at == now
    await jobs.end(tx, job, JobState.DONE, after(now, 99))
    await jobs.end(tx, second, JobState.DONE, after(now, 99))
    fresh = await jobs.enqueue(tx, TRAIN, "a3", USER, after(now, 100))
    assert fresh.fair_queue_at == after(now, 100)


async def test_the_dead_are_those_whose_lease_ran_out_or_whose_attempts_are_used_up(tx, job, now):
    leased = await jobs.lease(tx, job.id, "w1", now, 30)
    assert await jobs.dead(tx, after(now, 29)) == []
    assert await jobs.dead(tx, after(now, 31)) == [leased]
    for second in range(jobs.MAX_ATTEMPTS):
        held = await jobs.lease(tx, job.id, "w1", after(now, 31 * (second + 1)), 30)
        if held:
            await jobs.hand_back(tx, held, "w1", after(now, 31 * (second + 1)))
    assert [one.id for one in await jobs.dead(tx, after(now, 31 * 3))] == [job.id]


async def test_ended_looks_are_forgotten_and_an_orders_own_jobs_are_not(tx, now):
    done, waits = [await jobs.enqueue(tx, CHECK, f"p{n}", USER, now) for n in range(2)]
    trained = await jobs.enqueue(tx, TRAIN, "a1", USER, now)
    for one in (done, trained):
        await jobs.end(tx, one, JobState.DONE, now)

    assert await jobs.prune(tx, JOB_KINDS.values(), now + jobs.KEPT) == 0
    assert await jobs.prune(tx, JOB_KINDS.values(), now + jobs.KEPT + timedelta(hours=1)) == 1
    assert {job.id for job in await tx.find(Job)} == {waits.id, trained.id}
