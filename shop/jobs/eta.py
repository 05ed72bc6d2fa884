"""How long it will take, from what was measured: durations of recently ended jobs, workers seen,
and what the running ones say of themselves. Where nothing was measured the answer is None, because
an invented number is a promise that nobody can keep.

Whoever waits is served in the order of :mod:`shop.jobs.scheduler`. Jobs before one are many, so
that their mean counts and what they vary by evens out; one's own job may take as long as any that
was seen.
"""

import heapq
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Final

from shop.jobs import scheduler
from shop.jobs.kinds import JobKind
from shop.ports import Above, Below, OneOf, Tx
from shop.records import Job, JobState, Worker

RECENT: Final = 40  # ended jobs that count
ALIVE: Final = timedelta(seconds=60)  # a worker that was seen this long ago still counts
LEAST_SPREAD: Final = 0.06  # share of its length by which a job is taken to vary at least
SURPRISE: Final = 0.24  # share of a wait by which the unforeseen may change it: who comes meanwhile
BAND: Final = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds from now: in nine cases of ten between ``low`` and ``high``; as likely more than
    ``likely`` as less.
    """

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """Where a job is. ``position`` 1 is next or already worked at; ``ahead`` counts the jobs that
    start or end before it; ``seconds`` is None while nothing like it has been measured.
    """

    position: int
    ahead: int
    running: bool
    seconds: Estimate | None


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """A queue as it is: measured seconds a job, workers seen, what runs, what waits (in order), and
    how many jobs a worker took at once on average. ``rate`` is how many are done in a second.
    """

    measured: tuple[float, ...]
    workers: int
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]
    abreast: float = 1.0
    rate: float = 0.0


async def queue_position(tx: Tx, job: Job, now: datetime) -> QueuePosition:
    """Of a job that has not ended. ``seconds`` is until its end, not until its start."""
    fresh = await tx.get(Job, job.id) or job
    scene = await snapshot(tx, job.kind, now)
    if any(one.id == fresh.id for one in scene.running):
        return QueuePosition(1, 0, True, until_end_of_running(fresh, scene, now))
    before = sum(fair_position(one) < fair_position(fresh) for one in scene.waiting)
    ahead = before + len(scene.running)
    return QueuePosition(
        before + 1, ahead, False, until_end(scene, before, now, fair_position(fresh)[0])
    )


async def forecast(tx: Tx, kind: JobKind, now: datetime) -> Estimate | None:
    """Seconds until the end of a job that a new customer would leave now; None when nothing was
    measured.
    """
    scene = await snapshot(tx, kind.name, now)
    mine = scheduler.fair_queue_at(kind, now, None)
    return until_end(scene, sum(fair_position(one)[0] <= mine for one in scene.waiting), now, mine)


async def snapshot(tx: Tx, kind: str, now: datetime) -> QueueSnapshot:
    """Count workers and jobs. A running job with a dead lease waits; nobody works at it."""
    ended = await tx.find(
        Job, kind=kind, state=JobState.DONE, order="-ended_at", limit=RECENT,
        ended_at=Below(now + timedelta(microseconds=1)),
    )  # fmt: skip
    owed = await tx.find(Job, kind=kind, state=OneOf((JobState.WAITING, JobState.RUNNING)))
    running = tuple(job for job in owed if _alive(job, now))
    seen = await tx.find(Worker, seen_at=Above(now - ALIVE))
    workers = {worker.id for worker in seen if kind in worker.kinds}
    workers |= {job.worker for job in running}
    measured = [seconds for job in ended if (seconds := _took(job)) is not None]
    if not measured:  # the first job of all measures itself while it runs
        measured = [_whole(job, now) for job in running if job.seconds_left is not None]
    waiting = sorted((job for job in owed if not _alive(job, now)), key=fair_position)
    leases = {(job.worker, job.started_at) for job in ended}
    since = (now - (ended[-1].ended_at or now)).total_seconds() if ended else 0.0
    return QueueSnapshot(
        tuple(sorted(measured)),
        max(1, len(workers)),  # if none is there now, one will have to come
        running,
        tuple(waiting),
        len(ended) / len(leases) if leases else 1.0,
        len(ended) / max(1.0, since),
    )


def fair_position(job: Job) -> tuple[datetime, str]:
    """Its place in the line, as :func:`shop.jobs.scheduler.in_fair_order` has it."""
    return job.fair_queue_at or job.created_at, job.id


def until_end(scene: QueueSnapshot, before: int, now: datetime, mine: datetime) -> Estimate | None:
    """Of a job that ``before`` others precede in the line. None: nothing was measured.

    Whoever asked for much has a turn ``mine`` that is still to come: until then others will come
    and go before it, about as many as are done in that time anyway.
    """
    if not scene.measured:
        return None
    mean, spread = _mean(scene), _spread(scene)
    wait, leases = _wait(scene, before, now)
    passing = int(scene.rate * min(wait, max(0.0, (mine - now).total_seconds())))
    if passing:
        wait, leases = _wait(scene, before + passing, now)
    # Of leases in a row on each of several workers the variances add up; the first were begun.
    rows = min(wait / mean, leases / scene.workers + 1) if mean else 0.0
    unsure = (rows**0.5 * spread / scene.workers**0.5) ** 2 + (SURPRISE * wait) ** 2
    return _band(scene.measured, wait, unsure)


def _wait(scene: QueueSnapshot, before: int, now: datetime) -> tuple[float, int]:
    """Seconds until it begins, and how many leases go before: workers take them as they come
    free.
    """
    mean = _mean(scene)
    busy = {job.worker or job.id: _left(job, scene, now) for job in scene.running}
    free = list(busy.values()) + [0.0] * (scene.workers - len(busy))
    heapq.heapify(free)
    leases = int(before / scene.abreast)
    for _ in range(leases):
        heapq.heapreplace(free, free[0] + mean)
    return free[0], leases


def until_end_of_running(job: Job, scene: QueueSnapshot, now: datetime) -> Estimate | None:
    """Of a job that runs: by its own word, or by what such jobs took."""
    if not scene.measured:
        return None
    if job.seconds_left is None:
        rest = tuple(max(0.0, each - _elapsed(job, now)) for each in scene.measured)
        return _band(rest, 0.0, 0.0)
    left = job.seconds_left
    unsure = (_spread(scene) ** 2) * min(1.0, left / (_mean(scene) or 1.0))
    return _band((left,), 0.0, unsure)


def _band(own: tuple[float, ...], wait: float, unsure: float) -> Estimate:
    """Quantiles of ``wait``, which varies by the variance ``unsure``, and one of ``own`` after it,
    which are blurred by as much as few samples leave unknown.
    """
    spread = statistics.pstdev(own) * len(own) ** -0.2
    parts = [
        NormalDist(wait + each, (unsure + spread**2 + (LEAST_SPREAD * each) ** 2) ** 0.5 or 1e-9)
        for each in own
    ]

    def below(seconds: float) -> float:
        return sum(part.cdf(seconds) for part in parts) / len(parts)

    low, high = (_where(below, share, parts) for share in BAND)
    return Estimate(max(0.0, low), max(0.0, _where(below, 0.5, parts)), max(0.0, high))


def _where(below: Callable[[float], float], share: float, parts: list[NormalDist]) -> float:
    """The seconds of which ``below`` says ``share``, to a hundredth of a second or a thousandth."""
    low = min(part.mean - 4 * part.stdev for part in parts)
    high = max(part.mean + 4 * part.stdev for part in parts)
    while high - low > max(0.01, 0.001 * abs(high)):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return round((low + high) / 2, 2)


def _mean(scene: QueueSnapshot) -> float:
    return statistics.fmean(scene.measured)


def _spread(scene: QueueSnapshot) -> float:
    return max(statistics.pstdev(scene.measured), LEAST_SPREAD * _mean(scene))


def _left(job: Job, scene: QueueSnapshot, now: datetime) -> float:
    """A training's own word does not foresee the portraits that will pass it; what such jobs took
    lately does.
    """
    usual = max(0.0, _mean(scene) - _elapsed(job, now))
    word = job.seconds_left
    return usual if word is None else max(word, (word + usual) / 2)


def _whole(job: Job, now: datetime) -> float:
    return _elapsed(job, now) + (job.seconds_left or 0.0)


def _elapsed(job: Job, now: datetime) -> float:
    return (now - (job.started_at or now)).total_seconds()


def _took(job: Job) -> float | None:
    if job.started_at is None or job.ended_at is None:
        return None
    return (job.ended_at - job.started_at).total_seconds()


def _alive(job: Job, now: datetime) -> bool:
    return job.state is JobState.RUNNING and job.lease_until is not None and job.lease_until > now
