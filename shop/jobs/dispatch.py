"""Dispatch: a worker asks for work, and gets leased jobs; jobs that cannot succeed are given up.

Here the scheduling policy (:mod:`shop.jobs.scheduler`) meets the rows: which jobs wait, and which
other workers are alive. A poisoned job ends here by its kind's ``give_up``, so that it ends in an
apology and, where money is involved, in money back: never in a loop.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from shop.errors import NotFound
from shop.jobs import jobs, scheduler
from shop.jobs.eta import ALIVE
from shop.jobs.kinds import JobKind, JobKinds, Needs
from shop.jobs.scheduler import BACKGROUND, QueuedJob, SchedulingRules, WorkerState
from shop.people import users
from shop.ports import Above, Below, Database, Tx
from shop.records import Job, JobState, UserId, Worker, works_with
from shop.transactions import run_transaction

POISONED: Final = "poisoned"
WINDOW: Final = 200  # first of a queue that are looked at; those behind come nearer
HEARTBEAT: Final = timedelta(seconds=10)  # between two signs of life of an idle worker
FORGOTTEN: Final = timedelta(days=1)  # a dead worker's row is kept this long

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A worker as it asks for work: which kinds it does, for how many seconds it leases, and the
    bases that it works with; none named: every one."""

    name: str
    kinds: frozenset[JobKind]
    lease_seconds: float
    rules: SchedulingRules
    bases: frozenset[str] = frozenset()

    def works_with(self, base: str) -> bool:
        """Whether it takes jobs that need that base; "" is what needs none."""
        return works_with(self.bases, base)


@dataclass(frozen=True, slots=True)
class LeasedJobs:
    """Jobs of one kind, leased together. ``exclusive``: nothing may be done beside them."""

    kind: JobKind
    jobs: tuple[Job, ...]
    base: str
    exclusive: bool


@dataclass(frozen=True, slots=True)
class LeaseResult:
    """What a worker gets at ``at``. ``more``: it may have other work beside that, ask again now.
    Otherwise ask again when something ended, after a wake-up, or at ``retry_at`` (None: nothing is
    known to change by itself). ``poisoned``: jobs that were seen in passing, for
    :func:`give_up_poisoned`.
    """

    leased: LeasedJobs | None
    at: datetime
    retry_at: datetime | None = None
    poisoned: tuple[Job, ...] = ()
    more: bool = False


async def lease_next(
    tx: Tx, kinds: JobKinds, spec: WorkerSpec, busy: Sequence[LeasedJobs], now: datetime
) -> LeaseResult:
    """Lease what the policy gives this worker beside what it is ``busy`` with. ``kinds`` are all
    that are known: the other workers may do more than this one.

    It waits for nobody's lock: what another worker is leasing at this moment is passed over.
    """
    free = spec.kinds - {taken.kind for taken in busy}
    queue, poisoned, changes_at = await _queue(tx, spec, free, now)
    me = await tx.get(Worker, spec.name, lock=True)
    state = _state(spec, busy, me.recent_avatars if me else ())
    others = await _others(tx, kinds, spec.name, now) if queue else []
    got: dict[str, Job] = {}
    chosen: tuple[QueuedJob, ...] = ()
    while not got:
        chosen = scheduler.choose(state, queue, others, spec.rules, now)
        for one in chosen:
            if job := await jobs.lease(tx, one.job, spec.name, now, spec.lease_seconds):
                got[one.job] = job
        if not chosen:
            break
        queue = [one for one in queue if one not in chosen]  # if others were quicker, the rest
    avatars = [one.avatar for one in chosen if one.avatar and one.job in got]
    recent = await _sign_of_life(tx, spec, me, avatars, now)
    leased: LeasedJobs | None = None
    more = False
    if got:
        exclusive = any(one.retried for one in chosen)
        leased = LeasedJobs(chosen[0].kind, tuple(got.values()), chosen[0].base, exclusive)
        queue = [one for one in queue if one.kind is not leased.kind]
        beside = _state(spec, (*busy, leased), recent)
        more = bool(scheduler.choose(beside, queue, others, spec.rules, now))
    changes = [scheduler.next_change(queue, spec.rules, now), changes_at]
    retry_at = min((one for one in changes if one is not None), default=None)
    return LeaseResult(leased, now, retry_at, poisoned, more)


async def deregister(tx: Tx, spec: WorkerSpec, now: datetime) -> None:
    """The worker stops: remove its row, and those of workers that died long ago."""
    await tx.remove(Worker, id=spec.name)
    await tx.remove(Worker, seen_at=Below(now - FORGOTTEN))


