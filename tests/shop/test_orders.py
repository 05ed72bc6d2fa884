from dataclasses import replace
from datetime import timedelta

import pytest

from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.errors import (
    Banned,
    ConsentMissing,
    NotAllowed,
    NotFound,
    QueueTooLong,
    SalesPaused,
    StillChecking,
    TemplateNotShown,
    TooFewPhotos,
    WrongAmount,
)
from shop.money import ledger, order_accounting
from shop.orders import orders, sales_guard
from shop.people import consent, users
from shop.photos import photos
from shop.records import (
    Avatar,
    AvatarState,
    Charge,
    ConsentKind,
    Currency,
    FeatureFlag,
    Job,
    JobId,
    JobState,
    OrderId,
    OrderState,
    OutboxMessage,
    Photo,
    Portrait,
    SealedKey,
    ShootState,
    Subject,
    User,
    UserId,
    new_id,
)
from tests.shop.conftest import CHECKOUT, GRANTED, PACK, PRICE, SHOOT, findings, payment

CNY = Currency.CNY


async def errands(shop, name):
    return [
        message.payload
        for message in await shop.tx.find(OutboxMessage, name=name, order="created_at")
    ]


async def news(shop):
    return [payload["kind"] for payload in await errands(shop, "notice")]


async def money(shop):
    """What the till holds, what is owed back, what was earned, and that the books balance."""
    assert set((await shop.tx.totals()).values()) <= {0}
    return (
        await shop.tx.total("till:sandbox", CNY),
        -await shop.tx.total("owed:sandbox", CNY),
        -await shop.tx.total(ledger.SALES, CNY),
    )


class TestBeginning:
    async def test_an_order_brings_its_own_key(self, shop):
        order = await shop.collecting()
        assert order.state is OrderState.COLLECTING
        assert await shop.tx.get(SealedKey, order.key_id)

    async def test_an_open_order_is_used_again(self, shop):
        order = await shop.collecting()
        assert await shop.collecting() == order
        assert await shop.tx.count(SealedKey) == 1

    async def test_nobody_begins_without_both_consents(self, shop):
        user = await shop.customer()
        await consent.withdraw(shop.tx, user, ConsentKind.TRAINING, shop.now)
        with pytest.raises(ConsentMissing):
            await orders.begin(shop.tx, shop.cipher, user, shop.now)

    async def test_the_banned_do_not_begin(self, shop):
        user = await users.ban(shop.tx, await shop.customer())
        with pytest.raises(Banned):
            await orders.begin(shop.tx, shop.cipher, user, shop.now)

    async def test_the_current_order_is_the_one_being_worked_on(self, shop):
        user = await shop.customer()
        assert await orders.current(shop.tx, user) is None
        order, avatar = await shop.paid()
        assert await orders.current(shop.tx, user) == order
        await shop.trained(avatar)
        assert await orders.current(shop.tx, user) is None


