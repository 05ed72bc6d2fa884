"""Notices of money: refunds, credits, and what admins are told about tills and payments."""

from dataclasses import replace

from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from handlers.notifications.registry import Payload
from shop.money import ledger
from shop.orders import orders
from shop.people import users
from shop.records import Currency, Product, UserId


async def payment_refunded(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The till paid a refund that the shop asked for."""
    return [_receipt(ctx, "news-refunded", payload)]


async def payment_reduced(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The till gave a part of a charge back: nothing that it had paid for is taken back."""
    return [_receipt(ctx, "news-reduced", payload)]


async def payment_returned(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The till gave a charge back unasked: what it had paid for is withdrawn."""
    order = await orders.get_owned(ctx.tx, ctx.user, str(payload["order"]))
    pack = order.product is Product.CREDITS
    return [_receipt(ctx, "news-returned-credits" if pack else "news-returned-avatar", payload)]


async def given_back(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """An admin refunds an order, which was ``was`` then (paid, stopped, done): what ends with it.
    The till's own receipt (:func:`payment_refunded`) follows."""
    order = await orders.get_owned(ctx.tx, ctx.user, str(payload["order"]))
    what = "credits" if order.product is Product.CREDITS else str(payload["was"])
    amount = ctx.texts.money(order.kept, order.currency)
    return [ctx.say("news-given-back", tone=Tone.RECEIPT, what=what, amount=amount)]


async def difference(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """One discrepancy between a till's statement and the ledger, for admins."""
    currency = Currency(str(payload["currency"]))
    message = ctx.say(
        f"admin-difference-{payload['what']}",
        tone=Tone.TROUBLE,
        till=str(payload["till"]),
        charge=str(payload["charge"]),
        order=str(payload["order"]),
        ours=ctx.texts.money(int(payload["ours"]), currency),
        theirs=ctx.texts.money(int(payload["theirs"]), currency),
    )
    return [message]


async def differences(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """How many more discrepancies there are, for admins."""
    till, count = str(payload["till"]), int(payload["count"])
    return [ctx.say("admin-differences", tone=Tone.TROUBLE, till=till, count=count)]


async def not_booked(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A payment or a refund (``what``) that a till reports could not be booked, for admins."""
    till, charge = str(payload["till"]), str(payload["charge"])
    key = f"admin-not-booked-{payload['what']}"
    return [ctx.say(key, tone=Tone.TROUBLE, till=till, charge=charge)]


async def booked_after_all(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """What :func:`not_booked` told of is booked now, for the same admins."""
    till, charge = str(payload["till"]), str(payload["charge"])
    return [ctx.say(f"admin-booked-after-all-{payload['what']}", till=till, charge=charge)]


async def refund_trouble(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A refund that its till does not end without a person (``what``: stuck, closed, closed
    unasked, or more than our books have left of the charge), for admins. ``refund`` names it; a
    notice of an earlier version has none."""
    till, charge, refund = (str(payload.get(name, "—")) for name in ("till", "charge", "refund"))
    key = f"admin-refund-{payload['what']}"
    return [ctx.say(key, tone=Tone.TROUBLE, till=till, charge=charge, refund=refund)]


async def help_wanted(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """A customer asked for help with a payment, for admins: of a release before support cases."""
    asker = await users.current(ctx.tx, UserId(str(payload["asker"])))
    if asker is None or asker.erased_at is not None:
        return []
    order, person = str(payload["order"]) or "—", users.admin_name(asker)
    return [ctx.say("admin-help-wanted", person=person, order=order)]


async def granted(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """An admin gave credits."""
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    styles = column(button(ctx.texts, "studio-button-styles", Intent.STYLES))
    return [ctx.say("news-granted", styles, credits=int(payload["credits"]), balance=balance)]


async def referral(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Credits for an invitation: for whoever sent it (side "host") or came by it ("guest"); and how
    many of the reward made up for earlier ones that were taken back after they were spent."""
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    key, credits = f"news-referral-{payload['side']}", int(payload["credits"])
    said = ctx.say(key, tone=Tone.RECEIPT, credits=credits, balance=balance)
    if not (settled := int(payload.get("settled", 0))):
        return [said]
    made_up = ctx.texts("news-referral-settled", settled=settled)
    return [replace(said, text=f"{said.text}\n\n{made_up}" if credits else made_up)]


async def referral_back(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The unspent credits of an invitation were taken back: its purchase was refunded."""
    return [ctx.say("news-referral-back", tone=Tone.RECEIPT, credits=int(payload["credits"]))]


def _receipt(ctx: RequestContext, key: str, payload: Payload) -> Reply:
    amount = ctx.texts.money(int(payload["amount"]), Currency(str(payload["currency"])))
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    return ctx.say(key, back, tone=Tone.RECEIPT, amount=amount)
