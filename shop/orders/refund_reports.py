"""What a till says of a refund: booked if the money is back, told to the admins if it is not."""

from collections.abc import Collection
from typing import Final

import structlog

from shop.jobs import outbox
from shop.money import order_accounting, partial_refunds
from shop.orders import payments
from shop.orders.payments import RefundBooking
from shop.people import users
from shop.ports import Database, Tx
from shop.records import PartialRefund, RefundEvent, RefundState
from shop.transactions import run_transaction

TOO_MUCH: Final = "too_much"
UNASKED: Final = "closed_unasked"
"""Closed, and none that we owe: nothing is asked for anew."""

log = structlog.get_logger(__name__)


async def take(database: Database, event: RefundEvent, admins: Collection[str]) -> bool:
    """Book a refund that is done, of all that is left of the charge or of a part; tell the
    ``admins`` (``telegram:42``), once of each, of one that is stuck or closed, and of one of more
    than our books have left. True if the money is booked as given back. Idempotent. Raises
    :class:`shop.errors.WrongAmount` for one that is done and gives nothing."""

    async def apply(tx: Tx) -> bool:
        now, id = await tx.now(), f"{event.till}:{event.charge}"
        if event.state is RefundState.DONE:
            booking = await payments.confirm_refund(
                tx, id, event.refund, event.amount, event.total, now
            )
            if booking is RefundBooking.TOO_MUCH:
                await tell(tx, id, TOO_MUCH, event.refund, admins)
            return booking in (RefundBooking.BOOKED, RefundBooking.KNOWN)
        if event.state is RefundState.STUCK:
            await tell(tx, id, event.state.value, event.refund, admins)
        if event.state is RefundState.CLOSED:
            what = event.state.value if await _is_owed(tx, id, event.refund) else UNASKED
            # Each number can be closed once: the next one of the same refund is news again.
            await tell(tx, id, what, event.refund, admins, number=event.number)
        return False

    return await run_transaction(database, apply)


async def tell(
    tx: Tx, charge_id: str, what: str, refund: str, admins: Collection[str], *, number: str = ""
) -> None:
    """Tell those of the ``admins`` who are users what became of a refund of ``charge_id``
    ("{till}:{charge}"), once of each: ``stuck``, ``closed``, :data:`UNASKED` or :data:`TOO_MUCH`.
    ``refund`` says which one, as in :class:`shop.records.RefundEvent`, and ``number`` which attempt
    at it."""
    till, _, charge = charge_id.partition(":")
    which = number or partial_refunds.part_id(charge_id, refund)
    # A late repetition finds nothing owed, and is the same news.
    ended = RefundState.CLOSED.value if what == UNASKED else what
    name = refund.removeprefix(f"{charge_id}:")
    log.error("refund_needs_a_person", till=till, charge=charge, refund=name, what=what)
    for admin in await users.known_admins(tx, admins):
        await outbox.notify(
            tx, admin.id, "refund_trouble", await tx.now(),
            key=f"refund:{ended}:{charge_id}:{which}:{admin.id}", once=True,
            what=what, till=till, charge=charge, refund=name,
        )  # fmt: skip


async def _is_owed(tx: Tx, charge_id: str, refund: str) -> bool:
    """Whether we asked for that refund, and go on asking."""
    if refund == order_accounting.refund_key(charge_id):
        return await order_accounting.refund_due(tx, charge_id) is not None
    part = await tx.get(PartialRefund, partial_refunds.part_id(charge_id, refund))
    return part is not None and part.returned_at is None
