"""An order's states and its entries in the ledger: charges, the sale, refunds.

A charge is either the one that paid its order or unwanted (too late, a second one, of another
amount), and then it is refunded whole, because not every till can refund a part. Parts of a charge
may go back before that (:mod:`shop.money.partial_refunds`): "whole" is then what they left. So a
till's account always holds what was paid and not refunded::

    charge:{charge}            till +, order -      the till took money
    order:{order}:sale         order +, sales -     it paid the order
    order:{order}:refund       sales +, owed -      the sale is reversed
    charge:{charge}:surplus    order +, owed -      it paid nothing: to be refunded
    charge:{charge}:returned   owed +, till -       the till confirmed the refund
    part:{part}                sales +, owed -      a part of the sale is reversed
    part:{part}:returned       owed +, till -       the till confirmed that part

A till may refund what it was never asked for (its own support did, or the card's bank). Then the
sale is reversed first, and the charge is booked as returned.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from shop import inbox
from shop.errors import NotFound
from shop.jobs import outbox
from shop.money import ledger, referrals
from shop.people import linked_chats
from shop.people.users import lock as lock_user
from shop.ports import Tx
from shop.records import (
    CHAT,
    Charge,
    ChargePayer,
    Currency,
    Order,
    OrderId,
    OrderState,
    PartialRefund,
    PaymentEvent,
    User,
    UserId,
)
from shop.transitions import check

TRANSITIONS: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    OrderState.COLLECTING: frozenset({OrderState.AWAITING, OrderState.CANCELLED}),
    OrderState.AWAITING: frozenset(
        {OrderState.AWAITING, OrderState.COLLECTING, OrderState.PAID, OrderState.CANCELLED}
    ),
    OrderState.PAID: frozenset({OrderState.DONE, OrderState.STOPPED, OrderState.REFUNDING}),
    OrderState.STOPPED: frozenset({OrderState.REFUNDING}),
    OrderState.DONE: frozenset({OrderState.REFUNDING}),
    OrderState.REFUNDING: frozenset({OrderState.REFUNDED}),
}
"""AWAITING to itself: placed again, with another till or style; to COLLECTING: what its bill
says has changed."""


@dataclass(frozen=True, slots=True)
class RefundDue:
    """A refund to ask the till for: arguments of :meth:`shop.ports.Till.refund`. ``payer`` is ""
    once the customer was erased: then the till must know by itself."""

    till: str
    charge: str
    amount: int
    currency: Currency
    key: str
    payer: str = field(default="", repr=False)


async def lock_order(tx: Tx, id: OrderId) -> Order:
    """The order's row, locked until the transaction ends. Raises :class:`NotFound`."""
    order = await tx.get(Order, id, lock=True)
    if order is None:
        raise NotFound
    return order


async def get_order(tx: Tx, id: OrderId) -> Order:
    """The order, not locked. Raises :class:`NotFound`."""
    order = await tx.get(Order, id)
    if order is None:
        raise NotFound
    return order


async def lock_with_owner(tx: Tx, id: OrderId) -> Order:
    """The order's row, locked as by :func:`lock_order`, after its owner's. Raises
    :class:`NotFound`."""
    await lock_user(tx, (await get_order(tx, id)).user_id)
    return await lock_order(tx, id)


async def lock_charge(tx: Tx, charge_id: str) -> None:
    """Wait for whoever books, or is told of the return of, that charge ("{till}:{charge}"), which
    has no row yet. Taken after the person's lock, where that is taken."""
    await tx.lock_name(f"charge:{charge_id}")


async def is_booked(tx: Tx, event: PaymentEvent) -> bool:
    """Whether that charge has been booked."""
    return await tx.get(Charge, charge_id(event)) is not None


async def transition(
    tx: Tx, order: Order, state: OrderState, now: datetime, **changes: object
) -> Order:
    """Change an order's state: the only function that does. ``changes`` are fields of
    :class:`Order`.

    Raises :class:`NotFound`, or :class:`NotAllowed` for a step that :data:`TRANSITIONS` lacks.
    """
    fresh = await lock_order(tx, order.id)
    check(TRANSITIONS, fresh.state, state)
    moved = replace(fresh, state=state, touched_at=now, **changes)  # type: ignore[arg-type]
    await tx.put(moved)
    return moved


