"""The training sample: one labelled picture, shown while the training still runs.

Stored among the order's uploads, under their key, and so erased with them.
"""

from datetime import datetime

from shop.encryption import EnvelopeCipher
from shop.errors import NotFound
from shop.jobs import outbox
from shop.ports import Blobs, Tx
from shop.records import Avatar, Order, OrderId


async def store(
    tx: Tx, cipher: EnvelopeCipher, blobs: Blobs, avatar: Avatar, picture: bytes, now: datetime
) -> None:
    """Store the picture and notify its owner: once for each avatar, however often it is called."""
    order = await tx.get(Order, avatar.order_id, lock=True)
    if order is None or order.key_id is None:
        return
    path = _path(order.id)
    await blobs.put(path, await cipher.seal(tx, order.key_id, picture, path))
    await outbox.notify(
        tx, order.user_id, "sample", now, key=f"sample:{avatar.id}", once=True, order=order.id
    )


async def open_sample(tx: Tx, cipher: EnvelopeCipher, blobs: Blobs, order_id: OrderId) -> bytes:
    """Decrypt the picture. Raises :class:`NotFound` once the training has ended."""
    order = await tx.get(Order, order_id)
    if order is None or order.key_id is None:
        raise NotFound
    path = _path(order.id)
    return await cipher.open(tx, order.key_id, await blobs.get(path), path)


def _path(order_id: OrderId) -> str:
    return f"uploads/{order_id}/sample"
