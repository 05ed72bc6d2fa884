"""Receipts of deletion: for uploaded photos, and for everything about a person."""

from handlers.chat import Reply, Tone
from handlers.context import AfterCommit, RequestContext
from handlers.notifications.registry import Payload
from shop import blob_erasure, privacy


async def uploads_erased(ctx: RequestContext, payload: Payload) -> list[Reply]:
    """The deletion receipt; none is due where nothing had been kept. It speaks of a training's
    checkpoints where there was a training."""
    count = int(payload["count"])
    if not count:
        return []
    key = "news-training-erased" if payload.get("trained") else "news-uploads-erased"
    return [ctx.say(key, tone=Tone.RECEIPT, count=count)]


async def erased(ctx: RequestContext, payload: Payload) -> AfterCommit:
    """The last message; of a chat that was erased alone it speaks of that alone.

    Raises :class:`shop.blob_erasure.BlobsRemain` while a blob or key is left."""

    async def look() -> list[Reply]:
        if await privacy.count_remaining(ctx.deps.database, ctx.deps.blobs, ctx.user.id):
            raise blob_erasure.BlobsRemain("blobs of an erased person")
        key = "news-chat-erased" if payload.get("alone") else "news-erased"
        return [ctx.say(key, tone=Tone.RECEIPT)]

    return look
