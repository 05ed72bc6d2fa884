"""The courier's part in a source for which nobody chose a motion: it goes, with a receipt."""

from datetime import timedelta

from bot.container import Container
from bot.outbox.worker import expire_sources
from shop import privacy
from shop.records import Clip, ClipState, OutboxMessage
from tests.locks import not_watched
from tests.shop.conftest import Shop
from tests.shop.moving import ready


async def handled(container: Container) -> None:
    """Every message that is due, once."""
    async with container.database.snapshot() as tx:
        due = await tx.find(OutboxMessage)
    for message in due:
        if message.name in ("erase_source", "erase_blobs"):
            await container.outbox_handlers.answer({"message": message.id})


async def test_a_source_nobody_chose_a_motion_for(container: Container) -> None:
    async with container.database.begin() as tx:
        now = await tx.now()
        old = now - timedelta(hours=container.settings.upload_hours, minutes=1)
        with not_watched():
            forgotten = await ready(Shop(tx, old, container.blobs, container.cipher), "anna")
            fresh = await ready(Shop(tx, now, container.blobs, container.cipher), "ben")
    for _ in range(2):
        await expire_sources(container)
        await handled(container)
    async with container.database.snapshot() as tx:
        states = [(await tx.get(Clip, one.id)).state for one in (forgotten, fresh)]
        told = [one.payload for one in await tx.find(OutboxMessage, name="notice")]
    assert states == [ClipState.GIVEN_UP, ClipState.READY]
    receipts = [one for one in told if one["kind"] == "source_erased"]
    assert [(one["clip"], one["why"], one["left"]) for one in receipts] == [
        (forgotten.id, "expired", 0)
    ]
    left = [path async for path in container.blobs.walk("sources")]
    assert {path.split("/")[1] for path in left} == {fresh.id}
    assert await privacy.uploads_left(container.database, container.blobs) == 3  # two and a key
