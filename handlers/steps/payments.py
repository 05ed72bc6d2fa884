"""Payments at the chat's own till (Telegram: Stars): pre-checkout, payment and refund.

A payment is booked whatever state the person is in, and also if they are banned, erased, or were
never seen before.
"""

from datetime import datetime

import structlog

from handlers import billing
from handlers.chat import Person, Refunded, Tone
from handlers.context import DialogueDependencies, Outcome, RequestContext, reply
from handlers.intents import Intent, button, column
from handlers.texts import texts
from shop.errors import NobodyWorks, NotFound, ShopError
from shop.orders import openings, orders, payments
from shop.orders.sales_guard import Capacity
from shop.people import users
from shop.ports import Tx
from shop.records import Currency, Order, PaymentEvent

CHARGE_TAIL = 6  # characters of a charge's id by which support finds it

log = structlog.get_logger(__name__)


async def payment_taken(ctx: RequestContext, event: PaymentEvent) -> Outcome:
    """Book a payment. One for an unknown order is not booked but logged: reconciliation reports it
    from the till's statement (:mod:`shop.orders.reconciliation`)."""
    ids = {"till": event.till, "charge": event.charge, "order": event.order_id}
    if await ctx.tx.get(Order, event.order_id) is None:
        log.error("payment_for_unknown_order", **ids)
        amount = ctx.texts.money(event.amount, event.currency)
        code = event.charge[-CHARGE_TAIL:]
        ask = column(button(ctx.texts, "command-paysupport", Intent.PAYSUPPORT))
        return reply(ctx.say("pay-unknown", ask, tone=Tone.TROUBLE, amount=amount, code=code))
    order = await orders.confirm_payment(ctx.tx, event, ctx.now)
    log.info("payment_booked", state=order.state.value, **ids)
    return reply(*await billing.payment_replies(ctx, order, event))


async def charge_returned(tx: Tx, refund: Refunded, now: datetime) -> None:
    """Book that a charge was given back, asked for or not. A notice tells the person."""
    order = await payments.confirm_return(tx, f"{refund.till}:{refund.charge}", now)
    state = order.state.value if order else ""
    log.info("payment_returned", till=refund.till, charge=refund.charge, state=state)


async def may_pay(
    deps: DialogueDependencies, person: Person, order_id: str, amount: int, currency: Currency
) -> str | None:
    """None if the bill may be paid; else why not, in the person's language, to 200 characters."""
    capacity = Capacity.of(deps.settings)
    try:
        async with deps.database.snapshot() as tx:
            user = await users.find(tx, person.platform, person.id)
            if user is None:
                raise NotFound
            now = await tx.now()
            await payments.require_payable(tx, user, order_id, amount, currency, capacity, now)
    except ShopError as refusal:
        if user and isinstance(refusal, NobodyWorks):
            await openings.promise(deps.database, user.id)
        log.info("payment_refused", reason=refusal.key, order=order_id)
        say = texts(user.language if user else users.language_for(person.language))
        return say(refusal.key, **refusal.details)
    return None
