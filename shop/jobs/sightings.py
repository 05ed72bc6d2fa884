"""When a process of each role last was at work: for sales, for operators and for what is measured.

A role's row outlives its processes, unlike a worker's (:class:`shop.records.Worker`), by which jobs
are shared out.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from shop.errors import Duplicate, Unavailable
from shop.outages import told
from shop.ports import Above, Database, Tx
from shop.records import Sighting, works_with
from shop.transactions import run_transaction

BEAT_SECONDS: Final = 30.0
FIRST_SECONDS: Final = 0.5  # between two questions whether it is at work, until it first is
BACKUP: Final = "backup"
"""The role of whoever makes a backup, noted once it is there."""
_FRESH: Final = timedelta(seconds=BEAT_SECONDS / 2)

log = structlog.get_logger(__name__)


async def note(
    tx: Tx, role: str, kinds: Collection[str], now: datetime, bases: Collection[str] = ()
) -> None:
    """A process of that role is at work, with those bases (none: with every one). It waits for no
    other such, which says the same."""
    names, ours = tuple(sorted(kinds)), tuple(sorted(bases))
    id = " ".join((role, *ours))
    known = await tx.get(Sighting, id)
    if known is None:
        with contextlib.suppress(Duplicate):
            await tx.add(Sighting(id, names, now, ours))
    elif ((known.kinds, known.bases) != (names, ours) or now - known.seen_at > _FRESH) and (
        mine := await tx.get(Sighting, id, skip_locked=True)
    ):
        await tx.put(replace(mine, kinds=names, seen_at=now, bases=ours))


async def absent(tx: Tx, kinds: Sequence[str], since: datetime, base: str = "") -> tuple[str, ...]:
    """Those of ``kinds`` that no role does, with that base, which was seen after ``since``."""
    seen = await tx.find(Sighting, seen_at=Above(since)) if kinds else []
    done = {kind for role in seen if works_with(role.bases, base) for kind in role.kinds}
    return tuple(kind for kind in kinds if kind not in done)


@asynccontextmanager
async def kept(
    database: Database,
    role: str,
    kinds: Collection[str] = (),
    at_work: Callable[[], bool] = lambda: True,
    bases: Collection[str] = (),
) -> AsyncIterator[None]:
    """Note within the block that the role is at work, every :data:`BEAT_SECONDS` in which this
    process is; an outage of the database ends nothing."""
    beating = asyncio.create_task(_beat(database, role, kinds, at_work, bases))
    try:
        yield
    finally:
        beating.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beating


async def _beat(
    database: Database,
    role: str,
    kinds: Collection[str],
    at_work: Callable[[], bool],
    bases: Collection[str],
) -> None:
    pause = FIRST_SECONDS
    while True:
        if at_work():
            pause = BEAT_SECONDS
            try:
                await run_transaction(database, partial(_note_now, role, kinds, bases))
            except Unavailable as outage:
                log.warning("not_seen", role=role, **told(outage))
        await asyncio.sleep(pause)


async def _note_now(role: str, kinds: Collection[str], bases: Collection[str], tx: Tx) -> None:
    await note(tx, role, kinds, await tx.now(), bases)
