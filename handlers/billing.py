"""Bills and payments as the dialogue sees them. Tills are asked outside of any transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from handlers.chat import Button, Invoice, Reply, Tone
from handlers.context import After, DialogueDependencies, RequestContext
from handlers.intents import Intent, button
from handlers.progress import progress
from handlers.steps.styles import name_of
from shop.avatars import portraits
from shop.catalog import Catalog
from shop.errors import TillError
from shop.money import ledger
from shop.orders import orders, payments
from shop.photos.photos import tally as count
from shop.records import Order, OrderState, PaymentEvent, Product


class TillNotification(Protocol):
    """A signed notification, as a till posts it."""

    @property
    def event_id(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


@runtime_checkable
class ChatTill(Protocol):
    """A till that can be paid from inside the chat, as the sandbox till can."""

    async def pay(self, reference: str) -> TillNotification:
        """Pay a bill. Twice is the same charge."""

    async def acknowledge(self, event_id: str) -> None:
        """The notification was booked: it need not be posted any more."""


async def bill(ctx: RequestContext, order: Order) -> After:
    """Ask the till for its bill after the commit, and show it."""
    title = _title(ctx, order)
    text = await _text(ctx, order)

    async def ask() -> Sequence[Reply]:
        till = ctx.deps.tills[order.till]
        try:
            made = await till.bill(order, title)
        except TillError:
            retry = button(ctx.texts, "bill-button-retry", Intent.PAY)
            return [ctx.say("bill-failed", ((retry,),), tone=Tone.TROUBLE)]
        await _attach(ctx.deps, order, made.reference)
        return [
            Invoice(
                title, text, made.amount, made.currency, made.reference, made.pay_url,
                _buttons(ctx, order), message_key=f"bill:{order.id[:8]}",
            )
        ]  # fmt: skip

    return ask


def pay(ctx: RequestContext, order: Order, dispatcher: ChatTill) -> After:
    """Pay at a till inside the chat. What it tells us is verified and booked like its webhook's."""
    till = ctx.deps.tills[order.till]
    title = _title(ctx, order)

    async def settle() -> Sequence[Reply]:
        told = await dispatcher.pay((await till.bill(order, title)).reference)
        event = till.read(told.headers, told.body)
        async with ctx.deps.database.begin() as tx:
            booked = await orders.confirm_payment(tx, event, ctx.now)
            said = await settled(replace(ctx, tx=tx), booked, event)
        await dispatcher.acknowledge(told.event_id)
        return said

    return settle


async def settled(ctx: RequestContext, order: Order, event: PaymentEvent) -> list[Reply]:
    """What to say to whoever made a payment that was booked: thanks, or that it goes back."""
    amount = ctx.texts.money(event.amount, event.currency)
    if not payments.is_in_effect(order, event):
        key = "pay-twice" if order.state in payments.PAID_STATES else "pay-too-late"
        message_key = f"surplus:{event.charge[-8:]}"
        return [ctx.say(key, message_key=message_key, tone=Tone.RECEIPT, amount=amount)]
    if order.user_id != ctx.user.id:  # another's order is another's: no word of it
        return [ctx.say("pay-received", tone=Tone.RECEIPT, amount=amount)]
    return await paid(ctx, order)


async def paid(ctx: RequestContext, order: Order) -> list[Reply]:
    """Thanks for a payment that stands, and what comes next. Said by the desk and by the news:
    equal slots make it one."""
    amount = ctx.texts.money(order.amount, order.currency)
    message_key = f"paid:{order.id[:8]}"
    if order.product is Product.CREDITS:
        balance = await ledger.balance(ctx.tx, order.user_id)
        styles = button(ctx.texts, "studio-button-styles", Intent.STYLES)
        return [
            ctx.say(
                "paid-credits", ((styles,),), message_key=message_key, tone=Tone.RECEIPT,
                amount=amount, credits=order.credits, balance=balance,
            )
        ]  # fmt: skip
    said: list[Reply] = [ctx.say("paid", message_key=message_key, tone=Tone.RECEIPT, amount=amount)]
    if order.state is OrderState.PAID:
        said.append(await progress(ctx, order))
    return said


def gift(catalog: Catalog, order: Order) -> int:
    """The credits of an avatar's order that are left once its first portraits are paid."""
    return max(0, order.credits - catalog.shoot_credits)


async def _attach(deps: DialogueDependencies, order: Order, reference: str) -> None:
    if order.bill == reference:
        return
    async with deps.database.begin() as tx:
        await orders.attach_bill(tx, order, reference)


def _title(ctx: RequestContext, order: Order) -> str:
    if order.product is Product.CREDITS:
        return ctx.texts("bill-title-credits", credits=order.credits)
    return ctx.texts("bill-title-avatar")


async def _text(ctx: RequestContext, order: Order) -> str:
    price = ctx.texts.money(order.amount, order.currency)
    catalog = ctx.deps.catalog
    if order.product is Product.CREDITS:
        cost = catalog.shoot_credits
        return ctx.texts("bill-credits", price=price, credits=order.credits, cost=cost)
    text = ctx.texts(
        "bill-avatar",
        price=price,
        accepted=(await count(ctx.tx, order)).accepted,
        portraits=portraits.SHOOT_SIZE,
        style=name_of(ctx, order.template),
        credits=gift(catalog, order),
    )
    if not order.referral:
        return text
    return f"{text}\n\n{ctx.texts('bill-referral', credits=order.referral)}"


def _choice(ctx: RequestContext, order: Order) -> bool:
    """Whether the first portraits could be in another style as well."""
    return len(ctx.deps.catalog.offered(order.base, order.subject)[0]) > 1


def _buttons(ctx: RequestContext, order: Order) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    if isinstance(ctx.deps.tills[order.till], ChatTill):
        rows.append((button(ctx.texts, "bill-button-pay", Intent.PAY, order.id),))
    if order.product is Product.AVATAR and _choice(ctx, order):
        rows.append((button(ctx.texts, "first-button-others", Intent.FIRSTS),))
    rows.append((button(ctx.texts, "bill-button-cancel", Intent.CANCEL, order.id),))
    return tuple(rows)
