"""``/pay/{till}``, the cashier's page and the notifier between them, over real HTTP."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from structlog.testing import capture_logs

from bot.cashier.notifier import PaymentNotifier
from bot.demo.environment import free_port
from bot.web.payments import LARGEST
from handlers.limits import FORGERIES
from shop.adapters.tills.signature import sign
from shop.avatars.avatars import TRAIN
from shop.orders import orders
from shop.outages import REPEATS
from shop.records import (
    Charge,
    Job,
    Order,
    OrderState,
    OutboxMessage,
    new_id,
)
from tests.bot.sandbox_purchases import billed, now_of, posted_status
from tests.test_house import CHECKOUT


@pytest.fixture
async def http():
    async with ClientSession(headers={"Accept-Language": "en"}) as session:
        yield session


@pytest.fixture
async def order(container) -> Order:
    return await billed(container, "anna")


def errors(logged):
    return [one["event"] for one in logged if one["log_level"] == "error"]


async def bookings(container):
    async with container.database.begin() as tx:
        return (
            await tx.count(Charge), await tx.count(Job, kind=TRAIN.name), await tx.totals()
        )  # fmt: skip


async def test_a_signed_notification_pays_the_order_once_whatever_repeats(
    container, base, http, order
):
    notification = await container.cashier.till.pay(order.bill)
    assert [await posted_status(http, base, notification) for _ in range(3)] == [200, 200, 200]
    assert (await now_of(container, order)).state is OrderState.PAID
    charges, jobs, totals = await bookings(container)
    assert (charges, jobs) == (1, 1)
    assert set(totals.values()) == {0}


async def test_twenty_at_once_are_one_payment(container, base, http, order):
    notification = await container.cashier.till.pay(order.bill)
    statuses = await asyncio.gather(*(posted_status(http, base, notification) for _ in range(20)))
    assert statuses == [200] * 20
    assert (await bookings(container))[:2] == (1, 1)


async def test_forged_notifications_are_refused_and_do_nothing(container, base, http, order):
    notification = await container.cashier.till.pay(order.bill)
    signature = notification.headers["Sandbox-Signature"]
    forgeries = (
        {"headers": {"Sandbox-Signature": "0" * 64}},
        {"headers": {"Sandbox-Signature": signature[:-1]}},
        {"headers": {"Sandbox-Timestamp": "1"}},
        {"headers": {"Sandbox-Nonce": "other"}},
        {"body": notification.body.replace(b"990", b"1")},
        {"body": b""},
        {"body": b"\xff\xfe garbage"},
        {"body": b"[" * 50_000},
    )
    for forgery in forgeries:
        assert await posted_status(http, base, notification, **forgery) == 401
    async with http.post(f"{base}/pay/sandbox", data=notification.body) as answer:
        assert answer.status == 401
    assert (await now_of(container, order)).state is OrderState.AWAITING
    assert (await bookings(container))[:2] == (0, 0)


@pytest.mark.parametrize("hours", [-25, 25])
async def test_a_notifier_whose_clock_is_wrong_is_no_forger(
    container, base, http, order, metrics, hours
):
    """However many it posts: its signatures are right, and what is wrong is said."""
    notification = await container.cashier.till.pay(order.bill)
    at = container.clock() + timedelta(hours=hours)
    secret = container.settings.sandbox_till_secret
    with capture_logs() as logged:
        for _ in range(FORGERIES.most + 5):
            headers = sign(secret, notification.body, at)
            assert await posted_status(http, base, notification, headers=headers) == 401
    lines = [one for one in logged if one["event"].startswith("payment_")]
    assert {one["event"] for one in lines} == {"payment_stale"}
    assert all("clocks" in one["why"] and one[REPEATS] for one in lines)
    assert all(abs(one["seconds"] + hours * 3600) < 600 for one in lines)
    name, count = "eider_payment_notifications_refused_total", float(FORGERIES.most + 5)
    text = await metrics()
    assert f'{name}{{reason="stale",till="sandbox"}} {count}' in text
    assert f'{name}{{reason="forged",till="sandbox"}} 0.0' in text
    assert (await now_of(container, order)).state is OrderState.AWAITING
    assert await posted_status(http, base, notification) == 200


async def test_another_till_or_verb_is_not_there(base, http):
    async with http.post(f"{base}/pay/wechat", data=b"{}") as answer:
        assert answer.status == 404
    async with http.get(f"{base}/pay/sandbox") as answer:
        assert answer.status == 405


async def test_a_body_beyond_all_measure_is_not_read(base, http):
    async with http.post(f"{base}/pay/sandbox", data=b"x" * (LARGEST + 1)) as answer:
        assert answer.status == 413


async def test_a_payment_of_an_unknown_order_is_acknowledged_and_books_nothing(
    container, base, http, order
):
    stray = replace(order, id=new_id(), bill="")
    bill = await container.cashier.till.bill(stray, "another deployment's")
    notification = await container.cashier.till.pay(bill.reference)
    with capture_logs() as logged:
        assert await posted_status(http, base, notification) == 200
    assert (await bookings(container))[:2] == (0, 0)
    assert "payment_for_unknown_order" in errors(logged)


async def test_a_payment_of_no_money_is_acknowledged_and_books_nothing(
    container, base, http, order, monkeypatch
):
    till, notification = container.tills["sandbox"], await container.cashier.till.pay(order.bill)
    event = await till.read(notification.headers, notification.body)

    async def read(headers, body):
        return replace(event, amount=0)

    monkeypatch.setattr(till, "read", read)
    with capture_logs() as logged:
        assert await posted_status(http, base, notification) == 200
    assert (await bookings(container))[:2] == (0, 0)
    assert (await now_of(container, order)).state is OrderState.AWAITING
    assert errors(logged) == ["payment_without_amount"]


def test_every_error_about_money_is_on_the_operators_list():
    page = (CHECKOUT / "docs/watching.md").read_text("utf-8")
    listed = set(
        re.findall(r"`(\w+)`", page.partition("Log lines to alert\non:")[2].split("\n\n")[0])
    )
    code = "".join(
        file.read_text("utf-8")
        for room in ("bot", "handlers", "pipeline", "shop")
        for file in (CHECKOUT / room).rglob("*.py")
    )
    logged = set(re.findall(r'log\.error\(\s*"(\w+)"', code))
    assert {one for one in logged if re.match("payment|refund|till", one)} <= listed
    assert {one for one in listed if f'"{one}"' not in code} == set(), "nothing logs it"


async def test_the_cashier_shows_takes_and_tells(container, base, http, order):
    page = f"{base}/till/sandbox/{order.bill}"
    async with http.get(page) as answer:
        text = await answer.text()
        assert answer.status == 200
    assert "¥9.90" in text
    assert "Pay ¥9.90" in text
    async with http.post(f"{page}/pay") as answer:  # follows the redirect back
        text = await answer.text()
        assert str(answer.url) == page
    assert "Paid" in text
    assert "<form" not in text
    assert (await now_of(container, order)).state is OrderState.PAID
    assert await container.cashier.till.pending() == []


async def test_a_second_press_at_the_cashier_is_the_same_payment(container, base, http, order):
    page = f"{base}/till/sandbox/{order.bill}"
    await asyncio.gather(*(http.post(f"{page}/pay") for _ in range(4)))
    assert (await bookings(container))[0] == 1


async def test_turning_away_at_the_cashier_charges_nothing(container, base, http, order):
    page = f"{base}/till/sandbox/{order.bill}"
    async with http.post(f"{page}/cancel") as answer:
        assert "Nothing was charged" in await answer.text()
    async with http.post(f"{page}/pay") as answer:
        assert "Nothing was charged" in await answer.text()
    assert (await bookings(container))[0] == 0


async def test_a_bill_that_does_not_exist(base, http):
    for page in ("bill_000", "..%2f..%2fetc", "<script>"):
        async with http.get(f"{base}/till/sandbox/{page}") as answer:
            assert answer.status == 404
            assert "<script>" not in await answer.text()
        async with http.post(f"{base}/till/sandbox/{page}/pay") as answer:
            assert answer.status == 404


@pytest.mark.parametrize(
    ("language", "word"), [("zh-CN", "支付 ¥9.90"), ("fr", "Payer"), ("ko", "결제")]
)
async def test_the_cashier_speaks_the_readers_language(base, http, order, language, word):
    page = f"{base}/till/sandbox/{order.bill}"
    async with http.get(page, headers={"Accept-Language": f"{language};q=0.9, de"}) as answer:
        assert word in await answer.text()


async def test_the_messenger_tells_again_until_it_is_acknowledged(container, order):
    """The shop is away, then faulty, then there: notified every time, acknowledged once."""
    port, answers, heard = free_port(0), [503, 500, 200], []

    async def shop(request: web.Request) -> web.Response:
        heard.append(await request.read())
        return web.Response(status=answers.pop(0))

    notifier = PaymentNotifier(container.cashier.till, f"http://127.0.0.1:{port}/pay/sandbox")
    notification = await container.cashier.till.pay(order.bill)
    assert not await notifier.post(notification)
    app = web.Application()
    app.router.add_post("/pay/sandbox", shop)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    assert [await notifier.post(notification) for _ in range(3)] == [False, False, True]
    assert len(set(heard)) == 1
    assert await notifier.post_due() == 0
    await runner.cleanup()


async def test_a_refund_waits_for_a_till_that_is_closed(container, base, http, order):
    """By another setting: it is asked again, and counted, and never taken for done."""
    await posted_status(http, base, await container.cashier.till.pay(order.bill))
    async with container.database.begin() as tx:
        await orders.refund(tx, await tx.get(Order, order.id), "test", container.clock())
        (message,) = await tx.find(OutboxMessage, name="refund")
    closed = replace(container.outbox_handlers, tills={})
    await closed.answer({"message": message.id})
    assert (await now_of(container, order)).state is OrderState.REFUNDING
    await container.outbox_handlers.answer({"message": message.id})
    assert (await now_of(container, order)).state is OrderState.REFUNDED
