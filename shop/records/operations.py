"""What keeps the shop in order: sealed keys, processed events, the audit, feature flags."""

from dataclasses import dataclass
from datetime import datetime

from shop.records.ids import KeyId


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A data key, wrapped by the master key. Deleting this row makes everything under it noise."""

    id: KeyId
    wrapped: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProcessedEvent:
    """An outside event that has had its effect. Written in the same transaction as that effect."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What an admin did, to whom, with which result. Only grows."""

    id: str
    admin: str
    command: str
    target: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeatureFlag:
    """A thing that admins turn on or off: ``sales`` for now."""

    id: str
    on: bool
    by: str
    at: datetime
