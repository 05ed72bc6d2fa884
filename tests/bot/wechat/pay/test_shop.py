"""A shop in WeChat, by real HTTP: what WeChat Pay posts to it, and what it asks of WeChat Pay."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.outbox import worker
from bot.outbox.worker import ask_tills, expire
from bot.web import address_limits
from bot.wechat import WECHAT, WECHAT_PAY
from handlers.billing import bill_title
from handlers.limits import HOUR, Limit
from handlers.texts import texts
from shop.errors import TillError
from shop.jobs import outbox
from shop.orders import orders, payments
from shop.orders.orders import Checkout
from shop.outages import REPEATS
from shop.people import users
from shop.records import CHAT, Charge, Currency, OrderState
from tests.bot.wechat.pay.purchases import (
    billed,
    demand_books,
    handle,
    now_of,
    of_outbox,
    told,
)
from tests.storing import CAPACITY
from tests.wechatpay.notices import RETRY_SECONDS
from tests.wechatpay.records import CannotPay
from tests.wechatpay.stand import PAYER


@pytest.fixture
async def order(container, base):
    """``base``: the shop answers."""
    async with container.database.begin() as tx:
        await users.get_or_create(tx, WECHAT, "o-boss", "en", container.clock())
    return await billed(container)


@pytest.fixture
def at_once(monkeypatch):
    """No bill is too young to be asked for."""
    monkeypatch.setattr(worker, "UNHEARD", timedelta(seconds=-1))


async def posted(double):
    """What each of the notifications that were due was answered last."""
    return [one.answers[-1:] for one in await double.notices.post_due()]


async def of_kind(container, kind):
    """The notices of that kind."""
    return [one for one in await of_outbox(container, "notice") if one.payload["kind"] == kind]


async def charges(container):
    async with container.database.begin() as tx:
        return await tx.find(Charge)


async def refund_now(container, order):
    async with container.database.begin() as tx:
        await orders.refund(tx, await tx.get(type(order), order.id), "asked", await tx.now())


class TestPayments:
    async def test_a_notification_pays_the_order(self, container, double, order):
        assert double.trades.trades[order.bill].terms["notify_url"].endswith("/pay/wechat")
        trade = double.pay_number(order.bill, PAYER)
        assert await posted(double) == [[200]]
        paid = await now_of(container, order)
        assert (paid.state, paid.charge) == (OrderState.PAID, trade.transaction_id)
        await demand_books(container)

    async def test_it_may_come_twice_at_once_and_again(self, container, double, order):
        double.notices.faults.doubled = True
        double.pay_number(order.bill, PAYER)
        (notice,) = await double.notices.post_due()
        notice.due_at = container.clock()
        await double.notices.post_due()
        assert notice.answers == [200] * 4
        assert len(await charges(container)) == 1
        await demand_books(container)

    async def test_a_changed_one_is_refused_and_comes_again_whole(self, container, double, order):
        double.pay_number(order.bill, PAYER)
        double.notices.faults.tampered = True
        (notice,) = await double.notices.post_due()
        assert notice.answers == [401]
        assert (await now_of(container, order)).state is OrderState.AWAITING
        double.notices.faults.tampered = False
        assert notice.due_at is not None, "WeChat Pay goes on"
        notice.due_at = container.clock()
        assert await posted(double) == [[200]]
        assert (await now_of(container, order)).state is OrderState.PAID

    async def test_wechat_pays_probe_of_our_verification_is_refused(self, container, double, order):
        double.notices.faults.probes = True
        double.pay_number(order.bill, PAYER)
        (notice,) = await double.notices.post_due()
        assert notice.answers == [401, 200]
        assert (await now_of(container, order)).state is OrderState.PAID

    async def test_refusals_are_said_in_wechat_pays_form(self, base, http, double, order):
        double.pay_number(order.bill, PAYER)
        body = double.notices.all[0].body
        async with http.post(f"{base}/pay/wechat", data=body) as answer:
            assert answer.status == 401
            assert await answer.json() == {"code": "FAIL", "message": "Unauthorized"}
        serial = {"Wechatpay-Serial": "1234ABCD"}  # a certificate, which cannot be fetched now
        double.faults.status = 502
        headers = double.notices.headers(body) | serial
        async with http.post(f"{base}/pay/wechat", data=body, headers=headers) as answer:
            assert answer.status == 503
            assert (await answer.json())["code"] == "FAIL"
        double.faults.status = 0
        async with http.post(f"{base}/pay/wechat", data=b"x" * 70_000) as answer:
            assert (answer.status, (await answer.json())["code"]) == (413, "FAIL")

    async def test_a_flood_of_unknown_certificates_is_limited_and_logged_once_a_minute(
        self, container, base, http, double, order, monkeypatch
    ):
        monkeypatch.setattr(address_limits, "FORGERIES", Limit("forgeries", 2, HOUR))
        double.pay_number(order.bill, PAYER)
        body = double.notices.all[0].body
        headers = double.notices.headers(body)
        double.faults.status = 502
        with capture_logs() as logged:
            for status in (503, 503, 429, 429):
                strange = headers | {"Wechatpay-Serial": "1234ABCD"}
                async with http.post(f"{base}/pay/wechat", data=body, headers=strange) as answer:
                    assert answer.status == status
                    assert int(answer.headers["Retry-After"]) >= 1
        lines = [one for one in logged if one["event"] == "payment_not_verified"]
        assert {one[REPEATS] for one in lines} == {"payment_not_verified: wechat"}
        double.faults.status = 0
        assert await posted(double) == [[200]], "a true one passes, from the same address"
        assert (await now_of(container, order)).state is OrderState.PAID

    async def test_events_that_we_do_not_know_are_acknowledged(
        self, container, base, double, order
    ):
        double.notices.add(f"{base}/pay/wechat", "COMPLAINT.CREATE", "complaint", {"any": "thing"})
        assert await posted(double) == [[200]]
        assert await charges(container) == []

    async def test_one_of_another_amount_goes_back_whole(self, container, double, order):
        double.trades.trades[order.bill].terms["amount"]["total"] = 1
        double.pay_number(order.bill, PAYER)
        assert await posted(double) == [[200]]
        assert (await now_of(container, order)).state is OrderState.AWAITING
        await handle(container, "refund")
        assert await handle(container, "refund") == []
        (refund,) = double.trades.refunds.values()
        assert (refund.amount, refund.status) == (1, "SUCCESS")
        await demand_books(container)

    async def test_a_second_one_goes_back_and_the_customer_is_told(self, container, double, order):
        """By the code and on the page, in the same minute."""
        given = await container.tills[WECHAT_PAY].page_parameters(
            order, bill_title(texts("en"), order), PAYER
        )
        double.pay_number(order.bill, PAYER)
        second = double.pay(given["package"].removeprefix("prepay_id="), PAYER)
        assert await posted(double) == [[200], [200]]
        (notice,) = await of_kind(container, "payment_unwanted")
        user, (said,) = await container.outbox_handlers.notifications.replies(notice.payload)
        assert user.platform_id == PAYER
        words = texts(user.language)
        assert said.text == words("pay-twice", amount=words.money(990, order.currency))
        await handle(container, "refund")
        assert await handle(container, "refund") == []
        (refund,) = double.trades.refunds.values()
        assert refund.report()["transaction_id"] == second.transaction_id
        await demand_books(container)

    async def test_when_one_bill_is_paid_the_others_are_closed(self, container, double, order):
        given = await container.tills[WECHAT_PAY].page_parameters(
            order, bill_title(texts("en"), order), PAYER
        )
        double.pay_number(order.bill, PAYER)
        assert await posted(double) == [[200]]
        assert await handle(container, "close_bill") == []
        with pytest.raises(CannotPay, match="CLOSED"):
            double.pay(given["package"].removeprefix("prepay_id="), PAYER)
        assert await of_kind(container, "payment_unwanted") == []

    @pytest.mark.parametrize(
        ("payer", "key"), [(PAYER, "pay-too-late"), ("o-a-friend", None)], ids=["owner", "friend"]
    )
    async def test_who_pays_a_closed_bill_hears_that_it_goes_back(
        self, container, double, order, payer, key
    ):
        """Somebody else who has scanned the code hears it from WeChat Pay alone."""
        async with container.database.begin() as tx:
            await orders.cancel(tx, order, await tx.now())
        double.pay_number(order.bill, payer)
        assert await posted(double) == [[200]]
        found = await of_kind(container, "payment_unwanted")
        assert len(found) == (key is not None)
        for notice in found:
            user, (said,) = await container.outbox_handlers.notifications.replies(notice.payload)
            words = texts(user.language)
            assert said.text == words(key, amount=words.money(990, order.currency))

    async def test_a_bill_that_is_open_again_is_not_closed(self, container, double, order):
        """They went to another chat's till and came back before the message was handled."""
        async with container.database.begin() as tx:
            payload = {"order": order.id, "till": WECHAT_PAY}
            await outbox.enqueue(tx, CHAT, "close_bill", payload, await tx.now())
        assert await handle(container, "close_bill") == []
        double.pay_number(order.bill, PAYER)

    async def test_a_lost_one_is_found(self, container, double, order, at_once):
        double.notices.faults.lost = len(RETRY_SECONDS)
        double.pay_number(order.bill, PAYER)
        assert await posted(double) == [[]]
        await ask_tills(container)
        assert (await now_of(container, order)).state is OrderState.PAID
        await demand_books(container)

    async def test_older_bills_are_asked_for_every_ten_minutes(self, container, double, order):
        asked = []
        for minutes in (1, 7, 14, 15, 16, 19, 20, 21, 59, 60, 61):
            async with container.database.begin() as tx:
                ago = timedelta(minutes=minutes, seconds=10)
                await tx.put(replace(order, touched_at=await tx.now() - ago))
            before = len(double.calls)
            await ask_tills(container)
            if len(double.calls) > before:
                asked.append(minutes)
        assert asked == [1, 7, 14, 20, 60]

    async def test_an_order_that_was_paid_does_not_expire(self, container, double, order):
        double.notices.faults.lost = len(RETRY_SECONDS)
        other = await billed(container, "o-another")
        double.pay_number(order.bill, PAYER)
        settings = container.settings.model_copy(update={"upload_hours": -1})
        await expire(replace(container, settings=settings))
        assert (await now_of(container, order)).state is OrderState.PAID
        assert (await now_of(container, other)).state is OrderState.CANCELLED
        assert await handle(container, "close_bill") == []
        with pytest.raises(CannotPay, match="CLOSED"):
            double.pay_number(other.bill, "o-another")


