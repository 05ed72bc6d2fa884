"""Support cases: what a customer and the people of the studio write to each other, sealed."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shop.records.ids import CaseId, KeyId, UserId


class CaseState(StrEnum):
    OPEN = "open"  # nobody of the studio has answered what the customer wrote last
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class SupportCase:
    """A customer's case. ``sealed`` is what was written (:class:`shop.support.cases.Line`), under
    ``key_id``; ``lines`` counts it, the studio's included."""

    id: CaseId
    user_id: UserId
    state: CaseState
    created_at: datetime
    touched_at: datetime
    key_id: KeyId
    lines: int = 0
    closed_at: datetime | None = None
    sealed: bytes = field(default=b"", repr=False)
