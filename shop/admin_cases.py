"""What admins do with support cases. Each look and each act writes its audit entry, as
:mod:`shop.admin_actions`; no word of a case is in it.
"""

from dataclasses import dataclass
from datetime import datetime

from shop.admin_actions import ID_DIGITS, audit, find_typed
from shop.encryption import EnvelopeCipher
from shop.jobs import outbox
from shop.ports import Above, Tx
from shop.records import AuditEntry, Order, SupportCase
from shop.support import cases
from shop.support.cases import Line


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, what was written in it, the chat address where its customer gave leave, and the id of
    the order that they paid last ("": none)."""

    case: SupportCase
    lines: tuple[Line, ...]
    person: str
    order: str


def number(case: SupportCase) -> str:
    """What people call a case."""
    return case.id[:ID_DIGITS]


async def waiting(
    tx: Tx, admin: str, now: datetime, limit: int = 20
) -> tuple[list[SupportCase], int]:
    """Cases that are not closed, those that wait for the studio first; and how many more there
    are."""
    found = await cases.waiting(tx, limit)
    more = await cases.count_waiting(tx) - len(found)
    await audit(tx, admin, "cases", "", str(len(found)), now)
    return found, more


async def read(tx: Tx, cipher: EnvelopeCipher, admin: str, typed: str, now: datetime) -> CaseView:
    """A case and what was written in it. Raises :class:`NotFound`."""
    case = await find_typed(tx, SupportCase, typed)
    await audit(tx, admin, "case", case.id, "shown", now)
    content = await cases.content(tx, cipher, case)
    paid = await tx.find(Order, user_id=case.user_id, charge=Above(""), order="-paid_at", limit=1)
    return CaseView(
        case,
        content.lines,
        content.where,
        paid[0].id if paid else "",
    )


async def was_read(tx: Tx, case: SupportCase) -> bool:
    """Whether an admin has read the case since something was written in it last."""
    looks = await tx.find(AuditEntry, command="case", target=case.id, order="-at", limit=1)
    return bool(looks) and looks[0].at >= case.touched_at


async def answer(
    tx: Tx, cipher: EnvelopeCipher, admin: str, typed: str, words: str, now: datetime
) -> SupportCase:
    """Raises as :func:`cases.answer`."""
    case = await cases.answer(tx, cipher, await find_typed(tx, SupportCase, typed), words, now)
    await audit(tx, admin, "answer", case.id, f"line {case.lines}", now)
    return case


async def close(tx: Tx, admin: str, typed: str, now: datetime) -> SupportCase:
    """Close a case; its customer is told. Raises as :func:`cases.close`."""
    case = await cases.close(tx, await find_typed(tx, SupportCase, typed), now)
    await outbox.notify(tx, case.user_id, "case_closed", now)
    await audit(tx, admin, "close", case.id, "closed", now)
    return case
