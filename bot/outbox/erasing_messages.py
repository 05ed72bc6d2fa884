"""Messages of the outbox that remove what an erasure has left in the blob store."""

from shop import blob_erasure
from shop.ports import Blobs, Database
from shop.records import ClipId, OrderId, OutboxMessage


async def erase_uploads(database: Database, blobs: Blobs, message: OutboxMessage) -> None:
    """Of an order, and of its training."""
    order, why = OrderId(str(message.payload["order"])), str(message.payload.get("why", ""))
    count = int(message.payload.get("count", 0))
    await blob_erasure.erase_uploads(database, blobs, order, count, why)


async def erase_source(database: Database, blobs: Blobs, message: OutboxMessage) -> None:
    """Of a clip."""
    clip, why = ClipId(str(message.payload["clip"])), str(message.payload["why"])
    await blob_erasure.erase_source(database, blobs, clip, int(message.payload["count"]), why)


async def erase_blobs(blobs: Blobs, message: OutboxMessage) -> None:
    """Whatever lies at or below a path."""
    await blob_erasure.erase_blobs(blobs, str(message.payload["prefix"]))
