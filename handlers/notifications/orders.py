"""Notices of an order until it is paid: its photos, the payment, and time that ran out."""

from handlers import billing
from handlers.chat import Reply
from handlers.context import AfterCommit, RequestContext, own_record
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from handlers.progress.registry import not_started
from handlers.progress.training import training_progress
from handlers.steps import album, fates, standing
from handlers.steps.photos import tally_closing, tally_message
from handlers.steps.standing import Standing
from shop.photos import comparison, photos
from shop.records import Currency, Order, OrderState


async def tally(ctx: RequestContext, payload: Payload) -> list[Reply] | AfterCommit:
    """The running count, while photos are taken, with what became of each; below it the album, once
    all are looked at whose sender has said that there will be no more. Then its last word."""
    order = await own_record(ctx, Order, str(payload["order"]))
    counts = await photos.tally(ctx.tx, order)
    if order.state not in photos.OPEN_FOR_PHOTOS:
        last = [tally_closing(ctx, order, counts), album.closing(ctx, order)]
        return [*last, *standing.ended(ctx, order)]
    said: list[Reply] = [*billing.outdated(ctx, order), tally_message(ctx, order, counts)]
    said += await fates.marks(ctx, order)
    if not order.complete or counts.checking or not _can_go_on(ctx, counts):
        return said
    show_album = await album.question(ctx, order, go_on=True)

    async def show() -> list[Reply]:
        return [*said, *await show_album()]

    return show


async def compared(ctx: RequestContext, payload: Payload) -> list[Reply] | AfterCommit:
    """The photos were compared: which are unlike the rest, and their marks in the album."""
    order = await own_record(ctx, Order, str(payload["order"]))
    if order.state not in photos.OPEN_FOR_PHOTOS or comparison.KIND not in ctx.given:
        return []
    if not (await comparison.known(ctx.tx, order)).compared:
        return []  # forgotten, or taken out meanwhile
    return await album.compared(ctx, order)


async def not_compared(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The photos could not be compared."""
    order = await own_record(ctx, Order, str(payload["order"]))
    if order.state not in photos.OPEN_FOR_PHOTOS or comparison.KIND not in ctx.given:
        return []
    again = button(ctx.texts, "faces-button-again", Intent.COMPARE)
    place = standing.place_of(Standing.MARKS, order)
    over = standing.compared(ctx, done=False)
    return [over, ctx.say("compare-photos-failed", column(again), message_key=place)]


async def photo_approved(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """An admin approved a photo that was held. The count that it changes follows by itself."""
    return await _verdict(ctx, payload, "news-approved", "news-approved-late")


async def photo_rejected(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """An admin rejected a photo that was held."""
    return await _verdict(ctx, payload, "news-rejected", "news-rejected")


async def held_erased(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Photos that were held were erased with the order's others before anybody had looked."""
    return [ctx.say("news-held-erased", count=int(payload["count"]))]


async def _verdict(ctx: RequestContext, payload: Payload, in_time: str, late: str) -> list[Reply]:
    """What came of a photo, by its number; also after its order went on without it."""
    order = await own_record(ctx, Order, str(payload["order"]))
    is_open = order.state in photos.OPEN_FOR_PHOTOS
    counts = is_open or not_started(await training_progress(ctx, order))
    return [ctx.say(in_time if counts else late, number=int(payload["number"]))]


def _can_go_on(ctx: RequestContext, counts: photos.PhotoCounts) -> bool:
    return counts.accepted >= ctx.deps.settings.photos_minimum and not counts.too_young


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


async def open_again(ctx: RequestContext, _: Payload) -> list[Reply]:
    """Orders are taken again; nothing for whoever has paid since, or may not."""
    paid = ctx.order is not None and ctx.order.state is OrderState.PAID
    if paid or ctx.user.banned:
        return []
    return [ctx.say("news-open-again", column(button(ctx.texts, "button-where", Intent.WHERE)))]


async def expired(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The order was not paid in time: its bill goes."""
    order = await ctx.tx.get(Order, str(payload["order"]))
    over = [standing.over(ctx, billing.bill_key(order))] if order else []
    hours = ctx.deps.settings.upload_hours
    again = button(ctx.texts, "news-button-again", Intent.WHERE)
    return [*over, ctx.say("news-expired", column(again), hours=hours)]
