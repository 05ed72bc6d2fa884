"""Steps of a person's account: orders, credits, payment support, data held, and erasure."""

from collections.abc import Sequence
from dataclasses import replace

from handlers import billing
from handlers.chat import Keyboard, Reply, Say, Tone
from handlers.context import Outcome, RequestContext, reply, reply_and_show
from handlers.intents import Intent, button, column
from handlers.progress.training import halted_text, training_progress
from handlers.session import State
from handlers.steps import consequences, linking, support
from handlers.steps.consequences import yes_or_no
from shop import privacy
from shop.linking import erase_chat
from shop.money import ledger, order_accounting
from shop.orders import orders, stopping
from shop.orders.sales_guard import Capacity
from shop.people import consent, linked_chats, past_accounts, users
from shop.ports import Above
from shop.records import (
    ConsentKind,
    Currency,
    LinkedChat,
    Order,
    OrderState,
    PastAccount,
    Product,
)

MAX_LISTED = 10
MAX_FOR_SUPPORT = 3  # of the paid ones, under /paysupport


async def list_orders(ctx: RequestContext) -> Outcome:
    """The newest orders, with the numbers that support asks for."""
    found = await ctx.tx.find(Order, user_id=ctx.user.id, order="-created_at", limit=MAX_LISTED + 1)
    where = column(button(ctx.texts, "button-where", Intent.WHERE))
    if not found:
        return reply(ctx.say("orders-none", (*await support.ways(ctx), *where)))
    lines = [ctx.texts("orders-head"), *await _order_lines(ctx, found[:MAX_LISTED])]
    if len(found) > MAX_LISTED:
        lines.append(ctx.texts("orders-more", count=MAX_LISTED))
    return reply(Say("\n".join(lines), where))


async def my_data(ctx: RequestContext) -> Outcome:
    """What is stored about the person, counted in the database and in the blob store."""
    past = await past_accounts.find(ctx.tx, ctx.user, ctx.now)
    names = linking.names_of(ctx, await linked_chats.of(ctx.tx, ctx.user.id))

    async def count() -> list[Reply]:
        held = await privacy.holdings(ctx.deps.database, ctx.deps.blobs, ctx.user)
        return [_stored_data(ctx, held, past, names)]

    return Outcome(after_commit=count)


def _stored_data(
    ctx: RequestContext, held: privacy.StoredData, past: PastAccount | None, chats: str
) -> Say:
    """``chats``: the names of their linked chats."""
    unlink = button(ctx.texts, "mydata-button-unlink", Intent.UNLINK)
    link = button(ctx.texts, "mydata-button-link", Intent.LINK)
    buttons = column(
        unlink if held.chats else link,
        button(ctx.texts, "mydata-button-erase", Intent.ERASE),
        button(ctx.texts, "button-where", Intent.WHERE),
    )
    say = ctx.say(
        "mydata",
        buttons,
        uploads=held.uploads_left,
        checks=held.photos,
        compared=held.compared,
        checkpoints=held.checkpoints_left,
        avatars=len(held.avatars),
        portraits=held.portraits,
        clips=held.clips,
        sources=held.sources_left,
        prompts=held.prompts,
        cases=held.cases,
        consents=len(held.consents),
        orders=len(held.orders),
        credits=held.credits,
    )
    more = [say.text]
    if held.chats:
        more.append(ctx.texts("mydata-linked", chats=chats))
    if ctx.user.stated_minor_at:
        more.append(ctx.texts("mydata-minor"))
    if past is not None:
        more.append(consequences.past_text(ctx, "mydata-past", past))
    return replace(say, text="\n\n".join(more))


async def credits(ctx: RequestContext) -> Outcome:
    """The balance, and the packs on sale; asked for the ``price``, that of an avatar as well."""
    packs = ctx.deps.catalog.packs(ctx.currency)
    buttons = [
        button(
            ctx.texts, "credits-button-pack", Intent.BUY, str(pack.credits),
            credits=pack.credits, price=ctx.texts.money(pack.amount, pack.currency),
        )
        for pack in packs
    ]  # fmt: skip
    buttons.append(button(ctx.texts, "button-where", Intent.WHERE))
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    catalog = ctx.deps.catalog
    said = ctx.say(
        "credits", column(*buttons),
        balance=balance, cost=catalog.shoot_credits, clip=catalog.film_credits,
        together=catalog.together_credits,
    )  # fmt: skip
    if ctx.argument == "price":
        avatar = ctx.deps.catalog.price(Product.AVATAR, ctx.currency)
        amount = ctx.texts.money(avatar.amount, avatar.currency)
        sets = avatar.credits // catalog.shoot_credits
        price = ctx.texts("price-avatar", price=amount, credits=avatar.credits, sets=sets)
        said = replace(said, text=f"{price}\n\n{said.text}")
        return reply(said, state=ctx.staying)
    return reply(said)


