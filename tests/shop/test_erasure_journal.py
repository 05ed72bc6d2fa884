import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import get_args

import pytest

from shop import erasure_journal, erasure_replay
from shop.adapters.memory import MemoryBlobs
from shop.adapters.schema import hints
from shop.encryption import EnvelopeCipher, destroy
from shop.errors import CannotStart, Unavailable
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


async def test_the_journal_is_merged_and_forgotten_and_loses_no_line(database, clock):
    blobs = MemoryBlobs()
    old = await erased_keys(database, clock(), 3)
    await erasure_journal.write(database, blobs)
    new = set()
    for minute in range(101):
        line = erasure_journal.ErasureLine(ErasureKind.KEY, f"k{minute}", clock.forward(minutes=1))
        await erasure_journal.append(blobs, [line], clock.forward(days=1) if not new else clock())
        new.add(line.subject)
    first, today = clock() - timedelta(days=1), clock()
    await asyncio.gather(*(erasure_journal.tidy(blobs, today) for _ in range(3)))
    await erasure_journal.tidy(blobs, today + timedelta(days=1))
    assert {subject for _, subject in await journal(blobs)} == old | new
    assert len([path async for path in blobs.walk("")]) == 2, "one of each day"
    await erasure_journal.tidy(blobs, first + erasure_journal.KEPT)
    assert {subject for _, subject in await journal(blobs)} == old | new
    await erasure_journal.tidy(blobs, today + erasure_journal.KEPT)
    assert {subject for _, subject in await journal(blobs)} == new, "no backup is as old"


def test_whatever_has_a_data_key_ends_without_it():
    """A new kind of record with a key says how it ends when the journal has destroyed that."""
    having = {
        (kind, name)
        for kind in RECORDS
        for name, hint in hints(kind).items()
        if KeyId in (hint, *get_args(hint)) and kind is not SealedKey
    }
    assert {(one.kind, one.field) for one in erasure_replay.OWNED} == having


@pytest.mark.parametrize("line", [b"{", b"[1]", b'{"kind": "moon", "subject": "", "at": ""}'])
async def test_a_line_that_is_none_is_told_with_its_place(line: bytes):
    """What it said would come back."""
    blobs = MemoryBlobs()
    await blobs.create("erasures/2026-11-27/x", line)
    with pytest.raises(CannotStart, match="cannot be read at erasures/2026-11-27/x"):
        await journal(blobs)
