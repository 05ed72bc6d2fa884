"""An order's states, and its money in the books: what came in, what was sold, what goes back.

A charge is either the one that paid its order or none of our business, and then it goes back whole
(too late, twice, of another amount: not every till can give back a part). So each charge goes back
at most once, and a till's account always holds what was paid and not given back::

    charge:{charge}            till +, order -      money came in
    order:{order}:sale         order +, sales -     it paid the order
    order:{order}:refund       sales +, owed -      the sale is undone
    charge:{charge}:surplus    order +, owed -      it paid nothing
    charge:{charge}:returned   owed +, till -       the till confirmed that it gave it back

A till may give back what it was never asked for (its own support did, or the card's bank). That is
one more way to the same end: the sale is undone first, then the charge is booked as returned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from shop import inbox
from shop.errors import NotFound
from shop.jobs import outbox
from shop.money import ledger, referrals
from shop.ports import Tx
from shop.records import (
    CHAT,
    Charge,
    Currency,
    Order,
    OrderId,
    OrderState,
    PaymentEvent,
    ProcessedEvent,
    User,
)
from shop.transitions import check

TRANSITIONS: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.COLLECTING: frozenset({OrderState.AWAITING, OrderState.CANCELLED}),
    OrderState.AWAITING: frozenset({OrderState.AWAITING, OrderState.PAID, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.DONE, OrderState.REFUNDING}),
    OrderState.DONE: frozenset({OrderState.REFUNDING}),
    OrderState.REFUNDING: frozenset({OrderState.REFUNDED}),
}
"""AWAITING to itself: placed again, with another till or style."""


@dataclass(frozen=True, slots=True)
class RefundDue:
    """Money to give back: arguments for :meth:`shop.ports.Till.refund`. ``payer`` is "" once the
    customer was erased: then the till's own book must know."""

    till: str
    charge: str
    amount: int
    currency: Currency
    key: str
    payer: str = field(default="", repr=False)


async def locked(tx: Tx, id: OrderId) -> Order:
    """The order's row, held until the transaction ends. Raises :class:`NotFound`."""
    order = await tx.get(Order, id, lock=True)
    if order is None:
        raise NotFound
    return order


async def move(tx: Tx, order: Order, state: OrderState, now: datetime, **changes: object) -> Order:
    """The one way by which an order changes state; ``changes`` are fields of :class:`Order`.

    Raises :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    fresh = await locked(tx, order.id)
    check(TRANSITIONS, fresh.state, state)
    moved = replace(fresh, state=state, touched_at=now, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


def charge_id(event: PaymentEvent) -> str:
    return f"{event.till}:{event.charge}"


def paid_by(order: Order, charge: str) -> bool:
    """Whether it was this charge ("{till}:{charge}") that paid the order."""
    return f"{order.till}:{order.charge}" == charge


async def book_charge(tx: Tx, event: PaymentEvent, now: datetime) -> Charge | None:
    """Write down money that a till took. None if that charge was booked before."""
    charge = Charge(charge_id(event), event.order_id, event.amount, event.currency, event.at)
    new = await ledger.transfer(
        tx, f"charge:{charge.id}", "charge", event.amount, event.currency,
        source=ledger.order_account(event.order_id), target=ledger.till_account(event.till),
        now=now,
    )  # fmt: skip
    if not new:
        return None
    await tx.add(charge)
    return charge


async def book_sale(tx: Tx, order: Order, now: datetime) -> None:
    """The order's charge became a sale."""
    await ledger.transfer(
        tx, f"order:{order.id}:sale", "sale", order.amount, order.currency,
        source=ledger.SALES, target=ledger.order_account(order.id), now=now,
    )  # fmt: skip


async def owe_surplus(tx: Tx, charge: Charge, now: datetime) -> None:
    """A charge that paid nothing: owe it back, and send somebody to the till."""
    till, _, _ = charge.id.partition(":")
    await ledger.transfer(
        tx, f"charge:{charge.id}:surplus", "surplus", charge.amount, charge.currency,
        source=ledger.owed_account(till), target=ledger.order_account(charge.order_id), now=now,
    )  # fmt: skip
    await _send_back(tx, charge.order_id, charge.id, now)


