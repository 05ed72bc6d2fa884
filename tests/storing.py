"""What a worker or the dialogue does around a transaction, with blobs, as steps of a test.

All in the transaction that is given: over memory nobody waits.
"""

import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from shop.adapters.memory import MemoryBlobs
from shop.avatars import avatars, training_results
from shop.avatars.delivery import deliver_shoot, deliver_training
from shop.avatars.initial_portraits import InitialShoot
from shop.avatars.portraits import PaintedPicture
from shop.avatars.sealed_pictures import SealedPicture
from shop.avatars.training_results import TrainedAvatar
from shop.catalog import Catalog
from shop.encryption import DataKey, EnvelopeCipher
from shop.labels.signing import NoCredentials
from shop.orders.sales_guard import Capacity
from shop.photos import photos
from shop.photos.decoding import SanitizedPhoto
from shop.ports import Blobs, Tx
from shop.records import Avatar, Order, Photo, Shoot
from shop.sealed_blobs import SealedBlob
from tests.locks import not_watched

CAPACITY = Capacity(max_wait_minutes=180)
"""Of a shop that sells whoever is at work."""


class At:
    """A transaction at another time than its database's."""

    def __init__(self, tx: Tx, now: datetime) -> None:
        self._tx, self._time = tx, now

    async def now(self) -> datetime:
        return self._time

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)


class WithinTransaction:
    """A :class:`shop.ports.Database` whose every transaction is the one that is open already."""

    def __init__(self, tx: Tx, now: datetime) -> None:
        self._tx = At(tx, now)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        yield self._tx

    snapshot = begin

    async def scrub(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """It is another's."""


async def opened(blobs: Blobs, finding: Coroutine[Any, Any, SealedBlob | SealedPicture]) -> bytes:
    """The bytes of what ``finding`` finds, as they were stored."""
    found = await finding
    with not_watched():
        if isinstance(found, SealedPicture):
            return await found.open(blobs, NoCredentials())
        return await found.open(blobs)


async def take_photo(
    tx: Tx,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    order: Order,
    sanitized: SanitizedPhoto,
    now: datetime,
    maximum: int = 30,
) -> Photo:
    """Store a photo, and admit it."""
    upload = await photos.store(blobs, await photos.upload_key(tx, cipher, order), sanitized)
    return await photos.admit(tx, order, upload, now, maximum)


async def finish_training(
    tx: Tx,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    catalog: Catalog,
    avatar: Avatar,
    trained: TrainedAvatar,
    now: datetime,
    initial: InitialShoot | None = None,
    pictures: Sequence[PaintedPicture] = (),
) -> Avatar:
    """What a worker does from the beginning of a training to its end. For an avatar that has ended
    meanwhile, as a worker that had begun before and whose blobs are written already."""
    database = WithinTransaction(tx, now)
    if await avatars.begin_training(tx, cipher, avatar.id, now):
        await deliver_training(database, cipher, blobs, catalog, avatar, trained, initial, pictures)
    else:
        late = await training_results.store(MemoryBlobs(), DataKey(os.urandom(32)), avatar, trained)
        await avatars.finish(tx, catalog, avatar, late, now)
    ended = await tx.get(Avatar, avatar.id)
    assert ended is not None
    return ended


async def finish_shoot(
    tx: Tx,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    shoot: Shoot,
    pictures: Sequence[PaintedPicture],
    now: datetime,
) -> Shoot:
    """What a worker does at the end of a shoot."""
    return await deliver_shoot(WithinTransaction(tx, now), cipher, blobs, shoot, pictures)