class TestAnotherTill:
    """The order is placed anew in another chat of its owner's, where another till takes the money;
    its bill at WeChat Pay was paid before, and the notification is lost."""

    @pytest.fixture
    async def moved(self, container, double, order):
        async with container.database.begin() as tx:
            checkout = Checkout(
                "sandbox", Currency.CNY, "mini", photos_minimum=12, capacity=CAPACITY
            )
            moved = await orders.place(tx, container.catalog, order, checkout, await tx.now())
        assert (moved.till, moved.former_till) == ("sandbox", WECHAT_PAY)
        return moved

    def pay_unheard(self, double, order):
        double.notices.faults.lost = len(RETRY_SECONDS)
        return double.pay_number(order.bill, PAYER)

    async def demand_paid(self, container, order, trade):
        paid = await now_of(container, order)
        assert (paid.state, paid.till) == (OrderState.PAID, WECHAT_PAY)
        assert paid.charge == trade.transaction_id
        await demand_books(container)

    async def test_both_tills_are_asked(self, container, double, order, moved, at_once):
        trade = self.pay_unheard(double, order)
        await ask_tills(container)
        await self.demand_paid(container, order, trade)

    async def test_whoever_closes_the_former_bill_finds_it(self, container, double, order, moved):
        trade = self.pay_unheard(double, order)
        await handle(container, "close_bill")
        await self.demand_paid(container, order, trade)

    async def test_the_former_is_closed_before_another_is_made(
        self, container, double, order, moved
    ):
        till = container.tills[WECHAT_PAY]
        double.faults.status = 502
        with pytest.raises(TillError):
            await orders.close_at(container.database, till, order.id)
        double.faults.status = 0
        assert not await orders.close_at(container.database, till, order.id)
        with pytest.raises(CannotPay, match="CLOSED"):
            double.pay_number(order.bill, PAYER)
        async with container.database.begin() as tx:
            billed_anew = await orders.attach_bill(tx, moved, "bill_of_the_other")
        assert billed_anew.former_till == ""

    async def test_one_that_was_paid_is_booked_instead(self, container, double, order, moved):
        trade = self.pay_unheard(double, order)
        assert await orders.close_at(container.database, container.tills[WECHAT_PAY], order.id)
        await self.demand_paid(container, order, trade)


