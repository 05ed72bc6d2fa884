"""Payments that are asked about before they are made, and those that came back by themselves."""

from dataclasses import replace

import pytest

from shop import feature_flags, privacy
from shop.avatars.avatars import TRAIN
from shop.errors import (
    AlreadyPaid,
    Banned,
    BillOutdated,
    ConsentMissing,
    NotFound,
    QueueTooLong,
    SalesPaused,
)
from shop.jobs import jobs
from shop.money import ledger, order_accounting
from shop.orders import orders, payments
from shop.orders.sales_guard import Capacity
from shop.people import consent, users
from shop.records import (
    Avatar,
    AvatarState,
    ConsentKind,
    Currency,
    FeatureFlag,
    Job,
    JobId,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Portrait,
    User,
)
from tests.shop.conftest import GRANTED, PACK, PRICE, payment
from tests.storing import CAPACITY

CNY = Currency.CNY


async def owner(shop, order) -> User:
    return await shop.tx.get(User, order.user_id)


async def may_pay(shop, order, user=None, amount=PRICE, currency=CNY):
    user = user or await owner(shop, order)
    await payments.require_payable(
        shop.tx, user, order.id, amount, currency, Capacity(30), shop.now
    )


async def pack(shop):
    user = await shop.customer()
    return await orders.buy_credits(
        shop.tx, shop.catalog, user, "sandbox", CNY, shop.now, capacity=CAPACITY
    )


async def news(shop):
    notices = await shop.tx.find(OutboxMessage, name="notice", order="created_at")
    return [one.payload["kind"] for one in notices]


async def balanced(shop):
    """Nothing is owed, held or earned, and the books are even."""
    accounts = ("till:sandbox", "owed:sandbox", ledger.SALES)
    assert set((await shop.tx.totals()).values()) <= {0}
    return [await shop.tx.total(account, CNY) for account in accounts] == [0, 0, 0]


class TestAsking:
    async def test_the_bill_that_is_out_may_be_paid(self, shop):
        await may_pay(shop, await shop.awaiting())
        await may_pay(shop, await pack(shop), amount=600)

    async def test_not_by_anybody_else(self, shop):
        order = await shop.awaiting()
        with pytest.raises(NotFound):
            await may_pay(shop, order, await shop.customer("43"))

    async def test_not_what_never_was(self, shop):
        order = await shop.awaiting()
        with pytest.raises(NotFound):
            await may_pay(shop, replace(order, id="0" * 32), await shop.customer())

    @pytest.mark.parametrize(("amount", "currency"), [(PRICE - 1, CNY), (PRICE, Currency.XTR)])
    async def test_not_at_another_price(self, shop, amount, currency):
        with pytest.raises(BillOutdated):
            await may_pay(shop, await shop.awaiting(), amount=amount, currency=currency)

    async def test_not_twice(self, shop):
        order, avatar = await shop.paid()
        with pytest.raises(AlreadyPaid):
            await may_pay(shop, order)
        await shop.trained(avatar)
        with pytest.raises(AlreadyPaid):
            await may_pay(shop, order)

    async def test_not_when_it_is_over(self, shop):
        order = await shop.awaiting()
        await orders.cancel(shop.tx, order, shop.now)
        with pytest.raises(BillOutdated):
            await may_pay(shop, order)

    async def test_not_before_it_was_placed(self, shop):
        with pytest.raises(BillOutdated):
            await may_pay(shop, await shop.collecting(12), amount=0)

    async def test_not_after_a_refund(self, shop):
        order, _ = await shop.paid()
        await orders.refund(shop.tx, order, "asked", shop.now)
        with pytest.raises(BillOutdated):
            await may_pay(shop, order)

    async def test_not_by_the_banned(self, shop):
        order = await shop.awaiting()
        banned = await users.ban(shop.tx, await owner(shop, order))
        with pytest.raises(Banned):
            await may_pay(shop, order, banned)

    async def test_what_the_banned_pay_all_the_same_goes_back_whole(self, shop):
        order, credits = await shop.awaiting(), await pack(shop)
        await users.ban(shop.tx, await owner(shop, order))
        for number, one in enumerate((order, credits)):
            for _ in range(2):
                assert (await shop.pay(one, f"c{number}")).state is OrderState.AWAITING
        assert await shop.tx.count(Avatar) == 0
        assert await ledger.balance(shop.tx, order.user_id) == 0
        assert await shop.tx.count(OutboxMessage, name="refund") == 2
        for number in range(2):
            await order_accounting.book_refund(shop.tx, f"sandbox:c{number}", shop.now)
        assert await balanced(shop)

    async def test_an_avatar_not_under_terms_that_have_changed(self, shop, monkeypatch):
        order, credits = await shop.awaiting(), await pack(shop)
        monkeypatch.setitem(consent.VERSION, ConsentKind.TERMS, "2031-01")
        with pytest.raises(ConsentMissing):
            await may_pay(shop, order)
        await may_pay(shop, credits, amount=600)

    async def test_not_while_sales_are_paused(self, shop):
        order = await shop.awaiting()
        await shop.tx.add(FeatureFlag(feature_flags.SALES, False, "telegram:1", shop.now))
        with pytest.raises(SalesPaused):
            await may_pay(shop, order)

    async def test_not_once_the_consent_is_gone(self, shop):
        order = await shop.awaiting()
        user = await owner(shop, order)
        await consent.withdraw(shop.tx, user, ConsentKind.TRAINING, shop.now)
        with pytest.raises(ConsentMissing):
            await may_pay(shop, order)
        await may_pay(shop, await pack(shop), amount=600)  # credits are for what they have

    async def test_not_into_a_queue_that_is_too_long(self, shop):
        order = await shop.awaiting()
        measured = {"started_at": shop.now, "ended_at": shop.now.replace(hour=23)}
        job = Job(JobId("j"), TRAIN.name, "a", order.user_id, JobState.DONE, shop.now)
        await shop.tx.add(replace(job, **measured))
        shop.now = shop.now.replace(day=15)
        with pytest.raises(QueueTooLong):
            await may_pay(shop, order)
        await may_pay(shop, await pack(shop), amount=600)  # which wait for no training


