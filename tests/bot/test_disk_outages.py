"""The disk of the blobs fails while photos come in: nothing is acknowledged and lost."""

import errno

import pytest
from structlog.testing import capture_logs

from bot.playground.driver import open_chat
from bot.playground.transcript import Transcript
from shop.adapters.blobs_disk import DiskBlobs
from shop.records import Job, Photo, User
from tests.bot.playground_requests import AGREE, event, greet, posted
from tests.broken_disk import BROKEN, broken_disk
from tests.doubles import photo


@pytest.mark.parametrize("number", BROKEN, ids=errno.errorcode.get)
async def test_a_photo_is_asked_for_again_until_it_is_kept(container, base, tmp_path, number):
    path, jpeg = f"photo?event={event()}&album={event()}", photo(7)
    async with open_chat(base, "en") as chat:

        async def upload() -> int:
            return await posted(chat.http, base, path, data=jpeg)

        await greet(chat)
        for action in AGREE:
            await chat.press(action)
        async with container.database.begin() as tx:
            (user,) = await tx.find(User)
        transcript = Transcript(container.redis)
        said = await transcript.snapshot(user.platform_id)
        with capture_logs() as logged, broken_disk(tmp_path / "blobs", number):
            for _ in range(2):
                assert await upload() == 503
        assert await transcript.snapshot(user.platform_id) == said, (
            "nobody is told of what will be put right"
        )
        async with container.database.begin() as tx:
            assert await tx.count(Photo) == await tx.count(Job) == 0
        whole = str(logged)
        assert f"put, {errno.errorcode[number]}" in whole
        assert "uploads/" not in whole
        for _ in range(2):
            assert await upload() == 200
    async with container.database.begin() as tx:
        (kept,) = await tx.find(Photo)
        assert await tx.count(Job) == 1
    assert await DiskBlobs(tmp_path / "blobs").get(kept.blob)
