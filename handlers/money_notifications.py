"""News of money: what went back to a customer, and what admins hear of tills and troubles."""

from collections.abc import Mapping

from handlers.chat import Reply, Tone
from handlers.context import RequestContext
from handlers.intents import Intent, button, column
from shop.money import ledger
from shop.orders import orders
from shop.people import users
from shop.records import Currency, Product, User

Payload = Mapping[str, str | int | float]


async def refunded(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The till gave back what we asked it to."""
    return [_receipt(ctx, "news-refunded", payload)]


async def returned(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The till gave back what nobody here had asked for: what it paid for is gone."""
    order = await orders.get_owned(ctx.tx, ctx.user, str(payload["order"]))
    pack = order.product is Product.CREDITS
    return [_receipt(ctx, "news-returned-credits" if pack else "news-returned-avatar", payload)]


async def difference(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """One line in which a till's book and ours differ, for admins."""
    currency = Currency(str(payload["currency"]))
    said = ctx.say(
        f"admin-difference-{payload['what']}",
        tone=Tone.TROUBLE,
        till=str(payload["till"]),
        charge=str(payload["charge"]),
        order=str(payload["order"]),
        ours=ctx.texts.money(int(payload["ours"]), currency),
        theirs=ctx.texts.money(int(payload["theirs"]), currency),
    )
    return [said]


async def differences(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """How many more there are."""
    till, count = str(payload["till"]), int(payload["count"])
    return [ctx.say("admin-differences", tone=Tone.TROUBLE, till=till, count=count)]


async def help_wanted(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Somebody is stuck with a payment, for admins."""
    asker = await ctx.tx.get(User, str(payload["asker"]))
    if asker is None or asker.erased_at is not None:
        return []
    order, person = str(payload["order"]) or "—", users.admin_name(asker)
    return [ctx.say("admin-help-wanted", person=person, order=order)]


async def thanked(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """Credits for an invitation: for whoever sent it ("host"), for whoever came by it ("guest")."""
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    key, credits = f"news-referral-{payload['side']}", int(payload["credits"])
    return [ctx.say(key, tone=Tone.RECEIPT, credits=credits, balance=balance)]


async def thanks_taken_back(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """What the host had not spent, when the purchase behind it was undone."""
    return [ctx.say("news-referral-back", tone=Tone.RECEIPT, credits=int(payload["credits"]))]


def _receipt(ctx: RequestContext, key: str, payload: Payload) -> Reply:
    amount = ctx.texts.money(int(payload["amount"]), Currency(str(payload["currency"])))
    back = column(button(ctx.texts, "button-where", Intent.WHERE))
    return ctx.say(key, back, tone=Tone.RECEIPT, amount=amount)