class TestPayer:
    async def test_the_till_hears_whom_to_pay_back(self, shop):
        order, _ = await shop.paid()
        refunding = await orders.refund(shop.tx, order, "asked", shop.now)
        debt = await order_accounting.refund_due(shop.tx, f"sandbox:{refunding.charge}")
        assert debt.payer == "42"
        assert "42" not in repr(replace(debt, charge="", key=""))

    async def test_nobody_knows_it_of_the_erased(self, shop):
        order, _ = await shop.paid()
        await privacy.erase(shop.tx, await owner(shop, order), shop.now)
        debt = await order_accounting.refund_due(shop.tx, f"sandbox:{order.charge}")
        assert (debt.payer, debt.amount) == ("", PRICE)


class TestComingBack:
    """The till gave back what it was not asked for."""

    async def test_what_it_paid_for_is_taken_off(self, shop):
        order, avatar, first = await shop.ready()
        await shop.painted(first)
        for _ in range(2):
            back = await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)
        assert back.state is OrderState.REFUNDED
        assert (await shop.tx.get(Avatar, avatar.id)).state is AvatarState.ERASED
        assert await shop.tx.count(Portrait) == 0
        assert await ledger.balance(shop.tx, order.user_id) == 0
        assert await balanced(shop)
        assert (await news(shop)).count("payment_returned") == 1
        assert "payment_refunded" not in await news(shop)

    async def test_a_training_stops(self, shop):
        order, avatar = await shop.paid()
        await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)
        assert await jobs.owed(shop.tx, TRAIN, avatar.id) == []
        assert await shop.tx.count(OutboxMessage, name="erase_uploads") == 1

    async def test_nobody_asks_the_till_again(self, shop):
        order, _ = await shop.paid()
        await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)
        [message] = await shop.tx.find(OutboxMessage, name="refund")
        assert await order_accounting.refund_due(shop.tx, message.payload["charge"]) is None

    async def test_unspent_credits_go_and_spent_ones_stay_spent(self, shop):
        _, _, first = await shop.ready()  # which left them GRANTED
        await shop.painted(first)
        order = await pack(shop)
        await shop.pay(order, "c2")
        await ledger.take_back(shop.tx, order.user_id, GRANTED + 5, "spent", shop.now)
        assert await ledger.balance(shop.tx, order.user_id) == PACK - 5
        await payments.confirm_return(shop.tx, "sandbox:c2", shop.now)
        assert await ledger.balance(shop.tx, order.user_id) == 0

    async def test_before_we_could_book_what_we_had_asked_for(self, shop):
        order, _ = await shop.paid()
        await orders.refund(shop.tx, order, "asked", shop.now)
        charge = f"sandbox:{order.charge}"
        told = await payments.confirm_return(shop.tx, charge, shop.now)
        assert told.state is OrderState.REFUNDED
        assert (
            await order_accounting.book_refund(shop.tx, charge, shop.now)
        ).state is OrderState.REFUNDED
        assert await balanced(shop)
        assert (await news(shop)).count("payment_refunded") == 1

    async def test_after_we_had_booked_it(self, shop):
        order, _ = await shop.paid()
        await orders.refund(shop.tx, order, "asked", shop.now)
        await order_accounting.book_refund(
            shop.tx, order_accounting.paying_charge_id(order), shop.now
        )
        again = await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)
        assert again.state is OrderState.REFUNDED
        assert (await news(shop)).count("payment_refunded") == 1

    async def test_a_surplus_leaves_the_sale_alone(self, shop):
        order, avatar = await shop.paid()
        await shop.pay(order, "c2")
        kept = await payments.confirm_return(shop.tx, "sandbox:c2", shop.now)
        assert kept.state is OrderState.PAID
        assert await shop.owes(TRAIN, avatar.id)
        assert await shop.tx.total("till:sandbox", CNY) == PRICE

    async def test_its_word_may_come_before_that_of_the_payment(self, shop):
        order = await shop.awaiting()
        for _ in range(2):
            assert await payments.confirm_return(shop.tx, "sandbox:c1", shop.now) is None
        for _ in range(2):
            told = await shop.pay(order, "c1")
            assert told.state is OrderState.AWAITING
        assert await shop.tx.count(Avatar) == 0
        assert await balanced(shop)
        assert (await shop.pay(order, "c2")).state is OrderState.PAID, "another one pays"

    async def test_the_erased_stay_erased(self, shop):
        order, _ = await shop.paid()
        await privacy.erase(shop.tx, await owner(shop, order), shop.now)
        await payments.confirm_return(shop.tx, f"sandbox:{order.charge}", shop.now)
        assert (await owner(shop, order)).erased_at is not None
        assert await shop.tx.count(User) == 1
        assert await balanced(shop)


class TestStanding:
    async def test_only_the_charge_that_paid_while_the_sale_stands(self, shop):
        order = await shop.awaiting()
        first, second = payment(order, "c1", shop.now), payment(order, "c2", shop.now)
        paid = await orders.confirm_payment(shop.tx, first, shop.now)
        assert payments.is_in_effect(paid, first)
        assert not payments.is_in_effect(
            await orders.confirm_payment(shop.tx, second, shop.now), second
        )
        assert not payments.is_in_effect(paid, replace(first, till="stars"))
        back = await orders.refund(shop.tx, paid, "asked", shop.now)
        assert order_accounting.paid_by(back, "sandbox:c1")
        assert not payments.is_in_effect(back, first)

    async def test_a_subscriptions_renewal_is_booked_and_goes_back(self, shop):
        """The same bill by another charge, a month later: nothing sells by the month yet."""
        order, avatar = await shop.paid()
        await shop.trained(avatar)
        renewed = await shop.pay(order, "renewal")
        assert renewed.state is OrderState.DONE
        debt = await order_accounting.refund_due(shop.tx, "sandbox:renewal")
        assert (debt.amount, debt.charge) == (PRICE, "renewal")
        assert (await shop.tx.get(Order, order.id)).charge == order.charge
