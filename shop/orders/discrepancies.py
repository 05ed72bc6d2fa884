"""Discrepancies between a till's statement and our ledger: kinds, audit entries, notices to admins.

Found by :mod:`shop.orders.reconciliation`, once a day for each till.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shop.errors import Duplicate
from shop.jobs import outbox
from shop.people import users
from shop.ports import Tx
from shop.records import AuditEntry, Currency, UserId, new_id

COMMAND: Final = "reconcile"
"""The audit entries' ``command``; their outcome is how many discrepancies were found."""
ACTOR: Final = "house"
"""The audit entries' ``admin``: the program itself."""
RUN_LIMIT: Final = 20
MESSAGE_LIMIT: Final = 10
"""Discrepancies of which admins get a notice each; the rest is a count."""


class DiscrepancyKind(StrEnum):
    UNBOOKED = "unbooked"  # a payment of an order, unknown to the ledger: booked now
    RETURNED = "returned"  # a refund unknown to the ledger: booked now
    STRAY = "stray"  # a payment for an order that does not exist
    AMOUNT = "amount"  # another amount or order than booked, or more refunded than that
    KEPT = "kept"  # booked as refunded, and the till still has it
    ABSENT = "absent"  # booked, and not in the statement
    LEDGER = "ledger"  # the till's account is not the sum of its charges: a bug


FIXED: Final = frozenset({DiscrepancyKind.UNBOOKED, DiscrepancyKind.RETURNED})
"""Corrected by :func:`shop.orders.reconciliation.reconcile` itself."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """``ours`` and ``theirs`` are what our ledger and the till's statement say that it holds of
    ``charge``, or altogether (LEDGER, without charge and order), in minor units."""

    kind: DiscrepancyKind
    till: str
    charge: str
    order_id: str
    ours: int
    theirs: int
    currency: Currency


@dataclass(frozen=True, slots=True)
class ReconciliationRun:
    """One reconciliation of a till; ``found`` counts the discrepancies."""

    till: str
    found: int
    at: datetime


async def record_fix(tx: Tx, one: Discrepancy, now: datetime) -> None:
    """Write an audit entry for a correction, in its transaction: no event of the till caused it."""
    await tx.add(AuditEntry(new_id(), ACTOR, "mend", f"{one.till}:{one.charge}", one.kind, now))


async def latest_runs(tx: Tx) -> list[ReconciliationRun]:
    """The latest runs of any till, the newest first."""
    entries = await tx.find(AuditEntry, command=COMMAND, order="-at", limit=RUN_LIMIT)
    return [ReconciliationRun(one.target, int(one.outcome), one.at) for one in entries]


async def reported_today(tx: Tx, till: str, now: datetime) -> bool:
    """Whether today's (UTC) run for that till was reported."""
    return await tx.get(AuditEntry, _today(till, now)) is not None


async def record_run(tx: Tx, till: str, found: Sequence[Discrepancy], now: datetime) -> None:
    """Write an audit entry for a run that is not reported, beside any others of the day."""
    await tx.add(AuditEntry(new_id(), ACTOR, COMMAND, till, str(len(found)), now))


async def report(
    tx: Tx, till: str, found: Sequence[Discrepancy], admins: Iterable[str], now: datetime
) -> bool:
    """Record the day's run, and notify those of the ``admins`` (``telegram:42``) who are users.
    False, and nothing done, if another process has reported today.
    """
    audit = AuditEntry(_today(till, now), ACTOR, COMMAND, till, str(len(found)), now)
    try:
        await tx.add(audit)
    except Duplicate:
        return False
    for admin in await users.known_admins(tx, admins):
        await _notify(tx, admin.id, till, found, now)
    return True


async def _notify(
    tx: Tx, admin: UserId, till: str, found: Sequence[Discrepancy], now: datetime
) -> None:
    for number, one in enumerate(found[:MESSAGE_LIMIT]):
        await outbox.notify(
            tx, admin, "difference", now + timedelta(microseconds=number),
            what=one.kind.value, till=till, charge=one.charge, order=one.order_id,
            ours=one.ours, theirs=one.theirs, currency=one.currency.value,
        )  # fmt: skip
    if len(found) > MESSAGE_LIMIT:
        later = now + timedelta(microseconds=MESSAGE_LIMIT)
        await outbox.notify(
            tx, admin, "differences", later, till=till, count=len(found) - MESSAGE_LIMIT
        )


def _today(till: str, now: datetime) -> str:
    return f"{COMMAND}:{till}:{now:%Y-%m-%d}"