async def buy(ctx: RequestContext) -> Outcome:
    """Bill the pack of credits that the button names; without one, show the packs. Nothing is sold
    to somebody who has never agreed to the terms: they are asked."""
    if not ctx.argument.isdecimal():
        return await credits(ctx)
    if ctx.avatar is None and not await _has_agreed(ctx):
        return reply_and_show(ctx.say("error-consent-missing"), state=State.AGREE)
    deps = ctx.deps
    order = await orders.buy_credits(
        ctx.tx, deps.catalog, ctx.user, ctx.till.name, ctx.currency, ctx.now,
        int(ctx.argument), capacity=Capacity.of(deps.settings),
    )  # fmt: skip
    return Outcome(after_commit=await billing.bill_after_commit(ctx, order))


async def _has_agreed(ctx: RequestContext) -> bool:
    """To the terms, in whichever version."""
    terms = ConsentKind.TERMS
    return terms in ctx.given or await consent.is_outdated(ctx.tx, ctx.user, terms)


async def erase(ctx: RequestContext) -> Outcome:
    """Erase everything about the person, or of several linked chats this one alone, after one
    question: a yes counts as its answer alone, and only as long as it would end the same, and what
    it says of the money is still so."""
    if ctx.argument == "no":
        return reply_and_show(ctx.say("erase-kept"))
    stake = await stopping.stake(ctx.tx, ctx.user, ctx.now)
    if ctx.argument == stake.answer and ctx.state is State.ERASING:
        return await _erase_now(ctx)
    chats = await linked_chats.of(ctx.tx, ctx.user.id)
    if chats and ctx.argument == _only_here(chats) and ctx.state is State.ERASING:
        return await _erase_this_chat(ctx, chats)
    credits = await ledger.unspent(ctx.tx, ctx.user.id)
    question = consequences.say_of_money(
        ctx, "erase-ask", stake, _erase_buttons(ctx, stake, chats),
        owed=await order_accounting.owed_back(ctx.tx, ctx.user.id),
        credits=credits, days=consequences.days_kept(ctx),
        banned=consequences.yes_or_no(ctx.user.banned),
    )  # fmt: skip
    if chats:
        names = linking.names_of(ctx, chats)
        text = f"{question.text}\n\n{ctx.texts('erase-linked', chats=names)}"
        question = replace(question, text=text)
    return Outcome((question,), State.ERASING)


async def erase_fallback_prompt(ctx: RequestContext) -> Say:
    """Says again what becomes of the money: its button answers that."""
    stake = await stopping.stake(ctx.tx, ctx.user, ctx.now)
    chats = await linked_chats.of(ctx.tx, ctx.user.id)
    owed = await order_accounting.owed_back(ctx.tx, ctx.user.id)
    buttons = _erase_buttons(ctx, stake, chats)
    return consequences.say_of_money(ctx, "erase-prompt", stake, buttons, owed=owed)


async def keep_data(ctx: RequestContext) -> Outcome:
    return reply_and_show(ctx.say("erase-kept"))


async def payment_support(ctx: RequestContext) -> Outcome:
    """Help with a payment: what to do, the orders it may be about, and an admin to ask."""
    bought = await _paid_orders(ctx)
    if ctx.argument == "ask":  # a button of an earlier release
        return await support.begin(replace(ctx, argument=""))
    back = button(ctx.texts, "button-where", Intent.WHERE)
    ways = [
        button(ctx.texts, f"paysupport-button-{intent}", intent)
        for intent in (Intent.ORDERS, Intent.CANCEL)
    ]
    asks = await support.ways(ctx)
    if bought:
        lines = [ctx.texts("orders-head"), *await _order_lines(ctx, bought)]
    else:  # it may be that a restored backup does not know what they paid
        lines = [ctx.texts("paysupport-none", staffed=yes_or_no(bool(asks)))]
    text = "\n\n".join(filter(None, (_support_text(ctx), "\n".join(lines))))
    return reply(Say(text, (*column(*ways), *asks, (back,))))


