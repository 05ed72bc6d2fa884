"""The bot killed with -9 between payments and their booking: each is booked once, none is lost."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from bot.container import Container, open_container, open_redis
from bot.outbox.worker import deliver
from handlers.texts import texts
from shop.records import Avatar, Charge, Currency, Order, OrderState
from shop.settings import Settings
from tests.bot.telegram.journey_steps import chatting
from tests.bot.telegram.purchases import PRICE, placed, selling
from tests.bot.telegram.test_killed import killed_before_storing, start
from tests.botapi import Bill, Customer, until

PEOPLE = 90
DEATHS = 3
EN = texts("en")


async def counted(container: Container, kind: type, **where: object) -> int:
    async with container.database.begin() as tx:
        return await tx.count(kind, **where)


@asynccontextmanager
async def delivering(container: Container) -> AsyncIterator[None]:
    """The outbox worker."""
    stop = asyncio.Event()
    courier = asyncio.create_task(deliver(container, stop))
    try:
        yield
    finally:
        stop.set()
        await courier


def _thanked(customer: Customer) -> bool:
    """At 26 messages a second for all of them it takes a while."""
    thanks = EN("paid", amount=EN.money(PRICE, Currency.XTR))
    return any(thanks in text for text in customer.texts())


@pytest.mark.slow
async def test_killed_again_and_again_it_books_every_payment_once(api, tmp_path):
    env = selling(api, tmp_path)
    settings = Settings.from_env(env)
    dice = random.Random(7)
    people = [Customer(api, 5000 + number) for number in range(PEOPLE)]
    async with open_redis(settings), open_container(settings) as container:
        env |= {"EIDER_REDIS_URL": settings.redis_url, "OMP_NUM_THREADS": "1"}
        bills = [
            Bill("Avatar", "Once.", (await placed(container, one)).id, PRICE, "XTR", "o", 0)
            for one in people
        ]

        def pay() -> None:
            for one, bill in zip(people, bills, strict=True):
                one.pays_late(api.stars.take(one.user, bill))

        await killed_before_storing(api, container, "poll", env, pay)
        assert await counted(container, Charge) == 0
        for _ in range(DEATHS):
            before = await counted(container, Charge)
            if before == PEOPLE:
                break
            process = await start("poll", env)
            try:
                while await counted(container, Charge) == before:
                    assert process.returncode is None
                    await asyncio.sleep(dice.uniform(0, 0.01))
            finally:
                process.kill()
                await process.wait()
        async with chatting(container), delivering(container):
            # A dead holder's lock lives on for 10 seconds.
            await until(lambda: api.pending == [], seconds=60)
            assert await counted(container, Order, state=OrderState.PAID) == PEOPLE
            for one in people:  # of those whose answer died with the process, by the outbox
                await until(partial(_thanked, one), "thanks", one.texts, seconds=60)
        assert await counted(container, Charge) == await counted(container, Avatar) == PEOPLE
        assert api.made("refundStarPayment") == []
        assert api.stars.balance == PEOPLE * PRICE
    api.problems.clear()  # a call that was cut in two by the kill is no broken rule
