"""What the demo measures in the database, the blobs and the ledger. It never writes."""

import asyncio
from collections.abc import Mapping
from typing import Final

from bot.container import Container
from shop import privacy
from shop.jobs import outbox
from shop.photos import photos
from shop.photos.photos import PhotoCounts
from shop.records import CHAT, Avatar, Currency, Order, OutboxMessage, Product, Shoot, ShootKind

PAUSE: Final = 0.5
ERASE_SECONDS: Final = 60.0


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
            found = await tx.find(Order, product=Product.AVATAR, order="-created_at", limit=1)
        if not found:
            raise LookupError("no order yet")
        return found[0]

    async def avatar(self) -> Avatar:
        """What was trained for it. Raises LookupError."""
        async with self._container.database.begin() as tx:
            found = await tx.find(Avatar, order="-created_at", limit=1)
        if not found:
            raise LookupError("no avatar yet")
        return found[0]

    async def checked(self, seconds: float) -> PhotoCounts:
        """The tally once every photo was looked at. Raises TimeoutError."""
        order = await self.order()
        async with asyncio.timeout(seconds):
            while True:
                async with self._container.database.begin() as tx:
                    tally = await photos.tally(tx, order)
                if not tally.checking:
                    return tally
                await asyncio.sleep(PAUSE)

    async def shoot(self, kind: ShootKind) -> Shoot:
        """The newest shoot of that kind. Raises LookupError."""
        async with self._container.database.begin() as tx:
            found = await tx.find(Shoot, order="-created_at")
        for shoot in found:
            if shoot.kind is kind:
                return shoot
        raise LookupError(f"no shoot: {kind}")

    async def erased(self) -> None:
        """Wait until no outbox message is left to be done. Raises TimeoutError."""
        async with asyncio.timeout(ERASE_SECONDS):
            while True:
                async with self._container.database.begin() as tx:
                    if not await tx.count(OutboxMessage, queue=CHAT, state=outbox.PENDING):
                        return
                await asyncio.sleep(PAUSE)

    async def uploads_left(self) -> int:
        """Upload blobs, keys that could open any, and checkpoints of trainings, of everybody."""
        return await privacy.uploads_left(self._container.database, self._container.blobs)

    async def ledger(self) -> Mapping[Currency, int]:
        """The sum of every posting there is, per currency."""
        async with self._container.database.begin() as tx:
            return await tx.totals()
