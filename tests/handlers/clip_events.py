"""What happens to clips elsewhere: workers look at photos, make clips, and fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from shop import admin_reviews
from shop.clips import endings, filming
from shop.clips.delivery import PreparedPicture, RenderedClip, deliver_clip, deliver_source
from shop.clips.filming import FILM, VIDEO
from shop.clips.verdict import SourceFindings
from shop.jobs import jobs, outbox
from shop.ports import OneOf
from shop.records import Clip, ClipState, Job, JobState
from tests.doubles import photo

if TYPE_CHECKING:
    from tests.handlers.dialogue_harness import DialogueHarness

ADMIN = "playground:boss"
MP4 = b"\0\0\0\x10ftypisom moov mdat"
BEFORE, AFTER, POSTER, JOINED = photo(8), photo(7), photo(9), photo(6)
WELL = SourceFindings(people=1, faces=1, indecency=0.0, youth=0.0)


async def looked_at(
    harness: DialogueHarness, found: SourceFindings = WELL, beside: bytes = b""
) -> None:
    """A worker has looked at every photo that waits for it."""
    async with harness.database.snapshot() as tx:
        waiting = await tx.find(Clip, state=ClipState.PREPARING)
    for clip in waiting:
        made = PreparedPicture(AFTER, BEFORE, found, beside)
        await deliver_source(harness.database, harness.cipher, harness.blobs, clip, made)
    await harness.deliver()


async def joined(harness: DialogueHarness) -> None:
    """Of the second photo, which stands well beside the first."""
    await looked_at(harness, beside=harness.joined)


async def joined_mended(harness: DialogueHarness) -> None:
    """It is an old print."""
    await looked_at(harness, replace(WELL, done=("cropped",)), harness.joined)


async def apart(harness: DialogueHarness) -> None:
    await looked_at(harness, replace(WELL, apart="face_cut_off"))


async def no_room(harness: DialogueHarness) -> None:
    await looked_at(harness, replace(WELL, apart="no_room_beside"))


async def mended(harness: DialogueHarness) -> None:
    """It was an old print of two."""
    await looked_at(harness, SourceFindings(2, 2, 0.0, 0.0, done=("cropped", "scratches")))


async def faceless(harness: DialogueHarness) -> None:
    await looked_at(harness, SourceFindings(1, 0, 0.0, 0.0, reason="profile"))


async def young(harness: DialogueHarness) -> None:
    await looked_at(harness, SourceFindings(1, 1, 0.0, 0.99))


async def approved(harness: DialogueHarness) -> None:
    async with harness.database.begin() as tx:
        for clip in await tx.find(Clip, state=ClipState.HELD):
            await admin_reviews.look_at_source(tx, harness.cipher, ADMIN, clip.id, harness.now)
            await admin_reviews.approve_source(tx, ADMIN, clip.id, harness.now)
    await harness.deliver()


async def crowded(harness: DialogueHarness) -> None:
    await looked_at(harness, SourceFindings(40, 0, 0.0, 0.0))


async def begun(harness: DialogueHarness) -> None:
    """A worker is half through."""
    async with harness.database.begin() as tx:
        kinds = OneOf((FILM.name, VIDEO.name))
        for job in await tx.find(Job, kind=kinds, state=JobState.WAITING):
            mine = await jobs.lease(tx, job.id, "w1", harness.now, 600)
            assert mine is not None
            await jobs.heartbeat(
                tx, mine, "w1", harness.now, 600, stage="moving", step=60, steps=120,
                seconds_left=3.0,
            )  # fmt: skip
            await outbox.notify(tx, job.user_id, "progress", harness.now, job=job.id)
    await harness.deliver()


async def made(harness: DialogueHarness) -> None:
    for clip in await _waiting(harness):
        rendered = RenderedClip(*harness.filmed, 5.0, 125, 720, 540)
        async with harness.database.begin() as tx:
            mine = await filming.begin_work(tx, harness.cipher, clip.id, harness.now)
        assert mine is not None
        await deliver_clip(harness.database, harness.cipher, harness.blobs, mine, rendered)
    await harness.deliver()


async def expired(harness: DialogueHarness) -> None:
    """Nobody chose a motion, and the scheduled task that erases sources runs."""
    harness.now += timedelta(hours=25)
    async with harness.database.begin() as tx:
        before = harness.now - timedelta(hours=24)
        for clip in await endings.stale(tx, before):
            await endings.expire(tx, clip, before, harness.now)
    await harness.deliver()


async def failed(harness: DialogueHarness) -> None:
    async with harness.database.begin() as tx:
        for clip in await tx.find(Clip, state=ClipState.WAITING):
            await filming.fail(tx, clip, "out of memory", harness.now)
    await harness.deliver()


async def _waiting(harness: DialogueHarness) -> list[Clip]:
    async with harness.database.snapshot() as tx:
        return await tx.find(Clip, state=ClipState.WAITING, order="created_at")


EVENTS = {
    "the photo is looked at": looked_at,
    "the old photo is mended": mended,
    "the second photo is looked at": joined,
    "the second photo is mended": joined_mended,
    "the second photo does not fit": apart,
    "nobody fits beside the first": no_room,
    "no face can move": faceless,
    "somebody looks young": young,
    "the photo is approved": approved,
    "the photo shows a crowd": crowded,
    "the photo waits a day": expired,
    "a worker makes the clip": begun,
    "the clip is made": made,
    "the clip fails": failed,
}
