"""Stars: invoices, the question before, the payment, and every way back."""

import asyncio

import pytest

from tests.botapi import Customer, Declined, NoPayButton, until

BILL = {
    "chat_id": 4201,
    "title": "Avatar",
    "description": "Once.",
    "payload": "order-1",
    "currency": "XTR",
    "prices": [{"label": "Avatar", "amount": 130}],
    "start_parameter": "order",
}


@pytest.fixture
async def cashier(api, bot):
    """Answers every pre-checkout query as ``cashier.says`` tells, and keeps what else it hears."""

    class Cashier:
        says: str | None = None

        def __init__(self) -> None:
            self.heard: list[dict] = []

        async def run(self) -> None:
            while True:
                for update in await bot.updates(timeout=5):
                    query = update.get("pre_checkout_query")
                    if query is None:
                        self.heard.append(update)
                        continue
                    why = {"error_message": self.says} if self.says else {}
                    answer = {"pre_checkout_query_id": query["id"], "ok": not self.says}
                    await bot.call("answerPreCheckoutQuery", **answer, **why)

    cashier = Cashier()
    task = asyncio.create_task(cashier.run())
    yield cashier
    task.cancel()


async def test_a_payment_is_asked_for_taken_and_told(api, bot, customer, cashier):
    sent = await bot.call("sendInvoice", **BILL)
    assert sent["invoice"]["total_amount"] == 130
    assert "Pay ⭐️130" in customer.chat.shown[0].buttons()
    charge = await customer.pay()
    await until(lambda: cashier.heard)
    paid = cashier.heard[0]["message"]["successful_payment"]
    assert paid["telegram_payment_charge_id"] == charge.id
    assert (paid["invoice_payload"], paid["total_amount"]) == ("order-1", 130)
    assert cashier.heard[0]["message"]["from"]["id"] == 4201
    assert await bot.call("getMyStarBalance") == {"amount": 130}
    assert api.problems == []


async def test_a_no_is_shown_and_nothing_is_taken(api, bot, customer, cashier):
    await bot.call("sendInvoice", **BILL)
    cashier.says = "Sales are paused."
    with pytest.raises(Declined, match="Sales are paused"):
        await customer.pay()
    assert await customer.tries_to_pay() == "Sales are paused."
    assert api.stars.charges == {}
    cashier.says = None
    with pytest.raises(AssertionError, match="would have taken"):
        await customer.tries_to_pay()
    assert api.stars.charges == {}


async def test_no_answer_in_ten_seconds_is_a_no_and_a_problem(api, bot, customer):
    await bot.call("sendInvoice", **BILL)
    api.stars.patience = 0.02
    with pytest.raises(Declined, match="in time"):
        await customer.pay()
    assert api.problems == ["answerPreCheckoutQuery: no answer within 10 seconds"]
    (update,) = await bot.updates()
    late = {"pre_checkout_query_id": update["pre_checkout_query"]["id"], "ok": True}
    assert "query is too old" in await bot.refused("answerPreCheckoutQuery", **late)


async def test_the_same_invoice_can_be_paid_twice_and_heard_of_twice(api, bot, customer, cashier):
    await bot.call("sendInvoice", **BILL)
    first, second = await customer.pay(), await customer.pay()
    assert first.id != second.id
    customer.pays_late(first)
    await until(lambda: len(cashier.heard) == 3)
    assert await bot.call("getMyStarBalance") == {"amount": 260}


async def test_a_forwarded_copy_has_no_pay_button_if_it_knows_where_to_lead(
    api, bot, customer, cashier
):
    await bot.call("sendInvoice", **BILL)
    friend = Customer(api, 4202)
    with pytest.raises(NoPayButton) as there:
        await friend.pay(friend.gets(customer.chat.shown[0]))
    friend.opens(there.value.opens)
    await until(lambda: cashier.heard)
    assert cashier.heard[0]["message"]["text"] == "/start order"
    await bot.call("sendInvoice", **BILL | {"start_parameter": ""})
    charge = await friend.pay(friend.gets(customer.chat.shown[1]))
    assert charge.user["id"] == 4202


async def test_a_link_is_paid_and_a_subscription_says_until_when(api, bot, customer, cashier):
    bill = {k: v for k, v in BILL.items() if k not in ("chat_id", "start_parameter")}
    link = await bot.call("createInvoiceLink", **bill, subscription_period=2592000)
    await customer.pay(link)
    await until(lambda: cashier.heard)
    paid = cashier.heard[0]["message"]["successful_payment"]
    assert (paid["is_recurring"], paid["is_first_recurring"]) == (True, True)
    assert paid["subscription_expiration_date"] > cashier.heard[0]["message"]["date"]
    assert api.problems == []


