"""What the demo measures in the database, the blobs and the ledger. It never writes."""

import asyncio
from collections.abc import Mapping
from typing import Final

from bot.container import Container
from shop import privacy
from shop.jobs import outbox
from shop.photos import photos
from shop.photos.photos import PhotoCounts
from shop.ports import Tx
from shop.records import (
    CHAT,
    Avatar,
    Currency,
    Order,
    OutboxMessage,
    Portrait,
    Product,
    Shoot,
    ShootKind,
)

PAUSE: Final = 0.5
ERASE_SECONDS: Final = 60.0
_NO_ORDER: Final = "no order yet"


class Measurements:
    """Reads the records of the only customer of a fresh database."""

    def __init__(self, container: Container) -> None:
        self._container = container

    @property
    def photos_minimum(self) -> int:
        """Usable photos that an order needs."""
        return self._container.settings.photos_minimum

    async def order(self) -> Order:
        """The customer's order for an avatar. Raises LookupError before there is one."""
        async with self._container.database.begin() as tx:
            order = await _newest_order(tx)
        if order is None:
            raise LookupError(_NO_ORDER)
        return order

    async def avatar(self) -> Avatar:
        """What was trained for it. Raises LookupError."""
        async with self._container.database.begin() as tx:
            found = await tx.find(Avatar, order="-created_at", limit=1)
        if not found:
            raise LookupError("no avatar yet")
        return found[0]

    async def checked(self, seconds: float) -> PhotoCounts:
        """The tally once every photo was fetched and looked at, and the chat told of it. Raises
        TimeoutError, and LookupError if none came to be of any order."""
        async with asyncio.timeout(seconds):
            while True:
                async with self._container.database.begin() as tx:
                    order = await _newest_order(tx)
                    tally = await photos.tally(tx, order) if order else None
                    if not await _is_any_pending(tx) and not (tally and tally.checking):
                        break
                await asyncio.sleep(PAUSE)
        if tally is None:
            raise LookupError(_NO_ORDER)
        return tally

    async def shoot(self, kind: ShootKind) -> Shoot:
        """The newest shoot of that kind. Raises LookupError."""
        async with self._container.database.begin() as tx:
            found = await tx.find(Shoot, order="-created_at")
        for shoot in found:
            if shoot.kind is kind:
                return shoot
        raise LookupError(f"no shoot: {kind}")

    async def portraits_of(self, shoot: Shoot) -> int:
        """How many portraits it gave."""
        async with self._container.database.begin() as tx:
            return await tx.count(Portrait, shoot_id=shoot.id)

    def styles(self, language: str) -> Mapping[str, str]:
        """The names of all styles, by their templates."""
        return {one.id: one.names[language] for one in self._container.catalog.templates}

    async def erased(self) -> None:
        """Wait until no outbox message is left to be done. Raises TimeoutError."""
        async with asyncio.timeout(ERASE_SECONDS):
            while True:
                async with self._container.database.begin() as tx:
                    if not await _is_any_pending(tx):
                        return
                await asyncio.sleep(PAUSE)

    async def uploads_left(self) -> int:
        """Upload blobs, keys that could open any, and checkpoints of trainings, of everybody."""
        return await privacy.uploads_left(self._container.database, self._container.blobs)

    async def ledger(self) -> Mapping[Currency, int]:
        """The sum of every posting there is, per currency."""
        async with self._container.database.begin() as tx:
            return await tx.totals()


async def _newest_order(tx: Tx) -> Order | None:
    found = await tx.find(Order, product=Product.AVATAR, order="-created_at", limit=1)
    return found[0] if found else None


async def _is_any_pending(tx: Tx) -> bool:
    """Whether anything waits for the outbox worker."""
    return await tx.count(OutboxMessage, queue=CHAT, state=outbox.PENDING) > 0
