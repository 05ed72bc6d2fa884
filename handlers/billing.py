"""Bills and payments in the dialogue. Tills are called outside of any transaction."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol, runtime_checkable

from handlers import limits
from handlers.chat import Button, Invoice, Reply, Say, Tone
from handlers.context import AfterCommit, DialogueDependencies, RequestContext
from handlers.intents import Intent, button, column
from handlers.progress.training import training_message
from handlers.steps import standing
from handlers.steps.standing import Standing
from handlers.steps.styles import title_of
from handlers.texts import Texts
from shop.avatars import portraits
from shop.errors import TillError
from shop.money import ledger
from shop.orders import orders, payments
from shop.photos import comparison, photos
from shop.ports import Tx
from shop.records import ClipState, Currency, Order, OrderState, PaymentEvent, Product
from shop.transactions import run_transaction

STAMP: Final = 3
"""As many as an action has room for behind an order's id: enough to tell a few bills apart."""


class TillNotification(Protocol):
    """A signed notification, as a till posts it to its webhook."""

    @property
    def event_id(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


@runtime_checkable
class ChatTill(Protocol):
    """What a till that can be paid inside the chat has besides, as the sandbox till does."""

    async def pay(self, reference: str) -> TillNotification:
        """Pay a bill. Idempotent: a second call gives the same charge."""

    async def acknowledge(self, event_id: str) -> None:
        """Tell the till that the notification was booked, so that it is not posted again."""


def bill_key(order: Order) -> str:
    """The message key of an order's bill, and of what takes its place once it is paid or will not
    be."""
    return f"bill:{order.id[:8]}"


def order_number(order: Order) -> str:
    """The first eight digits of the order's id, in capitals."""
    return order.id[:8].upper()


def bill_title(words: Texts, order: Order) -> str:
    """What is bought, as its bill names it. The same wherever the bill is shown: a till may take
    another title for another bill."""
    if order.product is Product.CREDITS:
        return words("bill-title-credits", credits=order.credits)
    return words("bill-title-avatar")


async def bill_stamp(tx: Tx, order: Order) -> str:
    """:data:`STAMP` characters that change with what the order's bill sells: its price, credits,
    style, and of which photos, compared or not. The button that pays carries them."""
    sold = [str(order.amount), order.currency, str(order.credits), order.template]
    if order.product is Product.AVATAR:
        sold += sorted(photo.id for photo in await photos.accepted(tx, order.id))
        sold += ["", *sorted((await comparison.known(tx, order)).left_out)]
    digest = hashlib.sha256("\n".join(sold).encode()).digest()
    return base64.urlsafe_b64encode(digest)[:STAMP].decode("ascii")


async def bill_after_commit(ctx: RequestContext, order: Order) -> AfterCommit:
    """After the commit: create the bill at the till, and show it. One at another till is closed
    before that, so that nobody can pay twice, and if it was paid, it is booked instead. Raises
    :class:`TooManyBills` then, so that what the transaction did stays."""
    title = bill_title(ctx.texts, order)
    text, stamp = await _text(ctx, order), await bill_stamp(ctx.tx, order)

    async def show_bill() -> Sequence[Reply]:
        await limits.require_bill(ctx.deps.limiter, ctx.person, ctx.texts)
        till = ctx.deps.tills[order.till]
        former = ctx.deps.tills.get(order.former_till)
        try:
            if former and await orders.close_at(ctx.deps.database, former, order.id):
                return ()  # the notice of its payment says what follows
            bill = await till.bill(order, title)
        except TillError:
            retry = button(ctx.texts, "bill-button-retry", Intent.PAY)
            return [ctx.say("bill-failed", ((retry,),), tone=Tone.TROUBLE)]
        if not await _attach_bill(ctx.deps, order, bill.reference):
            return ()  # what outdated or paid it meanwhile says what follows
        return [
            Invoice(
                title, text, bill.amount, bill.currency, bill.reference, bill.pay_url,
                _buttons(ctx, order, stamp), message_key=bill_key(order),
                qr_content=bill.qr_content,
            )
        ]  # fmt: skip

    return show_bill


def outdated(ctx: RequestContext, order: Order) -> list[Reply]:
    """The last words of a bill that is out of date, and of what leads to it; of any other none."""
    if order.state is not OrderState.COLLECTING or not order.bill:
        return []
    closed = Say(ctx.texts(outdated_key(ctx)), message_key=bill_key(order), closes=True)
    return [closed, standing.closing(ctx, Standing.PROMPT, order)]


def outdated_key(ctx: RequestContext) -> str:
    """The words of a bill that is out of date. No new one is promised to who says that they are a
    minor."""
    return "bill-outdated-age" if ctx.user.stated_minor_at else "bill-outdated"


async def outdated_now(ctx: RequestContext, before: Order) -> list[Reply]:
    """The same to whoever has just outdated it: it is said as news. ``before``: their order as it
    was."""
    order = await orders.get_owned(ctx.tx, ctx.user, before.id)
    if before.state is not OrderState.AWAITING or not (said := outdated(ctx, order)):
        return []
    return [ctx.say(outdated_key(ctx), message_key=bill_key(order)), *said[1:]]


def pay_after_commit(ctx: RequestContext, order: Order, chat_till: ChatTill) -> AfterCommit:
    """After the commit: pay at a till inside the chat. Its notification is verified and booked as
    if it had come by the webhook."""
    till = ctx.deps.tills[order.till]
    title = bill_title(ctx.texts, order)

    async def pay() -> Sequence[Reply]:
        notification = await chat_till.pay((await till.bill(order, title)).reference)
        event = await till.read(notification.headers, notification.body)
        if not isinstance(event, PaymentEvent):
            raise TillError

        async def book(tx: Tx) -> list[Reply]:
            booked = await orders.confirm_payment(tx, event, await tx.now())
            return await payment_replies(replace(ctx, tx=tx), booked, event)

        replies = await run_transaction(ctx.deps.database, book)
        await chat_till.acknowledge(notification.event_id)
        return replies

    return pay


async def payment_replies(ctx: RequestContext, order: Order, event: PaymentEvent) -> list[Reply]:
    """The replies to whoever made a payment that was booked: thanks, or that it is refunded."""
    amount = ctx.texts.money(event.amount, event.currency)
    if not payments.is_in_effect(order, event):
        return [unwanted_reply(ctx, order, event.charge, event.amount, event.currency)]
    # Nothing is said of another person's order, nor of what comes next where nothing does.
    if order.user_id != ctx.user.id or order.state is OrderState.STOPPED:
        return [ctx.say("pay-received", tone=Tone.RECEIPT, amount=amount)]
    return await paid_replies(ctx, order)


def unwanted_reply(
    ctx: RequestContext, order: Order, charge: str, amount: int, currency: Currency
) -> Reply:
    """A payment goes back, and why. Both the dispatcher and a notice say it, as of one that is
    kept. ``charge``: the till's id of it."""
    key = "pay-twice" if order.state in payments.PAID_STATES else "pay-too-late"
    if order.state is OrderState.AWAITING:  # its bill is open: it was not this that paid it
        exact = (amount, currency) == (order.amount, order.currency)
        key = "pay-returned" if exact else "pay-wrong-amount"
        key = "pay-banned" if ctx.user.banned else key
    message_key = f"surplus:{charge[-8:]}"
    money = ctx.texts.money(amount, currency)
    return ctx.say(key, message_key=message_key, tone=Tone.RECEIPT, amount=money)


async def paid_replies(ctx: RequestContext, order: Order) -> list[Reply]:
    """Thanks for a payment that is kept, and what comes next: a receipt in the bill's place, so
    that nothing stands there that could be paid or declined. Both the dispatcher and a notice say
    it: equal message keys make it one message."""
    amount = ctx.texts.money(order.amount, order.currency)
    receipt = ctx.texts(
        "receipt-line", number=order_number(order),
        day=ctx.texts.day(order.paid_at or ctx.now), product=bill_title(ctx.texts, order),
    )  # fmt: skip
    if order.product is Product.CREDITS:
        balance = await ledger.balance(ctx.tx, order.user_id)
        ways = [button(ctx.texts, "studio-button-styles", Intent.STYLES)]
        if ctx.clip is not None and ctx.clip.state is ClipState.READY:  # what they were bought for
            ways = [button(ctx.texts, "paid-button-clip", Intent.MOTION)]
        text = ctx.texts("paid-credits", amount=amount, credits=order.credits, balance=balance)
        return [Say(f"{text}\n{receipt}", column(*ways), bill_key(order), Tone.RECEIPT)]
    text = ctx.texts("paid", amount=amount)
    thanks = Say(f"{text}\n{receipt}", (), bill_key(order), Tone.RECEIPT)
    if order.state is OrderState.PAID:
        return [thanks, await training_message(ctx, order)]
    return [thanks]


def credits_left(order: Order) -> int:
    """The credits of an avatar's order that are left once its first portraits are paid, at the
    price that was copied into it."""
    return order.credits - order.shoot_credits


async def _attach_bill(deps: DialogueDependencies, order: Order, reference: str) -> bool:
    """Whether the bill may be shown."""

    async def attach(tx: Tx) -> Order:
        return await orders.attach_bill(tx, order, reference)

    return (await run_transaction(deps.database, attach)).state is OrderState.AWAITING


async def _text(ctx: RequestContext, order: Order) -> str:
    price = ctx.texts.money(order.amount, order.currency)
    if order.product is Product.CREDITS:
        cost = ctx.deps.catalog.shoot_credits
        sets = order.credits // cost
        clip = ctx.deps.catalog.film_credits
        return ctx.texts(
            "bill-credits", price=price, credits=order.credits, cost=cost, sets=sets, clip=clip,
            clips=order.credits // clip,
        )  # fmt: skip
    found = await comparison.known(ctx.tx, order)
    text = ctx.texts(
        "bill-avatar",
        compared="none" if not found.compared else "some" if found.left_out else "all",
        price=price,
        accepted=(await photos.tally(ctx.tx, order)).accepted,
        portraits=portraits.SHOOT_SIZE,
        style=title_of(ctx, order.template),
        credits=credits_left(order),
        sets=credits_left(order) // ctx.deps.catalog.shoot_credits,
    )
    if not order.referral:
        return text
    return f"{text}\n\n{ctx.texts('bill-referral', credits=order.referral)}"


def _has_style_choice(ctx: RequestContext, order: Order) -> bool:
    """Whether the first portraits could be in another style as well."""
    return len(ctx.deps.catalog.offered(order.base, order.subject)[0]) > 1


def _buttons(ctx: RequestContext, order: Order, stamp: str) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    if isinstance(ctx.deps.tills[order.till], ChatTill):
        rows.append((button(ctx.texts, "bill-button-pay", Intent.PAY, f"{order.id}.{stamp}"),))
    if order.product is Product.AVATAR and _has_style_choice(ctx, order):
        rows.append((button(ctx.texts, "first-button-others", Intent.INITIAL_STYLES),))
    rows.append((button(ctx.texts, "bill-button-cancel", Intent.CANCEL, order.id),))
    return tuple(rows)
