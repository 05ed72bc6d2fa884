"""Constraints that every database adapter enforces on the records: unique keys, append-only kinds,
comparable fields.

The memory adapter and the SQL tables both read them here, so that a test in memory fails where
production would.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, get_origin, get_type_hints

from shop.records import (
    RECORDS,
    AuditEntry,
    Avatar,
    Charge,
    ChargePayer,
    Clip,
    Consent,
    ErasureNote,
    Job,
    Journal,
    LinkCode,
    LinkedChat,
    Order,
    OutboxMessage,
    PartialRefund,
    PastAccount,
    Photo,
    Portrait,
    Posting,
    Prompt,
    SealedKey,
    Shoot,
    SupportCase,
    User,
    WrongTry,
)


@dataclass(frozen=True, slots=True)
class Unique:
    """No two records share these fields; with ``unset``, among those where that field is None. As
    in SQL, None in one of the fields equals nothing."""

    kind: type[Any]
    fields: tuple[str, ...]
    unset: str = ""


UNIQUE = (
    Unique(User, ("platform", "platform_id"), unset="erased_at"),
    Unique(LinkCode, ("user_id",)),
    Unique(Journal, ("key",)),
    Unique(Avatar, ("order_id",)),
    Unique(OutboxMessage, ("unique_key",)),
    Unique(SupportCase, ("user_id",), unset="closed_at"),
)
"""Besides ``id``, which is unique in every kind (of a ProcessedEvent and a Charge it is the
provider's)."""

INDEXES: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (User, ("merged_into",)),
    (User, ("address_id",)),
    (User, ("awaits_opening_at",)),
    (LinkedChat, ("user_id",)),
    (LinkCode, ("claimed_by",)),
    (WrongTry, ("user_id",)),
    (Consent, ("user_id", "kind")),
    (Order, ("user_id", "state")),
    (Order, ("state", "touched_at")),
    (Order, ("key_id",)),
    (Charge, ("order_id",)),
    (ChargePayer, ("user_id",)),
    (PartialRefund, ("charge_id",)),
    (Photo, ("order_id", "state")),
    (Photo, ("user_id",)),
    (Avatar, ("user_id", "state")),
    (Shoot, ("user_id",)),
    (Shoot, ("avatar_id",)),
    (Shoot, ("prompt_id",)),
    (Portrait, ("shoot_id",)),
    (Portrait, ("user_id",)),
    (Portrait, ("avatar_id",)),
    (Portrait, ("prompt_id",)),
    (Prompt, ("user_id", "state")),
    (Prompt, ("state", "touched_at")),
    (Prompt, ("avatar_id",)),
    (SupportCase, ("user_id",)),
    (SupportCase, ("state", "touched_at")),
    (SupportCase, ("touched_at",)),
    (Clip, ("user_id", "state")),
    (Clip, ("state", "touched_at")),
    (Clip, ("avatar_id",)),
    (Clip, ("source_key_id",)),
    (Clip, ("beside_key_id",)),
    (Job, ("kind", "state", "created_at")),
    (Job, ("kind", "state", "fair_queue_at")),
    (Job, ("state", "lease_until")),
    (Job, ("ref",)),
    (Job, ("user_id",)),
    (OutboxMessage, ("state", "due_at")),
    (OutboxMessage, ("user_id", "state")),
    (PastAccount, ("ends_at",)),
    (Posting, ("account", "currency")),
    (Posting, ("journal_id",)),
    (SealedKey, ("master",)),
    (ErasureNote, ("at",)),
)
"""Indexes for the queries that the rules make often."""

APPEND_ONLY: tuple[type[Any], ...] = (Journal, Posting, Charge, AuditEntry)
"""Never updated, never deleted."""


def _resolved(kind: type[Any]) -> Mapping[str, Any]:
    resolved = get_type_hints(kind)
    return {field.name: resolved[field.name] for field in fields(kind)}


_HINTS = {kind: _resolved(kind) for kind in RECORDS}


def hints(kind: type[Any]) -> Mapping[str, Any]:
    """Field name -> resolved type. Raises :class:`TypeError` for what is no record of the shop."""
    if kind not in _HINTS:
        raise TypeError(f"{kind!r} is no record of the shop")
    return _HINTS[kind]


def check_fields(kind: type[Any], names: Mapping[str, Any]) -> None:
    """Raise :class:`TypeError` for a field that does not exist or is not comparable."""
    known = hints(kind)
    for name in names:
        if name not in known:
            raise TypeError(f"{kind.__name__} has no field {name!r}")
        if get_origin(known[name]) in (dict, tuple):
            raise TypeError(f"{kind.__name__}.{name} is not comparable")


def check_time_zones(record: object) -> None:
    """Raise :class:`ValueError` for a time without a zone, which would be ambiguous."""
    for name in hints(type(record)):
        value = getattr(record, name)
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{type(record).__name__}.{name} has no time zone")


def require_writable(read_only: bool) -> None:
    """Raise :class:`RuntimeError` for a write to, or a lock in, a snapshot."""
    if read_only:
        raise RuntimeError("a snapshot only reads")
