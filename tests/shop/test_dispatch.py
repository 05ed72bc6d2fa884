"""Whatever kills workers ends in an apology, and in money back where money was paid."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.job_kinds import JOB_KINDS
from shop.jobs import dispatch, jobs
from shop.jobs.kinds import JobKinds
from shop.jobs.scheduler import SchedulingRules
from shop.money import ledger
from shop.photos.photos import CHECK
from shop.records import (
    Avatar,
    AvatarState,
    Flaw,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    PhotoState,
    Shoot,
    ShootState,
    UserId,
    Worker,
)
from tests.shop.conftest import GRANTED, SHOOT, Shop


async def kill_workers(tx, ref, now):
    """Lease the job on ``ref`` as often as allowed, each time by a worker that dies."""
    [job] = await tx.find(Job, ref=ref)
    for _ in range(jobs.MAX_ATTEMPTS):
        assert await jobs.lease(tx, job.id, "w", now, 30)
        now += timedelta(seconds=31)
    return job, now


async def give_up_poisoned(shop, later):
    """A worker comes by, leases none of them, and gives them up."""
    spec = dispatch.WorkerSpec("w", frozenset(JOB_KINDS.values()), 30, SchedulingRules())
    offer = await dispatch.lease_next(shop.tx, JOB_KINDS, spec, (), later)
    assert offer.leased is None or offer.leased.kind.name not in {
        job.kind for job in offer.poisoned
    }
    for job in offer.poisoned:
        await dispatch.give_up(shop.tx, job, JOB_KINDS[job.kind], dispatch.POISONED, later)


async def test_a_poisoned_training_is_refunded(shop):
    order, avatar = await shop.paid()
    job, later = await kill_workers(shop.tx, avatar.id, shop.now)
    await give_up_poisoned(shop, later)

    assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.FAILED
    assert (await shop.tx.get(Order, order.id)).state is OrderState.REFUNDING
    ended = await shop.tx.get(Job, job.id)
    assert (ended.state, ended.error) == (JobState.FAILED, dispatch.POISONED)
    assert await jobs.lease(shop.tx, job.id, "w", later, 30) is None
    assert await shop.tx.count(OutboxMessage, name="refund") == 1


async def test_a_poisoned_shoot_gives_its_credits_back(shop):
    order, _, first = await shop.ready()
    _, later = await kill_workers(shop.tx, first.id, shop.now)
    await give_up_poisoned(shop, later)

    assert (await shop.tx.get(Shoot, first.id)).state is ShootState.FAILED
    assert await ledger.balance(shop.tx, order.user_id) == GRANTED + SHOOT


async def test_a_poisoned_photo_is_not_counted(shop):
    photo = await shop.photo(await shop.collecting(), 1)
    _, later = await kill_workers(shop.tx, photo.id, shop.now)
    await give_up_poisoned(shop, later)

    judged = await shop.tx.get(Photo, photo.id)
    assert (judged.state, judged.flaw) == (PhotoState.REJECTED, Flaw.UNREADABLE)


async def test_a_job_whose_subject_is_gone_ends(shop):
    job = await jobs.enqueue(shop.tx, CHECK, "gone", "u", shop.now)
    await dispatch.give_up(shop.tx, job, CHECK, "poisoned", shop.now)
    assert (await shop.tx.get(Job, job.id)).state is JobState.FAILED


STUDIO = frozenset({TRAIN, PAINT})


async def lease_next(tx, spec, busy, now):
    return (await dispatch.lease_next(tx, JOB_KINDS, spec, busy, now)).leased


def hand(name, **rules):
    return dispatch.WorkerSpec(name, STUDIO, 30, SchedulingRules(**rules))


async def test_what_is_taken_together_is_leased_together(database, now):
    async with database.begin() as tx:
        shop = Shop(tx, now)
        made = []
        for number in range(3):
            made.append((await shop.paid(f"p{number}"))[1])
            shop.now += timedelta(seconds=1)
        now = shop.now
        taken = await lease_next(tx, hand("w1", background_batch=2), [], now)
        assert {job.ref for job in taken.jobs} == {made[0].id, made[1].id}
        assert {(job.worker, job.attempts) for job in taken.jobs} == {("w1", 1)}
        assert (taken.base, taken.exclusive) == (made[0].base, False)
        assert await lease_next(tx, hand("w1", background_batch=2), [taken], now) is None
        (last,) = (await lease_next(tx, hand("w2", background_batch=2), [], now)).jobs
        assert last.ref == made[2].id


async def test_a_worker_of_some_bases_finds_its_work_behind_a_window_of_others(
    database, now, monkeypatch
):
    """Without that it would take another base's job, fail for its weights, and give it back."""
    monkeypatch.setattr(dispatch, "WINDOW", 2)
    async with database.begin() as tx:
        shop = Shop(tx, now)
        for number in range(5):
            await shop.paid(f"p{number}")
            shop.now += timedelta(seconds=1)
        _, mine = await shop.paid("mine")
        await tx.put(replace(mine, base="flux2-klein"))
        flux = replace(hand("w1"), bases=frozenset({"flux2-klein"}))
        taken = await lease_next(tx, flux, [], shop.now)
        assert [job.ref for job in taken.jobs] == [mine.id]
        assert await lease_next(tx, replace(flux, name="w2"), [], shop.now) is None
        assert await lease_next(tx, hand("w3"), [], shop.now)


