"""Orders that nobody used: however they end, nothing is left of them."""

from datetime import timedelta

import pytest

from shop import privacy
from shop.errors import NotAllowed
from shop.orders import orders
from shop.photos import photos
from shop.records import (
    Currency,
    Flaw,
    Order,
    OrderState,
    OutboxMessage,
    SealedKey,
    User,
)
from tests.shop.conftest import CATALOG, Shop, notices
from tests.storing import CAPACITY

DAY = timedelta(days=1)


async def avatar_order(shop: Shop) -> Order:
    return await shop.collecting()


async def pack_of_credits(shop: Shop) -> Order:
    user = await shop.customer()
    return await orders.buy_credits(
        shop.tx, CATALOG, user, "sandbox", Currency.CNY, shop.now, capacity=CAPACITY
    )


async def cancel(shop: Shop, order: Order) -> None:
    cancelled = await orders.cancel(shop.tx, order, shop.now)
    assert (cancelled.state, cancelled.key_id) == (OrderState.CANCELLED, None)


async def expire(shop: Shop, order: Order) -> None:
    (expired,) = await shop.expire(shop.now + DAY)
    assert (expired.id, expired.state) == (order.id, OrderState.CANCELLED)
    assert [one for one in await notices(shop) if one != "tally"] == ["expired"]


async def erase(shop: Shop, order: Order) -> None:
    await privacy.erase(shop.tx, await shop.tx.get(User, order.user_id), shop.now)


BEGINNINGS = pytest.mark.parametrize("begin", [avatar_order, pack_of_credits])
ENDINGS = pytest.mark.parametrize("end", [cancel, expire, erase])


@BEGINNINGS
@ENDINGS
async def test_an_unused_order_leaves_no_row_and_no_key(shop, begin, end):
    await end(shop, await begin(shop))

    assert await shop.tx.count(Order) == 0
    assert await shop.tx.count(SealedKey) == 0
    assert await shop.tx.count(OutboxMessage, name="erase_uploads") == 0  # no receipt for nothing


@BEGINNINGS
async def test_beginning_and_cancelling_for_ever_leaves_nothing(shop, begin):
    for _ in range(60):
        await cancel(shop, await begin(shop))

    assert await shop.tx.count(Order) == await shop.tx.count(SealedKey) == 0
    assert await shop.tx.count(OutboxMessage) == 0


@BEGINNINGS
async def test_beginning_for_ever_is_one_order(shop, begin):
    assert len({(await begin(shop)).id for _ in range(60)}) == 1
    assert await shop.tx.count(Order) == 1


@BEGINNINGS
async def test_cancelling_twice_is_cancelling_once(shop, begin):
    order = await begin(shop)
    await cancel(shop, order)
    await cancel(shop, order)


@ENDINGS
async def test_an_order_that_had_a_photo_stays_without_its_key(shop, end):
    order = await shop.collecting()
    await photos.refuse(shop.tx, order, Flaw.UNREADABLE, shop.now)
    await shop.tx.remove(OutboxMessage, name="notice")
    await end(shop, order)

    (kept,) = await shop.tx.find(Order)
    assert (kept.state, kept.key_id) == (OrderState.CANCELLED, None)
    assert await shop.tx.count(SealedKey) == 0


@ENDINGS
async def test_a_bill_that_was_shown_may_still_be_paid_late_and_is_then_refunded(shop, end):
    pack = await orders.attach_bill(shop.tx, await pack_of_credits(shop), "bill-1")
    await end(shop, pack)
    after = await shop.pay(pack)

    assert after.state is OrderState.CANCELLED
    assert await shop.tx.count(OutboxMessage, name="refund") == 1


async def test_money_that_came_keeps_its_order(shop):
    """A charge of another amount is owed back, and the order stays what it names."""
    pack = await pack_of_credits(shop)
    await shop.pay(pack, amount=pack.amount - 1)
    await cancel(shop, pack)

    assert await shop.tx.count(Order) == 1


async def test_a_paid_order_is_never_removed(shop):
    pack = await shop.pay(await pack_of_credits(shop))
    with pytest.raises(NotAllowed):
        await orders.cancel(shop.tx, pack, shop.now)
    assert await shop.tx.count(Order) == 1
