"""What a store in a bucket must do besides what every store must: outages, large blobs, pages,
versions."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web

from shop import installation
from shop.adapters import blobs_s3
from shop.adapters.blobs_s3 import S3Blobs, open_bucket
from shop.adapters.memory import MemoryDatabase
from shop.errors import Unavailable
from shop.installation import BlobStoreBroken, ForeignBlobStore
from tests.buckets import BucketServer
from tests.keys import MASTER_KEY

KEPT = "uploads/o/kept"
NOW = datetime(2026, 3, 14, tzinfo=UTC)
Operation = Callable[[S3Blobs], Awaitable[object]]


async def walked(blobs: S3Blobs, prefix: str = "") -> list[str]:
    return [path async for path in blobs.walk(prefix)]


OPERATIONS: dict[str, Operation] = {
    "put": lambda blobs: blobs.put(KEPT, b"new"),
    "create": lambda blobs: blobs.create("uploads/o/new", b"new"),
    "get": lambda blobs: blobs.get("uploads/o/none"),
    "remove": lambda blobs: blobs.remove("uploads/none"),
    "walk": lambda blobs: walked(blobs, "uploads/none"),
}


@pytest.fixture
async def broken() -> AsyncIterator[Callable[[str], S3Blobs]]:
    """Of a service that answers everything so: a status, or not at all."""

    async def answer(request: web.Request) -> web.Response:
        how = request.path.split("/")[1]
        if how == "hangs":
            await asyncio.sleep(60)
        return web.Response(status=int(how), text="<Error><Message>s3cret</Message></Error>")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    def store(how: str) -> S3Blobs:
        url = f"http://127.0.0.1:{1 if how == 'refused' else port}/{how}"
        return S3Blobs(
            open_bucket(
                "s3://bucket/eider", endpoint=url, key_id="k", secret_key="s3cret",
                request_seconds=0.3, retry_seconds=0.5,
            )
        )  # fmt: skip

    yield store
    await runner.cleanup()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("how", ["refused", "hangs", "403", "500", "503"])
async def test_whatever_the_service_answers_is_an_outage(
    broken: Callable[[str], S3Blobs], how: str, operation: str
) -> None:
    """In bounded time, and without its words, the address or a key."""
    async with asyncio.timeout(20):
        with pytest.raises(Unavailable, match=f"^the blob store fails: {operation}, ") as told:
            await OPERATIONS[operation](broken(how))
    for secret in ("s3cret", "127.0.0.1", "bucket", "uploads"):
        assert secret not in str(told.value)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_bucket_that_is_gone_is_an_outage_not_an_empty_store(
    moto: BucketServer, operation: str
) -> None:
    bucket = moto.new_bucket()
    blobs = moto.store(f"s3://{bucket}/eider", retry_seconds=0.5)
    await blobs.put("installation/id", b"ours")
    blobs.bind("installation/id", b"ours")
    assert await walked(blobs) == ["installation/id"]
    for one in moto.client.list_objects_v2(Bucket=bucket)["Contents"]:
        moto.client.delete_object(Bucket=bucket, Key=one["Key"])
    moto.client.delete_bucket(Bucket=bucket)
    with pytest.raises(Unavailable, match="the blob store fails"):
        await OPERATIONS[operation](blobs)


@pytest.mark.parametrize("operation", ["get", "remove", "walk"])
@pytest.mark.parametrize("stands", ["nothing", "another store"])
async def test_nothing_is_absent_in_anothers_store(
    moto: BucketServer, operation: str, stands: str
) -> None:
    """As where the service was set up anew, or another answers at its address."""
    bucket = moto.new_bucket()
    blobs = moto.store(f"s3://{bucket}")
    await blobs.put("installation/id", b"ours")
    blobs.bind("installation/id", b"ours")
    await blobs.put(KEPT, b"sealed")
    moto.client.delete_object(Bucket=bucket, Key="installation/id")
    if stands == "another store":
        moto.client.put_object(Bucket=bucket, Key="installation/id", Body=b"theirs")
    with pytest.raises(Unavailable, match="ENODEV"):
        await OPERATIONS[operation](blobs)
    blobs._own_until = 0.0  # some seconds later
    for any_operation in OPERATIONS.values():
        with pytest.raises(Unavailable, match="ENODEV"):
            await any_operation(blobs)
    assert moto.client.get_object(Bucket=bucket, Key=KEPT)["Body"].read() == b"sealed"


async def test_a_versioned_bucket_is_refused_at_the_start_and_later(moto: BucketServer) -> None:
    """Nothing would be erased there: what is deleted stays as an old version."""
    bucket = moto.new_bucket()
    url = f"s3://{bucket}/eider"
    versioning = {"Bucket": bucket, "VersioningConfiguration": {"Status": "Enabled"}}
    moto.client.put_bucket_versioning(**versioning)
    database = MemoryDatabase(lambda: NOW)
    with pytest.raises(BlobStoreBroken, match=r"EIDER_BLOBS_URL: .*the bucket keeps old versions"):
        await installation.register(database, moto.store(url), MASTER_KEY, NOW)
    bucket = moto.new_bucket()
    blobs = moto.store(f"s3://{bucket}/eider")
    await installation.register(database, blobs, MASTER_KEY, NOW)
    await blobs.put(KEPT, b"sealed")
    moto.client.put_bucket_versioning(**versioning | {"Bucket": bucket})
    with pytest.raises(BlobStoreBroken, match="the bucket keeps old versions"):
        await installation.require_writable(blobs)
    with pytest.raises(Unavailable, match="remove, the bucket keeps old versions"):
        await blobs.remove(KEPT)
    assert await blobs.get(KEPT) == b"sealed"


async def test_a_bucket_of_anothers_is_named_by_its_setting(moto: BucketServer) -> None:
    database = MemoryDatabase(lambda: NOW)
    await installation.register(database, moto.empty_store(), MASTER_KEY, NOW)
    with pytest.raises(ForeignBlobStore, match=r"^EIDER_BLOBS_URL: .* set it to the bucket and"):
        await installation.require(database, moto.empty_store(), MASTER_KEY)


async def test_large_blobs_go_and_come_in_parts(
    moto: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte by byte the same; the store's own mark of an object of parts ends in their count."""
    monkeypatch.setattr(blobs_s3, "PART_BYTES", 5 << 20)
    bucket, data = moto.new_bucket(), os.urandom((11 << 20) + 7)
    blobs = moto.store(f"s3://{bucket}")
    await blobs.put("avatars/a/lora", data)
    assert await blobs.get("avatars/a/lora") == data
    assert moto.client.head_object(Bucket=bucket, Key="avatars/a/lora")["ETag"].endswith('-3"')