async def test_a_refund_is_told_and_booked_under_the_charges_id(api, bot, customer, cashier):
    await bot.call("sendInvoice", **BILL)
    charge = await customer.pay()
    asked = {"user_id": 4201, "telegram_payment_charge_id": charge.id}
    assert await bot.call("refundStarPayment", **asked) is True
    await until(lambda: len(cashier.heard) == 2)
    back = cashier.heard[1]["message"]["refunded_payment"]
    assert back["telegram_payment_charge_id"] == charge.id
    book = (await bot.call("getStarTransactions"))["transactions"]
    assert [each["id"] for each in book] == [charge.id] * 2
    partner = {
        "type": "user",
        "transaction_type": "invoice_payment",
        "user": customer.user,
        "invoice_payload": "order-1",
    }
    assert [book[0]["source"], book[1]["receiver"]] == [partner] * 2
    assert await bot.refused("refundStarPayment", **asked) == "Bad Request: CHARGE_ALREADY_REFUNDED"
    assert await bot.call("getMyStarBalance") == {"amount": 0}
    assert api.problems == []


async def test_a_refund_of_nothing_of_anothers_or_beyond_the_balance_is_refused(
    api, bot, customer, cashier
):
    await bot.call("sendInvoice", **BILL)
    charge = await customer.pay()
    Customer(api, 4202)
    of = {"telegram_payment_charge_id": charge.id}
    unknown = {"user_id": 4201, "telegram_payment_charge_id": "stx"}
    assert "CHARGE_NOT_FOUND" in await bot.refused("refundStarPayment", **unknown)
    assert "CHARGE_NOT_FOUND" in await bot.refused("refundStarPayment", user_id=4202, **of)
    assert "USER_ID_INVALID" in await bot.refused("refundStarPayment", user_id=1, **of)
    api.stars.withdraw(100)
    assert "BALANCE_TOO_LOW" in await bot.refused("refundStarPayment", user_id=4201, **of)


async def test_telegram_gives_back_without_asking(api, bot, customer, cashier):
    await bot.call("sendInvoice", **BILL)
    charge = await customer.pay()
    customer.charges_back(charge)
    await until(lambda: len(cashier.heard) == 2)
    assert "refunded_payment" in cashier.heard[1]["message"]
    asked = {"user_id": 4201, "telegram_payment_charge_id": charge.id}
    assert "CHARGE_ALREADY_REFUNDED" in await bot.refused("refundStarPayment", **asked)


async def test_the_book_is_read_page_by_page_and_holds_what_the_bot_never_heard(
    api, bot, customer, cashier
):
    await bot.call("sendInvoice", **BILL)
    charges = [await customer.pay(lost=True) for _ in range(3)]
    withdrawal = api.stars.withdraw(5)
    page = await bot.call("getStarTransactions", offset=1, limit=2)
    assert [each["id"] for each in page["transactions"]] == [each.id for each in charges[1:]]
    rest = (await bot.call("getStarTransactions", offset=3))["transactions"]
    assert [(each["id"], each["receiver"]) for each in rest] == [
        (withdrawal, {"type": "fragment"}),
    ]
    assert cashier.heard == []
    assert api.problems == []


async def test_there_is_nothing_to_pay_in_a_text(bot, customer):
    await bot.call("sendMessage", chat_id=4201, text="x")
    with pytest.raises(NoPayButton):
        await customer.pay(customer.chat.shown[0])


async def test_an_edited_invoice_keeps_its_pay_button(api, bot, customer):
    keys = [[{"text": "Pay", "pay": True}], [{"text": "No", "callback_data": "n"}]]
    sent = await bot.call("sendInvoice", **BILL, reply_markup={"inline_keyboard": keys})
    at = {"chat_id": 4201, "message_id": sent["message_id"]}
    assert "no text" in await bot.refused("editMessageText", **at, text="x")
    fewer = {"inline_keyboard": keys[:1]}
    await bot.call("editMessageReplyMarkup", **at, reply_markup=fewer)
    assert customer.chat.shown[0].markup == fewer
    assert api.problems == []
    bare = {"inline_keyboard": keys[1:]}
    assert "BUY_EMPTY" in await bot.refused("editMessageReplyMarkup", **at, reply_markup=bare)
    sent = await bot.call("sendMessage", chat_id=4201, text="x")
    at["message_id"] = sent["message_id"]
    assert "BUTTON_TYPE" in await bot.refused("editMessageReplyMarkup", **at, reply_markup=fewer)
    assert len(api.problems) == 2
