"""Parts of a charge that go back: never more than is left, each once, two at once, by anybody."""

import asyncio

import pytest

from shop.errors import NotAllowed, NotFound, PartTooLarge, WrongAmount
from shop.money import ledger, order_accounting, partial_refunds
from shop.orders import orders, payments
from shop.orders.payments import RefundBooking
from shop.records import Order, OrderState, PartialRefund
from tests.shop.conftest import GRANTED, PRICE, Shop, notices, payloads
from tests.shop.money_invariants import demand_books_balance


async def part_of(shop, order, amount):
    return await payments.refund_part(shop.tx, order.id, amount, shop.now)


async def reported(shop, order, refund, amount):
    """The till's word on the charge that paid the order."""
    charge = order_accounting.paying_charge_id(order)
    booked = await payments.confirm_refund(shop.tx, charge, refund, amount, PRICE, shop.now)
    await demand_books_balance(shop.tx)
    return booked


async def test_nothing_that_was_bought_is_taken_back(shop):
    order, _, first = await shop.ready()
    await shop.painted(first)
    charge = order_accounting.paying_charge_id(order)
    part = await part_of(shop, order, 300)
    await demand_books_balance(shop.tx)
    assert await payloads(shop, "refund") == [
        {"order": order.id, "charge": charge, "part": part.id}
    ]
    due = await partial_refunds.due(shop.tx, part.id)
    assert (due.till, due.charge, due.amount, due.key) == ("sandbox", order.charge, 300, part.id)
    assert [await partial_refunds.book_returned(shop.tx, part.id, shop.now) for _ in "12"] == [
        True,
        False,
    ]
    assert await partial_refunds.due(shop.tx, part.id) is None
    assert (await notices(shop)).count("payment_reduced") == 1
    assert (await shop.tx.get(Order, order.id)).state is OrderState.DONE
    assert await ledger.balance(shop.tx, order.user_id) == GRANTED
    await demand_books_balance(shop.tx)


async def test_the_refund_gives_back_what_the_parts_left(shop):
    order, _ = await shop.paid()
    charge = order_accounting.paying_charge_id(order)
    for amount in (300, 90):
        await part_of(shop, order, amount)
    await orders.refund(shop.tx, order, "asked", shop.now)
    due = await order_accounting.refund_due(shop.tx, charge)
    assert (due.amount, due.key) == (PRICE - 390, f"{charge}:refund")
    await demand_books_balance(shop.tx)
    await order_accounting.book_refund(shop.tx, charge, shop.now)
    for part in await shop.tx.find(PartialRefund):
        await partial_refunds.book_returned(shop.tx, part.id, shop.now)
    await demand_books_balance(shop.tx)
    assert await shop.tx.total("till:sandbox", order.currency) == 0
    assert "payment_reduced" not in await notices(shop), "nothing stays then"
    with pytest.raises(NotAllowed):
        await part_of(shop, order, 1)


@pytest.mark.parametrize("amount", [-1, 0, PRICE - 300, PRICE])
async def test_less_than_is_left(shop, amount):
    order, _ = await shop.paid()
    await part_of(shop, order, 300)
    with pytest.raises(PartTooLarge) as refusal:
        await part_of(shop, order, amount)
    assert refusal.value.details == {"left": PRICE - 300}
    await part_of(shop, order, PRICE - 301)
    await demand_books_balance(shop.tx)


async def test_of_what_nobody_paid_there_is_none(shop):
    order = await shop.awaiting()
    with pytest.raises(NotAllowed):
        await part_of(shop, order, 1)
    with pytest.raises(NotFound):
        await partial_refunds.due(shop.tx, "sandbox:c1:part:1")


