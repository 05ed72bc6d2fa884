"""What a till says of a refund: booked if the money is back, told to the admins if it is not."""

from collections.abc import Collection
from typing import Final

import structlog

from shop.jobs import outbox
from shop.orders import payments
from shop.orders.payments import RefundBooking
from shop.people import users
from shop.ports import Database, Tx
from shop.records import RefundEvent, RefundState
from shop.transactions import run_transaction

TOO_MUCH: Final = "too_much"

log = structlog.get_logger(__name__)


async def take(database: Database, event: RefundEvent, admins: Collection[str]) -> bool:
    """Book a refund that is done, of all that is left of the charge or of a part; tell the
    ``admins`` (``telegram:42``), once of each, of one that is stuck or closed, and of one of more
    than our books have left. True if the money is booked as given back. Idempotent."""

    async def apply(tx: Tx) -> bool:
        now, id = await tx.now(), f"{event.till}:{event.charge}"
        if event.state is RefundState.DONE:
            booking = await payments.confirm_refund(
                tx, id, event.refund, event.amount, event.total, now
            )
            if booking is RefundBooking.TOO_MUCH:
                await tell(tx, id, TOO_MUCH, admins)
            return booking in (RefundBooking.BOOKED, RefundBooking.KNOWN)
        if event.state is not RefundState.PENDING:
            await tell(tx, id, event.state.value, admins)
        return False

    return await run_transaction(database, apply)


async def tell(tx: Tx, charge_id: str, what: str, admins: Collection[str]) -> None:
    """Tell those of the ``admins`` who are users what became of the refund of ``charge_id``
    ("{till}:{charge}"), once: ``stuck``, ``closed`` or :data:`TOO_MUCH`."""
    till, _, charge = charge_id.partition(":")
    log.error("refund_needs_a_person", till=till, charge=charge, what=what)
    for admin in await users.known_admins(tx, admins):
        await outbox.notify(
            tx, admin.id, "refund_trouble", await tx.now(),
            key=f"refund:{what}:{charge_id}:{admin.id}", once=True,
            what=what, till=till, charge=charge,
        )  # fmt: skip
