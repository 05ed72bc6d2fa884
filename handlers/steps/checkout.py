"""The bill, paying it, waiting for what was paid, and the ways out of all three."""

from handlers import billing
from handlers.chat import Keyboard, Say
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column
from handlers.progress import progress, training, untouched
from handlers.session import State
from shop.errors import NotFound
from shop.orders import orders
from shop.records import Order, OrderState, Product, Subject


async def place(turn: RequestContext) -> Outcome:
    """Copy the price into the order and send the bill. Again: with more photos."""
    order, settings = _order(turn), turn.house.settings
    checkout = orders.Checkout(
        till=turn.till.name,
        currency=turn.currency,
        base=settings.base,
        subject=Subject(turn.data.get("subject", order.subject)),
        template=turn.data.get("template", order.template),
        photos_minimum=settings.photos_minimum,
        max_wait_minutes=settings.max_wait_minutes,
    )
    placed = await orders.place(turn.tx, turn.house.catalog, order, checkout, turn.now)
    return Outcome(after=await billing.bill(turn, placed))


async def screen(turn: RequestContext) -> Outcome:
    return Outcome(after=await billing.bill(turn, _order(turn)))


async def nudge(turn: RequestContext) -> Say:
    buttons = column(
        button(turn.texts, "bill-button-show", Intent.PAY),
        button(turn.texts, "photos-button-cancel", Intent.CANCEL),
    )
    return turn.say("bill-nudge", buttons)


async def pay(turn: RequestContext) -> Outcome:
    """The bill again; with an order's id, pay it, where the till can be paid from the chat."""
    if not turn.argument:
        return await _unpaid(turn)
    order = await orders.mine(turn.tx, turn.user, turn.argument)
    if order.state is not OrderState.AWAITING:
        return reply_and_show()
    till = turn.house.tills[order.till]
    if isinstance(till, billing.ChatTill):
        return Outcome(after=billing.pay(turn, order, till))
    return Outcome(after=await billing.bill(turn, order))


async def waiting_screen(turn: RequestContext) -> Outcome:
    return reply(await progress(turn, _order(turn)))


async def waiting_nudge(turn: RequestContext) -> Say:
    refresh = button(turn.texts, "waiting-button-refresh", Intent.WHERE)
    return turn.say("waiting-nudge", column(refresh))


async def cancel(turn: RequestContext) -> Outcome:
    """Ask, or take the answer. The answer names what was asked, since a bill may have been paid
    meanwhile."""
    if turn.argument == "no":
        return reply_and_show(turn.say("cancel-kept"))
    if len(turn.argument) > len("refund"):
        named = await orders.mine(turn.tx, turn.user, turn.argument)
        if named.product is Product.CREDITS:
            return await _drop_credits(turn, named)
    if turn.order is None:
        return await _nothing_open(turn)
    if turn.order.state is OrderState.PAID:
        return await _cancel_paid(turn, turn.order)
    if turn.argument == "yes":
        await orders.cancel(turn.tx, turn.order, turn.now)
        return reply(turn.say("cancel-done", _back(turn)))
    collecting = turn.order.state is OrderState.COLLECTING
    key = "cancel-ask-photos" if collecting else "cancel-ask-bill"
    return reply(turn.say(key, _choice(turn, "yes")))


async def _cancel_paid(turn: RequestContext, order: Order) -> Outcome:
    """Before any work has begun: all of the money. After that, only what the promises give."""
    if not untouched(await training(turn, order)):
        return reply(turn.say("cancel-too-late", _back(turn)))
    amount = turn.texts.money(order.amount, order.currency)
    if turn.argument != "refund":
        return reply(turn.say("cancel-ask-paid", _choice(turn, "refund"), amount=amount))
    await orders.refund(turn.tx, order, "cancelled", turn.now)
    return reply(turn.say("cancel-refunding", _back(turn), amount=amount))


async def _nothing_open(turn: RequestContext) -> Outcome:
    """No avatar's order: perhaps a pack of credits, or a second avatar not yet begun."""
    packs = await turn.tx.find(
        Order, user_id=turn.user.id, product=Product.CREDITS, state=OrderState.AWAITING
    )
    if packs:
        return await _drop_credits(turn, packs[0])
    if turn.avatar is not None and turn.state is not State.STUDIO:
        return reply_and_show(turn.say("cancel-kept"), state=State.STUDIO)
    return reply_and_show(turn.say("cancel-nothing"))


async def _drop_credits(turn: RequestContext, order: Order) -> Outcome:
    if order.state is not OrderState.AWAITING:
        return reply_and_show()
    await orders.cancel(turn.tx, order, turn.now)
    return reply(turn.say("cancel-credits", _back(turn)))


async def _unpaid(turn: RequestContext) -> Outcome:
    """The bill that is out: the avatar's first, then a pack's."""
    found = await turn.tx.find(
        Order, user_id=turn.user.id, state=OrderState.AWAITING, order="product", limit=1
    )
    if found:
        return Outcome(after=await billing.bill(turn, found[0]))
    return reply_and_show(turn.say("bill-nothing"))


def _choice(turn: RequestContext, answer: str) -> Keyboard:
    return column(
        button(turn.texts, "cancel-button-yes", Intent.CANCEL, answer),
        button(turn.texts, "cancel-button-no", Intent.CANCEL, "no"),
    )


def _back(turn: RequestContext) -> Keyboard:
    return column(button(turn.texts, "button-where", Intent.WHERE))


def _order(turn: RequestContext) -> Order:
    if turn.order is None:
        raise NotFound
    return turn.order
