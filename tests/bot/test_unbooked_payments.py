"""No payment that the sandbox till reports is acknowledged unbooked, whatever breaks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.outbox.worker import ask_tills
from bot.playground import PLAYGROUND
from shop.errors import Duplicate, NotAllowed, NotFound, Unavailable
from shop.money import order_accounting
from shop.orders import orders
from shop.people import users
from shop.records import Charge, Order, OrderState, OutboxMessage
from tests.bot.sandbox_purchases import billed, now_of, posted_status
from tests.broken_table import TABLES, broken_table

NEEDED = {
    *("avatars", "charges", "jobs", "journals"),
    *("orders", "outbox_messages", "postings", "processed_events", "users"),
}
"""The tables without which a payment cannot be booked; the test looks at all of them."""

RULES = ("shop/orders/", "shop/money/", "shop/avatars/", "shop/jobs/", "bot/web/payments.py")


@pytest.fixture
def env(env: dict[str, str], sql_url: str) -> dict[str, str]:
    return env | {"EIDER_DATABASE_URL": sql_url}


async def charged(container, order) -> int:
    async with container.database.begin() as tx:
        return await tx.count(Charge, order_id=order.id)


async def told(container, kind: str = "not_booked") -> list[OutboxMessage]:
    """What admins are told of money that was not booked, or was after all."""
    async with container.database.begin() as tx:
        notices = await tx.find(OutboxMessage, name="notice")
    return [one for one in notices if one.payload.get("kind") == kind]


@pytest.fixture
async def admin(container):
    async with container.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, "boss", "en", container.clock())


async def test_with_each_table_broken_in_turn(container, base, http, sql_url, admin, metrics):
    refused = set()
    for table in TABLES:
        order = await billed(container, f"customer-of-{table}")
        notification = await container.cashier.till.pay(order.bill)
        with capture_logs() as logged:
            async with broken_table(sql_url, table):
                statuses = {await posted_status(http, base, notification) for _ in range(2)}
        if statuses != {200}:
            assert statuses == {503}, table
            assert (await now_of(container, order)).state is OrderState.AWAITING
            assert await charged(container, order) == 0
            refused.add(table)
            (entry, _) = [one for one in logged if one["event"] == "payment_not_booked"]
            assert entry["order"] == order.id
            assert any(place in str(entry["where"]) for place in RULES), (table, entry["where"])
            kind = "undefined_table" if sql_url.startswith("postgres") else "no such table"
            assert entry["why"] == f"a table of the database cannot be used: {kind}"
        assert await posted_status(http, base, notification) == 200
        assert (await now_of(container, order)).state is OrderState.PAID, table
        assert await charged(container, order) == 1
    assert refused == NEEDED
    # Where the notice itself could not be stored, log and counter are all there is.
    assert {one.payload["till"] for one in await told(container)} == {"sandbox"}
    assert len(await told(container)) == len(NEEDED - {"outbox_messages", "users"})
    count = 2.0 * len(NEEDED)
    assert f'eider_payments_not_booked_total{{reason="fault",till="sandbox"}} {count}' in (
        await metrics()
    )


@pytest.mark.parametrize(
    "error", [NotFound(), NotAllowed(), Duplicate(), KeyError("a bug"), OSError("the host")]
)
async def test_whatever_is_raised(container, base, http, monkeypatch, admin, error):
    """A rule that refuses is no answer to money that was taken."""

    async def broken(*_: object, **__: object) -> None:
        raise error

    order = await billed(container, "anna")
    notification = await container.cashier.till.pay(order.bill)
    with monkeypatch.context() as patch:
        patch.setattr(order_accounting, "book_sale", broken)
        for _ in range(3):
            assert await posted_status(http, base, notification) == 503
        assert await charged(container, order) == 0
    (only,) = await told(container)
    assert only.payload["what"] == "payment"
    user, (reply,) = await container.outbox_handlers.notifications.replies(only.payload)
    assert user.id == admin.id
    assert only.payload["charge"] in reply.text
    assert await told(container, "booked_after_all") == []
    assert [await posted_status(http, base, notification) for _ in range(2)] == [200, 200]
    assert await charged(container, order) == 1
    (after,) = await told(container, "booked_after_all")
    user, (reply,) = await container.outbox_handlers.notifications.replies(after.payload)
    assert user.id == admin.id
    assert "is booked now" in reply.text
    assert only.payload["charge"] in reply.text


async def test_an_outage_is_counted_and_told_to_nobody(
    container, base, http, admin, metrics, monkeypatch
):
    order = await billed(container, "anna")
    notification = await container.cashier.till.pay(order.bill)

    def away() -> None:
        raise Unavailable("the database does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(container.database, "begin", away)
        assert await posted_status(http, base, notification) == 503
    assert await posted_status(http, base, notification) == 200
    assert await charged(container, order) == 1
    assert await told(container) == []
    text = await metrics()
    assert 'eider_payments_not_booked_total{reason="outage",till="sandbox"} 1.0' in text


async def test_one_payment_that_cannot_be_booked_keeps_no_other_from_being_found(
    container, monkeypatch, admin
):
    """Bills whose payment was never reported are asked for at the till."""
    first, second = [await billed(container, name) for name in ("anna", "bela")]
    for order in (first, second):
        await container.cashier.till.pay(order.bill)
    book = orders.confirm_payment

    async def broken(tx, event, now):
        if event.order_id == first.id:
            raise KeyError
        return await book(tx, event, now)

    async with container.database.begin() as tx:
        for bill in (first, second):
            order = await tx.get(Order, bill.id, lock=True)
            await tx.put(replace(order, touched_at=order.touched_at - timedelta(minutes=5)))
    with monkeypatch.context() as patch:
        patch.setattr(orders, "confirm_payment", broken)
        await ask_tills(container)
        assert (await now_of(container, first)).state is OrderState.AWAITING
        assert (await now_of(container, second)).state is OrderState.PAID
    assert len(await told(container)) == 1
    assert await told(container, "booked_after_all") == []
    await ask_tills(container)
    assert (await now_of(container, first)).state is OrderState.PAID
    assert len(await told(container, "booked_after_all")) == 1  # and nothing of the second