def charge_id(event: PaymentEvent) -> str:
    return f"{event.till}:{event.charge}"


def paying_charge_id(order: Order) -> str:
    """The charge ("{till}:{charge}") that paid the order."""
    return f"{order.till}:{order.charge}"


def paid_by(order: Order, charge: str) -> bool:
    """Whether it was this charge ("{till}:{charge}") that paid the order."""
    return paying_charge_id(order) == charge


async def book_charge(tx: Tx, event: PaymentEvent, now: datetime) -> Charge | None:
    """Book money that a till took. None if that charge was booked before."""
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
    """Book the order's charge as a sale."""
    await ledger.transfer(
        tx, f"order:{order.id}:sale", "sale", order.amount, order.currency,
        source=ledger.SALES, target=ledger.order_account(order.id), now=now,
    )  # fmt: skip


async def owe_surplus(tx: Tx, charge: Charge, now: datetime) -> None:
    """Book a charge that paid nothing as owed to the customer, and enqueue its refund."""
    till, _, _ = charge.id.partition(":")
    await ledger.transfer(
        tx, f"charge:{charge.id}:surplus", "surplus", charge.amount, charge.currency,
        source=ledger.owed_account(till), target=ledger.order_account(charge.order_id), now=now,
    )  # fmt: skip
    await _enqueue_refund(tx, charge.order_id, charge.id, now)


async def reverse(tx: Tx, order: Order, reason: str, now: datetime) -> Order:
    """PAID, STOPPED or DONE to REFUNDING: reverse the sale, take back granted credits, enqueue the
    refund.

    Credits are taken back as far as they are unspent (:func:`shop.money.ledger.take_back`). What
    the order bought must be revoked by the caller: :func:`shop.orders.orders.refund` does both.
    """
    refunding = await transition(tx, order, OrderState.REFUNDING, now, refund_reason=reason)
    await ledger.transfer(
        tx, f"order:{order.id}:refund", "refund", refunding.kept, refunding.currency,
        source=ledger.owed_account(refunding.till), target=ledger.SALES, now=now,
    )  # fmt: skip
    # First: what was spent came from the order's own credits, as its initial shoot does.
    await referrals.take_back(tx, refunding, now)
    if await ledger.booked(tx, credits_key(refunding)):
        back = f"{credits_key(refunding)}:back"
        await ledger.take_back(tx, refunding.user_id, refunding.credits, back, now)
    await _enqueue_refund(tx, refunding.id, paying_charge_id(refunding), now)
    return refunding


async def note_early_return(tx: Tx, charge_id: str, now: datetime) -> None:
    """Note that the till refunded a charge that is not booked yet. Idempotent."""
    await inbox.already_processed(tx, _return_note(charge_id), now)


async def returned_early(tx: Tx, charge_id: str) -> bool:
    """Whether :func:`note_early_return` was called for that charge, before it was booked."""
    return await inbox.was_processed(tx, _return_note(charge_id))


async def grant_credits(tx: Tx, order: Order, now: datetime) -> None:
    """Grant the order's ``credits``, once."""
    await ledger.grant(tx, order.user_id, order.credits, credits_key(order), now)


def credits_key(order: Order) -> str:
    return f"order:{order.id}:credits"


async def left_of(tx: Tx, charge: Charge) -> int:
    """What of the charge is not owed or given back as a part, in minor units: what its refund would
    be, or was."""
    parts = await tx.find(PartialRefund, charge_id=charge.id)
    return charge.amount - sum(part.amount for part in parts)


async def is_owed(tx: Tx, order: Order, charge_id: str) -> bool:
    """Whether all of that charge of the order's is owed back, or was given back."""
    is_paying = paid_by(order, charge_id)
    cause = f"order:{order.id}:refund" if is_paying else f"charge:{charge_id}:surplus"
    return await ledger.booked(tx, cause)


async def is_returned(tx: Tx, charge_id: str) -> bool:
    """Whether the till has confirmed that nothing of the charge is left with it."""
    return await ledger.booked(tx, returned_key(charge_id))


def returned_key(charge_id: str) -> str:
    """The key of the entry by which a charge is booked as given back."""
    return f"charge:{charge_id}:returned"


def refund_key(charge_id: str) -> str:
    """The idempotency key under which a till is asked for a charge's refund."""
    return f"{charge_id}:refund"


