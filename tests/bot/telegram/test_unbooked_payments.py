"""No payment and no refund in Stars is acknowledged without being booked, whatever breaks."""

import asyncio
import json
from itertools import count

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from bot.container import open_container, open_redis
from bot.telegram import TELEGRAM
from bot.telegram.webhook import PATH
from handlers.steps import payments
from handlers.texts import texts
from shop.errors import NotAllowed
from shop.money import order_accounting
from shop.people import users
from shop.records import Charge, Currency, Order, OrderState, OutboxMessage
from shop.settings import Settings
from tests.bot.telegram.journey_steps import chatting, posted_to, serving_posts
from tests.bot.telegram.purchases import PRICE, billed, now_of, placed, selling
from tests.botapi import Customer, Failure, until
from tests.broken_table import TABLES, broken_table
from tests.schema import newer_tables

EN = texts("en")
NUMBERS = count(900_000)


@pytest.fixture
async def container(api, tmp_path, sqlite_url):
    env = selling(api, tmp_path) | {
        "EIDER_TELEGRAM_PER_SECOND": "10000",
        "EIDER_DATABASE_URL": sqlite_url,
        **posted_to(api),
    }
    settings = Settings.from_env(env)
    async with open_redis(settings), open_container(settings) as container:
        yield container


@pytest.fixture
async def post(container):
    """Posts a message to the webhook, once for each call: its status."""
    settings = container.settings
    url = f"http://127.0.0.1:{settings.port}{PATH}"
    headers = {
        "X-Telegram-Bot-Api-Secret-Token": settings.telegram_webhook_secret,
        "Host": "eider.example",
    }

    async with serving_posts(container), ClientSession(headers=headers) as http:

        async def posted(update: dict[str, object]) -> int:
            async with http.post(url, data=json.dumps(update)) as answer:
                return answer.status

        yield posted


def told(customer: Customer, **content: object) -> dict[str, object]:
    """An update with a message in the customer's chat."""
    chat = {"id": customer.user["id"], "type": "private", "first_name": "Ada"}
    message = {
        "message_id": next(NUMBERS), "date": 1_790_000_000, "chat": chat, "from": customer.user,
    } | content  # fmt: skip
    return {"update_id": next(NUMBERS), "message": message}


def payment(customer: Customer, order: Order, **changes: object) -> dict[str, object]:
    return told(
        customer,
        successful_payment={
            "currency": "XTR", "total_amount": PRICE, "invoice_payload": order.id,
            "telegram_payment_charge_id": f"c-{order.id}", "provider_payment_charge_id": "",
        } | changes,
    )  # fmt: skip


def refund(customer: Customer, order: Order) -> dict[str, object]:
    return told(
        customer,
        refunded_payment={
            "currency": "XTR", "total_amount": PRICE, "invoice_payload": order.id,
            "telegram_payment_charge_id": f"c-{order.id}",
        },
    )  # fmt: skip


async def charged(container, order) -> int:
    async with container.database.begin() as tx:
        return await tx.count(Charge, order_id=order.id)


async def notices(container, kind: str) -> list[OutboxMessage]:
    async with container.database.begin() as tx:
        found = await tx.find(OutboxMessage, name="notice")
    return [one for one in found if one.payload.get("kind") == kind]


@pytest.fixture
async def admin(container):
    async with container.database.begin() as tx:
        return await users.get_or_create(tx, TELEGRAM, "77", "en", container.clock())


async def test_with_each_table_broken_in_turn(api, container, post, sqlite_url):
    """Whatever the webhook answers 200 is booked; whatever it does not, comes again, and is."""
    for number, table in enumerate(TABLES):
        customer = Customer(api, 4300 + number)
        order = await placed(container, customer)
        paid, back = payment(customer, order), refund(customer, order)
        for update, state in ((paid, OrderState.PAID), (back, OrderState.REFUNDED)):
            before = (await now_of(container, order)).state
            async with broken_table(sqlite_url, table):
                status = await post(update)
            if status != 200:
                assert status == 503, table
                assert (await now_of(container, order)).state is before, table
            assert await post(update) == 200
            assert (await now_of(container, order)).state is state, table
        assert await charged(container, order) == 1


async def test_on_another_versions_tables_nothing_is_taken_and_nothing_lost(
    customer, container, post, sqlite_url
):
    order = await placed(container, customer)
    updates = (payment(customer, order), told(customer, text="/start"))
    async with newer_tables(sqlite_url):
        assert [await post(one) for one in updates] == [503, 503]
    assert await charged(container, order) == 0
    assert [await post(one) for one in updates] == [200, 200]
    assert await charged(container, order) == 1


