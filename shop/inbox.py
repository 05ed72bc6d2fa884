"""Outside events that have had their effect: each is written down in the same transaction."""

from datetime import datetime, timedelta
from typing import Final

from shop.errors import Duplicate
from shop.ports import Below, Tx
from shop.records import ProcessedEvent

REMEMBERED: Final = timedelta(days=7)
"""Telegram delivers for a day, and numbers its updates anew after a quiet week; payments have keys
of their own, for ever."""


async def already_processed(tx: Tx, id: str, now: datetime) -> bool:
    """Write the event down; True if it had been already."""
    try:
        await tx.add(ProcessedEvent(id, now))
    except Duplicate:
        return True
    return False


async def prune(tx: Tx, now: datetime) -> int:
    """Forget those that cannot come again; says how many."""
    return await tx.remove(ProcessedEvent, at=Below(now - REMEMBERED))
