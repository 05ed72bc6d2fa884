"""Preconditions of a sale: sales are not paused, the photos are there, somebody is there to do the
work, the queue is short."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shop import feature_flags
from shop.avatars.avatars import TRAIN
from shop.clips.filming import VIDEO
from shop.errors import (
    NobodyGenerates,
    NobodyWorks,
    QueueTooLong,
    SalesPaused,
    StillChecking,
    TooFewPhotos,
)
from shop.jobs import eta, sightings
from shop.photos import photos
from shop.photos.photos import CHECK
from shop.ports import Tx
from shop.records import CHAT, Order
from shop.settings import Settings

WORK: Final[Mapping[str, str]] = {"check": CHECK.name, "studio": TRAIN.name, "courier": CHAT}
"""What each role that a sale may need must do."""


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the settings demand for a sale: that the likely wait is at most ``max_wait_minutes``,
    and that each of the roles ``needed`` (keys of :data:`WORK`) was seen at work within
    ``absent_seconds``, with the ``base`` that is sold ("": any)."""

    max_wait_minutes: int
    needed: frozenset[str] = frozenset()
    absent_seconds: int = 180
    base: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Capacity":
        return cls(
            settings.max_wait_minutes, settings.sales_need, settings.absent_seconds, settings.base
        )


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
        missing = minimum - tally.accepted
        raise TooFewPhotos(accepted=tally.accepted, minimum=minimum, missing=missing)


async def require_attended(tx: Tx, capacity: Capacity, now: datetime) -> None:
    """Raise :class:`NobodyWorks` while a role that is needed was not seen for too long."""
    since = now - timedelta(seconds=capacity.absent_seconds)
    needed = [WORK[role] for role in sorted(capacity.needed)]
    if await sightings.absent(tx, needed, since, capacity.base):
        raise NobodyWorks


async def require_generator(tx: Tx, capacity: Capacity, base: str, now: datetime) -> None:
    """Raise :class:`NobodyGenerates` while no worker is there for clips by that video base, where a
    studio must be at all."""
    if "studio" in capacity.needed and not (await eta.promise(tx, VIDEO, now, base)).attended:
        raise NobodyGenerates


async def require_capacity(tx: Tx, capacity: Capacity, now: datetime) -> None:
    """Raise :class:`NobodyWorks`, or :class:`QueueTooLong` (minutes) when an avatar ordered now
    would likely take longer."""
    await require_attended(tx, capacity, now)
    estimate = await eta.forecast(tx, TRAIN, now, capacity.base)
    if estimate is not None and estimate.likely > capacity.max_wait_minutes * 60:
        raise QueueTooLong(minutes=round(estimate.likely / 60))


async def is_open(tx: Tx, capacity: Capacity, now: datetime) -> bool:
    """Whether an avatar could be bought now, as far as the studio is concerned."""
    try:
        await require_sales_open(tx)
        await require_capacity(tx, capacity, now)
    except (SalesPaused, NobodyWorks, QueueTooLong):
        return False
    return True