@pytest.mark.parametrize("error", [NotAllowed(), KeyError("a bug"), OSError("the host")])
@pytest.mark.parametrize("place", ["the booking", "the words", "the translation"])
async def test_whatever_is_raised_wherever(
    api, customer, container, post, monkeypatch, admin, place, error
):
    """Also where a rule refuses, and where a message of another kind would be passed over."""

    def broken(*_: object, **__: object) -> None:
        raise error

    order = await placed(container, customer)
    update = payment(customer, order)
    target = {
        "the booking": (order_accounting, "book_sale"),
        "the words": (payments.billing, "payment_replies"),
        "the translation": (order_accounting, "none"),
    }[place]
    with monkeypatch.context() as patch, capture_logs() as logged:
        if place == "the translation":
            patch.setattr("bot.telegram.update_processor.translate", broken)
        else:
            patch.setattr(*target, broken)
        assert [await post(update) for _ in range(3)] == [503, 503, 503]
        assert (await now_of(container, order)).state is OrderState.AWAITING
    entries = [one for one in logged if one["event"] == "payment_not_booked"]
    assert {(one["charge"], one["error"]) for one in entries} == {
        (f"c-{order.id}", type(error).__name__)
    }
    assert all("test_unbooked_payments" in str(one["where"]) for one in entries)
    assert len(await notices(container, "not_booked")) == 1
    assert await notices(container, "booked_after_all") == []
    assert [await post(update) for _ in range(2)] == [200, 200]
    assert await charged(container, order) == 1
    assert len(await notices(container, "booked_after_all")) == 1


async def test_a_refund_that_is_booked_after_all_is_told_once(
    customer, container, post, monkeypatch, admin
):
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    order = await placed(container, customer)
    back = refund(customer, order)
    assert await post(payment(customer, order)) == 200
    with monkeypatch.context() as patch:
        patch.setattr("shop.orders.payments.confirm_return", broken)
        assert await post(back) == 503
    assert await notices(container, "booked_after_all") == []
    assert [await post(back) for _ in range(2)] == [200, 200]
    (told_now,) = await notices(container, "booked_after_all")
    _, (reply,) = await container.outbox_handlers.notifications.replies(told_now.payload)
    assert "refund" in reply.text


async def test_what_is_no_order_of_ours_is_not_told_as_booked(
    customer, container, post, monkeypatch, admin
):
    order = await placed(container, customer)
    stray = payment(customer, order, invoice_payload="nobodys")

    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    with monkeypatch.context() as patch:
        patch.setattr("handlers.router.payments.payment_taken", broken)
        assert await post(stray) == 503
    assert await post(stray) == 200
    assert len(await notices(container, "not_booked")) == 1
    assert await notices(container, "booked_after_all") == []


@pytest.mark.parametrize(
    "changes",
    [{"currency": "EUR"}, {"total_amount": None}, {"telegram_payment_charge_id": ["odd"]}],
)
async def test_a_payment_that_nobody_here_can_read_is_not_passed_over(
    customer, container, post, changes
):
    order = await placed(container, customer)
    update = payment(customer, order, **changes)
    if "currency" not in changes:
        update["message"]["date"] = "no date"
    assert await post(update) == 503
    assert await charged(container, order) == 0
    assert await post(told(customer, text="hello")) == 200


async def test_polled_it_stays_unconfirmed_until_it_is_booked(
    api, customer, container, admin, sqlite_url, monkeypatch
):
    monkeypatch.setattr("bot.telegram.polling.RETRY_SECONDS", (0.05,))
    async with chatting(container):
        order, _ = await billed(container, customer)
        async with broken_table(sqlite_url, "postings"):
            await customer.pay()
            (waiting,) = [one for one in api.pending if "message" in one]
            await _until_told(container)
            customer.say("/help")  # nobody else waits for it
            await customer.sees("/paysupport")
            assert waiting in api.pending
        await customer.sees(EN("paid", amount=EN.money(PRICE, Currency.XTR)))
        await until(lambda: waiting not in api.pending)
    assert (await now_of(container, order)).state is OrderState.PAID
    assert await charged(container, order) == 1


async def _until_told(container) -> None:
    async with asyncio.timeout(20):
        while not await notices(container, "not_booked"):
            await asyncio.sleep(0.02)


async def test_a_checkout_whose_answer_telegram_does_not_hear_is_asked_again(
    api, customer, container
):
    async with chatting(container):
        order, shown = await billed(container, customer)
        api.fail("answerPreCheckoutQuery", Failure(502, "Bad Gateway"), times=2)
        await customer.pay(shown)
        await customer.sees(EN("paid", amount=EN.money(PRICE, Currency.XTR)))
    assert await charged(container, order) == 1
