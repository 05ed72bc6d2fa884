"""Orders, credits, what is held of a person, and its end."""

from handlers import billing
from handlers.chat import Keyboard, Say, Tone
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column
from handlers.session import State
from shop import privacy
from shop.jobs import outbox
from shop.money import ledger
from shop.orders import orders
from shop.people import users
from shop.ports import Above
from shop.records import Order, Product, User

LISTED = 10
SUPPORTED = 3  # of the paid ones, under /paysupport


async def orders_(turn: RequestContext) -> Outcome:
    """The newest orders, with the numbers by which support knows them."""
    found = await turn.tx.find(Order, user_id=turn.user.id, order="-created_at", limit=LISTED + 1)
    where = column(button(turn.texts, "button-where", Intent.WHERE))
    if not found:
        return reply(turn.say("orders-none", where))
    lines = [turn.texts("orders-head"), *(_line(turn, order) for order in found[:LISTED])]
    if len(found) > LISTED:
        lines.append(turn.texts("orders-more", count=LISTED))
    return reply(Say("\n".join(lines), where))


async def mydata(turn: RequestContext) -> Outcome:
    """Counted by looking."""
    held = await privacy.holdings(turn.tx, turn.house.blobs, turn.user)
    buttons = column(
        button(turn.texts, "mydata-button-erase", Intent.ERASE),
        button(turn.texts, "button-where", Intent.WHERE),
    )
    say = turn.say(
        "mydata",
        buttons,
        uploads=held.uploads_left,
        avatars=len(held.avatars),
        portraits=held.portraits,
        consents=len(held.consents),
        orders=len(held.orders),
        credits=held.credits,
    )
    return reply(say)


async def credits(turn: RequestContext) -> Outcome:
    """The balance, and the packs on sale."""
    packs = turn.house.catalog.packs(turn.currency)
    buttons = [
        button(
            turn.texts, "credits-button-pack", Intent.BUY, str(pack.credits),
            credits=pack.credits, price=turn.texts.money(pack.amount, pack.currency),
        )
        for pack in packs
    ]  # fmt: skip
    buttons.append(button(turn.texts, "button-where", Intent.WHERE))
    balance = await ledger.balance(turn.tx, turn.user.id)
    cost = turn.house.catalog.shoot_credits
    return reply(turn.say("credits", column(*buttons), balance=balance, cost=cost))


async def buy(turn: RequestContext) -> Outcome:
    """Bill a pack of credits."""
    if not turn.argument.isdecimal():
        return await credits(turn)
    house = turn.house
    order = await orders.buy_credits(
        turn.tx, house.catalog, turn.user, turn.till.name, turn.currency, turn.now,
        int(turn.argument),
    )  # fmt: skip
    return Outcome(after=await billing.bill(turn, order))


async def erase(turn: RequestContext) -> Outcome:
    """Everything, after one question. A yes counts only as the answer to it."""
    if turn.argument == "no":
        return reply_and_show(turn.say("erase-kept"))
    if turn.argument == "yes" and turn.state is State.ERASING:
        return await _erased(turn)
    balance = await ledger.balance(turn.tx, turn.user.id)
    return Outcome((turn.say("erase-ask", _choice(turn), credits=balance),), State.ERASING)


async def erase_nudge(turn: RequestContext) -> Say:
    return turn.say("erase-nudge", _choice(turn))


async def keep(turn: RequestContext) -> Outcome:
    return reply_and_show(turn.say("erase-kept"))


async def paysupport(turn: RequestContext) -> Outcome:
    """What to do about a payment, the orders that it may be about, and a person to ask."""
    bought = await _bought(turn)
    staff = await users.admins(turn.tx, turn.house.settings.admins)
    back = button(turn.texts, "button-where", Intent.WHERE)
    if turn.argument == "ask":
        for admin in staff:
            await _ask(turn, admin, bought[0].id if bought else "")
        return reply(turn.say("paysupport-asked", column(back)))
    ways = [
        button(turn.texts, f"paysupport-button-{act}", act)
        for act in (Intent.ORDERS, Intent.CANCEL)
    ]
    if staff:
        ways.append(button(turn.texts, "paysupport-button-ask", Intent.PAYSUPPORT, "ask"))
    lines = [turn.texts("orders-head"), *(_line(turn, order) for order in bought)] if bought else []
    text = "\n\n".join(filter(None, (turn.texts("paysupport"), "\n".join(lines))))
    return reply(Say(text, column(*ways, back)))


async def _bought(turn: RequestContext) -> list[Order]:
    """The latest orders that money came in for."""
    return await turn.tx.find(
        Order, user_id=turn.user.id, charge=Above(""), order="-paid_at", limit=SUPPORTED
    )


async def _ask(turn: RequestContext, admin: User, order_id: str) -> None:
    """One message a day: however often they press, somebody is on the way."""
    key = f"help:{admin.id}:{turn.user.id}:{turn.now:%Y-%m-%d}"
    await outbox.notify(
        turn.tx, admin.id, "help_wanted", turn.now, key=key, once=True,
        asker=turn.user.id, order=order_id,
    )  # fmt: skip


async def _erased(turn: RequestContext) -> Outcome:
    """The receipt is said before the address is forgotten."""
    gone = await privacy.erase(turn.tx, turn.user, turn.now)
    receipt = turn.say(
        "erase-receipt",
        column(button(turn.texts, "news-button-again", Intent.START)),
        tone=Tone.RECEIPT,
        day=turn.texts.day(turn.now),
        uploads=gone.photos,
        avatars=gone.avatars,
        portraits=gone.portraits,
    )
    return Outcome((receipt,), forget=True)


def _line(turn: RequestContext, order: Order) -> str:
    product = turn.texts("product-avatar")
    if order.product is Product.CREDITS:
        product = turn.texts("product-credits", credits=order.credits)
    return turn.texts(
        "orders-line",
        number=number(order),
        day=turn.texts.day(order.created_at),
        product=product,
        amount=turn.texts.money(order.amount, order.currency) if order.amount else "—",
        state=turn.texts(f"order-{order.state}"),
    )


def number(order: Order) -> str:
    """What a person reads out to support."""
    return order.id[:8].upper()


def _choice(turn: RequestContext) -> Keyboard:
    return column(
        button(turn.texts, "erase-button-yes", Intent.ERASE, "yes"),
        button(turn.texts, "erase-button-no", Intent.ERASE, "no"),
    )
