from contextlib import suppress
from datetime import timedelta
from typing import get_args

import pytest

from shop import erasure_journal, erasure_replay
from shop.adapters.memory import MemoryBlobs
from shop.adapters.schema import hints
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import Unavailable
from shop.records import RECORDS, ErasureKind, ErasureNote, KeyId, SealedKey

CIPHER = EnvelopeCipher(bytes(range(32)))


async def erased_keys(database, now, count: int) -> set[str]:
    async with database.begin() as tx:
        keys = [await CIPHER.new_key(tx, now) for _ in range(count)]
        for key in keys:
            assert await destroy(tx, key)
            assert not await destroy(tx, key), "and is noted once"
    return set(keys)


async def journal(blobs) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) async for one in erasure_journal.read(blobs)]


class Fails(MemoryBlobs):
    """A store that goes away before it has written, or after."""

    def __init__(self, *, written: bool) -> None:
        super().__init__()
        self.written, self.away = written, True

    async def create(self, path, data):
        if self.written or not self.away:
            await super().create(path, data)
        if self.away:
            raise Unavailable


@pytest.mark.parametrize("written", [False, True])
async def test_whatever_was_erased_stands_in_the_journal(database, now, written):
    """Once it was written without an outage; wherever that was cut off before."""
    blobs = Fails(written=written)
    gone = await erased_keys(database, now, 510)  # more than one blob's
    with pytest.raises(Unavailable):
        await erasure_journal.write(database, blobs)
    blobs.away = False
    assert await erasure_journal.write(database, blobs) == 510
    assert set(await journal(blobs)) == {(ErasureKind.KEY, key) for key in gone}
    async with database.snapshot() as tx:
        assert not await tx.count(ErasureNote)
    assert await erasure_journal.write(database, blobs) == 0


async def test_what_was_rolled_back_was_not_erased(database, now):
    blobs = MemoryBlobs()
    with suppress(ZeroDivisionError):
        async with database.begin() as tx:
            await destroy(tx, await CIPHER.new_key(tx, now))
            raise ZeroDivisionError
    assert await erasure_journal.write(database, blobs) == 0
    assert not await journal(blobs)


async def test_lines_go_when_no_backup_is_as_old(database, clock):
    blobs = MemoryBlobs()
    old = await erased_keys(database, clock(), 2)
    await erasure_journal.write(database, blobs)
    await erased_keys(database, clock.forward(days=1), 2)
    await erasure_journal.write(database, blobs)
    assert await erasure_journal.prune(blobs, clock() + erasure_journal.KEPT - timedelta(1)) == 0
    assert await erasure_journal.prune(blobs, clock() + erasure_journal.KEPT) == 1
    assert len(await journal(blobs)) == 2
    assert not old & {subject for _, subject in await journal(blobs)}


def test_whatever_has_a_data_key_ends_without_it():
    """A new kind of record with a key says how it ends when the journal has destroyed that."""
    having = {
        (kind, name)
        for kind in RECORDS
        for name, hint in hints(kind).items()
        if KeyId in (hint, *get_args(hint)) and kind is not SealedKey
    }
    assert {(one.kind, one.field) for one in erasure_replay.OWNED} == having
