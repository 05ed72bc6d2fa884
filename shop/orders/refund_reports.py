"""What a till says of a refund: booked if the money is back, told to the admins if it is not."""

from collections.abc import Collection
from typing import Final

import structlog

from shop.jobs import outbox
from shop.money import ledger
from shop.orders import payments
from shop.people import users
from shop.ports import Database, Tx
from shop.records import Charge, RefundEvent, RefundState
from shop.transactions import run_transaction

IN_PART: Final = "part"

log = structlog.get_logger(__name__)


async def take(database: Database, event: RefundEvent, admins: Collection[str]) -> bool:
    """Book a refund of the whole charge that is done; tell the ``admins`` (``telegram:42``), once
    of each, of one that is stuck or closed, and of a part, which our books have no entry for: its
    order is theirs to decide on. True if the money is booked as given back. Idempotent."""

    async def apply(tx: Tx) -> bool:
        now, id = await tx.now(), f"{event.till}:{event.charge}"
        if event.state is RefundState.DONE:
            charge = await tx.get(Charge, id)
            if charge is None or event.amount == charge.amount:
                await payments.confirm_return(tx, id, now)
                return charge is not None
            if await ledger.booked(tx, f"charge:{id}:returned"):
                return True  # the parts came to the whole, as the till's statement had it
            await tell(tx, id, IN_PART, admins)
        elif event.state is not RefundState.PENDING:
            await tell(tx, id, event.state.value, admins)
        return False

    return await run_transaction(database, apply)


async def tell(tx: Tx, charge_id: str, what: str, admins: Collection[str]) -> None:
    """Tell those of the ``admins`` who are users what became of the refund of ``charge_id``
    ("{till}:{charge}"), once: ``stuck``, ``closed`` or :data:`IN_PART`."""
    till, _, charge = charge_id.partition(":")
    log.error("refund_needs_a_person", till=till, charge=charge, what=what)
    for admin in await users.known_admins(tx, admins):
        await outbox.notify(
            tx, admin.id, "refund_trouble", await tx.now(),
            key=f"refund:{what}:{charge_id}:{admin.id}", once=True,
            what=what, till=till, charge=charge,
        )  # fmt: skip
