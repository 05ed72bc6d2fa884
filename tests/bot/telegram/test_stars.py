"""The till inside Telegram, over HTTP: refunds, its statement, and payments in updates."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from telegram import Update

from bot.telegram import TELEGRAM, payments
from bot.telegram.inbound import translate
from bot.telegram.stars import PAGE, StarsTill
from handlers.chat import Paid, Refunded
from shop.errors import Forged, TillError
from shop.ports import Bill
from shop.records import Currency, OrderState
from tests.botapi import Bill as Invoice
from tests.botapi import Customer, Failure, Group
from tests.contracts.records import order

XTR = Currency.XTR
OWED = order("order1", state=OrderState.AWAITING, amount=125, currency=XTR)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def till(client) -> StarsTill:
    return StarsTill(client, patience=1.5)


def taken(api, customer, payload="order1", amount=125, period=0):
    """Somebody paid, and no update came."""
    bill = Invoice("Avatar", "Once.", payload, amount, "XTR", "o", period)
    return api.stars.take(customer.user, bill)


async def lines(till):
    return [line async for line in till.statement()]


async def test_a_bill_asks_nobody(till, api):
    assert await till.bill(OWED, "Avatar") == Bill("order1", 125, XTR)
    assert api.calls == []
    for change in ({"amount": 0}, {"currency": Currency.CNY}):
        with pytest.raises(TillError):
            await till.bill(replace(OWED, **change), "Avatar")


async def test_nothing_comes_by_the_web_and_nothing_is_looked_for(till):
    with pytest.raises(Forged):
        await till.read({}, b"{}")
    assert await till.find("order1") is None


async def test_a_refund_is_made_once_and_twice_is_success(till, api, customer):
    charge = taken(api, customer)
    for _ in range(3):
        await till.refund(charge.id, 125, XTR, "k", "4201")
    assert charge.refunded
    assert api.stars.balance == 0
    assert api.made("getStarTransactions") == []


@pytest.mark.parametrize("payer", ["", "6666", "erased:1"])
async def test_telegrams_book_knows_who_paid(till, api, customer, payer):
    Customer(api, 6666)
    for number in range(PAGE + 5):
        taken(api, Customer(api, 6667), f"other{number}")
    charge = taken(api, customer)
    await till.refund(charge.id, 125, XTR, "k", payer)
    assert charge.refunded
    await till.refund(charge.id, 125, XTR, "k", payer)  # by its statement, or by its refusal
    assert api.stars.balance == 125 * (PAGE + 5)


async def test_a_lost_answer_is_asked_for_again(till, api, customer):
    charge = taken(api, customer)
    api.lose_answer("refundStarPayment")
    await till.refund(charge.id, 125, XTR, "k", "4201")
    assert charge.refunded
    assert len(api.made("refundStarPayment")) == 2


async def test_what_cannot_be_given_back(till, api, customer):
    charge = taken(api, customer)
    for name, amount, currency in (
        ("nobody's", 125, XTR),
        (charge.id, 0, XTR),
        (charge.id, 125, Currency.CNY),
    ):
        with pytest.raises(TillError):
            await till.refund(name, amount, currency, "k", "4201")
    api.stars.balance = 0  # the owner took it out
    with pytest.raises(TillError):
        await till.refund(charge.id, 125, XTR, "k", "4201")
    assert not charge.refunded


async def test_an_outage_is_for_another_time(till, api, customer):
    charge = taken(api, customer)
    api.down = True
    with pytest.raises(TillError):
        await till.refund(charge.id, 125, XTR, "k", "4201")
    with pytest.raises(TillError):
        await lines(till)
    api.down = False
    await till.refund(charge.id, 125, XTR, "k", "4201")
    assert charge.refunded


async def test_a_short_429_is_sat_out(client, api, customer):
    till = StarsTill(client, patience=60)
    charge = taken(api, customer)
    api.fail("refundStarPayment", Failure(429, "Too Many Requests", retry_after=1))
    began = time.monotonic()
    await till.refund(charge.id, 125, XTR, "k", "4201")
    assert time.monotonic() - began >= 1
    assert charge.refunded


async def test_a_long_429_is_obeyed_by_every_call(till, api, customer):
    charge = taken(api, customer)
    api.fail("refundStarPayment", Failure(429, "Too Many Requests", retry_after=600))
    for _ in range(3):
        with pytest.raises(TillError):
            await till.refund(charge.id, 125, XTR, "k", "4201")
    with pytest.raises(TillError):
        await lines(till)
    assert len(api.made("refundStarPayment")) == 1
    assert api.made("getStarTransactions") == []


async def test_the_book_is_read_to_its_end(till, api, customer):
    charges = [taken(api, customer, f"o{number}", number + 1) for number in range(PAGE + 1)]
    await till.refund(charges[3].id, 4, XTR, "k", "4201")
    api.stars.withdraw(50)
    found = await lines(till)
    assert [line.charge for line in found[:-2]] == [charge.id for charge in charges]
    assert [line.amount for line in found[:-2]] == list(range(1, PAGE + 2))
    first, back, out = found[0], found[-2], found[-1]
    assert (first.order_id, first.payer, first.incoming) == ("o0", "4201", True)
    assert first.currency is XTR
    assert (back.charge, back.amount, back.incoming) == (charges[3].id, 4, False)
    assert (out.order_id, out.payer, out.incoming) == ("", "", False)
    assert len(api.made("getStarTransactions")) == 2
    assert "4201" not in repr(first)


async def test_an_empty_book(till):
    assert await lines(till) == []


class TestUpdates:
    """What the shop hears of them. The double's own updates, read by the bot's library."""

    async def heard(self, client, signer, api, push):
        number = push()
        [update] = [one for one in await client.fetch(0, 0) if one.id == number]
        return number, translate(update.update, client, signer, NOW, "EiderBot")

    async def test_a_payment(self, client, signer, api, customer):
        charge = taken(api, customer)
        number, incoming = await self.heard(client, signer, api, lambda: customer.pays_late(charge))
        assert (incoming.event_id, incoming.person.id) == (f"telegram:{number}", "4201")
        assert isinstance(incoming.content, Paid)
        event = incoming.content.event
        assert (event.till, event.charge, event.order_id) == ("stars", charge.id, "order1")
        assert (event.amount, event.currency, event.payer) == (125, XTR, "4201")
        assert event.event_id == f"telegram:{number}"
        (update,) = api.pending
        assert event.at.timestamp() == update["message"]["date"]

    async def test_a_subscriptions_payment_is_a_payment(self, client, signer, api, customer):
        charge = taken(api, customer, period=2592000)
        _, incoming = await self.heard(client, signer, api, lambda: customer.pays_late(charge))
        assert incoming.content.event.charge == charge.id

    async def test_a_refund(self, client, signer, api, customer):
        charge = taken(api, customer)
        before = {one.id for one in await client.fetch(0, 0)}
        customer.charges_back(charge)
        [update] = [one for one in await client.fetch(0, 0) if one.id not in before]
        incoming = translate(update.update, client, signer, NOW, "EiderBot")
        assert incoming.content == Refunded("stars", charge.id)
        assert incoming.person.id == "4201"

    @pytest.mark.parametrize("author", [{"from": None}, {"from": {"is_bot": True}}])
    async def test_whoever_is_said_to_send_the_word_of_a_refund(
        self, client, signer, api, customer, author
    ):
        charge = taken(api, customer)
        charge.refunded = True
        sender = {"id": 9, "first_name": "E"} | (author["from"] or {}) if author["from"] else None
        body = {
            "message_id": 5, "date": 1_790_000_000, "refunded_payment": charge.message(),
            "chat": {"id": 4201, "type": "private", "first_name": "Ada"},
        } | ({"from": sender} if sender else {})  # fmt: skip
        update = Update.de_json({"update_id": 8, "message": body}, client)
        incoming = translate(update, client, signer, NOW, "EiderBot")
        assert (incoming.person.platform, incoming.person.id) == (TELEGRAM, "4201")
        assert incoming.content == Refunded("stars", charge.id)

    async def test_a_payment_in_a_group_is_answered_in_private(self, client, signer, api):
        member = Group(api).member(4201)
        charge = taken(api, member)
        _, incoming = await self.heard(client, signer, api, lambda: member.pays_late(charge))
        assert (incoming.person.id, incoming.group) == ("4201", "")
        assert incoming.content.event.charge == charge.id

    async def test_other_money_is_not_taken_for_stars(self, client, customer, api):
        charge = taken(api, customer)
        body = {
            "message_id": 5, "date": 1_790_000_000, "from": customer.user,
            "chat": {"id": 4201, "type": "private", "first_name": "Ada"},
            "successful_payment": charge.message() | {"currency": "USD"},
        }  # fmt: skip
        update = Update.de_json({"update_id": 8, "message": body}, client)
        with pytest.raises(payments.OtherCurrency):  # and it is not acknowledged
            payments.incoming_of(update.message, 8)
