from dataclasses import replace
from datetime import timedelta

import pytest

from shop import feature_flags
from shop.avatars.avatars import TRAIN
from shop.errors import (
    Banned,
    ConsentMissing,
    NotFound,
    QueueTooLong,
    SalesPaused,
    StillChecking,
    TemplateNotShown,
    TooFewPhotos,
    WrongAmount,
)
from shop.money import order_accounting
from shop.orders import orders
from shop.orders.sales_guard import Capacity
from shop.people import consent, users
from shop.photos import photos, reviews
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
    Photo,
    SealedKey,
    Subject,
    UserId,
    new_id,
)
from tests.shop.conftest import (
    CHECKOUT,
    GRANTED,
    PRICE,
    SHOOT,
    findings,
    money,
    notices,
    payloads,
    payment,
)
from tests.storing import CAPACITY

CNY = Currency.CNY


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
        assert refusal.value.details == {"accepted": 11, "minimum": 12, "missing": 1}

    async def test_still_checking(self, shop):
        order = await shop.collecting(12)
        await shop.photo(order, 99)
        with pytest.raises(StillChecking):
            await self.place(shop, order)

    async def test_perhaps_a_minor_is_not_sold_to_before_somebody_looked(self, shop):
        order = await shop.collecting(12)
        for seed in range(100, 113):
            photo = await shop.photo(order, seed)
            await photos.apply_findings(shop.tx, photo, findings(seed, youth=0.8), shop.now)
        with pytest.raises(StillChecking):
            await self.place(shop, order)
        for photo in await shop.tx.find(Photo, order_id=order.id, flaw="minor"):
            await reviews.reject(shop.tx, photo, shop.now)
        with pytest.raises(TooFewPhotos):
            await self.place(shop, order)

    async def test_paused_sales(self, shop):
        order = await shop.collecting(12)
        await shop.tx.add(FeatureFlag(feature_flags.SALES, False, "telegram:1", shop.now))
        with pytest.raises(SalesPaused):
            await self.place(shop, order)
        user = await shop.customer()
        with pytest.raises(SalesPaused):
            await orders.buy_credits(
                shop.tx, shop.catalog, user, "sandbox", CNY, shop.now, capacity=CAPACITY
            )

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
            await self.place(shop, order, capacity=Capacity(max_wait_minutes=60))
        assert refusal.value.details == {"minutes": 70}
        assert (
            await self.place(shop, order, capacity=Capacity(max_wait_minutes=70))
        ).state is OrderState.AWAITING

    async def test_another_persons_order_is_not_found(self, shop):
        order = await shop.collecting(platform_id="1")
        stranger = await shop.customer("2")
        with pytest.raises(NotFound):
            await orders.get_owned(shop.tx, stranger, order.id)


class TestPaying:
    async def test_a_payment_starts_the_training(self, shop):
        order, avatar = await shop.paid()

        assert order.state is OrderState.PAID
        assert avatar.state is AvatarState.WAITING
        assert (avatar.base, avatar.order_id) == ("mini", order.id)
        assert await shop.owes(TRAIN, avatar.id)
        assert "paid" in await notices(shop)
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
        assert await payloads(shop, "refund") == []

    async def test_a_second_charge_goes_back(self, shop):
        order = await shop.awaiting()
        await shop.pay(order, "c1")
        after = await shop.pay(order, "c2")

        assert after.state is OrderState.PAID
        assert await payloads(shop, "refund") == [{"order": order.id, "charge": "sandbox:c2"}]
        assert await money(shop) == (2 * PRICE, PRICE, PRICE)
        debt = await order_accounting.refund_due(shop.tx, "sandbox:c2")
        assert (debt.till, debt.charge, debt.amount) == ("sandbox", "c2", PRICE)
        assert await order_accounting.refund_due(shop.tx, "sandbox:c1") is None

        for _ in range(2):
            kept = await order_accounting.book_refund(shop.tx, "sandbox:c2", shop.now)
            assert kept.state is OrderState.PAID
        assert await money(shop) == (PRICE, 0, PRICE)
        assert await order_accounting.refund_due(shop.tx, "sandbox:c2") is None
        assert (await notices(shop)).count("payment_refunded") == 1

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


def test_no_step_leads_out_of_an_end():
    ends = {OrderState.REFUNDED, OrderState.CANCELLED}
    assert not ends & set(order_accounting.TRANSITIONS)
    assert ends | set(order_accounting.TRANSITIONS) == set(OrderState)
