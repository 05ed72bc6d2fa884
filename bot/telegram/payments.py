"""Payments in Stars, from updates: asked for (pre-checkout), made, refunded."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from telegram import Message, PreCheckoutQuery
from telegram.constants import ChatType

from bot.telegram import STARS, TELEGRAM
from handlers.chat import Incoming, Paid, Person, Refunded
from handlers.dispatcher import Dispatcher
from handlers.texts import texts
from shop.error_location import where
from shop.errors import TillError
from shop.orders.booking_failures import PAYMENT, REFUND, TillReport
from shop.people.users import language_for
from shop.records import Currency, OrderId, PaymentEvent

CHECKOUT_SECONDS: Final = 8.0
"""Of the ten that Telegram waits, what our database may take; the rest is for the way there."""

log = structlog.get_logger()


class OtherCurrency(Exception):
    """A payment in another currency than Stars. Nothing here is sold for one; should there be such
    a payment, it is nobody's to forget."""


def paid(message: Message, update_id: int) -> Paid | None:
    """The payment in a message, a subscription's renewal like any other.

    Stars only: other currencies count other units. Raises :class:`OtherCurrency`.
    """
    payment, payer = message.successful_payment, message.from_user
    if payment is None or payer is None:
        return None
    if payment.currency != Currency.XTR:
        raise OtherCurrency
    event = PaymentEvent(
        till=STARS,
        event_id=f"telegram:{update_id}",
        charge=payment.telegram_payment_charge_id,
        order_id=OrderId(payment.invoice_payload),
        amount=payment.total_amount,
        currency=Currency.XTR,
        at=message.date,
        payer=str(payer.id),
    )
    return Paid(event)


def refunded(message: Message) -> Refunded | None:
    """The refund in a message, by whomever it was made."""
    refund = message.refunded_payment
    return Refunded(STARS, refund.telegram_payment_charge_id) if refund else None


def reported(raw: Mapping[str, Any]) -> TillReport | None:
    """The payment or refund that an update reports, as Telegram wrote it: also of one that nobody
    here can read."""
    message = raw.get("message")
    if not isinstance(message, Mapping):
        return None
    for name, what in (("successful_payment", PAYMENT), ("refunded_payment", REFUND)):
        if name in message:
            told = message[name] if isinstance(message[name], Mapping) else {}
            charge = str(told.get("telegram_payment_charge_id", ""))
            return TillReport(what, STARS, charge, str(told.get("invoice_payload", "")))
    return None


def incoming_of(message: Message, update_id: int) -> Incoming | None:
    """A payment or a refund in a message, in whichever chat it is: answered in the person's own
    chat. A refund does not say whose it is: the private chat it comes in is the person's.
    """
    content = paid(message, update_id) or refunded(message)
    user = message.from_user if message.from_user and not message.from_user.is_bot else None
    if content is None:
        return None
    whose = message.chat.id if message.chat.type == ChatType.PRIVATE or not user else user.id
    person = Person(TELEGRAM, str(whose), (user and user.language_code) or "")
    return Incoming(f"telegram:{update_id}", person, message.date, content)


async def refusal(dispatcher: Dispatcher, query: PreCheckoutQuery) -> str | None:
    """Why that bill may not be paid, in the person's words; None when it may.

    In doubt it may not: a refusal costs nothing, and the next press asks again.
    """
    asker = query.from_user
    person = Person(TELEGRAM, str(asker.id), asker.language_code or "")
    try:
        async with asyncio.timeout(CHECKOUT_SECONDS):
            return await dispatcher.may_pay(
                person, query.invoice_payload, query.total_amount, Currency(query.currency)
            )
    except Exception as error:  # whatever it is, Telegram waits no longer for us
        log.warning("checkout_refused", error=type(error).__name__, where=where(error))
        return texts(language_for(person.language))(TillError.key)
