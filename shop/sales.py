"""An order's states, and its money in the books: what came in, what was sold, what goes back.

A charge is either the one that paid its order or none of our business, and then it goes back whole
(too late, twice, of another amount: not every till can give back a part). So each charge goes back
at most once, and a till's account always holds what was paid and not given back::

    charge:{charge}            till +, order -      money came in
    order:{order}:sale         order +, sales -     it paid the order
    order:{order}:refund       sales +, owed -      the sale is undone
    charge:{charge}:surplus    order +, owed -      it paid nothing
    charge:{charge}:returned   owed +, till -       the till confirmed that it gave it back
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shop import ledger, outbox
from shop.errors import NotFound
from shop.ports import Tx
from shop.records import (
    Charge,
    Currency,
    JobQueue,
    Order,
    OrderId,
    OrderState,
    PaymentEvent,
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
class Owed:
    """Money to give back: arguments for :meth:`shop.ports.Till.refund`."""

    till: str
    charge: str
    amount: int
    currency: Currency
    key: str


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


async def book_charge(tx: Tx, event: PaymentEvent, now: datetime) -> Charge | None:
    """Write down money that a till took. None if that charge was booked before."""
    charge = Charge(
        f"{event.till}:{event.charge}", event.order_id, event.amount, event.currency, event.at
    )
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


async def give_back_surplus(tx: Tx, charge: Charge, now: datetime) -> None:
    """A charge that paid nothing: owe it back, and send somebody to the till."""
    till, _, _ = charge.id.partition(":")
    await ledger.transfer(
        tx, f"charge:{charge.id}:surplus", "surplus", charge.amount, charge.currency,
        source=ledger.owed_account(till), target=ledger.order_account(charge.order_id), now=now,
    )  # fmt: skip
    await _send_back(tx, charge.order_id, charge.id, now)


async def reverse(tx: Tx, order: Order, reason: str, now: datetime) -> Order:
    """PAID or DONE to REFUNDING: sale undone, granted credits taken back, the till to be asked.

    Credits go back as far as they are unspent (:func:`shop.ledger.take_back`). What the order
    bought must be taken off by the caller: :func:`shop.orders.refund` does both.
    """
    refunding = await move(tx, order, OrderState.REFUNDING, now, refund_reason=reason)
    await ledger.transfer(
        tx, f"order:{order.id}:refund", "refund", refunding.amount, refunding.currency,
        source=ledger.owed_account(refunding.till), target=ledger.SALES, now=now,
    )  # fmt: skip
    if await ledger.booked(tx, credits_key(refunding)):
        back = f"{credits_key(refunding)}:back"
        await ledger.take_back(tx, refunding.user_id, refunding.credits, back, now)
    await _send_back(tx, refunding.id, f"{refunding.till}:{refunding.charge}", now)
    return refunding


async def grant_credits(tx: Tx, order: Order, now: datetime) -> None:
    """The credits that the order's price grants, once."""
    await ledger.grant(tx, order.user_id, order.credits, credits_key(order), now)


def credits_key(order: Order) -> str:
    return f"order:{order.id}:credits"


async def owed(tx: Tx, charge_id: str) -> Owed | None:
    """What to give back at which till for ``charge_id`` ("{till}:{charge}"); None if nothing is
    (any more) owed. Ask it right before :meth:`shop.ports.Till.refund`.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None or await ledger.booked(tx, f"charge:{charge_id}:returned"):
        return None
    order = await locked(tx, charge.order_id)
    paid_by_it = f"{order.till}:{order.charge}" == charge_id
    cause = f"order:{order.id}:refund" if paid_by_it else f"charge:{charge_id}:surplus"
    if not await ledger.booked(tx, cause):
        return None
    till, _, reference = charge_id.partition(":")
    return Owed(till, reference, charge.amount, charge.currency, f"{charge_id}:refund")


async def given_back(tx: Tx, charge_id: str, now: datetime) -> Order:
    """The till gave ``charge_id`` back: book it, and tell the customer. Twice is once.

    REFUNDING becomes REFUNDED if it was the charge that had paid the order. Raises
    :class:`NotFound` for a charge that is not owed.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None:
        raise NotFound
    order = await locked(tx, charge.order_id)
    debt = await owed(tx, charge_id)
    if debt is None:
        if await ledger.booked(tx, f"charge:{charge_id}:returned"):
            return order
        raise NotFound
    await ledger.transfer(
        tx, f"charge:{charge_id}:returned", "returned", debt.amount, debt.currency,
        source=ledger.till_account(debt.till), target=ledger.owed_account(debt.till), now=now,
    )  # fmt: skip
    await outbox.tell(
        tx, order.user_id, "payment_refunded", now,
        order=order.id, amount=debt.amount, currency=debt.currency.value,
    )  # fmt: skip
    if f"{order.till}:{order.charge}" == charge_id:
        return await move(tx, order, OrderState.REFUNDED, now)
    return order


async def _send_back(tx: Tx, order_id: OrderId, charge_id: str, now: datetime) -> None:
    payload = {"order": order_id, "charge": charge_id}
    await outbox.leave(tx, JobQueue.CHAT, "refund", payload, now)
