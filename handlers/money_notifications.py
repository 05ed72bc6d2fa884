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


async def refunded(turn: RequestContext, payload: Payload) -> list[Reply]:
    """The till gave back what we asked it to."""
    return [_receipt(turn, "news-refunded", payload)]


async def returned(turn: RequestContext, payload: Payload) -> list[Reply]:
    """The till gave back what nobody here had asked for: what it paid for is gone."""
    order = await orders.mine(turn.tx, turn.user, str(payload["order"]))
    pack = order.product is Product.CREDITS
    return [_receipt(turn, "news-returned-credits" if pack else "news-returned-avatar", payload)]


async def difference(turn: RequestContext, payload: Payload) -> list[Reply]:
    """One line in which a till's book and ours differ, for admins."""
    currency = Currency(str(payload["currency"]))
    said = turn.say(
        f"admin-difference-{payload['what']}",
        tone=Tone.TROUBLE,
        till=str(payload["till"]),
        charge=str(payload["charge"]),
        order=str(payload["order"]),
        ours=turn.texts.money(int(payload["ours"]), currency),
        theirs=turn.texts.money(int(payload["theirs"]), currency),
    )
    return [said]


async def differences(turn: RequestContext, payload: Payload) -> list[Reply]:
    """How many more there are."""
    till, count = str(payload["till"]), int(payload["count"])
    return [turn.say("admin-differences", tone=Tone.TROUBLE, till=till, count=count)]


async def help_wanted(turn: RequestContext, payload: Payload) -> list[Reply]:
    """Somebody is stuck with a payment, for admins."""
    asker = await turn.tx.get(User, str(payload["asker"]))
    if asker is None or asker.erased_at is not None:
        return []
    order, person = str(payload["order"]) or "—", users.admin_name(asker)
    return [turn.say("admin-help-wanted", person=person, order=order)]


async def thanked(turn: RequestContext, payload: Payload) -> list[Reply]:
    """Credits for an invitation: for whoever sent it ("host"), for whoever came by it ("guest")."""
    balance = await ledger.balance(turn.tx, turn.user.id)
    key, credits = f"news-referral-{payload['side']}", int(payload["credits"])
    return [turn.say(key, tone=Tone.RECEIPT, credits=credits, balance=balance)]


async def thanks_taken_back(turn: RequestContext, payload: Payload) -> list[Reply]:
    """What the host had not spent, when the purchase behind it was undone."""
    return [turn.say("news-referral-back", tone=Tone.RECEIPT, credits=int(payload["credits"]))]


def _receipt(turn: RequestContext, key: str, payload: Payload) -> Reply:
    amount = turn.texts.money(int(payload["amount"]), Currency(str(payload["currency"])))
    back = column(button(turn.texts, "button-where", Intent.WHERE))
    return turn.say(key, back, tone=Tone.RECEIPT, amount=amount)
