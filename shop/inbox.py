"""The inbox: outside events that were applied, stored in the same transaction as their effect, so
that a redelivered one is recognised.
"""

from datetime import datetime, timedelta
from typing import Final

from shop.errors import Duplicate
from shop.ports import Below, Tx
from shop.records import ProcessedEvent

REMEMBERED: Final = timedelta(days=7)
"""Telegram delivers for a day, and numbers its updates anew after a quiet week; payments have keys
of their own, for ever."""


async def already_processed(tx: Tx, id: str, now: datetime) -> bool:
    """Store the event's id; True if it was stored before."""
    try:
        await tx.add(ProcessedEvent(id, now))
    except Duplicate:
        return True
    return False


async def prune(tx: Tx, now: datetime) -> int:
    """Delete those that cannot be delivered again; returns how many."""
    return await tx.remove(ProcessedEvent, at=Below(now - REMEMBERED))
