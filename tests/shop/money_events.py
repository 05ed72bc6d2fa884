"""A process that makes random events of a shop happen, beside others that do the same with the same
people: ``python -m tests.shop.money_events URL SEED EVENTS``.

Whatever the shop refuses is skipped; anything else ends the process with an error.
"""

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from shop import privacy
from shop.adapters.database import SqlDatabase
from shop.avatars import avatars, portraits
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.avatars.training_results import StoredTraining
from shop.errors import ShopError
from shop.job_kinds import JOB_KINDS
from shop.jobs import dispatch
from shop.jobs.scheduler import SchedulingRules
from shop.money import order_accounting, referrals
from shop.orders import orders, payments, stopping
from shop.records import (
    Avatar,
    AvatarState,
    Currency,
    Job,
    JobState,
    LikenessRange,
    Order,
    OutboxMessage,
    PortraitId,
    Shoot,
    ShootKind,
    new_id,
)
from shop.transactions import run_transaction
from tests.shop.conftest import CHECKOUT, Shop, payment

PEOPLE: Final = ("a", "b", "c", "d")
TRAINED: Final = StoredTraining(
    ("lora",), 0, 300, 95.0, 0.9, 0.4, LikenessRange(0.8, 0.1, 0.5, 1.0)
)
Step = Callable[[Shop], Awaitable[Any]]


class Events:
    """One process's events. Each is one transaction, or a few, as the product would make them."""

    def __init__(self, database: SqlDatabase, seed: int) -> None:
        self.database, self.random = database, random.Random(seed)
        self.name = f"w{seed}"

    async def happen(self, count: int) -> None:
        kinds = (
            self.buy, self.buy, self.pay, self.pay, self.pay, self.give_back, self.call_off,
            self.work, self.work, self.work, self.work, self.ask_for_more, self.refunds,
            self.refunds, self.invite, self.erase,
        )  # fmt: skip
        for _ in range(count):
            await self.random.choice(kinds)()

    async def do(self, step: Step) -> Any:
        async def run(tx: Any) -> Any:
            return await step(Shop(tx, await tx.now()))

        try:
            return await run_transaction(self.database, run)
        except ShopError:
            return None

    async def some(self, kind: type[Any], **where: Any) -> Any:
        """One of them by chance, as it was a moment ago."""
        async with self.database.snapshot() as tx:
            found = await tx.find(kind, **where)
        return self.random.choice(found) if found else None

    async def buy(self) -> None:
        person, avatar = self.random.choice(PEOPLE), self.random.random() < 0.6

        async def step(shop: Shop) -> None:
            if avatar:
                order = await shop.collecting(0, person)
                checkout = replace(CHECKOUT, photos_minimum=0)
                await orders.place(shop.tx, shop.catalog, order, checkout, shop.now)
            else:
                user = await shop.customer(person)
                await orders.buy_credits(
                    shop.tx, shop.catalog, user, "sandbox", Currency.CNY, shop.now
                )

        await self.do(step)

    async def pay(self) -> None:
        """A till tells of one of two charges, of the amount that the order had at first."""
        if order := await self.some(Order):
            event = payment(order, self._charge(order), order.created_at)
            if order.amount:
                await self.do(lambda shop: orders.confirm_payment(shop.tx, event, shop.now))

    async def give_back(self) -> None:
        if order := await self.some(Order):
            charge = f"sandbox:{self._charge(order)}"
            await self.do(lambda shop: payments.confirm_return(shop.tx, charge, shop.now))

    async def call_off(self) -> None:
        order, how = await self.some(Order), self.random.choice(("cancel", "stop", "give", "age"))
        if order is None:
            return

        async def step(shop: Shop) -> None:
            if how == "cancel":
                await orders.cancel(shop.tx, order, shop.now)
            elif how == "stop":
                await stopping.stop(shop.tx, order, "asked", shop.now)
            elif how == "give":
                await orders.refund(shop.tx, order, "asked", shop.now)
            else:
                later = shop.now + timedelta(seconds=1)
                await orders.expire(shop.tx, order, later, shop.now)

        await self.do(step)

    async def work(self) -> None:
        """Lease what the policy gives, and end it; sometimes after the lease was lost."""
        spec = dispatch.WorkerSpec(
            self.name, frozenset({TRAIN, PAINT}), 30, SchedulingRules(background_batch=2)
        )

        async def lease(tx: Any) -> Any:
            return await dispatch.lease_next(tx, JOB_KINDS, spec, (), await tx.now())

        offer = await run_transaction(self.database, lease)
        taken = list(offer.leased.jobs) if offer.leased else []
        if self.random.random() < 0.2 and (late := await self.some(Job, state=JobState.RUNNING)):
            taken.append(late)
        works = self.random.random() < 0.8
        for job in taken:
            await self.do(lambda shop, job=job: self._end(shop, job, works))

    async def _end(self, shop: Shop, job: Job, works: bool) -> None:
        if not works:
            await dispatch.give_up(shop.tx, job, JOB_KINDS[job.kind], "broken", shop.now)
        elif job.kind == TRAIN.name and (avatar := await shop.tx.get(Avatar, job.ref)):
            await avatars.finish(shop.tx, shop.catalog, avatar, TRAINED, shop.now)
        elif job.kind == PAINT.name and (shoot := await shop.tx.get(Shoot, job.ref)):
            pictures = [
                portraits.StoredPicture(PortraitId(new_id()), "blob", seed, 512, 640, "image/png")
                for seed in range(self.random.randint(0, 4))
            ]
            await portraits.finish(shop.tx, shoot, pictures, shop.now)

    async def ask_for_more(self) -> None:
        if avatar := await self.some(Avatar, state=AvatarState.READY):
            await self.do(
                lambda shop: portraits.request(
                    shop.tx, shop.catalog, avatar, "noir", ShootKind.STYLE, shop.now
                )
            )

    async def refunds(self) -> None:
        """The outbox worker, which another may be as well."""
        if message := await self.some(OutboxMessage, name="refund"):
            charge = str(message.payload["charge"])
            due = await self.do(lambda shop: order_accounting.refund_due(shop.tx, charge))
            if due is not None:
                await self.do(lambda shop: order_accounting.book_refund(shop.tx, charge, shop.now))

    async def invite(self) -> None:
        guest, host = self.random.sample(PEOPLE, 2)

        async def step(shop: Shop) -> None:
            sender = await shop.arrives(host)
            await referrals.accept_invite(shop.tx, await shop.arrives(guest), sender.id)

        await self.do(step)

    async def erase(self) -> None:
        person = self.random.choice(PEOPLE)
        if self.random.random() < 0.3:

            async def step(shop: Shop) -> None:
                await privacy.erase(shop.tx, await shop.customer(person), shop.now)

            await self.do(step)

    def _charge(self, order: Order) -> str:
        return f"{order.id}-{order.amount}-{self.random.choice('12')}"


async def main(url: str, seed: str, count: str) -> None:
    database = SqlDatabase(url)
    await Events(database, int(seed)).happen(int(count))
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