async def give_up(tx: Tx, job: Job, kind: JobKind, why: str, now: datetime) -> None:
    """The job will never succeed: end what it was for by its kind, then the job. Idempotent."""
    await _lock_owner(tx, job.user_id)
    await kind.give_up(tx, job.ref, why, now)
    await jobs.end(tx, job, JobState.FAILED, now, why, told=kind.told)


async def give_up_poisoned(
    database: Database, kinds: JobKinds, seen: Sequence[Job] | None = None
) -> int:
    """Give up the poisoned jobs that were ``seen``; None: all that there are, for once in a while.
    Returns how many. Each in a transaction of its own, since each is another person's.

    A job of a kind that is not known here is left for a process that knows it.
    """
    if seen is None:
        async with database.snapshot() as tx:
            seen = await jobs.dead(tx, await tx.now())
    given_up = 0
    for job in seen:
        kind = kinds.get(job.kind)
        if kind is None:
            log.warning("job_of_unknown_kind", job=job.id, kind=job.kind)
            continue
        try:
            given_up += await run_transaction(database, partial(_give_up_if_poisoned, job, kind))
        except Exception:  # boundary: one that cannot be given up must not keep the others
            log.exception("job_not_given_up", job=job.id, kind=job.kind)
    return given_up


async def _give_up_if_poisoned(job: Job, kind: JobKind, tx: Tx) -> bool:
    await _lock_owner(tx, job.user_id)
    fresh = await tx.get(Job, job.id, skip_locked=True)
    now = await tx.now()
    if fresh is None or not jobs.poisoned(fresh, now):
        return False
    await give_up(tx, fresh, kind, POISONED, now)
    return True


async def _lock_owner(tx: Tx, user_id: UserId) -> None:
    with suppress(NotFound):
        await users.lock(tx, user_id)


async def _queue(
    tx: Tx, spec: WorkerSpec, kinds: Collection[JobKind], now: datetime
) -> tuple[list[QueuedJob], tuple[Job, ...], datetime | None]:
    """The jobs that this worker may lease now, the first of each kind; the poisoned ones; and when
    the next one may be leased: one that is held back for a moment, or whose lease runs out unless
    its worker lives.
    """
    queue: list[QueuedJob] = []
    poisoned: list[Job] = []
    ends: list[datetime] = []
    for kind in sorted(kinds, key=lambda one: one.name):
        seen = await tx.find(Job, kind=kind.name, state=JobState.RUNNING)
        suiting: list[QueuedJob] = []
        async for waiting in _windows(tx, kind):
            seen += waiting
            leases = [job.lease_until for job in seen if job.lease_until is not None]
            ends += [until for until in leases if until > now]
            able = [job for job in seen if jobs.leasable(job, now)]
            poisoned += [job for job in able if jobs.poisoned(job, now)]
            queued = await _queued(tx, kind, [one for one in able if not jobs.poisoned(one, now)])
            suiting = [one for one in queued if spec.works_with(one.base)]
            if suiting or not spec.bases:
                break
            seen = []  # all of them another base's: those behind may be this worker's
        queue += suiting
    return queue, tuple(poisoned), min(ends, default=None)


async def _windows(tx: Tx, kind: JobKind) -> AsyncIterator[list[Job]]:
    """The waiting jobs of a kind, :data:`WINDOW` at a time; at least one window, be it empty."""
    where: dict[str, Any] = {}
    while True:
        window = await tx.find(
            Job, kind=kind.name, state=JobState.WAITING, order="fair_queue_at", limit=WINDOW,
            **where,
        )  # fmt: skip
        yield window
        if len(window) < WINDOW or window[-1].fair_queue_at is None:
            return
        where = {"fair_queue_at": Above(window[-1].fair_queue_at)}


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
    background = [
        taken.base
        for taken in busy
        if taken.kind.scheduling is BACKGROUND and not taken.kind.gives_way
    ]
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
            bases=frozenset(worker.bases),
        )
        for worker in seen
        if worker.id != name
    ]


async def _sign_of_life(
    tx: Tx, spec: WorkerSpec, me: Worker | None, avatars: Sequence[str], now: datetime
) -> tuple[str, ...]:
    """For :mod:`shop.jobs.eta` and for the other workers' choice. Returns the avatars that it
    worked with last."""
    names, bases = tuple(sorted(kind.name for kind in spec.kinds)), tuple(sorted(spec.bases))
    if me is None:
        await tx.add(Worker(spec.name, names, now, tuple(avatars), bases))
        return tuple(avatars)
    recent = tuple(dict.fromkeys((*avatars, *me.recent_avatars)))[: scheduler.RECENT_AVATARS]
    if avatars or (names, bases) != (me.kinds, me.bases) or now - me.seen_at >= HEARTBEAT:
        seen = replace(me, kinds=names, seen_at=now, recent_avatars=recent, bases=bases)
        await tx.put(seen)
    return recent
