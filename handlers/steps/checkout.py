"""Steps of checkout: the bill, paying it, waiting for the avatar, and cancelling."""

from dataclasses import replace
from typing import Final

from handlers import billing
from handlers.chat import Keyboard, Say, Tone
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column
from handlers.progress.training import halted_text, training_message, training_progress
from handlers.session import State
from handlers.steps import alive, consequences, standing
from handlers.steps.standing import Standing
from shop.errors import NotFound
from shop.orders import orders, payments, stopping
from shop.orders.sales_guard import Capacity
from shop.records import Order, OrderState, Product, Subject

_ENDED: Final = frozenset({OrderState.STOPPED, OrderState.REFUNDING, OrderState.REFUNDED})

LONGEST_ANSWER: Final = len(stopping.answer_about("refund", ()))


async def place_order(ctx: RequestContext) -> Outcome:
    """Place the order at the present price, and send its bill; again after more photos."""
    order, settings = _order(ctx), ctx.deps.settings
    checkout = orders.Checkout(
        till=ctx.till.name,
        currency=ctx.currency,
        base=settings.base,
        subject=Subject(ctx.data.get("subject", order.subject)),
        template=ctx.data.get("template", order.template),
        photos_minimum=settings.photos_minimum,
        capacity=Capacity.of(settings),
    )
    placed = await orders.place(ctx.tx, ctx.deps.catalog, order, checkout, ctx.now)
    return Outcome(after_commit=await billing.bill_after_commit(ctx, placed))


async def screen(ctx: RequestContext) -> Outcome:
    return await _bill(ctx, _order(ctx))


async def _bill(ctx: RequestContext, order: Order) -> Outcome:
    """The order's bill, where this chat's people pay. One billed elsewhere, in another of the
    person's chats or at a till that was closed since, by another setting, is placed anew at this
    chat's till, at its price; the other bill is closed."""
    if order.till == ctx.till.name:
        return Outcome(after_commit=await billing.bill_after_commit(ctx, order))
    if order.product is Product.AVATAR:
        return await place_order(ctx)
    pack = await orders.buy_credits(
        ctx.tx, ctx.deps.catalog, ctx.user, ctx.till.name, ctx.currency, ctx.now,
        capacity=Capacity.of(ctx.deps.settings),
    )  # fmt: skip
    return Outcome(after_commit=await billing.bill_after_commit(ctx, pack))


async def fallback_prompt(ctx: RequestContext) -> Say:
    buttons = column(
        button(ctx.texts, "bill-button-show", Intent.PAY),
        button(ctx.texts, "photos-button-cancel", Intent.CANCEL),
    )
    place = standing.place_of(Standing.PROMPT, _order(ctx))
    return ctx.say("bill-prompt", buttons, message_key=place)


async def pay_bill(ctx: RequestContext) -> Outcome:
    """Show the open bill; with an order's id and the stamp of its bill, pay it, if its till can be
    paid inside the chat. Of one that is out of date that is said, and where they are is shown; of
    one that sells something else by now that is said, and the newer one is shown."""
    if not ctx.argument:
        return await unpaid_bill(ctx) or reply_and_show(ctx.say("bill-nothing"))
    id, _, stamp = ctx.argument.partition(".")
    order = await orders.get_owned(ctx.tx, ctx.user, id)
    if order.state is OrderState.COLLECTING:
        return reply_and_show(
            ctx.say(billing.outdated_key(ctx), message_key=billing.bill_key(order))
        )
    if order.state is not OrderState.AWAITING:
        return reply_and_show()
    till = ctx.till
    if order.till != till.name or not isinstance(till, billing.ChatTill):
        return await _bill(ctx, order)
    return await _pay_here(ctx, order, till, stamp)


async def _pay_here(
    ctx: RequestContext, order: Order, till: billing.ChatTill, stamp: str
) -> Outcome:
    if stamp != await billing.bill_stamp(ctx.tx, order):
        shown = await _bill(ctx, order)
        return replace(shown, replies=(ctx.say("bill-changed"), *shown.replies))
    capacity = Capacity.of(ctx.deps.settings)
    await payments.require_payable(
        ctx.tx, ctx.user, order.id, order.amount, order.currency, capacity, ctx.now
    )
    return Outcome(after_commit=billing.pay_after_commit(ctx, order, till))


async def waiting_screen(ctx: RequestContext) -> Outcome:
    return reply(await training_message(ctx, _order(ctx)))


async def waiting_fallback_prompt(ctx: RequestContext) -> Say:
    """That it is being made; while nobody is at work, what the standing message says of that."""
    order = _order(ctx)
    refresh = button(ctx.texts, "waiting-button-refresh", Intent.WHERE)
    progress = await training_progress(ctx, order)
    return Say(halted_text(ctx, progress, order) or ctx.texts("waiting-prompt"), column(refresh))


