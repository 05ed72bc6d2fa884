"""Where a till's book and ours differ: what kinds there are, who hears of them, what is kept.

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
"""By which the audit knows these looks; its outcome is how many differences there were."""
ACTOR: Final = "house"
"""Who does it, for the audit: no admin."""
RUN_LIMIT: Final = 20
MESSAGE_LIMIT: Final = 10
"""Differences of which admins get a message each; the rest is a number."""


class DiscrepancyKind(StrEnum):
    UNBOOKED = "unbooked"  # taken for an order of ours, and we did not know: booked now
    RETURNED = "returned"  # given back, and we did not know: booked now
    STRAY = "stray"  # taken for no order of ours
    AMOUNT = "amount"  # booked as another amount, or for another order, or given back in part
    KEPT = "kept"  # booked as given back, and the till still has it
    ABSENT = "absent"  # booked, and the till knows nothing of it
    LEDGER = "ledger"  # the till's account is not what its charges come to: a mistake of ours


FIXED: Final = frozenset({DiscrepancyKind.UNBOOKED, DiscrepancyKind.RETURNED})
"""Made good by :func:`reconcile` itself."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """``ours`` and ``theirs`` are what our books and the till's say that it took of ``charge``, or
    holds altogether (LEDGER, without charge and order), in minor units."""

    kind: DiscrepancyKind
    till: str
    charge: str
    order_id: str
    ours: int
    theirs: int
    currency: Currency


@dataclass(frozen=True, slots=True)
class ReconciliationRun:
    """That a till was looked at, and how many differences there were."""

    till: str
    found: int
    at: datetime


async def record_fix(tx: Tx, one: Discrepancy, now: datetime) -> None:
    """Write down, with the mending itself, that it was done by no word of the till's."""
    await tx.add(AuditEntry(new_id(), ACTOR, "mend", f"{one.till}:{one.charge}", one.kind, now))


async def latest_runs(tx: Tx) -> list[ReconciliationRun]:
    """The latest looks at any tills, the newest first."""
    kept = await tx.find(AuditEntry, command=COMMAND, order="-at", limit=RUN_LIMIT)
    return [ReconciliationRun(one.target, int(one.outcome), one.at) for one in kept]


async def reported_today(tx: Tx, till: str, now: datetime) -> bool:
    """Whether today's (UTC) look at that till was kept."""
    return await tx.get(AuditEntry, _today(till, now)) is not None


async def record_run(tx: Tx, till: str, found: Sequence[Discrepancy], now: datetime) -> None:
    """Write down how many differences a look found, beside any other looks of the day."""
    await tx.add(AuditEntry(new_id(), ACTOR, COMMAND, till, str(len(found)), now))


async def report(
    tx: Tx, till: str, found: Sequence[Discrepancy], admins: Iterable[str], now: datetime
) -> bool:
    """Keep the day's look, and tell admins (``telegram:42``) whom we know of what it found. False,
    and nothing done, if another process has reported today.
    """
    audit = AuditEntry(_today(till, now), ACTOR, COMMAND, till, str(len(found)), now)
    try:
        await tx.add(audit)
    except Duplicate:
        return False
    for admin in await users.known_admins(tx, admins):
        await _tell(tx, admin.id, till, found, now)
    return True


async def _tell(
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
