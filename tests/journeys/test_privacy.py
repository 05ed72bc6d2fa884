"""The hunt: a planted photo and a planted name, looked for wherever bytes can lie."""

import asyncio
import base64
import io
import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from pipeline.decoding.sanitizer import sanitize
from shop import privacy
from shop.jobs import outbox
from shop.records import CHAT, OutboxMessage, Photo, SealedKey, User
from tests.doubles import UNFINISHED, photo
from tests.journeys.conftest import ClusterFixture, agree, is_set
from tests.traces import NOBODYS, blobs_of_people

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAME = "Zebulon-Quackenbush-4711"


def planted() -> bytes:
    """A photo with a name in its EXIF, as cameras write one."""
    picture, out = Image.open(io.BytesIO(photo(77))), io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = NAME  # Artist
    exif[0x8298] = NAME  # Copyright
    picture.save(out, "JPEG", exif=exif, quality=95)
    return out.getvalue()


def traces(raw: bytes) -> list[bytes]:
    """Slices of the photo as it came and as it was developed, and in base64 too."""
    found = [NAME.encode(), NAME.encode("utf-16-le"), base64.b64encode(NAME.encode())[:20]]
    for picture in (raw, sanitize(raw).jpeg):
        middle = len(picture) // 2
        for place in (middle, middle + 1000, len(picture) - 500):
            piece = picture[place : place + 48]
            found += [piece, base64.b64encode(piece)[4:40], piece.hex().encode()]
    return found


def hunt(folder: Path, raw: bytes) -> list[str]:
    """Every file below that holds a trace."""
    wanted = traces(raw)
    return [
        f"{path.relative_to(folder)}: {trace[:24]!r}"
        for path in folder.rglob("*")
        if path.is_file() and not path.is_socket()
        for content in [path.read_bytes()]
        for trace in wanted
        if trace in content
    ]


async def memory(redis_url: str, raw: bytes) -> list[str]:
    """Every key of the live store whose dump or name holds a trace."""
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url) as redis:
        keys = await redis.keys("*")
        dumps = {key: await redis.dump(key) or b"" for key in keys}
    return [
        key.decode()
        for key, dump in dumps.items()
        for trace in traces(raw)
        if trace in dump or trace in key
    ]


async def test_nothing_of_a_planted_photo_or_name_is_found(open_cluster, tmp_path):
    raw = planted()
    person = ""
    async with open_cluster() as cluster:
        async with cluster.enter() as chat:
            await chat.say(f"hello, I am {NAME}")
            await agree(chat)
            await chat.say(f"my name is {NAME}, and here I am")
            await chat.send_photos([raw, *(photo(number) for number in range(19))])
            await chat.wait(lambda seen: "20 usable" in seen.text)
            assert hunt(tmp_path, raw) == [], "not even while the photos are needed"
            await chat.press("done")
            await chat.press("pay:")
            await chat.wait(is_set)
            await chat.wait(lambda seen: "Receipt of erasure" in seen.text)
            await quiet(cluster.container)
            assert hunt(tmp_path, raw) == [], "after the training"
            assert await memory(cluster.settings.redis_url, raw) == []

            async with cluster.container.database.begin() as tx:
                (user,) = await tx.find(User)
                person = user.platform_id
            await chat.say(NAME)
            await chat.say("/erase")
            await chat.press("erase:yes-")
            await chat.wait(
                lambda seen: "Receipt of erasure" in seen.text and "portraits" in seen.text
            )
            await quiet(cluster.container, seconds=60)
            assert hunt(tmp_path, raw) == [], "after the erasure"
            assert await memory(cluster.settings.redis_url, raw) == []
            assert await blobs_of_people(cluster.container.blobs) == []
        assert files_of_people(tmp_path) == []
        for path in (tmp_path / "cluster" / "logs").iterdir():
            text = path.read_text("utf-8")
            assert person not in text, f"a person's address in {path.name}"


