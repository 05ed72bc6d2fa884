"""Buying in Stars over the real container: asked for, paid, paid twice, given back, lost and
found."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.container import Container, open_container, open_redis
from bot.outbox.reconciliation import reconcile_tills
from bot.telegram import TELEGRAM
from handlers.texts import texts
from shop.adapters.database import SqlDatabase
from shop.feature_flags import SALES
from shop.jobs import outbox
from shop.orders import orders
from shop.people import users
from shop.records import Currency, FeatureFlag, OrderState, OutboxMessage, OutboxState, User
from shop.settings import Settings
from tests.bot.telegram.journey_steps import chatting, press, working
from tests.bot.telegram.purchases import PRICE, billed, booked, now_of, placed, selling
from tests.botapi import Bill, Customer, Failure, until

EN = texts("en")
STARS = EN.money(PRICE, Currency.XTR)


@pytest.fixture
async def container(api, tmp_path):
    quick = {"EIDER_TELEGRAM_PER_SECOND": "10000"}  # as no person reads
    settings = Settings.from_env(selling(api, tmp_path) | quick)
    async with open_redis(settings), open_container(settings) as container:
        yield container


@pytest.fixture
async def talking(container):
    async with chatting(container):
        yield container


async def becomes(container: Container, order, state: OrderState) -> None:
    async with asyncio.timeout(10):
        while (await now_of(container, order)).state is not state:
            await asyncio.sleep(0.02)


async def message_done(container: Container) -> None:
    """The refunds that are owed have been asked for at Telegram."""
    async with container.database.begin() as tx:
        owed = await tx.find(OutboxMessage, name="refund", state=outbox.PENDING)
    for message in owed:
        await container.outbox_handlers.answer({"message": message.id})


async def test_a_bill_is_paid_in_the_chat(talking, customer, api):
    order, shown = await billed(talking, customer)
    assert (shown.invoice.amount, shown.invoice.payload) == (PRICE, order.id)
    await customer.pay()
    await customer.sees(EN("paid", amount=STARS))
    assert (await now_of(talking, order)).state is OrderState.PAID
    assert await booked(talking) == (1, 1)
    receipt = await customer.sees(order.id[:8].upper())
    assert receipt.text.startswith(EN("paid", amount=STARS))
    assert receipt.buttons() == {}
    await until(lambda: shown not in customer.chat.shown, "its bill is gone", customer.texts)
    await until(lambda: not any("You get:" in text for text in customer.texts()), "what was above")


async def test_a_bill_that_was_declined_can_not_be_paid_where_it_stood(talking, customer):
    _, shown = await billed(talking, customer)
    await press(customer, "bill-button-cancel")
    await press(customer, "cancel-button-yes")
    await customer.sees(EN("cancel-done"))
    await until(lambda: shown not in customer.chat.shown, "its bill is gone", customer.texts)


async def test_a_bill_that_the_server_will_not_show_is_said_and_can_be_had_again(
    talking, customer, api
):
    await placed(talking, customer)
    api.fail("sendInvoice", Failure(404, "Not Found: method not found"))
    customer.say("/start")
    await customer.sees(EN("bill-unshown"))
    customer.press(EN("bill-button-retry"))
    await customer.sees_invoice()
    await customer.pay()
    await customer.sees(EN("paid", amount=STARS))


async def test_one_invoice_paid_twice_on_two_phones(talking, customer, api):
    """Both phones were asked before either had paid."""
    order, shown = await billed(talking, customer)
    first, second = await asyncio.gather(customer.pay(shown), customer.pay(shown))
    await customer.sees(EN("pay-twice", amount=STARS))
    await message_done(talking)
    paid = (await now_of(talking, order)).charge
    assert {first.id: first.refunded, second.id: second.refunded} == {
        one.id: one.id != paid for one in (first, second)
    }
    assert await booked(talking) == (2, 1)
    assert api.stars.balance == PRICE


async def test_no_second_payment_is_agreed_to(talking, customer):
    _, shown = await billed(talking, customer)
    await customer.pay(shown)
    await customer.sees(EN("paid", amount=STARS))
    assert await customer.tries_to_pay(shown) == EN("error-already-paid")


async def test_nobody_else_pays_it(talking, customer, api):
    _, shown = await billed(talking, customer)
    eve = Customer(api, 6666)
    assert await eve.tries_to_pay(shown) == EN("error-not-found")


async def test_not_while_sales_are_paused_and_not_what_was_cancelled(talking, customer):
    order, shown = await billed(talking, customer)
    async with talking.database.begin() as tx:
        await tx.add(FeatureFlag(SALES, False, "telegram:77", talking.clock()))
    assert await customer.tries_to_pay(shown) == EN("error-sales-paused")
    async with talking.database.begin() as tx:
        await orders.cancel(tx, order, talking.clock())
    assert await customer.tries_to_pay(shown) == EN("error-bill-outdated")


async def test_an_answer_while_the_database_sleeps(talking, customer, monkeypatch):
    """It is no, and in time: nothing was charged."""
    _, shown = await billed(talking, customer)
    monkeypatch.setattr("bot.telegram.payments.CHECKOUT_SECONDS", 0.2)

    @asynccontextmanager
    async def asleep(database):
        await asyncio.Event().wait()
        yield

    with monkeypatch.context() as sleeping:
        sleeping.setattr(SqlDatabase, "snapshot", asleep)
        assert await customer.tries_to_pay(shown) == EN("error-till")
    await customer.pay(shown)


async def test_a_payment_told_again_and_again_is_one(talking, customer):
    order, _ = await billed(talking, customer)
    charge = await customer.pay()
    for _ in range(5):
        customer.pays_late(charge)
    await becomes(talking, order, OrderState.PAID)
    await until(lambda: customer.api.pending == [])
    assert await booked(talking) == (1, 1)
    assert not charge.refunded


async def test_cancelled_and_paid_all_the_same(talking, customer, api):
    """The yes was given a moment before."""
    order, shown = await billed(talking, customer)
    charge = api.stars.take(customer.user, shown.invoice)
    async with talking.database.begin() as tx:
        await orders.cancel(tx, order, talking.clock())
    customer.pays_late(charge)
    await customer.sees(EN("pay-too-late", amount=STARS))
    await message_done(talking)
    assert charge.refunded
    assert await booked(talking) == (1, 0)


async def test_apple_gives_it_back(talking, customer, api):
    order, _ = await billed(talking, customer)
    charge = await customer.pay()
    await becomes(talking, order, OrderState.PAID)
    customer.charges_back(charge)
    await becomes(talking, order, OrderState.REFUNDED)
    await message_done(talking)
    assert api.made("refundStarPayment") == []


async def test_told_in_the_wrong_order(talking, customer, api):
    order, shown = await billed(talking, customer)
    charge = api.stars.take(customer.user, shown.invoice)
    customer.charges_back(charge)
    customer.pays_late(charge)
    await customer.sees(EN("pay-returned", amount=STARS))
    assert (await now_of(talking, order)).state is OrderState.AWAITING
    assert await booked(talking) == (1, 0)


async def test_who_is_erased_gets_the_money_and_stays_erased(talking, customer, api):
    order, _ = await billed(talking, customer)
    charge = await customer.pay()
    await becomes(talking, order, OrderState.PAID)
    customer.say("/erase")
    await press(customer, "erase-button-yes")
    await becomes(talking, order, OrderState.REFUNDING)
    await message_done(talking)
    assert charge.refunded
    await until(lambda: api.pending == [])  # the word of it has come back to us
    assert (await now_of(talking, order)).state is OrderState.REFUNDED
    async with talking.database.begin() as tx:
        assert await tx.count(User, erased_at=None) == 0


async def test_money_for_nothing_we_know(talking, customer, api):
    bill = Bill("Old", "A bill of the bot's last owner.", "old-order", 5, "XTR", "o", 0)
    charge = api.stars.take(customer.user, bill)
    customer.pays_late(charge)
    amount = EN.money(5, Currency.XTR)
    await customer.sees(EN("pay-unknown", amount=amount, code=charge.id[-6:]))
    assert await booked(talking) == (0, 0)


async def test_what_was_never_heard_of_is_found_the_same_day(container, customer, api, monkeypatch):
    """The update of a payment is lost. The daily reconciliation books it, and notifies admins."""
    async with chatting(container):
        order, _ = await billed(container, customer)
        await customer.pay(lost=True)
    boss = Customer(api, 77)
    async with container.database.begin() as tx:
        await users.get_or_create(tx, TELEGRAM, "77", "en", container.clock())
    monkeypatch.setattr("bot.outbox.reconciliation.SETTLE", timedelta())
    await reconcile_tills(container)
    assert (await now_of(container, order)).state is OrderState.PAID
    assert await booked(container) == (1, 1)
    async with working(container):
        await boss.sees("its word of it never reached us")
        await customer.sees(EN("paid", amount=STARS))
    await reconcile_tills(container)  # once a day
    assert len(api.made("getStarTransactions")) == 1


@pytest.mark.parametrize("told", [True, False])
async def test_who_blocks_the_bot_during_the_training_finds_the_portraits(talking, customer, told):
    """When they come back: whether Telegram says that they left (and came), or we meet the refusal
    of an album, and they write."""
    await billed(talking, customer)
    await customer.pay()
    await customer.sees(EN("paid", amount=STARS))
    await until(lambda: not any(shown.invoice for shown in customer.chat.shown))
    customer.block() if told else setattr(customer.chat, "blocked", True)
    await until(lambda: customer.api.pending == [])
    before = len(customer.chat.shown)
    async with working(talking):
        await asyncio.wait_for(kept(talking, "avatar_ready", "portraits"), 20)
        assert len(customer.chat.shown) == before
        assert (await user_of(talking, customer)).unreachable
        if told:
            customer.unblock()
        else:
            customer.chat.blocked = False
            customer.say("/start")
        await until(lambda: sum(bool(shown.photo) for shown in customer.chat.shown) == 4)
    assert not (await user_of(talking, customer)).unreachable


async def kept(container: Container, *kinds: str) -> None:
    """Wait until news of those kinds is kept."""
    found: set[object] = set()
    while not found.issuperset(kinds):
        await container.flusher.flush()  # as workers do
        async with container.database.begin() as tx:
            news = await tx.find(OutboxMessage, state=OutboxState.KEPT)
        found = {one.payload["kind"] for one in news}
        await asyncio.sleep(0.02)


async def user_of(container: Container, customer: Customer) -> User:
    async with container.database.begin() as tx:
        user = await users.find(tx, TELEGRAM, str(customer.user["id"]))
    assert user is not None
    return user
