from datetime import timedelta

import pytest

from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.errors import (
    NotAllowed,
    NotFound,
)
from shop.money import ledger, order_accounting
from shop.orders import orders
from shop.records import (
    Avatar,
    AvatarState,
    Currency,
    OrderState,
    Photo,
    Portrait,
    SealedKey,
    ShootState,
    User,
)
from tests.shop.conftest import GRANTED, PACK, PRICE, SHOOT, money, notices, payloads
from tests.storing import CAPACITY

CNY = Currency.CNY


class TestCredits:
    async def buy(self, shop, credits=None):
        user = await shop.customer()
        return user, await orders.buy_credits(
            shop.tx, shop.catalog, user, "sandbox", CNY, shop.now, credits, capacity=CAPACITY
        )

    async def test_a_pack_is_granted_when_it_is_paid(self, shop):
        user, order = await self.buy(shop)
        assert (order.state, order.amount, order.credits) == (OrderState.AWAITING, 600, PACK)
        assert await ledger.balance(shop.tx, user.id) == 0

        for _ in range(2):
            assert (await shop.pay(order)).state is OrderState.DONE
        assert await ledger.balance(shop.tx, user.id) == PACK

    async def test_an_unpaid_pack_is_used_again(self, shop):
        _, order = await self.buy(shop)
        _, other = await self.buy(shop, 100)
        assert (other.id, other.credits, other.amount) == (order.id, 100, 2500)

    async def test_a_pack_that_is_not_sold(self, shop):
        with pytest.raises(NotFound):
            await self.buy(shop, 99)

    async def test_a_refund_takes_back_what_is_unspent(self, shop):
        _, _, first = await shop.ready()
        await shop.painted(first)
        user, order = await self.buy(shop)
        await shop.pay(order, "credits")
        assert await ledger.balance(shop.tx, user.id) == GRANTED + PACK
        await orders.refund(
            shop.tx, await orders.get_owned(shop.tx, user, order.id), "asked", shop.now
        )
        assert await ledger.balance(shop.tx, user.id) == GRANTED


class TestRefunding:
    async def test_before_the_training(self, shop):
        order, avatar = await shop.paid()
        refunding = await orders.refund(shop.tx, order, "asked", shop.now)

        assert (refunding.state, refunding.refund_reason) == (OrderState.REFUNDING, "asked")
        assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.FAILED
        assert not await shop.owes(TRAIN, avatar.id)
        assert await shop.tx.count(Photo) == await shop.tx.count(SealedKey) == 0
        assert await payloads(shop, "refund") == [
            {"order": order.id, "charge": f"sandbox:{refunding.charge}"}
        ]
        assert await money(shop) == (PRICE, PRICE, 0)

        assert (
            await order_accounting.book_refund(
                shop.tx, order_accounting.paying_charge_id(refunding), shop.now
            )
        ).state is OrderState.REFUNDED
        assert (
            await order_accounting.book_refund(
                shop.tx, order_accounting.paying_charge_id(refunding), shop.now
            )
        ).state is OrderState.REFUNDED
        assert await money(shop) == (0, 0, 0)

    async def test_after_the_portraits_everything_goes(self, shop):
        order, avatar, first = await shop.ready()
        await shop.painted(first)
        await orders.refund(shop.tx, order, "asked", shop.now)

        gone = await shop.tx.get(Avatar, avatar.id)
        assert (gone.state, gone.key_id, gone.blobs) == (AvatarState.ERASED, None, ())
        assert await shop.tx.count(Portrait) == await shop.tx.count(SealedKey) == 0
        assert {payload["prefix"] for payload in await payloads(shop, "erase_blobs")} == {
            f"avatars/{avatar.id}",
            f"portraits/{avatar.id}",
        }
        # The first portraits were painted: their credits are spent, the others are gone.
        assert await ledger.balance(shop.tx, order.user_id) == 0
        assert await shop.tx.total(ledger.SPENT, Currency.CREDITS) == SHOOT

    async def test_a_shoot_under_way_is_cancelled_and_its_credits_go_too(self, shop):
        order, _, first = await shop.ready()
        await orders.refund(shop.tx, order, "asked", shop.now)

        assert (await shop.tx.get(type(first), first.id)).state is ShootState.FAILED
        assert not await shop.owes(PAINT, first.id)
        assert await ledger.balance(shop.tx, order.user_id) == 0
        assert "shoot_failed" not in await notices(shop)

    async def test_twice_is_once(self, shop):
        order, _ = await shop.paid()
        first = await orders.refund(shop.tx, order, "asked", shop.now)
        assert await orders.refund(shop.tx, order, "again", shop.now) == first
        done = await order_accounting.book_refund(
            shop.tx, order_accounting.paying_charge_id(first), shop.now
        )
        assert await orders.refund(shop.tx, order, "again", shop.now) == done
        assert len(await payloads(shop, "refund")) == 1

    async def test_what_nobody_paid_cannot_be_refunded(self, shop):
        with pytest.raises(NotAllowed):
            await orders.refund(shop.tx, await shop.awaiting(), "asked", shop.now)


class TestEnding:
    async def test_cancelling_ends_the_uploads(self, shop):
        order = await shop.collecting(2)
        cancelled = await orders.cancel(shop.tx, order, shop.now)

        assert (cancelled.state, cancelled.key_id) == (OrderState.CANCELLED, None)
        assert await shop.tx.count(Photo) == await shop.tx.count(SealedKey) == 0
        assert await orders.cancel(shop.tx, order, shop.now) == cancelled
        assert len(await payloads(shop, "erase_uploads")) == 1

    async def test_a_paid_order_is_not_cancelled(self, shop):
        order, _ = await shop.paid()
        with pytest.raises(NotAllowed):
            await orders.cancel(shop.tx, order, shop.now)

    async def test_what_nobody_touched_expires(self, shop):
        old = await shop.awaiting("old")
        shop.now += timedelta(hours=25)
        young = await shop.collecting(1, "young")
        before = shop.now - timedelta(hours=24)
        gone = await shop.expire(before)

        assert [order.id for order in gone] == [old.id]
        assert (await orders.current(shop.tx, await shop.tx.get(User, young.user_id))) == young
        assert [one["order"] for one in await payloads(shop, "erase_uploads")] == [old.id]
        assert "expired" in await notices(shop)
        assert await shop.expire(before) == []

    async def test_paid_orders_do_not_expire(self, shop):
        await shop.paid()
        later = shop.now + timedelta(days=9)
        assert await shop.expire(later) == []
