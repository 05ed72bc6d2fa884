"""A process that writes to a database: ``python -m tests.contracts.writers WHAT URL``."""

import asyncio
import contextlib
import sys

from shop.adapters.database import SqlDatabase, upgrade
from shop.errors import Duplicate
from shop.records import Currency, User, new_id
from tests.contracts.records import journal, posting, user

ROUNDS = 40


async def count(url: str) -> None:
    """Post one credit at a time under the person's lock, and a key made from the sum before: lost
    updates would clash."""
    database = SqlDatabase(url)
    with contextlib.suppress(Duplicate):
        async with database.begin() as tx:
            await tx.add(user("u"))
    for _ in range(ROUNDS):
        async with database.begin() as tx:
            await tx.get(User, "u", lock=True)
            seen = await tx.total("counter", Currency.CREDITS)
            await tx.add(journal(new_id(), key=f"count:{seen}"))
            await tx.add(posting(new_id(), "counter", 1, Currency.CREDITS))
    await database.close()


async def hang(url: str) -> None:
    """Write, say so, and stay in the middle of the transaction."""
    database = SqlDatabase(url)
    async with database.begin() as tx:
        await tx.add(user("u"))
        await tx.add(journal("half", key="half"))
        await tx.add(posting("half", "counter", 990, Currency.CREDITS))
        print("written", flush=True)  # noqa: T201 - tells the test
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run({"count": count, "hang": hang, "upgrade": upgrade}[sys.argv[1]](sys.argv[2]))
