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


async def place(ctx: RequestContext) -> Outcome:
    """Copy the price into the order and send the bill. Again: with more photos."""
    order, settings = _order(ctx), ctx.deps.settings
    checkout = orders.Checkout(
        till=ctx.till.name,
        currency=ctx.currency,
        base=settings.base,
        subject=Subject(ctx.data.get("subject", order.subject)),
        template=ctx.data.get("template", order.template),
        photos_minimum=settings.photos_minimum,
        max_wait_minutes=settings.max_wait_minutes,
    )
    placed = await orders.place(ctx.tx, ctx.deps.catalog, order, checkout, ctx.now)
    return Outcome(after=await billing.bill(ctx, placed))


async def screen(ctx: RequestContext) -> Outcome:
    return Outcome(after=await billing.bill(ctx, _order(ctx)))


async def fallback_prompt(ctx: RequestContext) -> Say:
    buttons = column(
        button(ctx.texts, "bill-button-show", Intent.PAY),
        button(ctx.texts, "photos-button-cancel", Intent.CANCEL),
    )
    return ctx.say("bill-nudge", buttons)


async def pay(ctx: RequestContext) -> Outcome:
    """The bill again; with an order's id, pay it, where the till can be paid from the chat."""
    if not ctx.argument:
        return await _unpaid(ctx)
    order = await orders.get_owned(ctx.tx, ctx.user, ctx.argument)
    if order.state is not OrderState.AWAITING:
        return reply_and_show()
    till = ctx.deps.tills[order.till]
    if isinstance(till, billing.ChatTill):
        return Outcome(after=billing.pay(ctx, order, till))
    return Outcome(after=await billing.bill(ctx, order))


async def waiting_screen(ctx: RequestContext) -> Outcome:
    return reply(await progress(ctx, _order(ctx)))


async def waiting_nudge(ctx: RequestContext) -> Say:
    refresh = button(ctx.texts, "waiting-button-refresh", Intent.WHERE)
    return ctx.say("waiting-nudge", column(refresh))


async def cancel(ctx: RequestContext) -> Outcome:
    """Ask, or take the answer. The answer names what was asked, since a bill may have been paid
    meanwhile."""
    if ctx.argument == "no":
        return reply_and_show(ctx.say("cancel-kept"))
    if len(ctx.argument) > len("refund"):
        named = await orders.get_owned(ctx.tx, ctx.user, ctx.argument)
        if named.product is Product.CREDITS:
            return await _drop_credits(ctx, named)
    if ctx.order is None:
        return await _nothing_open(ctx)
    if ctx.order.state is OrderState.PAID:
        return await _cancel_paid(ctx, ctx.order)
    if ctx.argument == "yes":
        await orders.cancel(ctx.tx, ctx.order, ctx.now)
        return reply(ctx.say("cancel-done", _back(ctx)))
    collecting = ctx.order.state is OrderState.COLLECTING
    key = "cancel-ask-photos" if collecting else "cancel-ask-bill"
    return reply(ctx.say(key, _choice(ctx, "yes")))


async def _cancel_paid(ctx: RequestContext, order: Order) -> Outcome:
    """Before any work has begun: all of the money. After that, only what the promises give."""
    if not untouched(await training(ctx, order)):
        return reply(ctx.say("cancel-too-late", _back(ctx)))
    amount = ctx.texts.money(order.amount, order.currency)
    if ctx.argument != "refund":
        return reply(ctx.say("cancel-ask-paid", _choice(ctx, "refund"), amount=amount))
    await orders.refund(ctx.tx, order, "cancelled", ctx.now)
    return reply(ctx.say("cancel-refunding", _back(ctx), amount=amount))


async def _nothing_open(ctx: RequestContext) -> Outcome:
    """No avatar's order: perhaps a pack of credits, or a second avatar not yet begun."""
    packs = await ctx.tx.find(
        Order, user_id=ctx.user.id, product=Product.CREDITS, state=OrderState.AWAITING
    )
    if packs:
        return await _drop_credits(ctx, packs[0])
    if ctx.avatar is not None and ctx.state is not State.STUDIO:
        return reply_and_show(ctx.say("cancel-kept"), state=State.STUDIO)
    return reply_and_show(ctx.say("cancel-nothing"))


async def _drop_credits(ctx: RequestContext, order: Order) -> Outcome:
    if order.state is not OrderState.AWAITING:
        return reply_and_show()
    await orders.cancel(ctx.tx, order, ctx.now)
    return reply(ctx.say("cancel-credits", _back(ctx)))


async def _unpaid(ctx: RequestContext) -> Outcome:
    """The bill that is out: the avatar's first, then a pack's."""
    found = await ctx.tx.find(
        Order, user_id=ctx.user.id, state=OrderState.AWAITING, order="product", limit=1
    )
    if found:
        return Outcome(after=await billing.bill(ctx, found[0]))
    return reply_and_show(ctx.say("bill-nothing"))


def _choice(ctx: RequestContext, answer: str) -> Keyboard:
    return column(
        button(ctx.texts, "cancel-button-yes", Intent.CANCEL, answer),
        button(ctx.texts, "cancel-button-no", Intent.CANCEL, "no"),
    )


def _back(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "button-where", Intent.WHERE))


def _order(ctx: RequestContext) -> Order:
    if ctx.order is None:
        raise NotFound
    return ctx.order
