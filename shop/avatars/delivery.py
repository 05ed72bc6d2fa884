"""Delivery: what a worker has made becomes the customer's, blobs first, then the records in one
transaction.

No transaction is open while a disk is written to. So what was made for may have ended meanwhile (by
another worker, or by the customer): then the blobs that nothing came to refer to are removed again.
Those of a worker that is killed in between are :func:`shop.blob_erasure.sweep_blobs`'s to find.
"""

from collections.abc import Sequence
from dataclasses import replace

from shop.avatars import avatars, portrait_keys, portraits, training_results
from shop.avatars.initial_portraits import InitialShoot
from shop.avatars.portraits import PaintedPicture, StoredPicture
from shop.avatars.training_checkpoints import key_of_training
from shop.avatars.training_results import TrainedAvatar
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.ports import Blobs, Database, OneOf, Tx
from shop.records import Avatar, Portrait, Shoot
from shop.sealed_blobs import remove_blobs
from shop.transactions import run_transaction


async def deliver_training(
    database: Database,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    catalog: Catalog,
    avatar: Avatar,
    trained: TrainedAvatar,
    initial: InitialShoot | None = None,
    pictures: Sequence[PaintedPicture] = (),
) -> None:
    """Store what the training of that avatar made, and :func:`shop.avatars.avatars.finish` it.

    ``initial`` is the initial shoot as it was planned, ``pictures`` are what was painted for it.
    Nothing happens, and nothing is left, where the avatar has ended.
    """
    try:
        async with database.snapshot() as tx:
            key = await key_of_training(tx, cipher, avatar.id)
    except NotFound:  # its job ended with it
        return
    stored = await training_results.store(blobs, key, avatar, trained)
    folder = f"portraits/{avatar.id}"
    painted = await portraits.store(blobs, key, folder, pictures if initial else ())

    async def finish(tx: Tx) -> tuple[Avatar, int]:
        planned = replace(initial, pictures=painted) if initial else None
        ended = await avatars.finish(tx, catalog, avatar, stored, await tx.now(), planned)
        return ended, await _count_kept(tx, painted)

    ended, kept = await run_transaction(database, finish)
    if ended.blobs != stored.blobs:
        await remove_blobs(blobs, stored.blobs)
    if not kept:
        await remove_blobs(blobs, [one.blob for one in painted])


async def deliver_shoot(
    database: Database,
    cipher: EnvelopeCipher,
    blobs: Blobs,
    shoot: Shoot,
    pictures: Sequence[PaintedPicture],
) -> Shoot:
    """Store what was painted for that shoot, and :func:`shop.avatars.portraits.finish` it: failed
    if there is nothing, or if the avatar (of nobody: the prompt) was erased. Nothing is left where
    the shoot has ended."""
    async with database.snapshot() as tx:
        key = await portraits.key_of(tx, cipher, shoot) if pictures else None
    folder = portrait_keys.folder_of(shoot)
    painted = await portraits.store(blobs, key, folder, pictures) if key else ()

    async def finish(tx: Tx) -> tuple[Shoot, int]:
        ended = await portraits.finish(tx, shoot, painted, await tx.now())
        return ended, await _count_kept(tx, painted)

    ended, kept = await run_transaction(database, finish)
    if not kept:
        await remove_blobs(blobs, [one.blob for one in painted])
    return ended


async def _count_kept(tx: Tx, painted: Sequence[StoredPicture]) -> int:
    """How many of the pictures are portraits now: all or none."""
    return await tx.count(Portrait, id=OneOf([one.id for one in painted])) if painted else 0
