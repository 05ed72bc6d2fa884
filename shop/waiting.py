"""How long it will take, from what was measured: durations of recently ended jobs, workers seen,
and what the running ones say of themselves. Where nothing was measured the answer is None, because
an invented number is a promise that nobody can keep.
"""

import heapq
import statistics
from dataclasses import dataclass
from datetime import datetime, timedelta

from shop.ports import Below, OneOf, Tx
from shop.records import Job, JobQueue, JobState

RECENT = 20  # ended jobs that count
SEEN = timedelta(minutes=15)  # a worker that ended something this long ago still counts


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds from now: the quarter of quickest, the median and the quarter of slowest jobs."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job is. ``position`` 1 is next or already worked at; ``ahead`` counts the jobs that
    start or end before it; ``seconds`` is None while nothing like it has been measured.
    """

    position: int
    ahead: int
    running: bool
    seconds: Span | None


@dataclass(frozen=True, slots=True)
class Scene:
    """A queue as it is: measured seconds a job, workers seen, what runs, what waits (in order)."""

    measured: tuple[float, ...]
    workers: int
    running: tuple[Job, ...]
    waiting: tuple[Job, ...]


async def standing(tx: Tx, job: Job, now: datetime) -> Standing:
    """Of a job that has not ended. ``seconds`` is until its end, not until its start."""
    fresh = await tx.get(Job, job.id) or job
    scene = await look(tx, job.queue, now)
    if any(one.id == fresh.id for one in scene.running):
        return Standing(1, 0, True, _own(fresh, scene, now))
    before = [one for one in scene.waiting if one.created_at < fresh.created_at]
    ahead = len(before) + len(scene.running)
    return Standing(len(before) + 1, ahead, False, _span(scene, len(before), now))


async def forecast(tx: Tx, queue: JobQueue, now: datetime) -> Span | None:
    """Seconds until the end of a job that would be left now; None when nothing was measured."""
    scene = await look(tx, queue, now)
    return _span(scene, len(scene.waiting), now)


async def look(tx: Tx, queue: JobQueue, now: datetime) -> Scene:
    """Count workers and jobs. A running job with a dead lease waits; nobody works at it."""
    ended = await tx.find(
        Job, queue=queue, state=JobState.DONE, order="-ended_at", limit=RECENT,
        ended_at=Below(now + timedelta(microseconds=1)),
    )  # fmt: skip
    owed = await tx.find(
        Job, queue=queue, state=OneOf((JobState.WAITING, JobState.RUNNING)), order="created_at"
    )
    running = tuple(job for job in owed if _alive(job, now))
    seen = {job.worker for job in running}
    seen |= {job.worker for job in ended if job.ended_at and job.ended_at > now - SEEN}
    measured = [seconds for job in ended if (seconds := _took(job)) is not None]
    if not measured:  # the first job of all measures itself while it runs
        measured = [_whole(job, now) for job in running if job.seconds_left is not None]
    waiting = tuple(job for job in owed if job not in running)
    # An idle shop has seen nobody for a while; one worker is the least that can serve at all.
    return Scene(tuple(sorted(measured)), max(1, len(seen - {""})), running, waiting)


def _span(scene: Scene, before: int, now: datetime) -> Span | None:
    if not scene.measured:
        return None
    low, likely, high = (_until_end(scene, before, each, now) for each in _quarters(scene))
    return Span(low, likely, high)


def _until_end(scene: Scene, before: int, each: float, now: datetime) -> float:
    """Hand out jobs to workers as they come free, each job taking ``each`` seconds."""
    busy = [_left(job, each, now) for job in scene.running]
    free = busy + [0.0] * (scene.workers - len(busy))
    heapq.heapify(free)
    for _ in range(before):
        heapq.heappush(free, heapq.heappop(free) + each)
    return heapq.heappop(free) + each


def _own(job: Job, scene: Scene, now: datetime) -> Span | None:
    if job.seconds_left is not None:
        return Span(job.seconds_left, job.seconds_left, job.seconds_left)
    if not scene.measured:
        return None
    low, likely, high = (_left(job, each, now) for each in _quarters(scene))
    return Span(low, likely, high)


def _quarters(scene: Scene) -> tuple[float, float, float]:
    if len(scene.measured) == 1:
        return scene.measured[0], scene.measured[0], scene.measured[0]
    low, likely, high = statistics.quantiles(scene.measured, n=4, method="inclusive")
    return low, likely, high


def _left(job: Job, each: float, now: datetime) -> float:
    if job.seconds_left is not None:
        return job.seconds_left
    started = job.started_at or now
    return max(0.0, each - (now - started).total_seconds())


def _whole(job: Job, now: datetime) -> float:
    return (now - (job.started_at or now)).total_seconds() + (job.seconds_left or 0.0)


def _took(job: Job) -> float | None:
    if job.started_at is None or job.ended_at is None:
        return None
    return (job.ended_at - job.started_at).total_seconds()


def _alive(job: Job, now: datetime) -> bool:
    return job.state is JobState.RUNNING and job.lease_until is not None and job.lease_until > now