class TestAfterTheEnd:
    async def cancel(self, container, order):
        async with container.database.begin() as tx:
            await orders.cancel(tx, order, await tx.now())

    async def test_a_cancelled_orders_bill_is_closed(self, container, double, order):
        await self.cancel(container, order)
        (message,) = await of_outbox(container, "close_bill")
        double.faults.status = 502
        assert [one.id for one in await handle(container, "close_bill")] == [message.id]
        double.faults.status = 0
        assert await handle(container, "close_bill") == []
        with pytest.raises(CannotPay, match="CLOSED"):
            double.pay_number(order.bill, PAYER)

    async def test_what_is_paid_all_the_same_goes_back(self, container, double, order):
        """Between our cancelling and WeChat Pay's closing."""
        await self.cancel(container, order)
        double.pay_number(order.bill, PAYER)
        assert await handle(container, "close_bill") == []
        assert await posted(double) == [[200]]
        assert (await now_of(container, order)).state is OrderState.CANCELLED
        await handle(container, "refund")
        assert await handle(container, "refund") == []
        (refund,) = double.trades.refunds.values()
        assert (refund.amount, refund.status) == (990, "SUCCESS")
        await demand_books(container)


class TestRefunds:
    @pytest.fixture
    async def paid(self, container, double, order):
        double.pay_number(order.bill, PAYER)
        await double.notices.post_due()
        return await now_of(container, order)

    def only(self, double):
        (refund,) = double.trades.refunds.values()
        return refund

    async def test_it_is_booked_when_it_is_confirmed_by_a_look(self, container, double, paid):
        double.trades.refund_seconds = 10_000
        await refund_now(container, paid)
        (waiting,) = await handle(container, "refund")
        assert (await now_of(container, paid)).state is OrderState.REFUNDING
        assert timedelta(0) < waiting.due_at - container.clock() <= timedelta(minutes=1)
        assert waiting.attempts == 0, "it is no failure"
        await demand_books(container)
        double.trades.settle(self.only(double), "SUCCESS")
        assert await handle(container, "refund") == []
        assert (await now_of(container, paid)).state is OrderState.REFUNDED
        await demand_books(container)

    async def test_or_by_a_notification_whichever_is_first(self, container, double, paid):
        double.trades.refund_seconds = 10_000
        await refund_now(container, paid)
        await handle(container, "refund")
        double.settle(self.only(double), "SUCCESS")
        double.notices.faults.doubled = True
        assert await posted(double) == [[200]]
        assert (await now_of(container, paid)).state is OrderState.REFUNDED
        assert await handle(container, "refund") == []
        assert len(await told(container, "payment_refunded")) == 1
        await demand_books(container)

    async def test_a_notification_that_overtakes_the_payments_own(self, container, double, order):
        double.notices.faults.lost = 1
        trade = double.pay_number(order.bill, PAYER)
        await double.notices.post_due()
        await container.tills[WECHAT_PAY].refund(
            trade.transaction_id, 990, trade_currency(container), "by:hand"
        )
        double.advance()
        double.settle(self.only(double), "SUCCESS")
        await double.notices.post_due()
        double.notices.all[0].due_at = container.clock()
        assert await posted(double) == [[200]]
        assert (await now_of(container, order)).state is OrderState.AWAITING
        await demand_books(container)

    async def test_admins_hear_once_of_one_that_is_stuck(self, container, double, paid):
        double.trades.refund_seconds = 10_000
        await refund_now(container, paid)
        await handle(container, "refund")
        double.settle(self.only(double), "ABNORMAL")
        assert await posted(double) == [[200]]
        for _ in range(2):
            assert len(await handle(container, "refund")) == 1
        assert await told(container, "refund_trouble") == ["stuck"]
        assert (await now_of(container, paid)).state is OrderState.REFUNDING
        double.settle(self.only(double), "SUCCESS")
        assert await handle(container, "refund") == []
        assert (await now_of(container, paid)).state is OrderState.REFUNDED
        await demand_books(container)

    async def test_a_closed_one_is_asked_for_anew(self, container, double, paid):
        double.trades.refund_seconds = 10_000
        await refund_now(container, paid)
        await handle(container, "refund")
        refund = self.only(double)
        double.settle(refund, "CLOSED")
        assert await posted(double) == [[200]]
        assert await told(container, "refund_trouble") == ["closed"]
        refund.at -= timedelta(days=7)  # it was tried for a week
        double.trades.refund_seconds = 0
        await handle(container, "refund")
        assert await handle(container, "refund") == []
        given = [one for one in double.trades.refunds.values() if one.status == "SUCCESS"]
        assert [one.amount for one in given] == [990]
        assert (await now_of(container, paid)).state is OrderState.REFUNDED
        await demand_books(container)

    async def test_with_an_empty_account_it_waits_and_admins_hear(self, container, double, paid):
        double.trades.balance = 0
        await refund_now(container, paid)
        for _ in range(2):
            assert len(await handle(container, "refund")) == 1
        assert await told(container, "refund_trouble") == ["stuck"]
        double.trades.balance = None
        await handle(container, "refund")
        assert await handle(container, "refund") == []
        await demand_books(container)

    async def test_a_part_that_somebody_gave_back_by_hand_is_booked_once(
        self, container, base, double, paid
    ):
        currency = trade_currency(container)
        await container.tills[WECHAT_PAY].refund(paid.charge, 400, currency, "by:hand")
        double.notices.faults.doubled = True
        double.settle(self.only(double), "SUCCESS")
        assert await posted(double) == [[200]]
        assert await of_kind(container, "refund_trouble") == []
        reduced = await now_of(container, paid)
        assert (reduced.state in payments.PAID_STATES, reduced.kept) == (True, 590)
        assert len(await of_kind(container, "payment_reduced")) == 1
        await demand_books(container)

    async def test_parts_by_us_then_the_rest(self, container, base, double, paid):
        """Each confirmed by its notification or by a look, whichever is first."""
        double.trades.refund_seconds = 10_000
        for amount in (300, 200):
            async with container.database.begin() as tx:
                await payments.refund_part(tx, paid.id, amount, await tx.now())
            await demand_books(container)
            await handle(container, "refund")
            pending = [one for one in double.trades.refunds.values() if one.status == "PROCESSING"]
            double.settle(pending[0], "SUCCESS")
            assert await posted(double) == [[200]]
            assert await handle(container, "refund") == []
            await demand_books(container)
            for one in double.trades.refunds.values():  # the next one may come a minute later
                one.at -= timedelta(minutes=1)
        assert (await now_of(container, paid)).kept == 490
        await refund_now(container, paid)
        await handle(container, "refund")
        pending = [one for one in double.trades.refunds.values() if one.status == "PROCESSING"]
        assert [one.amount for one in pending] == [490]
        double.settle(pending[0], "SUCCESS")
        assert await handle(container, "refund") == []
        assert (await now_of(container, paid)).state is OrderState.REFUNDED
        await demand_books(container)

    async def test_each_refund_that_wants_a_person_is_told(self, container, base, double, paid):
        """Two at the console stop, and after them one of ours, of the same charge."""
        till, currency = container.tills[WECHAT_PAY], trade_currency(container)
        double.trades.refund_seconds = 10_000
        for name in ("by:hand", "by:hand:too"):
            await till.refund(paid.charge, 100, currency, name)
            for one in double.trades.refunds.values():
                one.at -= timedelta(minutes=1)
        for refund in list(double.trades.refunds.values()):
            double.settle(refund, "ABNORMAL")
        await posted(double)
        async with container.database.begin() as tx:
            await payments.refund_part(tx, paid.id, 200, await tx.now())
        await handle(container, "refund")
        ours = next(one for one in double.trades.refunds.values() if one.amount == 200)
        double.settle(ours, "ABNORMAL")
        for _ in range(2):
            await posted(double)
            await handle(container, "refund")
        told_of = [one.payload["refund"] for one in await of_kind(container, "refund_trouble")]
        assert told_of == ["by*hand", "by*hand*too", "part:1"]
        await demand_books(container)

    async def test_each_part_that_is_not_booked_is_told_and_that_it_is_after_all(
        self, container, double, paid, monkeypatch
    ):
        async def broken(*_, **__):
            raise KeyError("a bug")

        currency = trade_currency(container)
        for name in ("by:hand", "by:hand:too"):
            await container.tills[WECHAT_PAY].refund(paid.charge, 100, currency, name)
            for one in double.trades.refunds.values():
                one.at -= timedelta(minutes=1)
        for refund in list(double.trades.refunds.values()):
            double.settle(refund, "SUCCESS")
        with monkeypatch.context() as patch:
            patch.setattr("shop.money.partial_refunds.book_unasked", broken)
            assert await posted(double) == [[503], [503]]
        assert await told(container, "not_booked") == ["refund", "refund"]
        for notice in double.notices.all:
            notice.due_at = container.clock() if notice.due_at else None
        assert await posted(double) == [[200], [200]]
        assert await told(container, "booked_after_all") == ["refund", "refund"]
        await demand_books(container)

    async def test_one_of_the_console_that_is_closed_is_not_asked_for_anew(
        self, container, double, paid
    ):
        double.trades.refund_seconds = 10_000
        currency = trade_currency(container)
        await container.tills[WECHAT_PAY].refund(paid.charge, 100, currency, "by:hand")
        double.settle(self.only(double), "CLOSED")
        for _ in range(2):
            await posted(double)
        assert await told(container, "refund_trouble") == ["closed_unasked"]
        assert await of_outbox(container, "refund") == []
        assert len(double.trades.refunds) == 1
        await demand_books(container)

    async def test_two_parts_of_the_console_are_two_however_their_numbers_look(
        self, container, double, paid
    ):
        """Of such numbers as ours have, and the same sum: booked each, and told each."""
        currency = trade_currency(container)
        for name in ("by:hand", "by:hand:too", "by:hand:three"):
            await container.tills[WECHAT_PAY].refund(paid.charge, 100, currency, name)
            for one in double.trades.refunds.values():
                one.at -= timedelta(minutes=1)
        for refund, number in zip(
            list(double.trades.refunds.values()), ("a*b-3", "a*b-4", "a*b"), strict=True
        ):
            refund.terms["out_refund_no"] = number
            double.settle(refund, "SUCCESS")
        await posted(double)
        assert (await now_of(container, paid)).kept == 690
        assert len(await of_kind(container, "payment_reduced")) == 3
        await demand_books(container)

    async def test_more_than_our_books_have_left_is_told_and_not_booked(
        self, container, base, double, paid
    ):
        """A part is owed, and before it was asked for, somebody gave everything back by hand."""
        async with container.database.begin() as tx:
            await payments.refund_part(tx, paid.id, 300, await tx.now())
        currency = trade_currency(container)
        await container.tills[WECHAT_PAY].refund(paid.charge, 990, currency, "by:hand")
        double.settle(self.only(double), "SUCCESS")
        assert await posted(double) == [[200]]
        assert await told(container, "refund_trouble") == ["too_much"]
        assert (await now_of(container, paid)).state in payments.PAID_STATES
        await demand_books(container)

    async def test_the_whole_that_somebody_gave_back_by_hand_is_booked(
        self, container, double, paid
    ):
        currency = trade_currency(container)
        await container.tills[WECHAT_PAY].refund(paid.charge, 990, currency, "by:hand")
        double.settle(self.only(double), "SUCCESS")
        assert await posted(double) == [[200]]
        assert (await now_of(container, paid)).state is OrderState.REFUNDED
        assert await handle(container, "refund") == []
        assert len(double.trades.refunds) == 1
        await demand_books(container)


def trade_currency(container):
    return container.tills[WECHAT_PAY].currency
