"""Photo intake: how much is held at once, and who makes room."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from handlers.chat import Reserve, SentPhoto
from handlers.photo_intake import OF_ONE_PERSON, PhotoIntake
from handlers.upload_memory import UploadMemory
from shop.errors import PhotoTooLarge, Unavailable
from shop.photos.decoding import SanitizedPhoto
from tests.doubles import DecoderDouble
from tests.doubles import photo as jpeg


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_memory_is_bounded_whoever_sends():
    memory, held, most = UploadMemory(total=100, patience=0.01, grace=0.0), [0] * 8, 0

    async def send(which: int) -> None:
        nonlocal most
        try:
            async with memory.upload() as upload:
                for _ in range(3):
                    await upload.reserve(20)
                    held[which] += 20
                    most = max(most, sum(held))
                    await asyncio.sleep(0)
                upload.has_come()
        finally:
            held[which] = 0

    ended = await asyncio.gather(*(send(which) for which in range(8)), return_exceptions=True)
    assert 60 <= most <= 100
    # Those that made room are sent again.
    assert all(one is None or isinstance(one, Unavailable) for one in ended)
    assert None in ended


async def test_who_comes_slowly_makes_room_for_who_waits():
    memory, stalled = UploadMemory(total=100, patience=0.01, grace=0.0), asyncio.Event()

    async def dawdle() -> None:
        async with memory.upload() as upload:
            await upload.reserve(90)
            stalled.set()
            await asyncio.Event().wait()  # for a network that never brings the rest

    dawdling = asyncio.create_task(dawdle())
    await stalled.wait()
    async with memory.upload() as upload:
        await asyncio.wait_for(upload.reserve(50), 10)
        with pytest.raises(Unavailable):
            await dawdling


async def test_who_is_whole_makes_no_room():
    memory, whole = UploadMemory(total=100, patience=0.01, grace=0.0), asyncio.Event()
    decoded = asyncio.Event()

    async def decode() -> str:
        async with memory.upload() as upload:
            await upload.reserve(90)
            upload.has_come()
            whole.set()
            await decoded.wait()
            return "decoded"

    decoding = asyncio.create_task(decode())
    await whole.wait()
    async with memory.upload() as upload:
        waiting = asyncio.create_task(upload.reserve(50))
        done, _ = await asyncio.wait({waiting}, timeout=0.1)
        assert not done
        decoded.set()
        await asyncio.wait_for(waiting, 10)
        assert await decoding == "decoded"


class Counting:
    """A decoder that counts, and waits to be let on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go = asyncio.Event()

    async def decode(self, raw: bytes | bytearray, owner: str) -> SanitizedPhoto:
        self.asked.append(owner)
        await self.go.wait()
        return await DecoderDouble().decode(raw, owner)


def sent(read: Callable[[Reserve], Awaitable[bytes]]) -> SentPhoto:
    return SentPhoto(read)


async def test_one_persons_photos_leave_room_for_anothers():
    decoder = Counting()
    intake, read = PhotoIntake(decoder), []

    async def photo(reserve: Reserve) -> bytes:
        read.append(1)
        return jpeg(1)

    many = [asyncio.create_task(intake.take(sent(photo), "a")) for _ in range(60)]
    await until(lambda: len(decoder.asked) == OF_ONE_PERSON)
    assert len(read) == OF_ONE_PERSON  # the others' bytes are not fetched yet
    other = asyncio.create_task(intake.take(sent(photo), "b"))
    await until(lambda: "b" in decoder.asked)
    decoder.go.set()
    await asyncio.gather(other, *many)
    assert len(decoder.asked) == 61


async def test_what_the_platform_refuses_is_not_decoded():
    async def too_large(reserve: Reserve) -> bytes:
        raise PhotoTooLarge(megabytes=20)

    decoder = Counting()
    assert isinstance(await PhotoIntake(decoder).take(sent(too_large), "a"), PhotoTooLarge)
    assert not decoder.asked
