"""Pre-checkout checks, and refunds that a till reports.

A till inside a chat asks whether a bill may be paid before it takes the money, and reports what it
has taken and refunded. Charges are booked by :func:`shop.orders.orders.confirm_payment`.
"""

from datetime import datetime
from typing import Final

from shop.errors import AlreadyPaid, Banned, BillOutdated
from shop.money import order_accounting
from shop.orders import orders, sales_guard
from shop.people import consent
from shop.ports import Tx
from shop.records import Charge, Currency, Order, OrderState, PaymentEvent, Product, User

PAID_STATES: Final = (OrderState.PAID, OrderState.STOPPED, OrderState.DONE)
"""The states of an order that is paid and not refunded."""


async def require_payable(
    tx: Tx,
    user: User,
    order_id: str,
    amount: int,
    currency: Currency,
    max_wait_minutes: int,
    now: datetime,
) -> None:
    """Demand that this person may pay this bill now. Reads only, and locks nothing.

    Raises :class:`Banned`, :class:`NotFound` (gone, or another's), :class:`AlreadyPaid`,
    :class:`BillOutdated` (cancelled, or the price has changed), :class:`ConsentMissing`,
    :class:`SalesPaused`, :class:`QueueTooLong` (minutes).
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
        await sales_guard.require_short_queue(tx, max_wait_minutes, now)


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
