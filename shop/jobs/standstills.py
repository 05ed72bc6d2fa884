"""Who waits for work that nobody is there to do is told so, and told once somebody is.

That they were told is noted on the job, in the transaction that leaves the notice. Its words are
found when it is delivered, and so are true then, whatever happened in between.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from shop.jobs import eta, jobs, sightings
from shop.jobs.kinds import JobKind, Needs
from shop.ports import Database, Tx
from shop.records import Job
from shop.transactions import run_transaction

_AT_ONCE: Final = 500  # people told in one round; the others in the next


async def tell(database: Database, kinds: Iterable[JobKind], patience: timedelta) -> int:
    """Leave a notice for each customer whose work stands still, because nobody who could do it was
    seen for ``patience``, or does so no more; of the kinds whose customers are told. Returns how
    many were left. Several may run at once."""
    async with database.snapshot() as tx:
        now = await tx.now()
        changed = [
            one for kind in kinds if kind.told for one in await _changed(tx, kind, patience, now)
        ]
    told = [await run_transaction(database, partial(_tell, *one)) for one in changed[:_AT_ONCE]]
    return sum(told)


async def _changed(
    tx: Tx, kind: JobKind, patience: timedelta, now: datetime
) -> list[tuple[Job, bool]]:
    """The jobs of that kind of which their customers know otherwise, each with whether it stands
    still."""
    owed = await tx.find(Job, kind=kind.name, state=jobs.OWED, order="created_at")
    needs = await kind.needs(tx, [job.ref for job in owed]) if owed else {}
    bases = {job.id: needs.get(job.ref, Needs()).base for job in owed}
    stands = {
        base: await _stands_still(tx, kind, base, patience, now) for base in set(bases.values())
    }
    return [
        (job, still)
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


async def _tell(job: Job, still: bool, tx: Tx) -> bool:
    fresh = await tx.get(Job, job.id, skip_locked=True)
    if fresh is None or fresh.state in jobs.ENDED or _is_halted(fresh) is still:
        return False
    now = await tx.now()
    await tx.put(replace(fresh, halted_at=now if still else None))
    await jobs.tell_progress(tx, fresh, now)
    return True


def _is_halted(job: Job) -> bool:
    return job.halted_at is not None
