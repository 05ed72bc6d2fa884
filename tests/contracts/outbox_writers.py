"""A process that leaves messages, or tells them: ``python -m tests.contracts.outbox_writers WHAT
URL``."""

import asyncio
import sys
from datetime import UTC, datetime

from shop.adapters.database import SqlDatabase
from shop.adapters.memory import MemoryWakeUp
from shop.jobs import outbox
from shop.records import Currency, OutboxMessage, UserId, new_id
from tests.contracts.records import posting

ROUNDS = 20
KEYS = ("tally:a", "tally:b")
PAUSE = 0.02  # seconds: SQLite knows no queue, and who asks all the time starves the others
USER = UserId("u")


async def leave(url: str) -> None:
    """Count, and leave word of it: in that order of writing in which the word could be told too
    early. Of each round one message is enough for ever."""
    database = SqlDatabase(url)
    for number in range(ROUNDS):
        key, now = KEYS[number % 2], datetime.now(UTC)
        async with database.begin() as tx:
            await outbox.notify(tx, USER, key, now, key=key)
            await tx.add(posting(new_id(), key, 1, Currency.CREDITS))
        async with database.begin() as tx:
            await outbox.notify(tx, USER, "once", now, key=f"once:{number}", once=True)
    await database.close()


async def tell(url: str) -> None:
    """Print each message's kind and its count, as it is when it is told, until the standard input
    ends and nothing is left."""
    database, queue = SqlDatabase(url), MemoryWakeUp()
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    while True:
        last = ended.done()
        await outbox.flush(database, queue, datetime.now(UTC))
        for signal in queue.take():
            await _tell(database, str(signal.payload["message"]))
        async with database.begin() as tx:
            waiting = await tx.count(OutboxMessage, state=outbox.PENDING)
        await asyncio.sleep(PAUSE)
        if last and not waiting:
            break
    await database.close()


async def _tell(database: SqlDatabase, id: str) -> None:
    async with database.begin() as tx:
        message = await outbox.take_up(tx, id, datetime.now(UTC))
    if message is None:
        return
    async with database.begin() as tx:
        count = await tx.total(str(message.payload["kind"]), Currency.CREDITS)
    print(message.payload["kind"], count, flush=True)  # noqa: T201 - tells the test
    async with database.begin() as tx:
        await outbox.mark_done(tx, id, datetime.now(UTC))


if __name__ == "__main__":
    asyncio.run({"leave": leave, "tell": tell}[sys.argv[1]](sys.argv[2]))