async def cancel(ctx: RequestContext) -> Outcome:
    """Ask, or take the answer. The answer names the question and its order, since the bill may have
    been paid in between, or the button may be an earlier order's."""
    if ctx.argument == "no":
        return reply_and_show(ctx.say("cancel-kept"))
    if len(ctx.argument) > LONGEST_ANSWER:  # a bill's button names its order
        named = await orders.get_owned(ctx.tx, ctx.user, ctx.argument)
        if named.product is Product.CREDITS:
            return await _cancel_credits(ctx, named)
    if ctx.order is None:
        return await _nothing_open(ctx)
    if ctx.order.state is OrderState.PAID:
        return await _cancel_paid(ctx, ctx.order)
    yes = stopping.answer_about("yes", [ctx.order.id])
    if ctx.argument == yes:
        await orders.cancel(ctx.tx, ctx.order, ctx.now)
        key = billing.bill_key(ctx.order)  # no bill stands that could be paid
        done = ctx.say("cancel-done", _continue_button(ctx), message_key=key, tone=Tone.RECEIPT)
        return reply(done)
    collecting = ctx.order.state is OrderState.COLLECTING
    key = "cancel-ask-photos" if collecting else "cancel-ask-bill"
    return reply(ctx.say(key, _cancel_buttons(ctx, yes)))


async def _cancel_paid(ctx: RequestContext, order: Order) -> Outcome:
    """Cancel for a full refund before any work has begun; later it is too late."""
    amount = ctx.texts.money(order.kept, order.currency)
    if await stopping.work_begun(ctx.tx, order, lock=True):
        kept = consequences.yes_or_no(await stopping.keeps_money(ctx.tx, order, ctx.now))
        late = ctx.say("cancel-too-late", _continue_button(ctx), amount=amount, kept=kept)
        return reply(late)
    yes = stopping.answer_about("refund", [order.id])
    if ctx.argument != yes:
        return reply(ctx.say("cancel-ask-paid", _cancel_buttons(ctx, yes), amount=amount))
    await orders.refund(ctx.tx, order, "cancelled", ctx.now)
    done = ctx.say("cancel-refunding", _continue_button(ctx), tone=Tone.RECEIPT, amount=amount)
    return reply(done)


async def _nothing_open(ctx: RequestContext) -> Outcome:
    """Without an open avatar order: a pack of credits, a clip that waits for its work, or a second
    avatar that was not begun."""
    packs = await ctx.tx.find(
        Order, user_id=ctx.user.id, product=Product.CREDITS, state=OrderState.AWAITING
    )
    if packs and ctx.argument:  # an old button, of an avatar's order that is over
        return reply_and_show()
    if packs:
        return await _cancel_credits(ctx, packs[0])
    if not ctx.argument and (stopped := await alive.stop_waiting(ctx)):
        return stopped
    if ctx.avatar is not None and ctx.state is not State.STUDIO:
        return reply_and_show(ctx.say("cancel-kept"), state=State.STUDIO)
    return reply_and_show(ctx.say("cancel-nothing"))


async def _cancel_credits(ctx: RequestContext, order: Order) -> Outcome:
    if order.state is not OrderState.AWAITING:
        return reply_and_show()
    await orders.cancel(ctx.tx, order, ctx.now)
    key = billing.bill_key(order)
    done = ctx.say("cancel-credits", _continue_button(ctx), message_key=key, tone=Tone.RECEIPT)
    return reply(done)


async def ended_order(ctx: RequestContext) -> str:
    """What became of the last avatar's order, if it was stopped or refunded and nothing came since;
    "" otherwise."""
    if ctx.order is not None or ctx.avatar is not None:
        return ""
    found = await ctx.tx.find(
        Order, user_id=ctx.user.id, product=Product.AVATAR, order="-created_at", limit=1
    )
    if not found or found[0].state not in _ENDED:
        return ""
    amount = ctx.texts.money(found[0].amount, found[0].currency)
    return ctx.texts(f"ended-{found[0].state}", amount=amount)


async def unpaid_bill(ctx: RequestContext) -> Outcome | None:
    """The unpaid bill: that of an avatar first, then that of a pack. None: there is none."""
    found = await ctx.tx.find(
        Order, user_id=ctx.user.id, state=OrderState.AWAITING, order="product", limit=1
    )
    return await _bill(ctx, found[0]) if found else None


def _cancel_buttons(ctx: RequestContext, answer: str) -> Keyboard:
    return column(
        button(ctx.texts, "cancel-button-yes", Intent.CANCEL, answer),
        button(ctx.texts, "cancel-button-no", Intent.CANCEL, "no"),
    )


def _continue_button(ctx: RequestContext) -> Keyboard:
    return column(button(ctx.texts, "button-where", Intent.WHERE))


def _order(ctx: RequestContext) -> Order:
    if ctx.order is None:
        raise NotFound
    return ctx.order
