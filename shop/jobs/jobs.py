"""Jobs: work owed to customers, leased by workers. The row is the truth; arq only wakes workers up.

A worker leases a job for some seconds and sends heartbeats while it works; which job it takes is
the policy's to say (:mod:`shop.jobs.scheduler`, asked by :mod:`shop.jobs.dispatch`). One that was
killed sends none; when its lease has run out another may lease the job, so a job is done at least
once, and whatever ends it (``avatars.finish``, ``portraits.fail`` ...) does nothing the second
time. After :data:`MAX_FAILURES` failures on hosts that were well, or :data:`MAX_ATTEMPTS` leases
whose workers died, it is poisoned: :mod:`shop.jobs.dispatch` gives it up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shop import tracing
from shop.errors import NotFound
from shop.jobs import outbox, scheduler
from shop.jobs.kinds import JobKind, SchedulingClass
from shop.ports import Above, Below, OneOf, Tx
from shop.records import Job, JobId, JobState, UserId, new_id
from shop.transitions import check

WAKE_UP: Final = "work"  # what a wake-up for a job is called; its payload is the job's id
MAX_FAILURES: Final = 3  # on a host that passed its self-test straight after
MAX_ATTEMPTS: Final = 10
"""Leases. That a worker died proves little against its job: hosts are restarted, and processes
killed. After so many it is the job that kills them, and would for ever."""
KEPT: Final = timedelta(days=7)  # jobs that looked at something: what that was is long gone
ENDED: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
OWED: Final = OneOf((JobState.WAITING, JobState.RUNNING))

TRANSITIONS: Final[Mapping[JobState, frozenset[JobState]]] = {
    JobState.WAITING: frozenset({JobState.RUNNING}) | ENDED,
    JobState.RUNNING: frozenset({JobState.RUNNING, JobState.WAITING}) | ENDED,
}
"""WAITING may end without having run: an undisturbed first worker finished it meanwhile."""


async def transition(tx: Tx, job: Job, state: JobState, now: datetime, **changes: object) -> Job:
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


async def enqueue(tx: Tx, kind: JobKind, ref: str, user_id: UserId, now: datetime) -> Job:
    """Owe a piece of work, and wake a worker up for it after the commit."""
    at = scheduler.fair_queue_at(kind, now, await _last_position(tx, kind, user_id))
    job = Job(
        JobId(new_id()), kind.name, ref, user_id, JobState.WAITING, now, fair_queue_at=at,
        trace=tracing.current(),
    )  # fmt: skip
    await tx.add(job)
    await outbox.enqueue(tx, kind.name, WAKE_UP, {"job": job.id}, now, key=f"work:{job.id}:0")
    return job


def leasable(job: Job, now: datetime) -> bool:
    """Whether it may be leased: it waits (and is not held back for a moment after a failure), or
    its worker's lease has run out.
    """
    owed = job.state in (JobState.WAITING, JobState.RUNNING)
    return owed and (job.lease_until is None or job.lease_until <= now)


def poisoned(job: Job, now: datetime) -> bool:
    """Whether it failed or killed its workers so often that a further attempt would as well."""
    return leasable(job, now) and _used_up(job)


def _used_up(job: Job) -> bool:
    return job.failures >= MAX_FAILURES or job.attempts >= MAX_ATTEMPTS


async def lease(tx: Tx, job_id: JobId, worker: str, now: datetime, seconds: float) -> Job | None:
    """Lease the job for ``seconds``. None: it has ended, another has the lease or is taking or
    ending it at this moment, or it is poisoned. It waits for nobody.
    """
    job = await tx.get(Job, job_id, skip_locked=True)
    if job is None or not leasable(job, now) or poisoned(job, now):
        return None
    return await transition(
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
    """Prolong the lease and note the progress. False: the lease is lost, stop working.

    It waits for nobody, since a batch's jobs are many people's: while another transaction has the
    row, such as one that is ending the job, the lease stands as it is until the next heartbeat.
    """
    fresh = await tx.get(Job, job.id, skip_locked=True)
    if fresh is None:
        seen = await tx.get(Job, job.id)
        return seen is not None and _mine(seen, job, worker)
    if not _mine(fresh, job, worker):
        return False
    until = now + timedelta(seconds=seconds)
    await transition(
        tx, fresh, JobState.RUNNING, now,
        lease_until=until, stage=stage, step=step, steps=steps, seconds_left=seconds_left,
    )  # fmt: skip
    return True


async def tell_progress(tx: Tx, job: Job, now: datetime) -> None:
    """Leave the notice "progress" {job} for its customer; one that still waits is enough."""
    await outbox.notify(tx, job.user_id, "progress", now, key=f"progress:{job.id}", job=job.id)


async def hand_back(
    tx: Tx,
    job: Job,
    worker: str,
    now: datetime,
    *,
    delay: float = 0.0,
    counted: bool = True,
    failed: bool = False,
) -> bool:
    """The worker cannot finish it now: it waits again, at its old place in the fair queue. For
    ``delay`` seconds nobody may lease it, then workers are woken up for it.

    ``counted=False`` for an orderly shutdown or a fault of the host, which is not the job's fault:
    it must not poison it. ``failed``: it ended in an error on a host that is well.
    False: the lease was lost already.
    """
    fresh = await tx.get(Job, job.id, lock=True)
    if fresh is None or not _mine(fresh, job, worker):
        return False
    attempts = fresh.attempts if counted else fresh.attempts - 1
    until = now + timedelta(seconds=delay) if delay else None
    await transition(
        tx, fresh, JobState.WAITING, now,
        attempts=attempts, failures=fresh.failures + failed, worker="", lease_until=until,
    )  # fmt: skip
    # A key of its own: the queue still knows the wake-up that this worker is answering.
    key = f"again:{new_id()}"
    await outbox.enqueue(tx, job.kind, WAKE_UP, {"job": job.id}, now, delay=delay, key=key)
    return True


async def end(
    tx: Tx, job: Job, state: JobState, now: datetime, error: str = "", *, told: bool = True
) -> Job:
    """DONE, FAILED or CANCELLED; nothing happens to a job that has ended. ``error`` is a word for
    the operator, never a person's text. ``told``: its customer was told how far it is; the notice
    "progress_ended" {job} closes that.
    """
    fresh = await _locked(tx, job.id)
    if fresh.state in ENDED:
        return fresh
    if told:
        await outbox.notify(tx, fresh.user_id, "progress_ended", now, job=fresh.id)
    return await transition(tx, fresh, state, now, error=error)


async def end_of(
    tx: Tx, kind: JobKind, ref: str, state: JobState, now: datetime, error: str = ""
) -> None:
    """End whatever job of that kind is still owed for ``ref``."""
    for job in await owed(tx, kind, ref):
        await end(tx, job, state, now, error, told=kind.told)


async def cancel_untold(tx: Tx, refs: Sequence[str], now: datetime) -> None:
    """Cancel whatever is still owed for any of ``refs``, by kinds of which nobody is told."""
    for job in await tx.find(Job, ref=OneOf(tuple(refs)), state=OWED):
        await end(tx, job, JobState.CANCELLED, now, told=False)


async def prune(tx: Tx, kinds: Iterable[JobKind], now: datetime) -> int:
    """Forget the jobs of immediate kinds that ended long ago, of which an order has dozens; the
    others are the order's history. Returns how many."""
    looks = OneOf(tuple(one.name for one in kinds if one.scheduling is SchedulingClass.IMMEDIATE))
    ended, before = OneOf(tuple(ENDED)), Below(now - KEPT)
    return await tx.remove(Job, kind=looks, state=ended, created_at=before)


