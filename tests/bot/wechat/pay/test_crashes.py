"""A refund whose process dies between any two steps: it is given back once, and booked once."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.outbox.till_messages import NotYet, refund
from bot.wechat import WECHAT_PAY
from shop.adapters.memory import MemoryDatabase
from shop.errors import TillError
from shop.orders import orders
from shop.records import Order, OrderState, OutboxMessage
from tests.shop.conftest import Shop
from tests.shop.money_invariants import demand_books_balance, demand_nothing_doubled
from tests.shop.test_crashes import Crash


class Fuse:
    """The process dies at its nth step."""

    def __init__(self, steps):
        self.left = steps

    def step(self):
        if self.left == 0:
            raise Crash
        self.left -= 1


class DoomedDatabase:
    """It may die before a transaction, within it before it commits, and after."""

    def __init__(self, real, fuse):
        self._real, self._fuse = real, fuse

    @asynccontextmanager
    async def begin(self):
        self._fuse.step()
        async with self._real.begin() as tx:
            yield tx
            self._fuse.step()
        self._fuse.step()


class DoomedTill:
    """It may die before it has asked, and after it has the answer."""

    def __init__(self, real, fuse):
        self._real, self._fuse = real, fuse

    async def refund(self, *args):
        self._fuse.step()
        state = await self._real.refund(*args)
        self._fuse.step()
        return state


@pytest.fixture
async def refunded(stand, clock):
    """A paid order that is being refunded, and the message that asks for it."""
    database = MemoryDatabase(clock)
    async with database.begin() as tx:
        order = await Shop(tx, clock()).awaiting()
        await tx.put(replace(order, till=WECHAT_PAY))
    bill = await stand.till.bill(order, "A")
    event = await stand.till.read(*await stand.pay(bill.reference))
    async with database.begin() as tx:
        paid = await orders.confirm_payment(tx, event, clock())
        await orders.refund(tx, paid, "asked", clock())
        (message,) = await tx.find(OutboxMessage, name="refund")
    return database, order, message


async def run_until_done(stand, clock, database, message, doom=lambda n: None):
    """As the outbox does it: again and again, whatever broke. Returns how often it was asked."""
    for times in range(30):
        fuse = Fuse(-1 if doom(times) is None else doom(times))
        tills = {WECHAT_PAY: DoomedTill(stand.till, fuse)}
        try:
            await refund(DoomedDatabase(database, fuse), tills, (), message)
        except (Crash, NotYet, TillError):
            clock.forward(seconds=31)
        else:
            return times
    raise AssertionError("it does not end")


async def demand_given_back_once(stand, database, order):
    given = [one for one in stand.double.trades.refunds.values() if one.status == "SUCCESS"]
    assert [one.amount for one in given] == [990]
    async with database.begin() as tx:
        await demand_books_balance(tx, WECHAT_PAY)
        await demand_nothing_doubled(tx)
        assert (await tx.get(Order, order.id)).state is OrderState.REFUNDED
        notices = await tx.find(OutboxMessage, name="notice")
    assert [one.payload["kind"] for one in notices].count("payment_refunded") == 1


STEPS = 8  # of one round: two transactions of three, and a call of two


async def test_a_round_has_as_many_steps(stand, clock, refunded):
    database, _, message = refunded
    for steps in range(STEPS):
        with pytest.raises(Crash):
            await refund(
                DoomedDatabase(database, fuse := Fuse(steps)),
                {WECHAT_PAY: DoomedTill(stand.till, fuse)}, (), message,
            )  # fmt: skip
    await run_until_done(stand, clock, database, message)


@pytest.mark.parametrize("steps", range(STEPS + 1))
async def test_it_dies_there_in_every_round_but_the_last_ones(stand, clock, refunded, steps):
    database, order, message = refunded
    await run_until_done(stand, clock, database, message, lambda n: steps if n < 4 else None)
    await demand_given_back_once(stand, database, order)


async def test_the_answer_is_lost_wherever_it_can_be(stand, clock, refunded):
    database, order, message = refunded
    for call in ("GET /v3/pay/transactions/id", "POST /v3/refund", "GET /v3/refund"):
        stand.double.faults.drop_on, stand.double.faults.drop = call, 1
        with pytest.raises((TillError, NotYet)):
            await refund(database, {WECHAT_PAY: stand.till}, (), message)
    await run_until_done(stand, clock, database, message)
    await demand_given_back_once(stand, database, order)


async def test_two_workers_ask_at_once(stand, clock, refunded):
    database, order, message = refunded
    tills = {WECHAT_PAY: stand.till}
    for _ in range(3):
        both = (refund(database, tills, (), message) for _ in range(2))
        found = await asyncio.gather(*both, return_exceptions=True)
        assert {type(one) for one in found} <= {NotYet, TillError, type(None)}
        clock.forward(seconds=31)
    await demand_given_back_once(stand, database, order)


async def test_a_closed_one_and_a_crash_together(stand, clock, refunded):
    """Died after the next number was asked for: that is found again."""
    database, order, message = refunded
    with pytest.raises(NotYet):
        await refund(database, {WECHAT_PAY: stand.till}, (), message)
    stand.double.settle(next(iter(stand.double.trades.refunds.values())), "CLOSED")
    clock.forward(minutes=2)
    await run_until_done(stand, clock, database, message, lambda n: 5 if n < 3 else None)
    await demand_given_back_once(stand, database, order)
    assert len(stand.double.trades.refunds) == 2


async def test_it_is_asked_for_ever_more_rarely(stand, clock, refunded):
    database, _, message = refunded
    stand.double.trades.refund_seconds = 3 * 24 * 3600
    waits = []
    for _ in range(3):
        with pytest.raises(NotYet) as wait:
            await refund(database, {WECHAT_PAY: stand.till}, (), message)
        waits.append(wait.value.after.total_seconds() / 60)
        clock.forward(minutes=5 if len(waits) == 1 else 30)
    clock.forward(hours=1)
    with pytest.raises(NotYet) as wait:
        await refund(database, {WECHAT_PAY: stand.till}, (), message)
    assert [*waits, wait.value.after.total_seconds() / 60] == [1, 5, 5, 30]
