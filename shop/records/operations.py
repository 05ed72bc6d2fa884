"""Operations: wrapped data keys, processed events (the inbox), the audit log, feature flags, and
which blob store and master key belong to the database."""

from dataclasses import dataclass
from datetime import datetime

from shop.records.ids import KeyId


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A data key, wrapped by the master key. Without this row nothing under it can be decrypted."""

    id: KeyId
    wrapped: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProcessedEvent:
    """An outside event that was applied. Written in the same transaction as its effect. ``id`` is a
    digest of the event's (:func:`shop.inbox.digest`)."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What an admin (or the program) did, to whom, with which result. Append-only."""

    id: str
    admin: str
    command: str
    target: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeatureFlag:
    """A setting that admins turn on or off at run time: ``sales`` for now."""

    id: str
    on: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """Which blob store and which master key belong to this database: one row
    (:mod:`shop.installation`).

    ``blob_store`` is the id that is also kept in the store itself; ``key_check`` the key check
    value of the master key, from which the key cannot be found.
    """

    id: str
    blob_store: str
    key_check: str
    at: datetime
