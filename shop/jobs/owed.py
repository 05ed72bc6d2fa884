"""Seconds of work owed: how long one worker would be busy with the jobs that wait or run.

What a fleet is scaled by. The length of a queue is not: a training costs a dozen sets of portraits,
and a batch of trainings costs one. Lengths are those that :mod:`shop.jobs.eta` measures, of the
job's own base where some of that base have ended. Here something must be said of what was never
measured, too, for else no worker would ever come to measure it: the kind's quantum.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Final

from shop.jobs import eta
from shop.jobs.eta import QueueSnapshot
from shop.jobs.kinds import JobKind, Needs
from shop.ports import Tx
from shop.records import Job

LEAST_SECONDS: Final = 1.0
"""Of a running lease, however late it is: no worker is scaled away under what it does."""
_REFS: Final = 500  # whose needs are asked at once: a database takes only so many values


@dataclass(frozen=True, slots=True)
class OwedWork:
    """What is owed of one kind with one base.

    base      the base model; "" for work that needs none
    jobs      that wait or run
    seconds   of one worker; a batch counts once
    waited    seconds for which the first of those that wait has waited; 0 if none does
    measured  whether the length of such jobs is known; else each counts as the kind's quantum
    """

    kind: str
    base: str
    jobs: int
    seconds: float
    waited: float
    measured: bool


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Seconds: ``lease`` from lease to end, ``job`` one job's share of a lease."""

    lease: float
    job: float


async def owed_work(tx: Tx, kinds: Iterable[JobKind], now: datetime) -> list[OwedWork]:
    """Of these kinds, by base; what is owed nothing is left out."""
    return [one for kind in kinds for one in await _of_kind(tx, kind, now)]


async def _of_kind(tx: Tx, kind: JobKind, now: datetime) -> list[OwedWork]:
    queue = await eta.snapshot(tx, kind.name, now)
    if not queue.waiting and not queue.running:
        return []
    ended = await eta.recently_done(tx, kind.name, now)
    needs = await _needs(tx, kind, (*queue.waiting, *queue.running, *ended))
    return work_in(kind, queue, ended, needs, now)


def work_in(
    kind: JobKind,
    queue: QueueSnapshot,
    ended: Sequence[Job],
    needs: Mapping[str, Needs],
    now: datetime,
) -> list[OwedWork]:
    """What is owed in that queue of that kind, by base; ``ended`` are its jobs that ended lately,
    ``needs`` those of all of them by their ``ref``."""
    known, usual = _by_base(ended, needs), _lengths(ended)
    if usual is None:  # the first job of all measures itself while it runs
        guess = fmean(queue.measured) if queue.measured else kind.quantum.total_seconds()
        usual = _Lengths(guess, guess)
    found = []
    waiting, running = _by_base(queue.waiting, needs), _by_base(queue.running, needs)
    for base in sorted({*waiting, *running}):
        lengths = _lengths(known[base]) or usual
        leases = _leases(running[base]).values()
        left = [
            max(LEAST_SECONDS, *(eta.remaining(job, lengths.lease, now) for job in lease))
            for lease in leases
        ]
        seconds = sum(left) + lengths.job * len(waiting[base])
        jobs = len(waiting[base]) + len(running[base])
        first = min((eta.fair_position(job)[0] for job in waiting[base]), default=now)
        waited = max(0.0, (now - first).total_seconds())
        found.append(OwedWork(kind.name, base, jobs, seconds, waited, bool(queue.measured)))
    return found


async def _needs(tx: Tx, kind: JobKind, jobs: Sequence[Job]) -> Mapping[str, Needs]:
    refs = list(dict.fromkeys(job.ref for job in jobs))
    found: dict[str, Needs] = {}
    for start in range(0, len(refs), _REFS):
        found |= await kind.needs(tx, refs[start : start + _REFS])
    return found


def _by_base(jobs: Iterable[Job], needs: Mapping[str, Needs]) -> defaultdict[str, list[Job]]:
    found: defaultdict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        found[needs.get(job.ref, Needs()).base].append(job)
    return found


def _leases(jobs: Iterable[Job]) -> dict[tuple[str, datetime | None], list[Job]]:
    """The jobs of each lease: what a worker took at one moment it does together."""
    found: dict[tuple[str, datetime | None], list[Job]] = {}
    for job in jobs:
        found.setdefault((job.worker, job.started_at), []).append(job)
    return found


def _lengths(ended: Sequence[Job]) -> _Lengths | None:
    """None: none of them was ever leased."""
    timed = [job for job in ended if eta.duration(job) is not None]
    if not timed:
        return None
    leases = [max(eta.duration(job) or 0.0 for job in lease) for lease in _leases(timed).values()]
    return _Lengths(fmean(leases), sum(leases) / len(timed))
