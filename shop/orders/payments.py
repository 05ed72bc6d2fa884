"""Pre-checkout checks, refunds that a till reports, and refunds of a part.

A till inside a chat asks whether a bill may be paid before it takes the money, and reports what it
has taken and refunded. Charges are booked by :func:`shop.orders.orders.confirm_payment`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from shop.errors import (
    AlreadyPaid,
    Banned,
    BillOutdated,
    NotAllowed,
    NotFound,
    PartTooLarge,
    WrongAmount,
)
from shop.money import order_accounting, partial_refunds
from shop.orders import orders, sales_guard
from shop.orders.sales_guard import Capacity
from shop.people import consent
from shop.ports import Tx
from shop.records import (
    Charge,
    Currency,
    Order,
    OrderId,
    OrderState,
    PartialRefund,
    PaymentEvent,
    Product,
    User,
)

PAID_STATES: Final = (OrderState.PAID, OrderState.STOPPED, OrderState.DONE)
"""The states of an order that is paid and not refunded."""


async def require_payable(
    tx: Tx,
    user: User,
    order_id: str,
    amount: int,
    currency: Currency,
    capacity: Capacity,
    now: datetime,
) -> None:
    """Demand that this person may pay this bill now. Reads only, and locks nothing.

    Raises :class:`Banned`, :class:`NotFound` (gone, or another's), :class:`AlreadyPaid`,
    :class:`BillOutdated` (cancelled, or the price has changed), :class:`ConsentMissing`,
    :class:`SalesPaused`, :class:`NobodyWorks`, :class:`QueueTooLong` (minutes).
    """
    if user.banned:
        raise Banned
    order = await orders.get_owned(tx, user, order_id)
    if order.state in PAID_STATES:
        raise AlreadyPaid
    given = (order.state, amount, currency)
    if given != (OrderState.AWAITING, order.amount, order.currency):
        raise BillOutdated
    await sales_guard.require_sales_open(tx)
    if order.product is Product.AVATAR:
        await consent.require(tx, user)
        await sales_guard.require_capacity(tx, capacity, now)
    else:
        await sales_guard.require_attended(tx, capacity, now)


def is_in_effect(order: Order, event: PaymentEvent) -> bool:
    """Whether that payment is the one that paid the order, and the sale was not reversed."""
    return (
        order_accounting.paid_by(order, order_accounting.charge_id(event))
        and order.state in PAID_STATES
    )


async def confirm_return(tx: Tx, charge_id: str, now: datetime) -> Order | None:
    """A till says that it refunded ``charge_id`` ("{till}:{charge}"). Idempotent.

    Either we asked it to, and this comes before or after our own booking; or somebody else did (its
    support, the card's bank): then what the charge had bought is revoked as by a refund, and the
    customer is notified. None for a charge that is not booked (yet): it will buy nothing any more.
    """
    charge = await tx.get(Charge, charge_id)
    if charge is None:
        await order_accounting.lock_charge(tx, charge_id)
        charge = await tx.get(Charge, charge_id)  # it may have been booked while we waited
    if charge is None:
        await order_accounting.note_early_return(tx, charge_id, now)
        return None
    order = await order_accounting.lock_with_owner(tx, charge.order_id)
    if order.state in PAID_STATES and order_accounting.paid_by(order, charge_id):
        # The outbox message that this leaves for the till will find nothing owed.
        await orders.refund(tx, order, "returned", now)
        return await order_accounting.book_refund(tx, charge_id, now, notice="payment_returned")
    return await order_accounting.book_refund(tx, charge_id, now)


class RefundBooking(StrEnum):
    """What became of a refund that a till reports."""

    BOOKED = "booked"
    KNOWN = "known"  # it was booked before
    NO_CHARGE = "no charge"  # of a charge that is not booked (yet)
    TOO_MUCH = "too much"  # more than our books have left of the charge: nothing is booked


async def confirm_refund(
    tx: Tx, charge_id: str, refund: str, amount: int, total: int, now: datetime
) -> RefundBooking:
    """A till says that it gave back ``amount`` of a charge of ``total``; ``refund``: the key by
    which we asked for it, or its number there. Idempotent by these.

    All that is left is the refund of the charge (:func:`confirm_return`), less is a part. A part of
    a charge that is not booked yet is found in the till's statement. Raises :class:`WrongAmount`
    for an amount that is not positive.
    """
    if amount <= 0:
        raise WrongAmount
    charge = await tx.get(Charge, charge_id)
    if charge is None:
        await order_accounting.lock_charge(tx, charge_id)
        charge = await tx.get(Charge, charge_id)  # it may have been booked while we waited
    if charge is None:
        if amount == total:
            await confirm_return(tx, charge_id, now)
        return RefundBooking.NO_CHARGE
    order = await order_accounting.lock_with_owner(tx, charge.order_id)
    id = partial_refunds.part_id(charge_id, refund)
    if await tx.get(PartialRefund, id):
        new = await partial_refunds.book_returned(tx, id, now)
        return RefundBooking.BOOKED if new else RefundBooking.KNOWN
    if await order_accounting.is_returned(tx, charge_id):
        return RefundBooking.KNOWN
    left = await order_accounting.left_of(tx, charge)
    if amount > left:
        return RefundBooking.TOO_MUCH
    if amount == left:
        await confirm_return(tx, charge_id, now)
    else:
        await partial_refunds.book_unasked(tx, order, charge, refund, amount, now)
    return RefundBooking.BOOKED


async def refund_part(tx: Tx, id: OrderId, amount: int, now: datetime) -> PartialRefund:
    """Give back a part of what was paid for the order, ``amount`` in minor units: less than what is
    left of it. Nothing that it bought is taken back.

    Raises :class:`NotFound`; :class:`NotAllowed` for an order that is not paid, or is being
    refunded; :class:`PartTooLarge` (left).
    """
    order = await order_accounting.lock_with_owner(tx, id)
    if order.state not in PAID_STATES:
        raise NotAllowed
    charge = await tx.get(Charge, order_accounting.paying_charge_id(order))
    if charge is None:
        raise NotFound
    left = await order_accounting.left_of(tx, charge)
    if not 0 < amount < left:
        raise PartTooLarge(left=left)
    return await partial_refunds.owe(tx, order, charge, amount, now)
