"""The training sample: one labelled picture, shown while the training still runs.

Stored among the order's uploads, under their key, and so erased with them.
"""

from functools import partial

from shop.avatars.sealed_pictures import SealedPicture
from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.jobs import outbox
from shop.labels.signing import PictureKind
from shop.people.users import lock as lock_user
from shop.ports import Blobs, Database, Tx
from shop.records import Avatar, Order, OrderId
from shop.sealed_blobs import SealedBlob, find_blob, store_blob
from shop.transactions import run_transaction


async def store(
    database: Database, cipher: EnvelopeCipher, blobs: Blobs, avatar: Avatar, picture: bytes
) -> None:
    """Store the picture and notify its owner: once for each avatar, however often it is called.
    Nothing is left of it where the training has ended meanwhile. Raises nothing for that."""
    try:
        async with database.snapshot() as tx:
            sample = await _find(tx, cipher, avatar.order_id)
    except NotFound:
        return
    await store_blob(blobs, sample.key, picture, sample.path)
    if not await run_transaction(database, partial(_notify, avatar)):
        await blobs.remove(sample.path)


async def find_sample(tx: Tx, cipher: EnvelopeCipher, order_id: OrderId) -> SealedPicture:
    """The picture, to be opened, and signed, after the transaction. Raises :class:`NotFound` once
    the training has ended."""
    return SealedPicture(await _find(tx, cipher, order_id), PictureKind.SAMPLE)


async def _find(tx: Tx, cipher: EnvelopeCipher, order_id: OrderId) -> SealedBlob:
    order = await tx.get(Order, order_id)
    if order is None or order.key_id is None:
        raise NotFound
    return await find_blob(tx, cipher, order.key_id, _path(order.id))


async def _notify(avatar: Avatar, tx: Tx) -> bool:
    """Tell the owner; False if the order's uploads have been erased."""
    await lock_user(tx, avatar.user_id)
    order = await tx.get(Order, avatar.order_id, lock=True)
    if order is None or order.key_id is None:
        return False
    await outbox.notify(
        tx, order.user_id, "sample", await tx.now(),
        key=f"sample:{avatar.id}", once=True, order=order.id,
    )  # fmt: skip
    return True


def _path(order_id: OrderId) -> str:
    return f"uploads/{order_id}/sample"