async def quiet(container, seconds: float = 30) -> None:
    """Until the outbox worker has nothing left to do, and a rewritten store is on the disk."""
    async with asyncio.timeout(seconds):
        while True:
            async with container.database.begin() as tx:
                if not await tx.count(OutboxMessage, queue=CHAT, state=outbox.PENDING):
                    break
            await asyncio.sleep(0.2)
        while (await container.redis.info("persistence")).get("aof_rewrite_in_progress"):
            await asyncio.sleep(0.1)


async def test_uploads_are_gone_when_the_process_was_killed_meanwhile(open_cluster, tmp_path):
    """Killed between the key's end and the blobs': the keys are gone, the blobs go later."""
    async with open_cluster(QUICK_PAUSE="1") as cluster, cluster.enter() as chat:
        await agree(chat)
        await chat.send_photos([photo(number) for number in range(20)])
        await chat.wait(lambda seen: "20 usable" in seen.text)
        await chat.press("cancel")
        os.kill(cluster.processes.pids["courier"], signal.SIGKILL)
        await chat.press("cancel:")
        await chat.wait(lambda seen: "Receipt of erasure" in seen.text, seconds=60)
        uploads = [path async for path in cluster.container.blobs.walk("uploads")]
        assert uploads == []


async def test_nothing_is_left_while_the_worker_stands_still(open_cluster, tmp_path):
    """Stopped in the midst of a training, it learns nothing of the erasure. "Nothing is left" comes
    all the same, and is true: on the disk, in Redis, in the database; also when the worker wakes
    up, and after plain checkpoints of an earlier version lay there.
    """
    plain = tmp_path / "cluster" / "checkpoints" / "avatar" / "f00.checkpoint"
    plain.parent.mkdir(parents=True)
    plain.write_bytes(UNFINISHED)
    async with open_cluster(QUICK_PAUSE="600") as cluster, cluster.enter() as chat:
        assert not plain.exists()
        await agree(chat)
        await chat.send_photos([photo(number) for number in range(20)])
        await chat.wait(lambda seen: "20 usable" in seen.text)
        await chat.press("done")
        await chat.press("pay:")
        blobs = cluster.container.blobs
        async with asyncio.timeout(60):
            while len([path async for path in blobs.walk("avatars")]) < 2:
                await asyncio.sleep(0.1)
        assert holding(tmp_path, UNFINISHED) == [], "a checkpoint lies in plain"
        studio = cluster.processes.pids["studio"]
        os.kill(studio, signal.SIGSTOP)
        try:
            await chat.say("/erase")
            await chat.press("erase:loss-")
            await chat.wait(lambda seen: "nothing is left" in seen.text, seconds=60)
            await nothing_left(cluster, tmp_path)
        finally:
            os.kill(studio, signal.SIGCONT)
        async with asyncio.timeout(60):  # it finds its lease lost
            while "lease_lost" not in (tmp_path / "cluster/logs/studio.log").read_text("utf-8"):
                await asyncio.sleep(0.1)
        await nothing_left(cluster, tmp_path)


def holding(folder: Path, piece: bytes) -> list[str]:
    """Every file below that holds the piece, even half-written ones."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_socket())
    return [str(path.relative_to(folder)) for path in files if piece in path.read_bytes()]


def files_of_people(folder: Path) -> list[Path]:
    """Every file of the blob store, whole or half, but those that say which store this is,
    and what was erased by random ids."""
    blobs = folder / "cluster" / "blobs"
    files = [path for path in blobs.rglob("*") if path.is_file()]
    return [path for path in files if path.relative_to(blobs).parts[0] not in NOBODYS]


async def nothing_left(cluster: ClusterFixture, folder: Path) -> None:
    """No blob, whole or half, no key, no photo, no plain piece on the disk or in Redis."""
    assert files_of_people(folder) == []
    assert holding(folder, UNFINISHED) == []
    async with cluster.container.database.begin() as tx:
        assert await tx.count(SealedKey) == await tx.count(Photo) == 0
        (user,) = await tx.find(User)
    assert (
        await privacy.count_remaining(cluster.container.database, cluster.container.blobs, user.id)
        == 0
    )
    redis = cluster.container.redis
    dumps = [await redis.dump(key) or b"" for key in await redis.keys("*")]
    assert not any(UNFINISHED in dump for dump in dumps)