async def error_of(tx: Tx, kind: JobKind, ref: str) -> str:
    """The word for the operator in which the latest job of that kind for ``ref`` ended; "" for none
    that failed."""
    found = await tx.find(Job, kind=kind.name, ref=ref, order="-created_at", limit=1)
    return found[0].error if found else ""


async def owed(tx: Tx, kind: JobKind, ref: str) -> list[Job]:
    """The jobs of that kind for ``ref`` that have not ended: one, or none."""
    return await tx.find(Job, kind=kind.name, ref=ref, state=OWED)


async def dead(tx: Tx, now: datetime) -> list[Job]:
    """Jobs that nobody works at any more: leases that have run out, and the waiting ones whose
    attempts are used up.
    """
    running = await tx.find(Job, state=JobState.RUNNING, lease_until=Below(now), order="created_at")
    waiting = JobState.WAITING
    failed, died = Above(MAX_FAILURES - 1), Above(MAX_ATTEMPTS - 1)
    used_up = await tx.find(Job, state=waiting, failures=failed, order="created_at")
    used_up += await tx.find(Job, state=waiting, attempts=died, order="created_at")
    return list({job.id: job for job in running + used_up}.values())


async def _last_position(tx: Tx, kind: JobKind, user_id: UserId) -> datetime | None:
    """The fair queue time of the last job of that kind that this customer is still owed."""
    owed = await tx.find(
        Job, user_id=user_id, kind=kind.name, state=OWED, order="-fair_queue_at", limit=1
    )
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


def has_live_lease(job: Job, now: datetime) -> bool:
    """A worker has it, and has been heard of."""
    return job.state is JobState.RUNNING and job.lease_until is not None and job.lease_until > now