async def test_parts_of_two_blobs_are_never_mixed(
    moto: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced while it is read: all of it is the new one's."""
    monkeypatch.setattr(blobs_s3, "PART_BYTES", 1000)
    bucket = moto.new_bucket()
    blobs = moto.store(f"s3://{bucket}")
    old, new = b"o" * 3000, b"n" * 3500

    def write(data: bytes) -> None:
        moto.client.put_object(Bucket=bucket, Key="avatars/a/state", Body=data)

    in_parts, tries = S3Blobs._in_parts, []

    async def replaced_once(self: S3Blobs, path: str, size: int, tag: str | None) -> bytes:
        if not tries:
            await asyncio.to_thread(write, new)
        tries.append(size)
        return await in_parts(self, path, size, tag)

    write(old)
    monkeypatch.setattr(S3Blobs, "_in_parts", replaced_once)
    assert await blobs.get("avatars/a/state") == new
    assert tries == [3000, 3500]


async def test_what_fills_many_pages_is_walked_and_removed_whole(
    moto: BucketServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    blobs = moto.empty_store()
    names = [f"uploads/o/{number:02}" for number in range(10)]
    for name in (*names, "uploads/o2/1"):
        await blobs.put(name, b"sealed")
    assert await walked(blobs, "uploads/o") == names
    assert await blobs.remove("uploads/o") == 10
    assert await walked(blobs) == ["uploads/o2/1"]


async def test_what_is_removed_is_looked_for(moto: BucketServer) -> None:
    """A service that says "deleted", and goes on to hold it, is not believed."""

    class Lies:
        def __init__(self, store: object) -> None:
            self._store = store

        def __getattr__(self, name: str) -> object:
            return getattr(self._store, name)

        async def delete_async(self, paths: object) -> None:
            """Says that it did."""

    blobs = moto.empty_store()
    await blobs.put(KEPT, b"sealed")
    liar = S3Blobs(Lies(blobs._store))  # type: ignore[arg-type]
    with pytest.raises(Unavailable, match="remove, ENOTEMPTY"):
        await liar.remove("uploads/o")