class TestPlacing:
    async def place(self, shop, order, **changes):
        return await orders.place(
            shop.tx, shop.catalog, order, replace(CHECKOUT, **changes), shop.now
        )

    async def test_the_catalogues_price_is_copied_in(self, shop):
        placed = await self.place(shop, await shop.collecting(12), subject=Subject.WOMAN)

        assert placed.state is OrderState.AWAITING
        assert (placed.amount, placed.currency, placed.till) == (PRICE, CNY, "sandbox")
        assert placed.credits == GRANTED + SHOOT
        assert (placed.base, placed.subject) == ("mini", Subject.WOMAN)

    async def test_the_first_style_is_the_wanted_one_or_the_first_that_can_be_shown(self, shop):
        order = await shop.collecting(12)
        assert (await self.place(shop, order)).template == "blue"  # hanfu is not for "mini"
        assert (await self.place(shop, order, template="noir")).template == "noir"
        assert (await self.place(shop, order, template="hanfu")).template == "blue"
        assert (await self.place(shop, order, base="sdxl")).template == "hanfu"
        with pytest.raises(TemplateNotShown):
            await self.place(shop, order, base="unknown")

    async def test_placed_again_with_another_till(self, shop):
        order = await self.place(shop, await shop.collecting(12))
        other = await self.place(shop, order, till="telegram", currency=Currency.XTR)
        assert (other.id, other.amount, other.currency) == (order.id, 70, Currency.XTR)

    async def test_too_few_photos(self, shop):
        with pytest.raises(TooFewPhotos) as refusal:
            await self.place(shop, await shop.collecting(11))
        assert refusal.value.details == {"accepted": 11, "minimum": 12}

    async def test_still_checking(self, shop):
        order = await shop.collecting(12)
        await shop.photo(order, 99)
        with pytest.raises(StillChecking):
            await self.place(shop, order)

    async def test_perhaps_a_minor_is_not_sold_to_before_somebody_looked(self, shop):
        order = await shop.collecting(12)
        for seed in range(100, 106):
            photo = await shop.photo(order, seed)
            await photos.judge(shop.tx, photo, findings(seed, youth=0.9), shop.now)
        with pytest.raises(StillChecking):
            await self.place(shop, order)
        for photo in await shop.tx.find(Photo, order_id=order.id, flaw="minor"):
            await photos.reject(shop.tx, photo, shop.now)
        with pytest.raises(TooFewPhotos):
            await self.place(shop, order)

    async def test_paused_sales(self, shop):
        order = await shop.collecting(12)
        await shop.tx.add(FeatureFlag(sales_guard.SALES, False, "telegram:1", shop.now))
        with pytest.raises(SalesPaused):
            await self.place(shop, order)
        user = await shop.customer()
        with pytest.raises(SalesPaused):
            await orders.buy_credits(shop.tx, shop.catalog, user, "sandbox", CNY, shop.now)

    async def test_a_wait_that_we_dare_not_promise(self, shop):
        order = await shop.collecting(12)
        then = shop.now - timedelta(minutes=30)
        await shop.tx.add(
            Job(
                JobId(new_id()), TRAIN.name, "a", UserId("u"), JobState.DONE, then,
                worker="w", started_at=then, ended_at=then + timedelta(minutes=10),
            )
        )  # fmt: skip
        for _ in range(6):
            await shop.tx.add(
                Job(JobId(new_id()), TRAIN.name, "a", UserId("u"), JobState.WAITING, shop.now)
            )
        with pytest.raises(QueueTooLong) as refusal:
            await self.place(shop, order, max_wait_minutes=60)
        assert refusal.value.details == {"minutes": 70}
        assert (await self.place(shop, order, max_wait_minutes=70)).state is OrderState.AWAITING

    async def test_another_persons_order_is_not_found(self, shop):
        order = await shop.collecting(platform_id="1")
        stranger = await shop.customer("2")
        with pytest.raises(NotFound):
            await orders.mine(shop.tx, stranger, order.id)


class TestPaying:
    async def test_a_payment_starts_the_training(self, shop):
        order, avatar = await shop.paid()

        assert order.state is OrderState.PAID
        assert avatar.state is AvatarState.WAITING
        assert (avatar.base, avatar.order_id) == ("mini", order.id)
        assert await shop.owes(TRAIN, avatar.id)
        assert "paid" in await news(shop)
        assert await money(shop) == (PRICE, 0, PRICE)

    async def test_the_same_charge_twice_is_one_payment(self, shop):
        order = await shop.awaiting()
        event = payment(order, "c1", shop.now)
        first = await orders.confirm_payment(shop.tx, event, shop.now)
        again = await orders.confirm_payment(
            shop.tx, replace(event, event_id="another"), shop.now + timedelta(hours=1)
        )

        assert first == again
        assert await shop.tx.count(Avatar) == await shop.tx.count(Charge) == 1
        assert await money(shop) == (PRICE, 0, PRICE)
        assert await errands(shop, "refund") == []

    async def test_a_second_charge_goes_back(self, shop):
        order = await shop.awaiting()
        await shop.pay(order, "c1")
        after = await shop.pay(order, "c2")

        assert after.state is OrderState.PAID
        assert await errands(shop, "refund") == [{"order": order.id, "charge": "sandbox:c2"}]
        assert await money(shop) == (2 * PRICE, PRICE, PRICE)
        debt = await order_accounting.refund_due(shop.tx, "sandbox:c2")
        assert (debt.till, debt.charge, debt.amount) == ("sandbox", "c2", PRICE)
        assert await order_accounting.refund_due(shop.tx, "sandbox:c1") is None

        for _ in range(2):
            kept = await order_accounting.book_refund(shop.tx, "sandbox:c2", shop.now)
            assert kept.state is OrderState.PAID
        assert await money(shop) == (PRICE, 0, PRICE)
        assert await order_accounting.refund_due(shop.tx, "sandbox:c2") is None
        assert (await news(shop)).count("payment_refunded") == 1

    @pytest.mark.parametrize(
        "changes", [{"amount": 1}, {"amount": PRICE + 1}, {"currency": Currency.XTR}]
    )
    async def test_another_amount_goes_back_whole_and_the_order_still_awaits(self, shop, changes):
        order = await shop.awaiting()
        after = await shop.pay(order, "c1", **changes)

        assert after.state is OrderState.AWAITING
        debt = await order_accounting.refund_due(shop.tx, "sandbox:c1")
        assert debt.amount == changes.get("amount", PRICE)
        assert debt.currency is changes.get("currency", CNY)
        await order_accounting.book_refund(shop.tx, "sandbox:c1", shop.now)
        assert set((await shop.tx.totals()).values()) == {0}
        assert (await shop.pay(order, "c2")).state is OrderState.PAID

    async def test_a_payment_that_comes_too_late_goes_back(self, shop):
        order = await shop.awaiting()
        await orders.cancel(shop.tx, order, shop.now)
        after = await shop.pay(order)

        assert after.state is OrderState.CANCELLED
        assert await shop.tx.count(Avatar) == 0
        assert await money(shop) == (PRICE, PRICE, 0)

    @pytest.mark.parametrize("amount", [0, -PRICE])
    async def test_no_amount_is_no_payment(self, shop, amount):
        order = await shop.awaiting()
        with pytest.raises(WrongAmount):
            await shop.pay(order, amount=amount)

    async def test_a_payment_for_an_order_that_is_none_of_ours(self, shop):
        with pytest.raises(NotFound):
            await shop.pay(await shop.awaiting(), order_id=OrderId("unknown"))

    async def test_nothing_is_given_back_that_is_not_owed(self, shop):
        await shop.paid()
        for charge in ("sandbox:c1", "sandbox:unknown"):
            with pytest.raises(NotFound):
                await order_accounting.book_refund(shop.tx, charge, shop.now)