async def test_workers_know_of_each_other_what_they_have_in_memory(database, now):
    """A portrait is left to the idle worker that has its avatar in memory; for a moment."""
    async with database.begin() as tx:
        shop = Shop(tx, now)
        _, avatar, first = await shop.ready()
        assert (await lease_next(tx, hand("w1"), [], now)).kind is PAINT
        assert (await tx.get(Worker, "w1")).recent_avatars == (avatar.id,)
        await jobs.end_of(tx, PAINT, first.id, JobState.DONE, now)
        await jobs.enqueue(tx, PAINT, first.id, avatar.user_id, now)
        assert await lease_next(tx, hand("w2"), [], now) is None
        later = now + timedelta(seconds=2)
        assert (await lease_next(tx, hand("w2"), [], later)).jobs[0].worker == "w2"
        await dispatch.deregister(tx, hand("w2"), later)
        assert [worker.id for worker in await tx.find(Worker)] == ["w1"]


async def test_an_offer_says_when_it_may_change_by_itself(database, now):
    """After the grace of a portrait that is left to another, and when a failed job may be tried."""
    async with database.begin() as tx:
        shop = Shop(tx, now)
        await shop.ready()
        offer = await dispatch.lease_next(tx, JOB_KINDS, hand("w1"), [], now)
        await jobs.hand_back(tx, offer.leased.jobs[0], "w1", now, delay=5)
        offer = await dispatch.lease_next(tx, JOB_KINDS, hand("w2"), [], now)
        assert offer == dispatch.LeaseResult(None, now, now + timedelta(seconds=5))


async def test_an_offer_says_when_a_workers_lease_would_run_out(database, now):
    """So that a dead worker's job does not wait for the next fallback look."""
    async with database.begin() as tx:
        shop = Shop(tx, now)
        await shop.paid()
        assert await lease_next(tx, hand("w1"), [], now) is not None
        offer = await dispatch.lease_next(tx, JOB_KINDS, hand("w2"), [], now)
        assert offer == dispatch.LeaseResult(None, now, now + timedelta(seconds=30))
        later = now + timedelta(seconds=30)
        assert (await lease_next(tx, hand("w2"), [], later)).jobs[0].worker == "w2"


async def test_one_that_cannot_be_given_up_does_not_keep_the_others(
    database, clock, now, monkeypatch
):
    async with database.begin() as tx:
        shop = Shop(tx, now)
        order, avatar = await shop.paid()
        photo = await shop.photo(await shop.collecting(platform_id="b"), 1)
        for ref in (avatar.id, photo.id):
            _, clock.now = await kill_workers(tx, ref, now)

    async def broken(*_):
        raise ZeroDivisionError

    kinds = JobKinds((TRAIN, replace(CHECK, give_up=broken)))
    for given_up in (1, 0):
        assert await dispatch.give_up_poisoned(database, kinds) == given_up
    async with database.begin() as tx:
        assert (await tx.get(Order, order.id)).state is OrderState.REFUNDING


@pytest.mark.parametrize("times", [1, 3])
async def test_the_poisoned_are_found_without_a_worker(database, clock, now, times):
    """Also when no worker ever comes by them again."""
    async with database.begin() as tx:
        shop = Shop(tx, now)
        order, avatar = await shop.paid()
        _, clock.now = await kill_workers(tx, avatar.id, now)
    for _ in range(times):
        await dispatch.give_up_poisoned(database, JOB_KINDS)

    async with database.begin() as tx:
        assert (await tx.get(Order, order.id)).state is OrderState.REFUNDING
        assert await tx.count(OutboxMessage, name="refund") == 1


@pytest.mark.parametrize(
    ("floods", "seconds", "arrives"),
    [
        (1, 0.3, 0), (1, 0.3, 13), (1, 1, 13), (1, 7, 61), (1, 60, 61),
        (3, 1, 13), (3, 7, 13), (3, 20, 61),
    ],
)  # fmt: skip
async def test_a_flood_of_photos_delays_anothers_first_by_one_job_each(
    tx, now, floods, seconds, arrives
):
    """However slowly they are looked at, and whenever the other one comes."""
    spec = dispatch.WorkerSpec("w", frozenset({CHECK}), 300, SchedulingRules())
    for number in range(200 if floods == 1 else 80 * floods):
        await jobs.enqueue(tx, CHECK, f"flood-{number}", UserId(f"mallory-{number % floods}"), now)
    at, ahead, came = now, [], None
    while True:
        if came is None and at >= now + timedelta(seconds=arrives):
            came = await jobs.enqueue(tx, CHECK, "first", UserId("anna"), at)
        result = await dispatch.lease_next(tx, JOB_KINDS, spec, (), at)
        if result.leased is None:  # the flood was over before Anna came
            at = now + timedelta(seconds=arrives)
            continue
        (job,) = result.leased.jobs
        if job.ref == "first":
            break
        if came is not None:
            ahead.append(job.user_id)
        at += timedelta(seconds=seconds)
        await jobs.end(tx, job, JobState.DONE, at)
    assert len(ahead) == len(set(ahead)) <= floods


async def test_two_people_with_many_photos_take_turns(tx, now):
    spec = dispatch.WorkerSpec("w", frozenset({CHECK}), 300, SchedulingRules())
    for user in ("mallory", "anna"):
        for number in range(20):
            await jobs.enqueue(tx, CHECK, f"{user}-{number}", UserId(user), now)
    turns = []
    for second in range(40):
        at = now + timedelta(seconds=second)
        result = await dispatch.lease_next(tx, JOB_KINDS, spec, (), at)
        (job,) = result.leased.jobs
        turns.append(job.user_id)
        await jobs.end(tx, job, JobState.DONE, at)
    assert all({turns[at], turns[at + 1]} == {"mallory", "anna"} for at in range(0, 40, 2))
