"""What the worker's front door needs of every queue alike: take jobs, give one up, sweep.

Here :mod:`shop.jobs.scheduler` meets the rows: who waits, and who else is at work. Here also a
poisoned job finds the noun that it was for, so that each ends in an apology and, where money is
involved, in money back: never in a loop.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shop.avatars import avatars, portraits
from shop.jobs import jobs, scheduler
from shop.jobs.eta import ALIVE
from shop.jobs.scheduler import QueuedJob, SchedulingRules, WorkerState
from shop.photos import photos
from shop.ports import Above, Below, Database, OneOf, Tx, WakeUp
from shop.records import (
    Avatar,
    AvatarId,
    Job,
    JobId,
    JobQueue,
    JobState,
    Photo,
    Shoot,
    Worker,
)

POISONED: Final = "poisoned"
WINDOW: Final = 200  # first of a line that are looked at; those behind come nearer
SIGN: Final = timedelta(seconds=10)  # between two signs of life of a worker that has nothing to do
FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A worker as it asks for work: which queues it does, and for how many seconds it leases."""

    name: str
    kinds: frozenset[JobQueue]
    lease_seconds: float
    rules: SchedulingRules


@dataclass(frozen=True, slots=True)
class LeasedJobs:
    """Jobs of one queue, leased together. ``alone``: nothing may be done beside them."""

    kind: JobQueue
    jobs: tuple[Job, ...]
    base: str
    alone: bool


async def lease_or_give_up(
    tx: Tx, job_id: JobId, worker: str, now: datetime, seconds: float
) -> Job | None:
    """Lease the job. None: nothing to do here. A poisoned one is given up in passing."""
    job = await tx.get(Job, job_id)
    if job is not None and jobs.poisoned(job, now):
        await give_up(tx, job, POISONED, now)
        return None
    return await jobs.lease(tx, job_id, worker, now, seconds)


async def lease_next(
    tx: Tx, hand: WorkerSpec, busy: Sequence[LeasedJobs], now: datetime
) -> LeasedJobs | None:
    """Lease what the policy gives this worker beside what it is ``busy`` with. None: nothing now,
    ask again when something ended, when it is rung for, or in a second.
    """
    free = hand.kinds - {taken.kind for taken in busy}
    line = await _line(tx, free, now)
    me = await tx.get(Worker, hand.name)
    place = _place(hand, busy, me.recent_avatars if me else ())
    others = await _others(tx, hand.name, now) if line else []
    chosen = scheduler.choose(place, line, others, hand.rules, now)
    leased = [
        await lease_or_give_up(tx, one.job, hand.name, now, hand.lease_seconds) for one in chosen
    ]
    worn = [ticket.wears for ticket in chosen if ticket.wears]
    await _sign(tx, hand, me, worn, now)
    got = tuple(job for job in leased if job is not None)
    if not got:
        return None
    return LeasedJobs(chosen[0].kind, got, chosen[0].base, alone=any(one.tried for one in chosen))


async def deregister(tx: Tx, hand: WorkerSpec, now: datetime) -> None:
    """The worker goes home, and whoever was forgotten with it."""
    await tx.remove(Worker, id=hand.name)
    await tx.remove(Worker, seen_at=Below(now - FORGOTTEN))


async def give_up(tx: Tx, job: Job, why: str, now: datetime) -> None:
    """The job will never succeed: end what it was for as kindly as can be. Twice is once.

    A photo is not counted; an avatar fails, with its money back; a shoot's credits are released.
    """
    match job.kind:
        case JobQueue.CHECK:
            if photo := await tx.get(Photo, job.ref):
                await photos.give_up(tx, photo, now, why)
        case JobQueue.TRAIN:
            if avatar := await tx.get(Avatar, AvatarId(job.ref)):
                await avatars.fail(tx, avatar, why, now)
        case JobQueue.PAINT:
            if shoot := await tx.get(Shoot, job.ref):
                await portraits.fail(tx, shoot, why, now)
        case JobQueue.CHAT:
            pass  # errands are no jobs
    await jobs.end(tx, job, JobState.FAILED, now, why)


