"""The scheduling policy: which jobs a worker takes next. Pure: it reads nothing.

Workers lease by it (:mod:`shop.jobs.dispatch`), waits are estimated by it (:mod:`shop.jobs.eta`)
and a day is simulated with it (``benchmarks/day``).

Jobs are taken in the order of their fair queue time, which each gets once (:func:`fair_queue_at`):
when it was enqueued, or, for a customer who is owed others of that kind already, a quantum after
the last of those. So whoever asks for fifty sets stands among the others as if they had asked for
one after the other; and since no time moves later, no job starves.

A worker does one thing of each kind at a time, and one background job. Interactive jobs go before
background ones: a background job begins when no interactive one waits, or when it has itself waited
long. Once it runs, interactive jobs pass it between its steps. A job that has killed a worker or
failed before is retried alone, so that it can only harm itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shop.jobs.kinds import JobKind, SchedulingClass
from shop.records import JobId, works_with

BACKGROUND: Final = SchedulingClass.BACKGROUND
IMMEDIATE: Final = SchedulingClass.IMMEDIATE
INTERACTIVE: Final = SchedulingClass.INTERACTIVE

RECENT_AVATARS: Final = 8
"""Avatars whose LoRA a worker is believed to have in memory still. Its memory is counted in bytes
elsewhere (:mod:`pipeline.lora.cache`)."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that waits.

    since   its fair queue time
    base    the base model that it needs; a worker loads one at a time
    avatar  the avatar whose LoRA it needs in memory; "" for none
    tried   it failed before, or its worker died
    """

    job: JobId
    kind: JobKind
    since: datetime
    base: str = ""
    avatar: str = ""
    retried: bool = False


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A worker as the policy sees it.

    kinds            which kinds of job it does
    busy             which of them it does now
    recent_avatars   avatars that it worked with last
    background_base  the base model of the background job that it does now; "" if it does none, or
                     one that gives way (or if that is not known: it is asked of the worker itself
                     alone)
    exclusive        nothing may run beside what it does now
    bases            base models that it works with; none: every one (asked of the others alone)
    """

    name: str
    kinds: frozenset[JobKind]
    busy: frozenset[JobKind] = frozenset()
    recent_avatars: tuple[str, ...] = ()
    background_base: str = ""
    exclusive: bool = False
    bases: frozenset[str] = frozenset()

    def does(self, job: QueuedJob) -> bool:
        """Whether such a job may be its, now or later."""
        return job.kind in self.kinds and works_with(self.bases, job.base)

    def free_for(self, kind: JobKind) -> bool:
        return kind in self.kinds and kind not in self.busy and not self.exclusive

    def has_background_job(self) -> bool:
        """Whether it does a background job now."""
        return any(kind.scheduling is BACKGROUND for kind in self.busy)


@dataclass(frozen=True, slots=True)
class SchedulingRules:
    """What an operator or a recipe may choose.

    background_batch   most background jobs done in one batch (customers trained together)
    interactive_batch  most interactive jobs done in one batch (shoots painted together)
    grace              how long an interactive job is left to a worker that suits it better, and how
                       far one that suits may be preferred to an earlier one
    patience           after which a background job no longer waits for interactive ones
    """

    background_batch: int = 1
    interactive_batch: int = 1
    affinity_wait: timedelta = timedelta(seconds=2)
    max_background_wait: timedelta = timedelta(minutes=3)


def fair_queue_at(kind: JobKind, now: datetime, last: datetime | None) -> datetime:
    """The fair queue time of a job that is enqueued ``now``, by a customer whose last one still
    owed has ``last`` (None: there is none).
    """
    return now if last is None else max(now, last + kind.quantum)


def in_fair_order(jobs: Iterable[QueuedJob]) -> list[QueuedJob]:
    """By fair queue time; equals by their ids, so that every worker sees one order."""
    return sorted(jobs, key=lambda one: (one.since, one.job))


