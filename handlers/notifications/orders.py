"""Notices of an order until it is paid: its photos, the payment, and time that ran out."""

from handlers import billing
from handlers.chat import Reply
from handlers.context import RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from handlers.steps.photos import tally_closing, tally_message
from shop.photos import photos
from shop.records import Currency, Order, OrderState


async def tally(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The running count, while photos are taken; then its last word."""
    order = await own_record(ctx, Order, str(payload["order"]))
    counts = await photos.tally(ctx.tx, order)
    if order.state not in photos.OPEN_FOR_PHOTOS:
        return [tally_closing(ctx, order, counts)]
    return [tally_message(ctx, order, counts)]


async def photo_approved(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """An admin approved a photo that was held, and the count that it changes."""
    replies = await tally(ctx, payload)
    return [ctx.say("news-approved"), *replies] if replies else []


async def paid(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A payment was booked, and what comes next."""
    order = await own_record(ctx, Order, str(payload["order"]))
    if order.state not in (OrderState.PAID, OrderState.DONE):
        return []
    return await billing.paid_replies(ctx, order)


async def payment_unwanted(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A payment that bought nothing was booked, and goes back."""
    order = await own_record(ctx, Order, str(payload["order"]))
    amount, currency = int(payload["amount"]), Currency(str(payload["currency"]))
    return [billing.unwanted_reply(ctx, order, str(payload["charge"]), amount, currency)]


async def expired(ctx: RequestContext, _: Payload) -> list[Reply]:
    """The order was not paid in time."""
    hours = ctx.deps.settings.upload_hours
    again = button(ctx.texts, "news-button-again", Intent.WHERE)
    return [ctx.say("news-expired", column(again), hours=hours)]