async def test_two_at_once_are_never_more_than_was_paid(database, clock):
    async with database.begin() as tx:
        order, _ = await Shop(tx, clock()).paid()

    async def give():
        async with database.begin() as tx:
            await part_of(Shop(tx, clock()), order, 600)

    done = await asyncio.gather(give(), give(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "PartTooLarge"]
    async with database.begin() as tx:
        await demand_books_balance(tx)
        assert (await tx.get(Order, order.id)).kept == PRICE - 600


async def test_a_till_that_gives_parts_back_unasked(shop):
    order, _ = await shop.paid()
    assert await reported(shop, order, "r1", 300) is RefundBooking.BOOKED
    assert await reported(shop, order, "r1", 300) is RefundBooking.KNOWN
    assert await reported(shop, order, "r2", PRICE) is RefundBooking.TOO_MUCH
    assert (await shop.tx.get(Order, order.id)).kept == PRICE - 300
    assert await reported(shop, order, "r3", PRICE - 300) is RefundBooking.BOOKED
    assert await reported(shop, order, "r3", PRICE - 300) is RefundBooking.KNOWN
    assert (await shop.tx.get(Order, order.id)).state is OrderState.REFUNDED
    assert await shop.tx.total("till:sandbox", order.currency) == 0


async def test_a_part_unasked_while_everything_is_owed_makes_it_less(shop):
    order, _ = await shop.paid()
    charge = order_accounting.paying_charge_id(order)
    await orders.refund(shop.tx, order, "asked", shop.now)
    assert await reported(shop, order, "r1", 300) is RefundBooking.BOOKED
    assert (await order_accounting.refund_due(shop.tx, charge)).amount == PRICE - 300
    assert await reported(shop, order, f"{charge}:refund", PRICE - 300) is RefundBooking.BOOKED
    assert (await shop.tx.get(Order, order.id)).state is OrderState.REFUNDED


async def test_of_a_second_payment_as_well(shop):
    order, _ = await shop.paid()
    await shop.pay(order, "c2")
    second = "sandbox:c2"
    booked = await payments.confirm_refund(shop.tx, second, "r1", 300, PRICE, shop.now)
    assert booked is RefundBooking.BOOKED
    assert (await order_accounting.refund_due(shop.tx, second)).amount == PRICE - 300
    assert (await shop.tx.get(Order, order.id)).kept == PRICE, "the sale is not touched"
    await demand_books_balance(shop.tx)


async def test_before_the_payment_is_booked(shop):
    """A part waits for the till's statement; the whole means that the payment buys nothing."""
    order = await shop.awaiting()
    early = await payments.confirm_refund(shop.tx, "sandbox:c1", "r1", 300, PRICE, shop.now)
    assert early is RefundBooking.NO_CHARGE
    assert (await shop.pay(order, "c1")).state is OrderState.PAID
    other = await shop.awaiting("43")
    early = await payments.confirm_refund(shop.tx, "sandbox:c9", "r", PRICE, PRICE, shop.now)
    assert early is RefundBooking.NO_CHARGE
    assert (await shop.pay(other, "c9")).state is OrderState.AWAITING
    await demand_books_balance(shop.tx)


@pytest.mark.parametrize("amount", [0, -1])
async def test_a_refund_of_nothing_is_none(shop, amount):
    order, _ = await shop.paid()
    with pytest.raises(WrongAmount):
        await reported(shop, order, "console-1", amount)
    assert await shop.tx.count(PartialRefund) == 0


async def test_what_is_on_its_way_back_to_a_person(shop):
    order, _ = await shop.paid()
    owed = order_accounting.owed_back
    assert await owed(shop.tx, order.user_id) == {}
    part = await part_of(shop, order, 200)
    await reported(shop, order, "console-1", 100)
    assert await owed(shop.tx, order.user_id) == {order.currency: 200}
    await orders.refund(shop.tx, order, "asked", shop.now)
    assert await owed(shop.tx, order.user_id) == {order.currency: PRICE - 100}
    await partial_refunds.book_returned(shop.tx, part.id, shop.now)
    assert await owed(shop.tx, order.user_id) == {order.currency: PRICE - 300}
    await order_accounting.book_refund(shop.tx, order_accounting.paying_charge_id(order), shop.now)
    assert await owed(shop.tx, order.user_id) == {}