class TestCredits:
    async def buy(self, shop, credits=None):
        user = await shop.customer()
        return user, await orders.buy_credits(
            shop.tx, shop.catalog, user, "sandbox", CNY, shop.now, credits
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
        await orders.refund(shop.tx, await orders.mine(shop.tx, user, order.id), "asked", shop.now)
        assert await ledger.balance(shop.tx, user.id) == GRANTED


class TestRefunding:
    async def test_before_the_training(self, shop):
        order, avatar = await shop.paid()
        refunding = await orders.refund(shop.tx, order, "asked", shop.now)

        assert (refunding.state, refunding.refund_reason) == (OrderState.REFUNDING, "asked")
        assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.FAILED
        assert not await shop.owes(TRAIN, avatar.id)
        assert await shop.tx.count(Photo) == await shop.tx.count(SealedKey) == 0
        assert await errands(shop, "refund") == [
            {"order": order.id, "charge": f"sandbox:{refunding.charge}"}
        ]
        assert await money(shop) == (PRICE, PRICE, 0)

        assert (await orders.refunded(shop.tx, refunding, shop.now)).state is OrderState.REFUNDED
        assert (await orders.refunded(shop.tx, refunding, shop.now)).state is OrderState.REFUNDED
        assert await money(shop) == (0, 0, 0)

    async def test_after_the_portraits_everything_goes(self, shop):
        order, avatar, first = await shop.ready()
        await shop.painted(first)
        await orders.refund(shop.tx, order, "asked", shop.now)

        gone = await shop.tx.get(Avatar, avatar.id)
        assert (gone.state, gone.key_id, gone.blobs) == (AvatarState.ERASED, None, ())
        assert await shop.tx.count(Portrait) == await shop.tx.count(SealedKey) == 0
        assert {payload["prefix"] for payload in await errands(shop, "erase_blobs")} == {
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
        assert "shoot_failed" not in await news(shop)

    async def test_twice_is_once(self, shop):
        order, _ = await shop.paid()
        first = await orders.refund(shop.tx, order, "asked", shop.now)
        assert await orders.refund(shop.tx, order, "again", shop.now) == first
        done = await orders.refunded(shop.tx, first, shop.now)
        assert await orders.refund(shop.tx, order, "again", shop.now) == done
        assert len(await errands(shop, "refund")) == 1

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
        assert len(await errands(shop, "erase_uploads")) == 1

    async def test_a_paid_order_is_not_cancelled(self, shop):
        order, _ = await shop.paid()
        with pytest.raises(NotAllowed):
            await orders.cancel(shop.tx, order, shop.now)

    async def test_what_nobody_touched_expires(self, shop):
        old = await shop.awaiting("old")
        shop.now += timedelta(hours=25)
        young = await shop.collecting(1, "young")
        before = shop.now - timedelta(hours=24)
        gone = await orders.expire(shop.tx, before, shop.now)

        assert [order.id for order in gone] == [old.id]
        assert (await orders.current(shop.tx, await shop.tx.get(User, young.user_id))) == young
        assert [one["order"] for one in await errands(shop, "erase_uploads")] == [old.id]
        assert "expired" in await news(shop)
        assert await orders.expire(shop.tx, before, shop.now) == []

    async def test_paid_orders_do_not_expire(self, shop):
        await shop.paid()
        later = shop.now + timedelta(days=9)
        assert await orders.expire(shop.tx, later, later) == []


def test_no_step_leads_out_of_an_end():
    ends = {OrderState.REFUNDED, OrderState.CANCELLED}
    assert not ends & set(order_accounting.TRANSITIONS)
    assert ends | set(order_accounting.TRANSITIONS) == set(OrderState)
