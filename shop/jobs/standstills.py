"""Who waits for work that nobody is there to do any more is told so, and told once somebody is.

That they know is noted on the job, in the transaction that leaves the notice. Its words are found
when it is delivered, and so are true then, whatever happened in between. Who ordered while nobody
was there has read it as they did, and is told of its end alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from shop.jobs import eta, jobs, sightings
from shop.jobs.kinds import JobKind, Needs
from shop.ports import Below, Database, OneOf, Tx
from shop.records import Job, JobState
from shop.transactions import run_transaction

_AT_ONCE: Final = 500  # jobs noted in one round; the others in the next


@dataclass(frozen=True, slots=True)
class _Change:
    """A job of which its customer knows otherwise than that it stands still, or does not."""

    job: Job
    kind: JobKind
    base: str
    still: bool


async def tell(database: Database, kinds: Iterable[JobKind], patience: timedelta) -> int:
    """Leave a notice for each customer whose work stands still, because nobody who could do it was
    seen for ``patience``, or does so no more; of the kinds whose customers are told. Returns how
    many were left. Whose work a worker has left alone is told where it stands, each time. Several
    may run at once."""
    async with database.snapshot() as tx:
        now = await tx.now()
        told_of = [kind for kind in kinds if kind.told]
        changes = [one for kind in told_of for one in await _changes(tx, kind, patience, now)]
        alone = await _left_alone(tx, told_of, now)
    told = [await run_transaction(database, partial(_note, one)) for one in changes[:_AT_ONCE]]
    for job in alone:
        await run_transaction(database, partial(_tell_again, job))
    return sum(told)


async def _left_alone(tx: Tx, kinds: Iterable[JobKind], now: datetime) -> list[Job]:
    """Begun by a worker that is gone, and not taken up by another: they are in the queue again,
    and what their customers read is of before."""
    names = OneOf(tuple(kind.name for kind in kinds))
    return await tx.find(
        Job, kind=names, state=JobState.RUNNING, lease_until=Below(now), limit=_AT_ONCE
    )


async def _tell_again(job: Job, tx: Tx) -> None:
    await jobs.tell_progress(tx, job, await tx.now())


async def _changes(tx: Tx, kind: JobKind, patience: timedelta, now: datetime) -> list[_Change]:
    owed = await tx.find(Job, kind=kind.name, state=jobs.OWED, order="created_at")
    needs = await kind.needs(tx, [job.ref for job in owed]) if owed else {}
    bases = {job.id: needs.get(job.ref, Needs()).base for job in owed}
    stands = {
        base: await _stands_still(tx, kind, base, patience, now) for base in set(bases.values())
    }
    return [
        _Change(job, kind, bases[job.id], still)
        for job in owed
        if (still := stands[bases[job.id]]) is not None and still is not _is_halted(job)
    ]


async def _stands_still(
    tx: Tx, kind: JobKind, base: str, patience: timedelta, now: datetime
) -> bool | None:
    """None: nobody is there, but not for long, as while a worker is started anew."""
    if (await eta.promise(tx, kind, now, base)).attended:
        return False
    return True if await sightings.absent(tx, (kind.name,), now - patience, base) else None


async def _note(change: _Change, tx: Tx) -> bool:
    """Whether a notice was left. What another holds at this moment is noted in the next round."""
    job, now = await tx.get(Job, change.job.id, skip_locked=True), await tx.now()
    if job is None or job.state in jobs.ENDED or _is_halted(job) is change.still:
        return False
    told = not change.still or await _was_promised(tx, change, job)
    since = (now if told else job.created_at) if change.still else None
    await tx.put(replace(job, halted_at=since))
    if told:
        await jobs.tell_progress(tx, job, now)
    return told


async def _was_promised(tx: Tx, change: _Change, job: Job) -> bool:
    """Whether somebody was there when it was ordered, or since."""
    since = job.created_at - eta.ALIVE
    never = await sightings.absent(tx, (change.kind.name,), since, change.base)
    return job.started_at is not None or not never


def _is_halted(job: Job) -> bool:
    return job.halted_at is not None
