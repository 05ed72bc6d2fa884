"""The inbox: outside events that were applied, stored in the same transaction as their effect, so
that a redelivered one is recognised.

Of an event's id only a digest is stored: some channels' ids name the person, who may be erased
before the event is forgotten, and must not come to life again by its redelivery.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from shop.errors import Duplicate, NotFound
from shop.ports import Below, Tx
from shop.records import ProcessedEvent

REMEMBERED: Final = timedelta(days=7)
"""Telegram delivers for a day, and numbers its updates anew after a quiet week; payments have keys
of their own, for ever."""


async def already_processed(tx: Tx, id: str, now: datetime) -> bool:
    """Store the event; True if it was stored before."""
    try:
        await tx.add(ProcessedEvent(digest(id), now))
    except Duplicate:
        return True
    return False


async def was_processed(tx: Tx, id: str) -> bool:
    """Whether the event is stored."""
    return await find(tx, id) is not None


async def find(tx: Tx, id: str) -> ProcessedEvent | None:
    """The event as it is stored."""
    return await tx.get(ProcessedEvent, digest(id))


async def keep_words(tx: Tx, id: str, sealed: bytes) -> None:
    """Keep what is to be said of a stored event, for as long as it is remembered. Raises
    :class:`shop.errors.NotFound` for one that is not stored."""
    event = await find(tx, id)
    if event is None:
        raise NotFound
    await tx.put(replace(event, words=sealed))


def digest(id: str) -> str:
    """What is stored of an event's id. Without a key, so that what was stored by earlier versions
    could be migrated (0007): a channel's ids must not be guessable beyond the person, which random
    ones (the playground's) and a platform's own numbers (Telegram's) are not.
    """
    return sha256(id.encode("utf-8", "surrogatepass")).hexdigest()


async def prune(tx: Tx, now: datetime) -> int:
    """Delete those that cannot be delivered again; returns how many."""
    return await tx.remove(ProcessedEvent, at=Below(now - REMEMBERED))
