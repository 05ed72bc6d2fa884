"""Preconditions of a sale: sales are not paused, the photos are there, the queue is short."""

from datetime import datetime

from shop import feature_flags
from shop.avatars.avatars import TRAIN
from shop.errors import QueueTooLong, SalesPaused, StillChecking, TooFewPhotos
from shop.jobs import eta
from shop.photos import photos
from shop.ports import Tx
from shop.records import Order


async def require_sales_open(tx: Tx) -> None:
    """Raise :class:`SalesPaused` while admins have paused selling."""
    if not await feature_flags.is_on(tx, feature_flags.SALES):
        raise SalesPaused


async def require_photos(tx: Tx, order: Order, minimum: int) -> None:
    """Raise :class:`StillChecking` (checking) or :class:`TooFewPhotos` (accepted, minimum)."""
    tally = await photos.tally(tx, order)
    if tally.checking:
        raise StillChecking(checking=tally.checking)
    if tally.too_young and tally.held:
        raise StillChecking(checking=tally.held)
    if tally.accepted < minimum or tally.too_young:
        raise TooFewPhotos(accepted=tally.accepted, minimum=minimum)


async def require_short_queue(tx: Tx, max_wait_minutes: int, now: datetime) -> None:
    """Raise :class:`QueueTooLong` (minutes) when an avatar ordered now would likely take longer."""
    estimate = await eta.forecast(tx, TRAIN, now)
    if estimate is not None and estimate.likely > max_wait_minutes * 60:
        raise QueueTooLong(minutes=round(estimate.likely / 60))
