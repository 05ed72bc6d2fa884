"""ETA: where a job stands in its queue, and when it will have ended.

Estimated from what was measured: durations of recently ended jobs, workers seen, and the progress
of running jobs. Where nothing was measured the answer is None, because an invented number is a
promise that nobody can keep.

Jobs are served in the order of :mod:`shop.jobs.scheduler`. Those before one are many, so that their
mean counts and their variance evens out; one's own job may take as long as any that was seen.
"""

import heapq
import statistics
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Final

from shop.jobs import jobs, scheduler
from shop.jobs.kinds import JobKind, Needs
from shop.ports import Above, Below, OneOf, Tx
from shop.records import Job, JobState, Worker, works_with

RECENT: Final = 40  # ended jobs that count
ALIVE: Final = timedelta(seconds=60)  # a worker that was seen this long ago still counts
MIN_VARIATION: Final = 0.06  # share of its length by which a job is taken to vary at least
ARRIVAL_VARIATION: Final = (
    0.24  # share of a wait that its deviation is taken to be: who comes meanwhile
)
QUANTILES: Final = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds from now: in nine cases of ten between ``low`` and ``high``; as likely more than
    ``likely`` as less.
    """

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Promise:
    """What may be said of a job before it is ordered. ``attended``: whether a worker is there that
    would do it; ``seconds`` until its end, None when nothing was measured."""

    attended: bool
    seconds: Estimate | None


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Where a job is. ``position`` 1 is next or already worked at; ``ahead`` counts the jobs that
    start or end before it; ``seconds`` is None while nothing like it has been measured, and while
    no worker is there (``attended`` False).
    """

    position: int
    ahead: int
    running: bool
    seconds: Estimate | None
    attended: bool = True


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """A queue at one moment.

    measured    seconds that recent jobs took, ascending
    workers     seen lately, at least 1
    attended    whether any was seen
    running     jobs under a live lease
    waiting     the others that are owed, in fair order
    mean_batch  jobs that a worker leased at once, on average
    rate        jobs that ended in a second
    names       of those workers
    rivals      the queues whose jobs are done in turn with these, each without its own rivals
    """

    measured: tuple[float, ...]
    workers: int
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]
    mean_batch: float = 1.0
    rate: float = 0.0
    attended: bool = True
    names: frozenset[str] = frozenset()
    rivals: tuple["QueueSnapshot", ...] = ()


async def queue_position(tx: Tx, job: Job, kind: JobKind, now: datetime) -> QueuePosition:
    """Of a job of that kind that has not ended. ``seconds`` are until its end, not its start."""
    fresh = await tx.get(Job, job.id) or job
    needs = (await kind.needs(tx, [job.ref])).get(job.ref, Needs())
    queue = await snapshot(tx, kind.name, now, kind.rivals, _Fleet(kind, needs.base))
    if any(one.id == fresh.id for one in queue.running):
        return QueuePosition(1, 0, True, estimate_of_running(fresh, queue, now))
    before = sum(fair_position(one) < fair_position(fresh) for one in queue.waiting)
    ahead = before + len(queue.running)
    seconds = None
    if queue.attended:
        seconds = estimate_of_waiting(queue, before, now, fair_position(fresh)[0])
    return QueuePosition(before + 1, ahead, False, seconds, queue.attended)


async def promise(tx: Tx, kind: JobKind, now: datetime, base: str = "") -> Promise:
    """Of a job that a new customer would enqueue now, and that needs that base ("": any)."""
    queue = await snapshot(tx, kind.name, now, kind.rivals, _Fleet(kind, base))
    mine = scheduler.fair_queue_at(kind, now, None)
    before = sum(fair_position(one)[0] <= mine for one in queue.waiting)
    return Promise(queue.attended, estimate_of_waiting(queue, before, now, mine))


async def forecast(tx: Tx, kind: JobKind, now: datetime, base: str = "") -> Estimate | None:
    """:attr:`Promise.seconds`, also while no worker is there."""
    return (await promise(tx, kind, now, base)).seconds


