"""Our books beside WeChat Pay's daily bills: every difference is found, and no other."""

from dataclasses import replace

import pytest

from bot.wechat import WECHAT_PAY
from shop.adapters.memory import MemoryDatabase
from shop.errors import TillError
from shop.orders import orders, payments
from shop.orders.reconciliation import reconcile
from shop.records import Currency, Order, OrderState
from tests.shop.conftest import Shop
from tests.shop.money_invariants import demand_books_balance
from tests.wechatpay.stand import PAYER


class Books:
    """A shop over memory, and its till."""

    def __init__(self, stand, clock):
        self.stand, self.clock = stand, clock
        self.database = MemoryDatabase(clock)

    async def billed(self, person="42"):
        async with self.database.begin() as tx:
            order = await Shop(tx, self.clock()).awaiting(person)
            order = replace(order, till=WECHAT_PAY)
            await tx.put(order)
        await self.stand.till.bill(order, "A")
        return order

    async def pay(self, order, *, lost=False):
        """At WeChat Pay; ``lost``: and nobody tells us."""
        bill = await self.stand.till.bill(order, "A")
        event = await self.stand.till.read(*await self.stand.pay(bill.reference))
        if not lost:
            async with self.database.begin() as tx:
                await orders.confirm_payment(tx, event, self.clock())
        return event

    async def look(self):
        """The kinds of what differs."""
        found = await reconcile(self.database, self.stand.till)
        async with self.database.begin() as tx:
            await demand_books_balance(tx, WECHAT_PAY)
        return [one.kind.value for one in found]

    async def state(self, order):
        async with self.database.begin() as tx:
            return (await tx.get(Order, order.id)).state


@pytest.fixture
def books(stand, clock):
    return Books(stand, clock)


async def test_what_agrees_is_no_difference_on_any_day(books, stand):
    """Before the bill is made, once it is, and when it is too old to be read."""
    order = await books.billed()
    await books.pay(order)
    assert await books.look() == []
    for _ in range(2):
        await stand.to_statement()
        assert await books.look() == []
    books.clock.forward(days=40)
    assert await books.look() == []


async def test_a_lost_payment_is_booked_and_reported(books, stand):
    order = await books.billed()
    await books.pay(order, lost=True)
    await stand.to_statement()
    assert await books.look() == ["unbooked"]
    assert await books.state(order) is OrderState.PAID
    assert await books.look() == []


async def test_what_somebody_gave_back_is_booked_also_of_an_old_payment(books, stand):
    for person, days in (("42", 1), ("43", 45)):
        order = await books.billed(person)
        event = await books.pay(order)
        books.clock.forward(days=days)
        await stand.till.refund(event.charge, 990, Currency.CNY, f"hand:{person}")
        await stand.to_statement()
        assert await books.look() == ["returned"]
        assert await books.state(order) is OrderState.REFUNDED
        assert await books.look() == []


async def test_parts_that_somebody_gave_back_are_booked_until_they_are_the_whole(books, stand):
    order = await books.billed()
    event = await books.pay(order)
    await stand.till.refund(event.charge, 400, Currency.CNY, "hand:1")
    await stand.to_statement()
    assert await books.look() == ["returned"]
    assert await books.look() == []
    assert await books.state(order) is OrderState.PAID
    await stand.till.refund(event.charge, 590, Currency.CNY, "hand:2")
    await stand.to_statement()
    assert await books.look() == ["returned"]
    assert await books.state(order) is OrderState.REFUNDED


async def refund_booked(books, order, event):
    """We believe that it is back."""
    async with books.database.begin() as tx:
        await orders.refund(tx, order, "asked", books.clock())
        await payments.confirm_return(tx, f"{WECHAT_PAY}:{event.charge}", books.clock())


async def test_what_is_booked_as_given_back_and_is_not(books, stand):
    order = await books.billed()
    event = await books.pay(order)
    await refund_booked(books, order, event)
    assert await books.look() == [], "today's bill may have it yet"
    await stand.to_statement()
    assert await books.look() == ["kept"]


async def test_our_own_refund_is_no_difference_at_any_time(books, stand):
    """Its payment is in yesterday's bill, itself in tomorrow's."""
    order = await books.billed()
    event = await books.pay(order)
    await stand.to_statement()
    await stand.till.refund(event.charge, 990, Currency.CNY, "ours:1")
    books.clock.forward(minutes=2)
    await refund_booked(books, order, event)
    for _ in range(3):
        assert await books.look() == []
        await stand.to_statement()
    books.clock.forward(days=29)
    assert await books.look() == []


async def test_a_charge_that_wechat_pay_does_not_know(books, stand, clock):
    order = await books.billed()
    event = await books.pay(order, lost=True)
    async with books.database.begin() as tx:
        await orders.confirm_payment(tx, replace(event, charge="4200never"), clock())
    await stand.to_statement()
    assert sorted(await books.look()) == ["absent", "unbooked"]


async def test_another_amount_than_was_booked(books, stand, clock):
    order = await books.billed()
    event = await books.pay(order, lost=True)
    async with books.database.begin() as tx:
        await orders.confirm_payment(tx, replace(event, amount=991), clock())
    await stand.to_statement()
    assert await books.look() == ["amount"]


async def test_what_the_merchant_sells_elsewhere_is_a_stray_of_ours_alone(books, stand):
    """By its number it is no order of this shop; an admin decides."""
    trades = stand.double.trades
    terms = {
        "appid": trades.app_id, "mchid": trades.merchant_id, "description": "票",
        "out_trade_no": "ticket-4711", "notify_url": "https://other.example/pay",
        "amount": {"total": 5000, "currency": "CNY"},
    }  # fmt: skip
    stand.double.pay(trades.place("NATIVE", terms).code, PAYER)
    await stand.to_statement()
    assert await books.look() == ["stray"]


async def test_a_bill_that_cannot_be_read_changes_nothing(books, stand):
    order = await books.billed()
    await books.pay(order, lost=True)
    await stand.to_statement()
    stand.double.bills.spoil = lambda data: data + b" "
    with pytest.raises(TillError):
        await books.look()
    assert await books.state(order) is OrderState.AWAITING