def batch_share(waiting: int, workers: int, most: int) -> int:
    """How many of ``waiting`` jobs one of ``workers`` takes at once: one while there are workers
    enough, more when more wait, never above ``most``.
    """
    return max(1, min(most, -(-waiting // max(1, workers))))


def choose(
    worker: WorkerState,
    queue: Iterable[QueuedJob],
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> tuple[QueuedJob, ...]:
    """What that worker takes now: some jobs of one kind, to be done together; () for nothing.

    Asked again until it is (): a worker may paint and train at once. ``others`` are the other
    workers alive. Jobs of kinds that the worker does not do are passed over.
    """
    waiting = [one for one in in_fair_order(queue) if one.kind in worker.kinds]
    waiting = _allowed(worker, waiting, rules, now)
    for scheduling in SchedulingClass:
        of_class = [one for one in waiting if one.kind.scheduling is scheduling]
        for kind in dict.fromkeys(one.kind for one in of_class):
            if not worker.free_for(kind):
                continue
            if scheduling is BACKGROUND and worker.has_background_job():
                continue  # of another kind: the second would only wait, where others are free
            jobs = [one for one in of_class if one.kind is kind]
            if scheduling is IMMEDIATE:
                return (jobs[0],)
            if scheduling is INTERACTIVE:
                chosen = _interactive(worker, jobs, others, rules, now)
            else:
                interactive_waits = any(one.kind.scheduling is INTERACTIVE for one in waiting)
                chosen = _background(jobs, interactive_waits, others, rules, now)
            if chosen:
                return chosen
    return ()


def next_change(
    queue: Iterable[QueuedJob], rules: SchedulingRules, now: datetime
) -> datetime | None:
    """When the policy may answer otherwise although nothing happens: a grace or a patience ends.
    None: not by itself.
    """
    ends = [
        one.since
        + (
            rules.max_background_wait
            if one.retried or one.kind.scheduling is BACKGROUND
            else rules.affinity_wait
        )
        for one in queue
        if one.kind.scheduling is not IMMEDIATE
    ]
    return min((end for end in ends if end > now), default=None)


def _allowed(
    worker: WorkerState, waiting: Sequence[QueuedJob], rules: SchedulingRules, now: datetime
) -> list[QueuedJob]:
    """What may be taken at all: by a busy worker nothing that was tried; and once such a one has
    waited long, nothing behind it, so that the worker becomes idle for it. Immediate and
    interactive jobs still pass a background job that runs already.
    """
    overdue = (
        one for one in waiting if one.retried and now - one.since >= rules.max_background_wait
    )
    last = next(overdue, None)
    passing = (IMMEDIATE, INTERACTIVE) if worker.has_background_job() else ()
    return [
        one
        for one in waiting
        if (not one.retried or not worker.busy)
        and (last is None or one.since <= last.since or one.kind.scheduling in passing)
    ]


def _interactive(
    worker: WorkerState,
    jobs: Sequence[QueuedJob],
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> tuple[QueuedJob, ...]:
    """The first, or one shortly behind it whose avatar this worker has in memory; and company."""
    able = [one for one in jobs if _fits(one, worker.background_base)]
    mine = [one for one in able if not _left_to_others(one, worker, others, rules, now)]
    if not mine or mine[0].retried:
        return tuple(mine[:1])
    fresh = [one for one in mine if not one.retried]
    near = (one for one in fresh if one.since - fresh[0].since <= rules.affinity_wait)
    head = next((one for one in near if one.avatar in worker.recent_avatars), fresh[0])
    if not head.kind.batched:
        return (head,)
    workers = 1 + sum(other.free_for(head.kind) and other.does(head) for other in others)
    batch_mates = [one for one in fresh if one.base == head.base and one is not head]
    return (head, *batch_mates[: batch_share(len(fresh), workers, rules.interactive_batch) - 1])


def _background(
    jobs: Sequence[QueuedJob],
    interactive_waits: bool,
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> tuple[QueuedJob, ...]:
    """The first, with company when many wait; none while interactive jobs wait, for a while."""
    head = jobs[0]
    if interactive_waits and now - head.since < rules.max_background_wait:
        return ()
    if head.retried or not head.kind.batched:
        return (head,)
    workers = 1 + sum(other.does(head) for other in others)
    batch_mates = [one for one in jobs if one.base == head.base and not one.retried]
    return tuple(batch_mates[: batch_share(len(jobs), workers, rules.background_batch)])


def _fits(job: QueuedJob, background_base: str) -> bool:
    """Whether it can be done beside a background job with that base: it has the same, or needs
    none."""
    return not background_base or job.base in ("", background_base)


def _left_to_others(
    job: QueuedJob,
    worker: WorkerState,
    others: Sequence[WorkerState],
    rules: SchedulingRules,
    now: datetime,
) -> bool:
    """Whether an interactive job had better be another worker's: one that could take it at once and
    has its avatar in memory, or at least does no background job. Only for a moment.
    """
    if now - job.since >= rules.affinity_wait:
        return False
    free = (other for other in others if other.free_for(job.kind) and other.does(job))
    return any(_suits(other, job) > _suits(worker, job) for other in free)


def _suits(worker: WorkerState, job: QueuedJob) -> tuple[bool, bool]:
    return job.avatar in worker.recent_avatars, not worker.has_background_job()