async def refund_due(tx: Tx, charge_id: str) -> RefundDue | None:
    """The refund that is owed for ``charge_id`` ("{till}:{charge}"); None if nothing is (any more)
    owed. Call it right before :meth:`shop.ports.Till.refund`.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None or await is_returned(tx, charge_id):
        return None
    order = await get_order(tx, charge.order_id)
    if not await is_owed(tx, order, charge_id):
        return None
    key = refund_key(charge_id)
    return await refund_of(tx, order, charge, await left_of(tx, charge), key)


async def owed_back(tx: Tx, user_id: UserId) -> dict[Currency, int]:
    """What is on its way back to that person, and not confirmed by a till yet: whole charges and
    parts, in minor units."""
    sums: dict[Currency, int] = {}
    for order in await tx.find(Order, user_id=user_id):
        for charge in await tx.find(Charge, order_id=order.id):
            due = await refund_due(tx, charge.id)
            parts = await tx.find(PartialRefund, charge_id=charge.id)
            owed = (due.amount if due else 0) + sum(
                part.amount for part in parts if part.returned_at is None
            )
            if owed:
                sums[charge.currency] = sums.get(charge.currency, 0) + owed
    return sums


async def refund_of(tx: Tx, order: Order, charge: Charge, amount: int, key: str) -> RefundDue:
    """That much of a charge, to ask its till for."""
    till, _, reference = charge.id.partition(":")
    payer = await _payer(tx, order, charge.id)
    return RefundDue(till, reference, amount, charge.currency, key, payer=payer)


async def book_refund(
    tx: Tx, charge_id: str, now: datetime, notice: str = "payment_refunded"
) -> Order:
    """The till refunded ``charge_id``: book it, and send the customer the notice. Idempotent.

    REFUNDING becomes REFUNDED if it was the charge that had paid the order. Raises
    :class:`NotFound` for a charge that is not owed.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None:
        raise NotFound
    order = await lock_with_owner(tx, charge.order_id)
    due = await refund_due(tx, charge_id)
    if due is None:
        if await is_returned(tx, charge_id):
            return order
        raise NotFound
    await ledger.transfer(
        tx, returned_key(charge_id), "returned", due.amount, due.currency,
        source=ledger.till_account(due.till), target=ledger.owed_account(due.till), now=now,
    )  # fmt: skip
    await outbox.notify(
        tx, order.user_id, notice, now,
        order=order.id, amount=due.amount, currency=due.currency.value,
    )  # fmt: skip
    if paid_by(order, charge_id):
        return await transition(tx, order, OrderState.REFUNDED, now)
    return order


async def _payer(tx: Tx, order: Order, charge_id: str) -> str:
    if noted := await tx.get(ChargePayer, charge_id):
        return noted.payer
    user = await tx.get(User, order.user_id)
    return user.platform_id if user is not None and user.erased_at is None else ""


async def payer_ids(tx: Tx, owner: User) -> set[str]:
    """What the owner's chats are called at the tills that name a payer."""
    return {owner.platform_id, *(one.platform_id for one in await linked_chats.of(tx, owner.id))}


async def note_payer(tx: Tx, charge_id: str, owner: User, payer: str) -> None:
    """Keep which of the owner's chats paid a charge: their address may be another when it is
    refunded. Of somebody else it is kept that it was none of these, and no id. The owner is
    locked."""
    if not payer or owner.erased_at is not None:  # a till that finds its payers by the charge
        return
    theirs = await payer_ids(tx, owner)
    await tx.add(ChargePayer(charge_id, owner.id, payer if payer in theirs else ""))


async def note_payers(tx: Tx, owner: User) -> None:
    """The owner, who is locked, links their first chat: of what no till said who paid, the present
    address is kept, which will be found no more."""
    for order in await tx.find(Order, user_id=owner.id):
        for charge in await tx.find(Charge, order_id=order.id):
            if await tx.get(ChargePayer, charge.id) is None:
                await tx.add(ChargePayer(charge.id, owner.id, owner.platform_id))


def _return_note(charge_id: str) -> str:
    return f"returned:{charge_id}"


async def _enqueue_refund(tx: Tx, order_id: OrderId, charge_id: str, now: datetime) -> None:
    payload = {"order": order_id, "charge": charge_id}
    await outbox.enqueue(tx, CHAT, "refund", payload, now)