async def reverse(tx: Tx, order: Order, reason: str, now: datetime) -> Order:
    """PAID or DONE to REFUNDING: sale undone, granted credits taken back, the till to be asked.

    Credits go back as far as they are unspent (:func:`shop.money.ledger.take_back`). What the order
    bought must be taken off by the caller: :func:`shop.orders.orders.refund` does both.
    """
    refunding = await move(tx, order, OrderState.REFUNDING, now, refund_reason=reason)
    await ledger.transfer(
        tx, f"order:{order.id}:refund", "refund", refunding.amount, refunding.currency,
        source=ledger.owed_account(refunding.till), target=ledger.SALES, now=now,
    )  # fmt: skip
    if await ledger.booked(tx, credits_key(refunding)):
        back = f"{credits_key(refunding)}:back"
        await ledger.take_back(tx, refunding.user_id, refunding.credits, back, now)
    await referrals.undo(tx, refunding, now)
    await _send_back(tx, refunding.id, f"{refunding.till}:{refunding.charge}", now)
    return refunding


async def note_early_return(tx: Tx, charge_id: str, now: datetime) -> None:
    """The till gave back a charge of which we have not heard yet. Twice is once."""
    await inbox.already_processed(tx, _return_note(charge_id), now)


async def returned_early(tx: Tx, charge_id: str) -> bool:
    """Whether :func:`note_early_return` was told of that charge, before it was booked."""
    return await tx.get(ProcessedEvent, _return_note(charge_id)) is not None


async def grant_credits(tx: Tx, order: Order, now: datetime) -> None:
    """The credits that the order's price grants, once."""
    await ledger.grant(tx, order.user_id, order.credits, credits_key(order), now)


def credits_key(order: Order) -> str:
    return f"order:{order.id}:credits"


async def refund_due(tx: Tx, charge_id: str) -> RefundDue | None:
    """What to give back at which till for ``charge_id`` ("{till}:{charge}"); None if nothing is
    (any more) owed. Ask it right before :meth:`shop.ports.Till.refund`.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None or await ledger.booked(tx, f"charge:{charge_id}:returned"):
        return None
    order = await locked(tx, charge.order_id)
    mine = paid_by(order, charge_id)
    cause = f"order:{order.id}:refund" if mine else f"charge:{charge_id}:surplus"
    if not await ledger.booked(tx, cause):
        return None
    till, _, reference = charge_id.partition(":")
    return RefundDue(
        till, reference, charge.amount, charge.currency, f"{charge_id}:refund",
        payer=await _payer(tx, order),
    )  # fmt: skip


async def book_refund(
    tx: Tx, charge_id: str, now: datetime, news: str = "payment_refunded"
) -> Order:
    """The till gave ``charge_id`` back: book it, and tell the customer, in ``news``. Twice is once.

    REFUNDING becomes REFUNDED if it was the charge that had paid the order. Raises
    :class:`NotFound` for a charge that is not owed.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None:
        raise NotFound
    order = await locked(tx, charge.order_id)
    debt = await refund_due(tx, charge_id)
    if debt is None:
        if await ledger.booked(tx, f"charge:{charge_id}:returned"):
            return order
        raise NotFound
    await ledger.transfer(
        tx, f"charge:{charge_id}:returned", "returned", debt.amount, debt.currency,
        source=ledger.till_account(debt.till), target=ledger.owed_account(debt.till), now=now,
    )  # fmt: skip
    await outbox.notify(
        tx, order.user_id, news, now,
        order=order.id, amount=debt.amount, currency=debt.currency.value,
    )  # fmt: skip
    if paid_by(order, charge_id):
        return await move(tx, order, OrderState.REFUNDED, now)
    return order


async def _payer(tx: Tx, order: Order) -> str:
    user = await tx.get(User, order.user_id)
    return user.platform_id if user is not None and user.erased_at is None else ""


def _return_note(charge_id: str) -> str:
    return f"returned:{charge_id}"


async def _send_back(tx: Tx, order_id: OrderId, charge_id: str, now: datetime) -> None:
    payload = {"order": order_id, "charge": charge_id}
    await outbox.enqueue(tx, CHAT, "refund", payload, now)