def _support_text(ctx: RequestContext) -> str:
    return ctx.texts("paysupport", stars="yes" if ctx.currency is Currency.XTR else "no")


async def _paid_orders(ctx: RequestContext) -> list[Order]:
    """The latest orders that were paid."""
    return await ctx.tx.find(
        Order, user_id=ctx.user.id, charge=Above(""), order="-paid_at", limit=MAX_FOR_SUPPORT
    )


async def _erase_now(ctx: RequestContext) -> Outcome:
    """Erase, and drop the session; the receipt is shown once it is true."""
    owed = await order_accounting.owed_back(ctx.tx, ctx.user.id)
    gone = await privacy.erase(ctx.tx, ctx.user, ctx.now)
    receipt = ctx.say(
        "erase-receipt",
        column(button(ctx.texts, "news-button-again", Intent.START)),
        tone=Tone.RECEIPT,
        day=ctx.texts.day(ctx.now),
        uploads=gone.photos,
        avatars=gone.avatars,
        portraits=gone.portraits,
        clips=gone.clips,
    )
    ended = stopping.Stake(gone.refunded, gone.kept)
    lines = [receipt.text, consequences.say_of_money(ctx, "erase-money", ended, owed=owed).text]
    if gone.past is not None:
        lines.append(consequences.past_text(ctx, "erase-past", gone.past))
    receipt = replace(receipt, text="\n\n".join(lines))
    return Outcome((receipt,), after_commit=consequences.scrub(ctx), forget=True)


async def _erase_this_chat(ctx: RequestContext, chats: Sequence[LinkedChat]) -> Outcome:
    """Forget this chat alone, and drop its session. Everything else stays with the others."""
    here = next((one for one in chats if one.id == users.admin_name(ctx.user)), chats[0])
    gone = await erase_chat(ctx.tx, ctx.user, here, ctx.now)
    again = column(button(ctx.texts, "news-button-again", Intent.START))
    receipt = ctx.say("erase-chat-receipt", again, tone=Tone.RECEIPT, day=ctx.texts.day(ctx.now))
    if gone.past is not None:
        past = consequences.past_text(ctx, "erase-past", gone.past)
        receipt = replace(receipt, text=f"{receipt.text}\n\n{past}")
    return Outcome((receipt,), after_commit=consequences.scrub(ctx), forget=True)


async def _order_lines(ctx: RequestContext, listed: Sequence[Order]) -> list[str]:
    """A line each; that of a paid avatar says so where nobody is there to make it."""
    avatar = ctx.order if ctx.order and ctx.order.state is OrderState.PAID else None
    halted = avatar and halted_text(ctx, await training_progress(ctx, avatar), avatar)
    waiting = avatar.id if avatar and halted else None
    return [_order_line(ctx, order, halted=order.id == waiting) for order in listed]


def _order_line(ctx: RequestContext, order: Order, *, halted: bool) -> str:
    product = ctx.texts("product-avatar")
    if order.product is Product.CREDITS:
        product = ctx.texts("product-credits", credits=order.credits)
    return ctx.texts(
        "orders-line",
        number=billing.order_number(order),
        day=ctx.texts.day(order.created_at),
        product=product,
        amount=ctx.texts.money(order.amount, order.currency) if order.amount else "—",
        state=ctx.texts("order-paid-halted" if halted else f"order-{order.state}"),
    )


def _only_here(chats: Sequence[LinkedChat]) -> str:
    return linking.answer_of(chats, "chat")


def _erase_buttons(
    ctx: RequestContext, stake: stopping.Stake, chats: Sequence[LinkedChat]
) -> Keyboard:
    only = button(ctx.texts, "erase-button-chat", Intent.ERASE, _only_here(chats))
    return column(
        button(ctx.texts, "erase-button-yes", Intent.ERASE, stake.answer),
        *([only] if chats else []),
        button(ctx.texts, "erase-button-no", Intent.ERASE, "no"),
    )
