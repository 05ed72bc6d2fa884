"""Transactions that are done again when the database undid them for another one's sake."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from shop.errors import TransactionConflict
from shop.ports import Database, Tx

R = TypeVar("R")

ATTEMPTS: Final = 5
PAUSE_SECONDS: Final = 0.05  # at most, before the second attempt; it doubles from one to the next


async def run_transaction(
    database: Database, step: Callable[[Tx], Awaitable[R]], attempts: int = ATTEMPTS
) -> R:
    """What ``step`` returns, in a transaction of its own. After a conflict it is called anew in a
    new transaction, so it must do nothing outside of it that cannot be done twice.

    Raises :class:`shop.errors.TransactionConflict` after ``attempts`` of them (at least 1): an
    outage like any other, after which the event comes again.
    """
    for attempt in range(attempts - 1):
        try:
            async with database.begin() as tx:
                return await step(tx)
        except TransactionConflict:
            # By chance, or two that hinder each other would do so again in step.
            await asyncio.sleep(random.uniform(0, PAUSE_SECONDS * 2**attempt))  # noqa: S311
    async with database.begin() as tx:
        return await step(tx)
