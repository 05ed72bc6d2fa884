"""Who was told that nobody is at work is told when somebody is again."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

from shop.jobs import outbox
from shop.orders import sales_guard
from shop.orders.sales_guard import Capacity
from shop.people import users
from shop.ports import Above, Database, Tx
from shop.records import User, UserId
from shop.transactions import run_transaction

NOTICE: Final = "open_again"
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AT_ONCE: Final = 500  # people told in one round; the others in the next


async def await_opening(tx: Tx, user_id: UserId, now: datetime) -> None:
    """The person was told that nobody is at work: they are to be told when it is sold again."""
    user = await users.lock(tx, user_id)
    if user.awaits_opening_at is None and user.erased_at is None:
        await tx.put(replace(user, awaits_opening_at=now))


async def promise(database: Database, user_id: UserId) -> None:
    """:func:`await_opening` in a transaction of its own."""

    async def step(tx: Tx) -> None:
        await await_opening(tx, user_id, await tx.now())

    await run_transaction(database, step)


async def tell_opening(database: Database, capacity: Capacity) -> int:
    """If orders are taken now, leave a notice for those who wait for that. How many were left."""
    async with database.snapshot() as tx:
        waiting = await tx.find(
            User, awaits_opening_at=Above(_EVER), order="awaits_opening_at", limit=_AT_ONCE
        )
        if not waiting or not await sales_guard.is_open(tx, capacity, await tx.now()):
            return 0
    told = [await run_transaction(database, partial(_tell, one.id)) for one in waiting]
    return sum(told)


async def count_waiting(tx: Tx) -> int:
    """How many people are to be told."""
    return await tx.count(User, awaits_opening_at=Above(_EVER))


async def _tell(user_id: UserId, tx: Tx) -> bool:
    user = await users.lock(tx, user_id)
    if user.awaits_opening_at is None:
        return False
    await tx.put(replace(user, awaits_opening_at=None))
    await outbox.notify(tx, user.id, NOTICE, await tx.now())
    return True
