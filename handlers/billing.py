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


async def bill(turn: RequestContext, order: Order) -> After:
    """Ask the till for its bill after the commit, and show it."""
    title = _title(turn, order)
    text = await _text(turn, order)

    async def ask() -> Sequence[Reply]:
        till = turn.house.tills[order.till]
        try:
            made = await till.bill(order, title)
        except TillError:
            retry = button(turn.texts, "bill-button-retry", Intent.PAY)
            return [turn.say("bill-failed", ((retry,),), tone=Tone.TROUBLE)]
        await _attach(turn.house, order, made.reference)
        return [
            Invoice(
                title, text, made.amount, made.currency, made.reference, made.pay_url,
                _buttons(turn, order), slot=f"bill:{order.id[:8]}",
            )
        ]  # fmt: skip

    return ask


def pay(turn: RequestContext, order: Order, desk: ChatTill) -> After:
    """Pay at a till inside the chat. What it tells us is verified and booked like its webhook's."""
    till = turn.house.tills[order.till]
    title = _title(turn, order)

    async def settle() -> Sequence[Reply]:
        told = await desk.pay((await till.bill(order, title)).reference)
        event = till.read(told.headers, told.body)
        async with turn.house.database.begin() as tx:
            booked = await orders.confirm_payment(tx, event, turn.now)
            said = await settled(replace(turn, tx=tx), booked, event)
        await desk.acknowledge(told.event_id)
        return said

    return settle


async def settled(turn: RequestContext, order: Order, event: PaymentEvent) -> list[Reply]:
    """What to say to whoever made a payment that was booked: thanks, or that it goes back."""
    amount = turn.texts.money(event.amount, event.currency)
    if not payments.stands(order, event):
        key = "pay-twice" if order.state in payments.PAYING else "pay-too-late"
        slot = f"surplus:{event.charge[-8:]}"
        return [turn.say(key, slot=slot, tone=Tone.RECEIPT, amount=amount)]
    if order.user_id != turn.user.id:  # another's order is another's: no word of it
        return [turn.say("pay-received", tone=Tone.RECEIPT, amount=amount)]
    return await paid(turn, order)


async def paid(turn: RequestContext, order: Order) -> list[Reply]:
    """Thanks for a payment that stands, and what comes next. Said by the desk and by the news:
    equal slots make it one."""
    amount = turn.texts.money(order.amount, order.currency)
    slot = f"paid:{order.id[:8]}"
    if order.product is Product.CREDITS:
        balance = await ledger.balance(turn.tx, order.user_id)
        styles = button(turn.texts, "studio-button-styles", Intent.STYLES)
        return [
            turn.say(
                "paid-credits", ((styles,),), slot=slot, tone=Tone.RECEIPT,
                amount=amount, credits=order.credits, balance=balance,
            )
        ]  # fmt: skip
    said: list[Reply] = [turn.say("paid", slot=slot, tone=Tone.RECEIPT, amount=amount)]
    if order.state is OrderState.PAID:
        said.append(await progress(turn, order))
    return said


def gift(catalog: Catalog, order: Order) -> int:
    """The credits of an avatar's order that are left once its first portraits are paid."""
    return max(0, order.credits - catalog.shoot_credits)


async def _attach(house: DialogueDependencies, order: Order, reference: str) -> None:
    if order.bill == reference:
        return
    async with house.database.begin() as tx:
        await orders.attach_bill(tx, order, reference)


def _title(turn: RequestContext, order: Order) -> str:
    if order.product is Product.CREDITS:
        return turn.texts("bill-title-credits", credits=order.credits)
    return turn.texts("bill-title-avatar")


async def _text(turn: RequestContext, order: Order) -> str:
    price = turn.texts.money(order.amount, order.currency)
    catalog = turn.house.catalog
    if order.product is Product.CREDITS:
        cost = catalog.shoot_credits
        return turn.texts("bill-credits", price=price, credits=order.credits, cost=cost)
    text = turn.texts(
        "bill-avatar",
        price=price,
        accepted=(await count(turn.tx, order)).accepted,
        portraits=portraits.COUNT,
        style=name_of(turn, order.template),
        credits=gift(catalog, order),
    )
    if not order.referral:
        return text
    return f"{text}\n\n{turn.texts('bill-referral', credits=order.referral)}"


def _choice(turn: RequestContext, order: Order) -> bool:
    """Whether the first portraits could be in another style as well."""
    return len(turn.house.catalog.offered(order.base, order.subject)[0]) > 1


def _buttons(turn: RequestContext, order: Order) -> tuple[tuple[Button, ...], ...]:
    rows: list[tuple[Button, ...]] = []
    if isinstance(turn.house.tills[order.till], ChatTill):
        rows.append((button(turn.texts, "bill-button-pay", Intent.PAY, order.id),))
    if order.product is Product.AVATAR and _choice(turn, order):
        rows.append((button(turn.texts, "first-button-others", Intent.FIRSTS),))
    rows.append((button(turn.texts, "bill-button-cancel", Intent.CANCEL, order.id),))
    return tuple(rows)
