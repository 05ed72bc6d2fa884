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
from shop.people import users
from shop.ports import Database

PAYMENT: Final = "payment"
REFUND: Final = "refund"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TillReport:
    """What a till reported. ``what`` is :data:`PAYMENT` or :data:`REFUND`; ``order_id`` is "" where
    it does not say."""

    what: str
    till: str
    charge: str
    order_id: str = ""


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
        """Log where it broke, count it, and tell the admins, once for each charge. Gives what is
        to be raised. An outage is counted alone: it is logged by whoever postpones the event, and
        there is nothing in it to mend here."""
        if isinstance(error, Unavailable) and not isinstance(error, StoreBroken):
            self.count(one.till, "outage")
            return NotBooked(str(error))
        self.count(one.till, "fault")
        log.error(
            "payment_not_booked",
            what=one.what,
            till=one.till,
            charge=one.charge,
            order=one.order_id,
            error=type(error).__name__,
            where=where(error),
        )
        try:
            await self._tell(one)
        except Exception as untold:  # boundary: the same may be broken; the next try tells them
            log.warning("admins_not_told", error=type(untold).__name__)
        return NotBooked(f"a {one.what} is not booked")

    async def _tell(self, one: TillReport) -> None:
        async with self.database.begin() as tx:
            for admin in await users.known_admins(tx, self.admins):
                key = f"not-booked:{one.what}:{one.till}:{one.charge}:{admin.id}"
                await outbox.notify(
                    tx, admin.id, "not_booked", await tx.now(), key=key, once=True,
                    what=one.what, till=one.till, charge=one.charge,
                )  # fmt: skip
