"""Money that a till reports and that could not be booked: said in the log, in the metrics and to
the admins.

Whoever hears of a payment or a refund raises what :meth:`BookingFailures.report` gives, whatever
broke, so that it is not acknowledged and comes again.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

import structlog

from shop.error_location import where
from shop.errors import NotBooked, StoreBroken, Unavailable
from shop.jobs import outbox
from shop.money import ledger, order_accounting, partial_refunds
from shop.people import users
from shop.ports import Database, Tx
from shop.records import Charge, OutboxMessage, PartialRefund, UserId

PAYMENT: Final = "payment"
REFUND: Final = "refund"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TillReport:
    """What a till reported. ``what`` is :data:`PAYMENT` or :data:`REFUND`; ``order_id`` is "" where
    it does not say. ``refund``: which one of the charge's, as in
    :class:`shop.records.RefundEvent`; "" where a charge goes back whole only."""

    what: str
    till: str
    charge: str
    order_id: str = ""
    refund: str = ""


def _uncounted(till: str, reason: str) -> None:
    """For a process that is not measured."""


@dataclass(frozen=True, slots=True)
class BookingFailures:
    """Reports what could not be booked. ``admins`` as the settings have them (``telegram:42``).
    ``count`` is told the till and the reason, each time: ``outage`` (a store is away) or ``fault``
    (anything else)."""

    database: Database
    admins: Collection[str] = field(default=(), repr=False)
    count: Callable[[str, str], None] = _uncounted

    async def report(self, one: TillReport, error: Exception) -> NotBooked:
        """Log where it broke, count it, and tell the admins, once for each payment and
        refund. Gives what is to be raised. An outage is counted alone: it is logged by whoever
        postpones the event, and there is nothing in it to mend here."""
        if isinstance(error, Unavailable) and not isinstance(error, StoreBroken):
            self.count(one.till, "outage")
            return NotBooked(str(error))
        self.count(one.till, "fault")
        why = {"why": str(error)} if isinstance(error, StoreBroken) else {}
        log.error(
            "payment_not_booked",
            what=one.what,
            till=one.till,
            charge=one.charge,
            order=one.order_id,
            error=type(error).__name__,
            where=where(error),
            **why,
        )
        try:
            await self._tell(one)
        except Exception as untold:  # boundary: the same may be broken; the next try tells them
            log.warning("admins_not_told", error=type(untold).__name__)
        return NotBooked(f"a {one.what} is not booked")

    async def _tell(self, one: TillReport) -> None:
        async with self.database.begin() as tx:
            for admin in await users.known_admins(tx, self.admins):
                await outbox.notify(
                    tx, admin.id, "not_booked", await tx.now(), key=_key(one, admin.id), once=True,
                    what=one.what, till=one.till, charge=one.charge,
                )  # fmt: skip

    async def booked(self, one: TillReport) -> None:
        """For after the commit of a report: tell those admins that it is booked after all who were
        told that it was not, once."""
        try:
            async with self.database.begin() as tx:
                await self._tell_booked(tx, one)
        except Exception as untold:  # boundary: the money is booked, whoever knows of it
            log.warning("admins_not_told", error=type(untold).__name__)

    async def _tell_booked(self, tx: Tx, one: TillReport) -> None:
        if not await _is_booked(tx, one):  # an order that nobody knows, for one
            return
        for admin in await users.known_admins(tx, self.admins):
            key = _key(one, admin.id)
            if await tx.count(OutboxMessage, unique_key=key):
                await outbox.notify(
                    tx, admin.id, "booked_after_all", await tx.now(), key=f"{key}:booked",
                    once=True, what=one.what, till=one.till, charge=one.charge,
                )  # fmt: skip


async def _is_booked(tx: Tx, one: TillReport) -> bool:
    charge = f"{one.till}:{one.charge}"
    if one.what == PAYMENT:
        return await tx.get(Charge, charge) is not None
    part = await tx.get(PartialRefund, partial_refunds.part_id(charge, one.refund))
    if part is not None:
        return part.returned_at is not None
    return await ledger.booked(tx, order_accounting.returned_key(charge))


def _key(one: TillReport, admin: UserId) -> str:
    which = f"{one.charge}:{one.refund}" if one.refund else one.charge
    return f"not-booked:{one.what}:{one.till}:{which}:{admin}"
