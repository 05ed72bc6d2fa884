"""Invoices, the question whether one may be paid, refunds, and the book of Stars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.botapi.methods.sending import show
from tests.botapi.records import Bill, Call, Chat, Json, Shown, refused
from tests.botapi.registry import chat_method, method

if TYPE_CHECKING:
    from tests.botapi.api import BotApi


@chat_method("sendInvoice")
def send_invoice(api: BotApi, call: Call, chat: Chat) -> Json:
    """Without a keyboard it gets a Pay button of Telegram's own."""
    bill = _bill(call.values)
    shown = Shown(api.new_id(), invoice=bill)
    answer = show(api, call, chat, shown, call.values)
    if not shown.buttons():
        shown.markup = {"inline_keyboard": [[{"text": f"Pay ⭐️{bill.amount}", "pay": True}]]}
    return answer


@method("createInvoiceLink")
def create_invoice_link(api: BotApi, call: Call) -> str:
    link = f"https://t.me/$link{api.new_id()}"
    api.stars.links[link] = _bill(call.values)
    return link


def _bill(values: Any) -> Bill:
    return Bill(
        title=values["title"],
        description=values["description"],
        payload=values["payload"],
        amount=sum(each["amount"] for each in values["prices"]),
        currency=values["currency"],
        start_parameter=values.get("start_parameter") or "",
        period=values.get("subscription_period") or 0,
    )


@method("answerPreCheckoutQuery")
def answer_pre_checkout_query(api: BotApi, call: Call) -> bool:
    values = call.values
    reason = None if values.get("ok") is True else str(values.get("error_message", ""))
    api.stars.answer(values["pre_checkout_query_id"], reason)
    return True


@method("refundStarPayment")
def refund_star_payment(api: BotApi, call: Call) -> bool:
    """Only of a payment of that person, once, and as far as the balance reaches."""
    values = call.values
    person = api.chats.get(values["user_id"])
    if person is None or person.type != "private":
        raise refused("USER_ID_INVALID")
    charge = api.stars.charges.get(values["telegram_payment_charge_id"])
    if charge is None or charge.user["id"] != values["user_id"]:
        raise refused("CHARGE_NOT_FOUND")
    if not charge.refunded and charge.bill.amount > api.stars.balance:
        raise refused("BALANCE_TOO_LOW")
    api.refund(charge)
    return True


@method("getStarTransactions")
def get_star_transactions(api: BotApi, call: Call) -> Json:
    """The oldest first."""
    offset = max(call.values.get("offset") or 0, 0)
    limit = min(max(call.values.get("limit") or 100, 1), 100)
    return {"transactions": api.stars.transactions[offset : offset + limit]}


@method("getMyStarBalance")
def get_my_star_balance(api: BotApi, call: Call) -> Json:
    return {"amount": api.stars.balance}
