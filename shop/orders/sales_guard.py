"""Whether an order may be sold now: sales are on, the photos are there, the queue is short."""

from datetime import datetime
from typing import Final

from shop.avatars.avatars import TRAIN
from shop.errors import QueueTooLong, SalesPaused, StillChecking, TooFewPhotos
from shop.jobs import eta
from shop.photos import photos
from shop.ports import Tx
from shop.records import FeatureFlag, Order

SALES: Final = "sales"
"""The :class:`FeatureFlag` that admins turn."""


async def demand_sales(tx: Tx) -> None:
    """Raise :class:`SalesPaused` while admins have paused selling."""
    switch = await tx.get(FeatureFlag, SALES)
    if switch is not None and not switch.on:
        raise SalesPaused


async def demand_photos(tx: Tx, order: Order, minimum: int) -> None:
    """Raise :class:`StillChecking` (checking) or :class:`TooFewPhotos` (accepted, minimum)."""
    tally = await photos.tally(tx, order)
    if tally.checking:
        raise StillChecking(checking=tally.checking)
    if tally.too_young and tally.held:
        raise StillChecking(checking=tally.held)
    if tally.accepted < minimum or tally.too_young:
        raise TooFewPhotos(accepted=tally.accepted, minimum=minimum)


async def demand_short_queue(tx: Tx, max_wait_minutes: int, now: datetime) -> None:
    """Raise :class:`QueueTooLong` (minutes) when an avatar begun now would take longer."""
    span = await eta.forecast(tx, TRAIN, now)
    if span is not None and span.likely > max_wait_minutes * 60:
        raise QueueTooLong(minutes=round(span.likely / 60))