async def snapshot(
    tx: Tx, kind: str, now: datetime, rivals: Collection[str] = (), fleet: "_Fleet | None" = None
) -> QueueSnapshot:
    """Count workers and jobs. A running job whose lease ran out counts as waiting. Of a ``fleet``
    those workers that do its base, and the jobs that any of these does.
    """
    ended = await recently_done(tx, kind, now)
    owed = await tx.find(Job, kind=kind, state=OneOf((JobState.WAITING, JobState.RUNNING)))
    seen = await tx.find(Worker, seen_at=Above(now - ALIVE))
    able = [worker for worker in seen if kind in worker.kinds]
    if fleet is not None and any(worker.bases for worker in able):
        able, owed = await fleet.own(tx, able, owed)
    running = tuple(job for job in owed if jobs.has_live_lease(job, now))
    workers = {worker.id for worker in able}
    workers |= {job.worker for job in running}
    measured = [seconds for job in ended if (seconds := duration(job)) is not None]
    if not measured:  # the first job of all measures itself while it runs
        measured = [_expected_total(job, now) for job in running if job.seconds_left is not None]
    waiting = sorted((job for job in owed if not jobs.has_live_lease(job, now)), key=fair_position)
    leases = {(job.worker, job.started_at) for job in ended}
    since = (now - (ended[-1].ended_at or now)).total_seconds() if ended else 0.0
    return QueueSnapshot(
        tuple(sorted(measured)),
        max(1, len(workers)),  # if none is there now, one will have to come
        running,
        tuple(waiting),
        len(ended) / len(leases) if leases else 1.0,
        len(ended) / max(1.0, since),
        attended=bool(workers),
        names=frozenset(filter(None, workers)),
        rivals=tuple([await snapshot(tx, one, now) for one in sorted(rivals)]),
    )


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Who does jobs of that kind that need that base ("": any)."""

    kind: JobKind
    base: str

    async def own(
        self, tx: Tx, workers: list[Worker], owed: list[Job]
    ) -> tuple[list[Worker], list[Job]]:
        """Those of the workers that work with the base, and the jobs that any of these takes."""
        ours = [worker for worker in workers if works_with(worker.bases, self.base)]
        needs = await self.kind.needs(tx, [job.ref for job in owed])
        nothing = Needs()
        return ours, [
            job
            for job in owed
            if (base := needs.get(job.ref, nothing).base) == self.base
            or any(works_with(worker.bases, base) for worker in ours)
        ]


async def recently_done(tx: Tx, kind: str, now: datetime) -> list[Job]:
    """The last :data:`RECENT` jobs of that kind that ended well, the latest first."""
    return await tx.find(
        Job, kind=kind, state=JobState.DONE, order="-ended_at", limit=RECENT,
        ended_at=Below(now + timedelta(microseconds=1)),
    )  # fmt: skip


def fair_position(job: Job) -> tuple[datetime, str]:
    """Its sort key in the queue, as in :func:`shop.jobs.scheduler.in_fair_order`."""
    return job.fair_queue_at or job.created_at, job.id


def estimate_of_waiting(
    queue: QueueSnapshot, before: int, now: datetime, mine: datetime
) -> Estimate | None:
    """Of a waiting job that ``before`` others precede. None: nothing was measured.

    ``mine`` is its fair queue time. Where that is still to come, because its customer asked for
    much, others will be served before it until then: about as many as end in that time anyway.
    """
    if not queue.measured:
        return None
    mean, spread = _mean(queue), _spread(queue)
    turns = _turns_of_rivals(queue, mine)
    wait, leases = _wait_and_leases(queue, before, turns, now)
    passing = int(queue.rate * min(wait, max(0.0, (mine - now).total_seconds())))
    if passing:
        wait, leases = _wait_and_leases(queue, before + passing, turns, now)
    # Of leases in a row on each of several workers the variances add up; the first were begun.
    rows = min(wait / mean, leases / queue.workers + 1) if mean else 0.0
    variance = (rows**0.5 * spread / queue.workers**0.5) ** 2 + (ARRIVAL_VARIATION * wait) ** 2
    return _estimate_of(queue.measured, wait, variance)


def _turns_of_rivals(queue: QueueSnapshot, mine: datetime) -> list[float]:
    """Seconds of each lease of a rival's jobs that precede ``mine``, as far as these workers do
    them. A rival of which nothing was measured counts as the queue's own jobs do.
    """
    turns: list[float] = []
    for rival in queue.rivals:
        shared = len(rival.names & queue.names) / len(rival.names) if rival.names else 1.0
        before = sum(fair_position(one)[0] < mine for one in rival.waiting)
        length = _mean(rival if rival.measured else queue)
        turns += [length] * round(shared * before / rival.mean_batch)
    return turns


def _wait_and_leases(
    queue: QueueSnapshot, before: int, turns: Sequence[float], now: datetime
) -> tuple[float, int]:
    """Seconds until it begins, and how many leases of its own kind precede it: the next free worker
    takes the next batch; ``turns`` are those of other kinds.
    """
    mean = _mean(queue)
    busy = {job.worker or job.id: remaining(job, _mean(queue), now) for job in queue.running}
    for rival in queue.rivals:
        for job in rival.running:
            if job.worker in queue.names:
                left = remaining(job, _mean(rival if rival.measured else queue), now)
                busy[job.worker] = max(busy.get(job.worker, 0.0), left)
    free = list(busy.values()) + [0.0] * (queue.workers - len(busy))
    heapq.heapify(free)
    leases = int(before / queue.mean_batch)
    for length in (*turns, *[mean] * leases):
        heapq.heapreplace(free, free[0] + length)
    return free[0], leases


def estimate_of_running(job: Job, queue: QueueSnapshot, now: datetime) -> Estimate | None:
    """Of a running job: by its progress, or by what such jobs took."""
    if not queue.measured:
        return None
    if job.seconds_left is None:
        rest = tuple(max(0.0, each - _elapsed(job, now)) for each in queue.measured)
        return _estimate_of(rest, 0.0, 0.0)
    left = job.seconds_left
    variance = (_spread(queue) ** 2) * min(1.0, left / (_mean(queue) or 1.0))
    return _estimate_of((left,), 0.0, variance)


def _estimate_of(own: tuple[float, ...], wait: float, variance: float) -> Estimate:
    """:data:`QUANTILES` and median of ``wait``, with that ``variance``, plus one duration of
    ``own``: a kernel density over them, with a bandwidth by the number of samples.
    """
    spread = statistics.pstdev(own) * len(own) ** -0.2
    parts = [
        NormalDist(wait + each, (variance + spread**2 + (MIN_VARIATION * each) ** 2) ** 0.5 or 1e-9)
        for each in own
    ]

    def below(seconds: float) -> float:
        return sum(part.cdf(seconds) for part in parts) / len(parts)

    low, high = (_quantile(below, share, parts) for share in QUANTILES)
    return Estimate(max(0.0, low), max(0.0, _quantile(below, 0.5, parts)), max(0.0, high))


def _quantile(below: Callable[[float], float], share: float, parts: list[NormalDist]) -> float:
    """The quantile ``share`` of the distribution ``below``, by bisection, to 0.01 s or 0.1 %."""
    low = min(part.mean - 4 * part.stdev for part in parts)
    high = max(part.mean + 4 * part.stdev for part in parts)
    while high - low > max(0.01, 0.001 * abs(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return round((low + high) / 2, 2)


def _mean(queue: QueueSnapshot) -> float:
    return statistics.fmean(queue.measured)


def _spread(queue: QueueSnapshot) -> float:
    return max(statistics.pstdev(queue.measured), MIN_VARIATION * _mean(queue))


def remaining(job: Job, length: float, now: datetime) -> float:
    """Seconds left to a running job, where such jobs take ``length`` seconds: its own estimate does
    not know of the interactive jobs that will pass it, the durations of such jobs do.
    """
    usual = max(0.0, length - _elapsed(job, now))
    word = job.seconds_left
    return usual if word is None else max(word, (word + usual) / 2)


def _expected_total(job: Job, now: datetime) -> float:
    return _elapsed(job, now) + (job.seconds_left or 0.0)


def _elapsed(job: Job, now: datetime) -> float:
    return (now - (job.started_at or now)).total_seconds()


def duration(job: Job) -> float | None:
    """Seconds from lease to end of an ended job; None if it was never leased."""
    if job.started_at is None or job.ended_at is None:
        return None
    return (job.ended_at - job.started_at).total_seconds()
