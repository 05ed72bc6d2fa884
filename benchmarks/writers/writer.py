"""A process with some writers: ``python -m benchmarks.writers.writer URL FIRST COUNT SECONDS``.

Each writer is another person, and does what the dialogue and a till do for one: begins an order,
counts a photo, places it, is paid. It says ``ready``, waits for a line, and then says how many
transactions its writers have committed in so many seconds.
"""

import asyncio
import sys
import time
from dataclasses import replace
from datetime import datetime

import uvloop

from shop.adapters.database import SqlDatabase
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.orders.sales_guard import Capacity
from shop.people import consent, past_accounts
from shop.photos import photos
from shop.ports import Tx
from shop.records import (
    ChannelName,
    Currency,
    Flaw,
    Order,
    PaymentEvent,
    User,
    new_id,
)
from shop.transactions import run_transaction

KEY = bytes(range(32))
CHECKOUT = Checkout(
    "sandbox", Currency.CNY, "mini", photos_minimum=0, capacity=Capacity(max_wait_minutes=10**6)
)
PLATFORM = ChannelName("bench")


class Writer:
    """One person, whose every step is a transaction of its own."""

    def __init__(self, database: SqlDatabase, name: str) -> None:
        self.database, self.name = database, name
        self.catalog, self.cipher = Catalog.load(), EnvelopeCipher(KEY)
        self.addresses = past_accounts.address_hash(KEY)
        self.done = 0

    async def write(self, until: float) -> None:
        while time.monotonic() < until:
            order = await self._commit(self._begin)
            for _ in range(3):
                await self._commit(lambda tx, now, order=order: self._photo(tx, now, order))
            placed = await self._commit(lambda tx, now, order=order: self._place(tx, now, order))
            await self._commit(lambda tx, now, order=placed: self._pay(tx, now, order))
            await self._commit(lambda tx, now, order=placed: self._refund(tx, now, order))

    async def _commit(self, step):  # type: ignore[no-untyped-def]
        async def run(tx: Tx) -> object:
            return await step(tx, await tx.now())

        result = await run_transaction(self.database, run)
        self.done += 1
        return result

    async def _begin(self, tx: Tx, now: datetime) -> Order:
        user = await self._arrive(tx, now)
        for kind in consent.REQUIRED:
            await consent.give(tx, user, kind, now)
        return await orders.begin(tx, self.cipher, user, now)

    async def _photo(self, tx: Tx, now: datetime, order: Order) -> None:
        await self._arrive(tx, now)
        await photos.refuse(tx, order, Flaw.UNREADABLE, now)

    async def _place(self, tx: Tx, now: datetime, order: Order) -> Order:
        await self._arrive(tx, now)
        return await orders.place(tx, self.catalog, order, CHECKOUT, now)

    async def _pay(self, tx: Tx, now: datetime, order: Order) -> None:
        event = PaymentEvent(
            "sandbox", new_id(), f"c-{order.id}", order.id, order.amount, order.currency, now
        )
        await orders.confirm_payment(tx, event, now)

    async def _refund(self, tx: Tx, now: datetime, order: Order) -> None:
        """So that the next order can begin."""
        await orders.refund(tx, replace(order), "bench", now)

    async def _arrive(self, tx: Tx, now: datetime) -> User:
        return await past_accounts.arrive(tx, self.addresses, PLATFORM, self.name, "en", now)


async def main(url: str, first: str, count: str, seconds: str) -> None:
    database = SqlDatabase(url)
    writers = [Writer(database, f"w{int(first) + number}") for number in range(int(count))]
    for one in writers:  # a whole round each: connections, statements, the person
        await one.write(time.monotonic() + 0.001)
        one.done = 0
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began = time.monotonic()
    async with asyncio.timeout(float(seconds) + 60):
        await asyncio.gather(*(one.write(began + float(seconds)) for one in writers))
    took = time.monotonic() - began
    print(sum(one.done for one in writers), took, flush=True)
    await database.close()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