async def sweep(database: Database, queue: WakeUp, now: datetime) -> int:
    """Ring again for lost jobs, give poisoned ones up; says how many. For every few seconds."""
    async with database.begin() as tx:
        lost = await jobs.lost(tx, now)
    for job in lost:
        if jobs.poisoned(job, now):
            async with database.begin() as tx:
                await give_up(tx, job, POISONED, now)
        else:
            await queue.ring(job.kind, "work", {"job": job.id}, key=jobs.ring_key(job, now))
    return len(lost)


async def _line(tx: Tx, queues: Collection[JobQueue], now: datetime) -> list[QueuedJob]:
    """Whoever may be taken now, of each queue the first. Poisoned ones are given up in passing."""
    line: list[QueuedJob] = []
    for queue in sorted(queues):
        waiting = await tx.find(
            Job, kind=queue, state=JobState.WAITING, order="fair_queue_at", limit=WINDOW
        )
        dead = await tx.find(Job, kind=queue, state=JobState.RUNNING, lease_until=Below(now))
        able = [job for job in (*dead, *waiting) if jobs.leasable(job, now)]
        for job in [job for job in able if jobs.poisoned(job, now)]:
            await give_up(tx, job, POISONED, now)
        line += await _tickets(tx, queue, [job for job in able if not jobs.poisoned(job, now)])
    return line


async def _tickets(tx: Tx, queue: JobQueue, able: Sequence[Job]) -> list[QueuedJob]:
    wears = dict[str, str]()
    if queue is JobQueue.PAINT and able:
        shoots = await tx.find(Shoot, id=OneOf([job.ref for job in able]))
        wears = {shoot.id: shoot.avatar_id for shoot in shoots}
    wanted = wears or {job.ref: job.ref for job in able}
    bases = dict[str, str]()
    if queue is not JobQueue.CHECK and able:
        found = await tx.find(Avatar, id=OneOf(sorted(set(wanted.values()))))
        bases = {avatar.id: avatar.base for avatar in found}
    return [
        QueuedJob(
            job.id,
            queue,
            job.fair_queue_at or job.created_at,
            bases.get(wanted.get(job.ref, ""), ""),
            wears.get(job.ref, ""),
            tried=job.attempts > 0,
        )
        for job in able
    ]


def _place(hand: WorkerSpec, busy: Sequence[LeasedJobs], wears: tuple[str, ...]) -> WorkerState:
    learning = [taken.base for taken in busy if taken.kind is JobQueue.TRAIN]
    return WorkerState(
        hand.name,
        hand.kinds,
        frozenset(taken.kind for taken in busy),
        wears,
        learning[0] if learning else "",
        alone=any(taken.alone for taken in busy),
    )


async def _others(tx: Tx, name: str, now: datetime) -> list[WorkerState]:
    """The other workers that gave a sign of life, and what they do."""
    seen = await tx.find(Worker, seen_at=Above(now - ALIVE))
    running = await tx.find(Job, state=JobState.RUNNING, lease_until=Above(now))
    return [
        WorkerState(
            worker.id,
            frozenset(JobQueue(queue) for queue in worker.kinds),
            frozenset(job.kind for job in running if job.worker == worker.id),
            worker.recent_avatars,
        )
        for worker in seen
        if worker.id != name
    ]


async def _sign(
    tx: Tx, hand: WorkerSpec, me: Worker | None, worn: Sequence[str], now: datetime
) -> None:
    """A sign of life, for :mod:`shop.jobs.eta` and for the other workers' choice."""
    if me is None:
        names = tuple(sorted(hand.kinds))
        await tx.add(Worker(hand.name, names, now, tuple(worn)))
    elif worn or now - me.seen_at >= SIGN:
        wears = tuple(dict.fromkeys((*worn, *me.recent_avatars)))[: scheduler.ADAPTERS]
        await tx.put(replace(me, seen_at=now, recent_avatars=wears))
