"""Which blob store and master key belong to a database."""

import asyncio
import os
from datetime import timedelta

import pytest

from shop import installation
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.memory import MemoryBlobs, MemoryDatabase
from shop.encryption import EnvelopeCipher, key_check_value
from shop.installation import ForeignBlobStore, Unregistered, WrongMasterKey
from shop.records import Installation, Photo, PhotoId, PhotoState, UserId

KEY, OTHER_KEY = os.urandom(32), os.urandom(32)


async def test_what_was_registered_is_right_and_nothing_else(database, now):
    blobs = MemoryBlobs()
    await installation.register(database, blobs, KEY, now)
    await installation.register(database, blobs, KEY, now)
    await installation.require(database, blobs, KEY)
    with pytest.raises(WrongMasterKey, match="EIDER_MASTER_KEY"):
        await installation.require(database, blobs, OTHER_KEY)
    with pytest.raises(ForeignBlobStore, match="EIDER_DATA"):
        await installation.require(database, MemoryBlobs(), KEY)
    another = MemoryBlobs()
    await another.put(installation.ID_PATH, b"another")
    with pytest.raises(ForeignBlobStore):
        await installation.register(database, another, KEY, now)


async def test_an_id_written_by_hand_may_end_in_a_new_line(memory_database, now):
    """As ``psql -Atc ... > id`` writes it, where the blobs were lost (docs/operate.md)."""
    await installation.register(memory_database, MemoryBlobs(), KEY, now)
    async with memory_database.begin() as tx:
        (row,) = await tx.find(Installation)
    anew = MemoryBlobs()
    await anew.put(installation.ID_PATH, f"{row.blob_store}\n".encode())
    await installation.require(memory_database, anew, KEY)
    await installation.register(memory_database, anew, KEY, now)


async def test_a_new_database_does_not_sweep_anothers_store(memory_database, now):
    """What its rows do not name would be orphans to it."""
    blobs = MemoryBlobs()
    await blobs.put(installation.ID_PATH, b"anothers")
    with pytest.raises(ForeignBlobStore):
        await installation.register(memory_database, blobs, KEY, now)
    async with memory_database.begin() as tx:
        assert await tx.count(Installation) == 0


async def test_a_first_start_that_was_cut_off_is_gone_on_with(memory_database, now, monkeypatch):
    """The database knew the store's id and the store did not; after a while it is somebody's."""
    blobs = MemoryBlobs()
    with monkeypatch.context() as patch:
        patch.setattr(blobs, "create", blobs.get)  # which fails
        with pytest.raises(TypeError):
            await installation.register(memory_database, blobs, KEY, now)
    late = now + timedelta(hours=1)
    with pytest.raises(ForeignBlobStore):
        await installation.register(memory_database, blobs, KEY, late)
    await installation.register(memory_database, blobs, KEY, now + timedelta(seconds=2))
    await installation.register(memory_database, blobs, KEY, late)


async def test_of_two_databases_that_begin_on_one_store_one_has_it(now, monkeypatch):
    blobs, known = MemoryBlobs(), []

    async def begin() -> None:
        database = MemoryDatabase(lambda: now)
        known.append(database)
        await installation.register(database, blobs, KEY, now)

    looked = blobs.get

    async def both_look_first(path: str) -> bytes:
        await asyncio.sleep(0)
        return await looked(path)

    monkeypatch.setattr(blobs, "get", both_look_first)
    found = await asyncio.gather(begin(), begin(), return_exceptions=True)
    assert [type(one) for one in found].count(ForeignBlobStore) == 1
    (owner,) = [one for one, error in zip(known, found, strict=True) if error is None]
    await installation.require(owner, blobs, KEY)


async def test_a_worker_does_not_say_what_is_right(memory_database, now):
    with pytest.raises(Unregistered, match="serve"):
        await installation.require(memory_database, MemoryBlobs(), KEY)


async def test_processes_that_begin_together_agree(database, tmp_path, now):
    blobs = DiskBlobs(tmp_path / "blobs")
    together = [installation.register(database, blobs, KEY, now) for _ in range(8)]
    await asyncio.gather(*together)
    await installation.require(database, blobs, KEY)
    async with database.begin() as tx:
        assert await tx.count(Installation) == 1


async def test_of_an_earlier_version_what_was_stored_decides(memory_database, now):
    """The first process after the upgrade may be the one that is set up wrongly."""
    blobs = MemoryBlobs()
    async with memory_database.begin() as tx:
        await EnvelopeCipher(KEY).new_key(tx, now)
        await tx.add(
            Photo(PhotoId("p"), "o", UserId("u"), PhotoState.CHECKING, "uploads/o/p", "", now)
        )
    await blobs.put("uploads/o/p", b"sealed")
    with pytest.raises(WrongMasterKey):
        await installation.register(memory_database, blobs, OTHER_KEY, now)
    with pytest.raises(ForeignBlobStore):
        await installation.register(memory_database, MemoryBlobs(), KEY, now)
    await installation.register(memory_database, blobs, KEY, now)
    await installation.require(memory_database, blobs, KEY)


async def test_the_check_value_tells_nothing_else_of_the_key(memory_database, now):
    await installation.register(memory_database, MemoryBlobs(), KEY, now)
    async with memory_database.begin() as tx:
        (row,) = await tx.find(Installation)
    assert row.key_check == key_check_value(KEY)
    assert row.key_check != key_check_value(OTHER_KEY)
    assert KEY.hex() not in row.key_check
