"""The master key is changed while people come and are erased, processes are killed, and two
operators do it at once; over SQLite and PostgreSQL."""

import asyncio
import os
from datetime import UTC, datetime

import pytest

from shop import installation, key_rotation
from shop.adapters.database import SqlDatabase, wrapping_key
from shop.adapters.memory import MemoryBlobs
from shop.encryption import EnvelopeCipher, MasterKeyMissing, destroy, signing_key_of
from shop.installation import WrongMasterKey, WrongSigningKey
from shop.records import SealedKey
from shop.transactions import run_transaction

OLD, NEW, SIGNING = os.urandom(32), os.urandom(32), signing_key_of(bytes(32))
PATH, FACE = "uploads/order/photo", b"a face"


def now() -> datetime:
    return datetime.now(UTC)


class Customers:
    """They come, are served, and are erased, until they are told to stop. Each has a data key, and
    what was sealed under it."""

    def __init__(self, database: SqlDatabase) -> None:
        self.database, self.sealed, self.served = database, {}, 0
        self.cipher = EnvelopeCipher(NEW, OLD)

    async def come(self, count: int, *, cipher: EnvelopeCipher | None = None) -> None:
        for _ in range(count):
            async with self.database.begin() as tx:
                key = await (cipher or self.cipher).new_key(tx, now())
                sealed = await self.cipher.seal(tx, key, FACE, PATH)
            self.sealed[key] = sealed

    async def live(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self.come(1)
            for key in list(self.sealed)[::7]:
                async with self.database.snapshot() as tx:
                    assert await self.cipher.open(tx, key, self.sealed[key], PATH) == FACE
                self.served += 1
            gone = next(iter(self.sealed))
            del self.sealed[gone]
            assert await run_transaction(self.database, lambda tx, key=gone: destroy(tx, key))

    async def look(self, *master_keys: bytes) -> None:
        """All of theirs opens by these keys, and nobody else's is there."""
        cipher = EnvelopeCipher(*master_keys)
        async with self.database.snapshot() as tx:
            assert {one.id for one in await tx.find(SealedKey)} == set(self.sealed)
            for key, sealed in self.sealed.items():
                assert await cipher.open(tx, key, sealed, PATH) == FACE


@pytest.fixture
async def database(sql_url: str):
    opened = SqlDatabase(sql_url)
    await installation.register(opened, MemoryBlobs(), OLD, now())
    yield opened
    await opened.close()


async def test_the_key_is_changed_under_load(database, sql_url):
    customers, stop = Customers(database), asyncio.Event()
    await customers.come(150, cipher=EnvelopeCipher(OLD))
    async with database.begin() as tx:  # and some of a version that named no key
        for one in await tx.find(SealedKey, limit=30, lock=True):
            await tx.put(SealedKey(one.id, one.wrapped, one.created_at))
    await customers.come(20)  # by a process that has both keys: the old one still wraps
    await customers.look(OLD)

    living = asyncio.create_task(customers.live(stop))
    assert await wrapping_key.change(sql_url, NEW, OLD, SIGNING)
    with pytest.raises(MasterKeyMissing):  # of a process that was forgotten: an outage, no loss
        await customers.come(1, cipher=EnvelopeCipher(OLD))
    cut_off = asyncio.create_task(key_rotation.rewrap(database, EnvelopeCipher(NEW, OLD), NEW))
    while await key_rotation.left(database, NEW) > 100 and not cut_off.done():
        await asyncio.sleep(0)
    cut_off.cancel()
    await asyncio.gather(cut_off, return_exceptions=True)
    both = await asyncio.gather(
        *(key_rotation.rewrap(database, EnvelopeCipher(NEW, OLD), NEW) for _ in range(2))
    )
    assert not await wrapping_key.change(sql_url, NEW, OLD, SIGNING), "it is the one already"
    assert await key_rotation.left(database, NEW) == 0
    stop.set()
    await living
    assert customers.served
    assert sum(both) <= 170
    await customers.look(NEW)
    await installation.require_key(database, NEW, signing_key=SIGNING)
    with pytest.raises(WrongSigningKey):
        await installation.require_key(database, NEW, signing_key=signing_key_of(NEW))


async def test_the_old_key_does_not_go_too_early(database, sql_url):
    customers = Customers(database)
    await customers.come(3)
    assert await wrapping_key.change(sql_url, NEW, OLD, SIGNING)
    for held in ([NEW], [OLD]):
        with pytest.raises(WrongMasterKey):
            await installation.require_key(database, *held)
    with pytest.raises(MasterKeyMissing):
        await customers.look(NEW)
    await customers.look(NEW, OLD)
    with pytest.raises(WrongMasterKey):
        await wrapping_key.change(sql_url, OLD, os.urandom(32), SIGNING)
    await customers.come(1)
    with pytest.raises(WrongMasterKey):
        await key_rotation.rewrap(database, EnvelopeCipher(OLD, NEW), OLD)
