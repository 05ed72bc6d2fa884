"""Operations: wrapped data keys, what was erased, processed events (the inbox), the audit log,
feature flags, and which blob store and keys belong to the database."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shop.records.ids import KeyId


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A data key, wrapped by a master key. Without this row nothing under it can be decrypted.

    ``master`` names the master key (:func:`shop.encryption.master_key_id`), "" where an earlier
    version has written the row: there was one master key then.
    """

    id: KeyId
    wrapped: bytes
    created_at: datetime
    master: str = ""


class ErasureKind(StrEnum):
    """What the subject of an :class:`ErasureNote` is the id of."""

    KEY = "key"  # a data key: destroyed
    PHOTO = "photo"  # an upload of which nothing is kept, while others of its order are
    PERSON = "person"  # a user
    CHAT = "chat"  # a chat's link, which was undone
    ADDRESS = "address"  # a chat's address (``User.address_id``): with whoever had no other one
    CONSENT = "consent"  # a consent: withdrawn
    BACKUP = "backup"  # nothing was erased: a backup was begun


@dataclass(frozen=True, slots=True)
class ErasureNote:
    """That something was erased, on its way to the journal of erasures
    (:mod:`shop.erasure_notes`): ids alone, which say nothing about who."""

    id: str
    kind: ErasureKind
    subject: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProcessedEvent:
    """An outside event that was applied. Written in the same transaction as its effect. ``id`` is a
    digest of the event's (:func:`shop.inbox.digest`). ``words``: what was to be said of it once,
    sealed (:mod:`handlers.kept_words`)."""

    id: str
    at: datetime
    words: bytes | None = None


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
    """Which blob store and which keys belong to this database: one row, whose id is
    :data:`INSTALLATION` (:mod:`shop.installation`).

    ``blob_store`` is the id that is also kept in the store itself; ``key_check`` the key check
    value of the master key that wraps, from which the key cannot be found; ``signing_check`` that
    of the signing key, "" until the master key is changed for the first time; ``restored_from`` the
    id of the backup that it was last restored from, "" if from none.
    """

    id: str
    blob_store: str
    key_check: str
    at: datetime
    signing_check: str = ""
    restored_from: str = ""


INSTALLATION: Final = "installation"
