"""Work owed to customers, leased by workers: the row is the truth, arq only rings the bell.

A worker leases a job for some seconds and beats while it works; which job it takes is said by
:mod:`shop.jobs.scheduler`, asked by :mod:`shop.jobs.dispatch`. One that was killed stops beating;
when its lease has run out another may lease the job, so a job is done at least once and whatever
ends it (``avatars.finish``, ``portraits.fail`` ...) does nothing the second time. After
:data:`MAX_ATTEMPTS` dead leases it is poisoned: :mod:`shop.jobs.dispatch` ends it kindly.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shop.errors import NotFound
from shop.jobs import outbox, scheduler
from shop.ports import Below, OneOf, Tx
from shop.records import Job, JobId, JobQueue, JobState, UserId, new_id
from shop.transitions import check

MAX_ATTEMPTS: Final = 3
UNHEARD: Final = timedelta(seconds=60)  # a waiting job this old may have lost its ring
RERING: Final = timedelta(minutes=5)  # at most one repeated ring per attempt in this time
ENDED: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})

TRANSITIONS: Final[Mapping[JobState, frozenset[JobState]]] = {
    JobState.WAITING: frozenset({JobState.RUNNING}) | ENDED,
    JobState.RUNNING: frozenset({JobState.RUNNING, JobState.WAITING}) | ENDED,
}
"""WAITING may end without having run: an undisturbed first worker finished it meanwhile."""


async def move(tx: Tx, job: Job, state: JobState, now: datetime, **changes: object) -> Job:
    """The one way by which a job changes state; ``changes`` are fields of :class:`Job`.

    Raises :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    fresh = await _locked(tx, job.id)
    check(TRANSITIONS, fresh.state, state)
    if state in ENDED:
        changes |= {"ended_at": now, "lease_until": None, "seconds_left": None}
    moved = replace(fresh, state=state, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


async def enqueue(tx: Tx, queue: JobQueue, ref: str, user_id: UserId, now: datetime) -> Job:
    """Owe a piece of work, and ring for it after the commit."""
    turn = scheduler.fair_queue_at(queue, now, await _last_turn(tx, queue, user_id))
    job = Job(JobId(new_id()), queue, ref, user_id, JobState.WAITING, now, fair_queue_at=turn)
    await tx.add(job)
    await outbox.enqueue(tx, queue, "work", {"job": job.id}, now, key=f"work:{job.id}:0")
    return job


def leasable(job: Job, now: datetime) -> bool:
    """Whether nobody works at it, and one may: it waits (for a moment after it failed nobody may
    take it), or its worker stopped beating.
    """
    owed = job.state in (JobState.WAITING, JobState.RUNNING)
    return owed and (job.lease_until is None or job.lease_until <= now)


def poisoned(job: Job, now: datetime) -> bool:
    """Whether it has killed :data:`MAX_ATTEMPTS` workers: a further one would die as well."""
    return leasable(job, now) and job.attempts >= MAX_ATTEMPTS


async def lease(tx: Tx, job_id: JobId, worker: str, now: datetime, seconds: float) -> Job | None:
    """Take the job for ``seconds``. None: it is ended, another works at it, or it is poisoned.

    Workers call :func:`shop.jobs.dispatch.lease_or_give_up`, which also ends a poisoned one.
    """
    job = await tx.get(Job, job_id, lock=True)
    if job is None or not leasable(job, now) or poisoned(job, now):
        return None
    return await move(
        tx, job, JobState.RUNNING, now,
        attempts=job.attempts + 1, worker=worker, started_at=now,
        lease_until=now + timedelta(seconds=seconds),
        stage="", step=0, steps=0, seconds_left=None,
    )  # fmt: skip


async def heartbeat(
    tx: Tx,
    job: Job,
    worker: str,
    now: datetime,
    seconds: float,
    *,
    stage: str = "",
    step: int = 0,
    steps: int = 0,
    seconds_left: float | None = None,
) -> bool:
    """Prolong the lease and tell how far the work is. False: the lease is lost, stop working."""
    fresh = await tx.get(Job, job.id, lock=True)
    if fresh is None or not _mine(fresh, job, worker):
        return False
    until = now + timedelta(seconds=seconds)
    await move(
        tx, fresh, JobState.RUNNING, now,
        lease_until=until, stage=stage, step=step, steps=steps, seconds_left=seconds_left,
    )  # fmt: skip
    return True


async def hand_back(
    tx: Tx, job: Job, worker: str, now: datetime, *, delay: float = 0.0, counted: bool = True
) -> bool:
    """The worker cannot finish it now: it waits again, on its old place in the line. For ``delay``
    seconds nobody takes it, then it is rung for.

    ``counted=False`` for an orderly shutdown, which is not the job's fault: it must not poison it.
    False: the lease was lost already.
    """
    fresh = await tx.get(Job, job.id, lock=True)
    if fresh is None or not _mine(fresh, job, worker):
        return False
    attempts = fresh.attempts if counted else fresh.attempts - 1
    until = now + timedelta(seconds=delay) if delay else None
    await move(tx, fresh, JobState.WAITING, now, attempts=attempts, worker="", lease_until=until)
    # A key of its own: the queue still knows the ring that this worker is answering.
    key = f"again:{new_id()}"
    await outbox.enqueue(tx, job.kind, "work", {"job": job.id}, now, delay=delay, key=key)
    return True


async def end(tx: Tx, job: Job, state: JobState, now: datetime, error: str = "") -> Job:
    """DONE, FAILED or CANCELLED; nothing happens to a job that has ended. ``error`` is a word for
    the operator, never a person's text.
    """
    fresh = await _locked(tx, job.id)
    if fresh.state in ENDED:
        return fresh
    return await move(tx, fresh, state, now, error=error)


async def end_of(
    tx: Tx, queue: JobQueue, ref: str, state: JobState, now: datetime, error: str = ""
) -> None:
    """End whatever work is still owed on the photo, avatar or shoot ``ref``."""
    for job in await owed(tx, queue, ref):
        await end(tx, job, state, now, error)


async def owed(tx: Tx, queue: JobQueue, ref: str) -> list[Job]:
    """The jobs on ``ref`` that have not ended: one, or none."""
    return await tx.find(
        Job, kind=queue, ref=ref, state=OneOf((JobState.WAITING, JobState.RUNNING))
    )


async def lost(tx: Tx, now: datetime) -> list[Job]:
    """Jobs that nobody works at and whose ring may be lost: dead leases, and long waiting ones.

    :func:`shop.jobs.dispatch.sweep` rings again for them, by :func:`ring_key`, and ends the
    poisoned.
    """
    dead = await tx.find(Job, state=JobState.RUNNING, lease_until=Below(now), order="created_at")
    stale = await tx.find(
        Job, state=JobState.WAITING, created_at=Below(now - UNHEARD), order="created_at"
    )
    return dead + stale


def ring_key(job: Job, now: datetime) -> str:
    """What the queue calls a repeated ring. It names the attempt, because the queue may hold a
    dead worker's ring for an hour; and the time, because that worker may have died before it
    leased. Rings too many cost a look at the row.
    """
    return f"work:{job.id}:{job.attempts}:{int(now.timestamp() // RERING.total_seconds())}"


async def _last_turn(tx: Tx, queue: JobQueue, user_id: UserId) -> datetime | None:
    """Where in the line the last job stands that this customer is still owed."""
    owed = await tx.find(
        Job, user_id=user_id, kind=queue, state=OneOf((JobState.WAITING, JobState.RUNNING)),
        order="-fair_queue_at", limit=1,
    )  # fmt: skip
    return owed[0].fair_queue_at if owed else None


async def _locked(tx: Tx, id: JobId) -> Job:
    job = await tx.get(Job, id, lock=True)
    if job is None:
        raise NotFound
    return job


def _mine(fresh: Job, mine: Job, worker: str) -> bool:
    """The same worker name may come back after a restart: the attempt tells the two apart."""
    return (
        fresh.state is JobState.RUNNING
        and fresh.worker == worker
        and fresh.attempts == mine.attempts
    )
