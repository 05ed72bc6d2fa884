"""Dispatch: a worker asks for work, and gets leased jobs; jobs that cannot succeed are given up.

Here the scheduling policy (:mod:`shop.jobs.scheduler`) meets the rows: which jobs wait, and which
other workers are alive. A poisoned job ends here by its kind's ``give_up``, so that it ends in an
apology and, where money is involved, in money back: never in a loop.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from shop.jobs import jobs, scheduler
from shop.jobs.eta import ALIVE
from shop.jobs.kinds import JobKind, JobKinds, Needs
from shop.jobs.scheduler import BACKGROUND, QueuedJob, SchedulingRules, WorkerState
from shop.ports import Above, Below, Database, Tx
from shop.records import Job, JobId, JobState, Worker

POISONED: Final = "poisoned"
WINDOW: Final = 200  # first of a queue that are looked at; those behind come nearer
HEARTBEAT: Final = timedelta(seconds=10)  # between two signs of life of an idle worker
FORGOTTEN: Final = timedelta(days=1)  # a dead worker's row is kept this long

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A worker as it asks for work: which kinds it does, and for how many seconds it leases."""

    name: str
    kinds: frozenset[JobKind]
    lease_seconds: float
    rules: SchedulingRules


@dataclass(frozen=True, slots=True)
class LeasedJobs:
    """Jobs of one kind, leased together. ``exclusive``: nothing may be done beside them."""

    kind: JobKind
    jobs: tuple[Job, ...]
    base: str
    exclusive: bool


@dataclass(frozen=True, slots=True)
class LeaseResult:
    """What a worker gets. ``leased`` None: nothing now; ask again when something ended, after a
    wake-up, or at ``retry_at`` (None: nothing is known to change by itself). ``gave_up``: poisoned
    jobs were given up in passing, and their news is in the outbox.
    """

    leased: LeasedJobs | None
    retry_at: datetime | None = None
    gave_up: bool = False


async def lease_or_give_up(
    tx: Tx, job_id: JobId, kind: JobKind, worker: str, now: datetime, seconds: float
) -> Job | None:
    """Lease the job. None: nothing to do here. A poisoned one is given up in passing."""
    job = await tx.get(Job, job_id)
    if job is not None and jobs.poisoned(job, now):
        await give_up(tx, job, kind, POISONED, now)
        return None
    return await jobs.lease(tx, job_id, worker, now, seconds)


async def lease_next(
    tx: Tx, kinds: JobKinds, spec: WorkerSpec, busy: Sequence[LeasedJobs], now: datetime
) -> LeaseResult:
    """Lease what the policy gives this worker beside what it is ``busy`` with. ``kinds`` are all
    that are known: the other workers may do more than this one.
    """
    free = spec.kinds - {taken.kind for taken in busy}
    before = tx.writes
    queue, changes_at = await _queue(tx, free, now)
    gave_up = tx.writes > before
    me = await tx.get(Worker, spec.name)
    state = _state(spec, busy, me.recent_avatars if me else ())
    others = await _others(tx, kinds, spec.name, now) if queue else []
    chosen = scheduler.choose(state, queue, others, spec.rules, now)
    leased = [
        await lease_or_give_up(tx, one.job, one.kind, spec.name, now, spec.lease_seconds)
        for one in chosen
    ]
    await _sign_of_life(tx, spec, me, [one.avatar for one in chosen if one.avatar], now)
    got = tuple(job for job in leased if job is not None)
    if got:
        exclusive = any(one.retried for one in chosen)
        leases = LeasedJobs(chosen[0].kind, got, chosen[0].base, exclusive)
        return LeaseResult(leases, gave_up=gave_up)
    if chosen:  # another worker was quicker: look at the rest
        return LeaseResult(None, now, gave_up)
    changes = [scheduler.next_change(queue, spec.rules, now), changes_at]
    retry_at = min((one for one in changes if one is not None), default=None)
    return LeaseResult(None, retry_at, gave_up)


async def deregister(tx: Tx, spec: WorkerSpec, now: datetime) -> None:
    """The worker stops: remove its row, and those of workers that died long ago."""
    await tx.remove(Worker, id=spec.name)
    await tx.remove(Worker, seen_at=Below(now - FORGOTTEN))


async def give_up(tx: Tx, job: Job, kind: JobKind, why: str, now: datetime) -> None:
    """The job will never succeed: end what it was for by its kind, then the job. Idempotent."""
    await kind.give_up(tx, job.ref, why, now)
    await jobs.end(tx, job, JobState.FAILED, now, why)


async def give_up_poisoned(database: Database, kinds: JobKinds, now: datetime) -> int:
    """Give up the poisoned jobs that no worker comes by; says how many. For once in a while.

    A job of a kind that is not known here is left for a process that knows it.
    """
    async with database.begin() as tx:
        poisoned = [job for job in await jobs.dead(tx, now) if jobs.poisoned(job, now)]
    given_up = 0
    for job in poisoned:
        kind = kinds.get(job.kind)
        if kind is None:
            log.warning("job_of_unknown_kind", job=job.id, kind=job.kind)
            continue
        try:
            async with database.begin() as tx:
                await give_up(tx, job, kind, POISONED, now)
            given_up += 1
        except Exception:  # boundary: one that cannot be given up must not keep the others
            log.exception("job_not_given_up", job=job.id, kind=job.kind)
    return given_up


async def _queue(
    tx: Tx, kinds: Collection[JobKind], now: datetime
) -> tuple[list[QueuedJob], datetime | None]:
    """The jobs that may be leased now, the first of each kind, and when the next one may be: one
    that is held back for a moment, or whose lease runs out unless its worker lives. Poisoned ones
    are given up in passing.
    """
    queue: list[QueuedJob] = []
    ends: list[datetime] = []
    for kind in sorted(kinds, key=lambda one: one.name):
        waiting = await tx.find(
            Job, kind=kind.name, state=JobState.WAITING, order="fair_queue_at", limit=WINDOW
        )
        running = await tx.find(Job, kind=kind.name, state=JobState.RUNNING)
        leases = [job.lease_until for job in (*running, *waiting) if job.lease_until is not None]
        ends += [until for until in leases if until > now]
        able = [job for job in (*running, *waiting) if jobs.leasable(job, now)]
        for job in [job for job in able if jobs.poisoned(job, now)]:
            await give_up(tx, job, kind, POISONED, now)
        queue += await _queued(tx, kind, [job for job in able if not jobs.poisoned(job, now)])
    return queue, min(ends, default=None)


async def _queued(tx: Tx, kind: JobKind, able: Sequence[Job]) -> list[QueuedJob]:
    needs = await kind.needs(tx, [job.ref for job in able]) if able else {}
    nothing = Needs()
    return [
        QueuedJob(
            job.id,
            kind,
            job.fair_queue_at or job.created_at,
            needs.get(job.ref, nothing).base,
            needs.get(job.ref, nothing).avatar,
            retried=job.attempts > 0,
        )
        for job in able
    ]


def _state(spec: WorkerSpec, busy: Sequence[LeasedJobs], recent: tuple[str, ...]) -> WorkerState:
    background = [taken.base for taken in busy if taken.kind.scheduling is BACKGROUND]
    return WorkerState(
        spec.name,
        spec.kinds,
        frozenset(taken.kind for taken in busy),
        recent,
        background[0] if background else "",
        exclusive=any(taken.exclusive for taken in busy),
    )


async def _others(tx: Tx, kinds: JobKinds, name: str, now: datetime) -> list[WorkerState]:
    """The other workers that gave a sign of life, and what they do."""
    seen = await tx.find(Worker, seen_at=Above(now - ALIVE))
    running = await tx.find(Job, state=JobState.RUNNING, lease_until=Above(now))
    return [
        WorkerState(
            worker.id,
            frozenset(kinds[one] for one in worker.kinds if one in kinds),
            frozenset(
                kinds[job.kind] for job in running if job.worker == worker.id and job.kind in kinds
            ),
            worker.recent_avatars,
        )
        for worker in seen
        if worker.id != name
    ]


async def _sign_of_life(
    tx: Tx, spec: WorkerSpec, me: Worker | None, avatars: Sequence[str], now: datetime
) -> None:
    """For :mod:`shop.jobs.eta` and for the other workers' choice."""
    if me is None:
        names = tuple(sorted(kind.name for kind in spec.kinds))
        await tx.add(Worker(spec.name, names, now, tuple(avatars)))
    elif avatars or now - me.seen_at >= HEARTBEAT:
        recent = tuple(dict.fromkeys((*avatars, *me.recent_avatars)))[: scheduler.RECENT_AVATARS]
        await tx.put(replace(me, seen_at=now, recent_avatars=recent))
