import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import get_args

import pytest

from shop import erasure_replay
from shop.adapters.memory import MemoryBlobs
from shop.adapters.schema import hints
from shop.encryption import EnvelopeCipher, destroy
from shop.erasure_journal import KEPT, ErasureJournal, ErasureLine, Form
from shop.errors import CannotStart, Unavailable
from shop.records import RECORDS, ErasureKind, ErasureNote, KeyId, SealedKey

CIPHER = EnvelopeCipher(bytes(range(32)))


def journal_in(blobs, signing_key: bytes = bytes(32)) -> ErasureJournal:
    return ErasureJournal(blobs, signing_key)


async def erased_keys(database, now, count: int) -> set[str]:
    async with database.begin() as tx:
        keys = [await CIPHER.new_key(tx, now) for _ in range(count)]
        for key in keys:
            assert await destroy(tx, key)
            assert not await destroy(tx, key), "and is noted once"
    return set(keys)


async def journal(blobs) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) async for one in journal_in(blobs).read()]


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
        await journal_in(blobs).write(database)
    blobs.away = False
    assert await journal_in(blobs).write(database) == 510
    assert set(await journal(blobs)) == {(ErasureKind.KEY, key) for key in gone}
    async with database.snapshot() as tx:
        assert not await tx.count(ErasureNote)
    assert await journal_in(blobs).write(database) == 0


async def test_what_was_rolled_back_was_not_erased(database, now):
    blobs = MemoryBlobs()
    with suppress(ZeroDivisionError):
        async with database.begin() as tx:
            await destroy(tx, await CIPHER.new_key(tx, now))
            raise ZeroDivisionError
    assert await journal_in(blobs).write(database) == 0
    assert not await journal(blobs)


async def test_the_journal_is_merged_and_forgotten_and_loses_no_line(database, clock):
    blobs = MemoryBlobs()
    old = await erased_keys(database, clock(), 3)
    await journal_in(blobs).write(database)
    new = set()
    for minute in range(101):
        line = ErasureLine(ErasureKind.KEY, f"k{minute}", clock.forward(minutes=1))
        await journal_in(blobs).append([line], clock.forward(days=1) if not new else clock())
        new.add(line.subject)
    first, today = clock() - timedelta(days=1), clock()
    await asyncio.gather(*(journal_in(blobs).tidy(today) for _ in range(3)))
    await journal_in(blobs).tidy(today + timedelta(days=1))
    assert {subject for _, subject in await journal(blobs)} == old | new
    assert len([path async for path in blobs.walk("")]) == 2, "one of each day"
    await journal_in(blobs).tidy(first + KEPT)
    assert {subject for _, subject in await journal(blobs)} == old | new
    await journal_in(blobs).tidy(today + KEPT)
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


CHANGES = {
    "cut off": lambda data: data[:-1],
    "edited": lambda data: data.replace(b"1", b"2"),
    "added to": lambda data: data + data.splitlines()[-1],
    "not ours": lambda data: b"{}",
    "no text": lambda data: b"\xff" * 70,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_no_line_is_added_or_changed_without_the_signing_key(clock, change):
    """What it said would come back, or somebody go who never asked to."""
    blobs, line = MemoryBlobs(), ErasureLine(ErasureKind.KEY, "k1", clock())
    await journal_in(blobs).append([line], clock())
    [path] = [path async for path in blobs.walk("")]
    await blobs.put(path, change(await blobs.get(path)))
    moved = MemoryBlobs()
    await journal_in(blobs).append([line], clock())
    [other] = [one async for one in blobs.walk("") if one != path]
    await moved.put(other.replace(str(clock().date()), "2020-01-01"), await blobs.get(other))
    with pytest.raises(CannotStart, match="cannot be trusted at erasures/2020-01-01"):
        await journal(moved)  # where it would soon be forgotten
    await blobs.remove(other)
    for reads in (journal(blobs), journal_in(blobs)._merge(clock().date(), [path])):
        with pytest.raises(CannotStart, match=f"cannot be trusted at {path}"):
            await reads


async def test_no_blob_stands_in_anothers_place(clock):
    """Whoever may only write would take an erasure away by it."""
    blobs = MemoryBlobs()
    for subject in ("k1", "k2"):
        await journal_in(blobs).append([ErasureLine(ErasureKind.KEY, subject, clock())], clock())
    [first, second] = [path async for path in blobs.walk("")]
    await blobs.put(second, await blobs.get(first))
    with pytest.raises(CannotStart, match=f"cannot be trusted at {second}: it was changed or mov"):
        await journal(blobs)


async def test_whoever_signs_anew_signs_the_journal(clock):
    """All of it, also what was signed anew before a stop."""
    blobs, line = MemoryBlobs(), ErasureLine(ErasureKind.KEY, "k1", clock())
    other = journal_in(blobs, bytes(range(32)))
    await journal_in(blobs).append([line], clock())
    await other.append([line], clock())
    signed = await other.sign_anew()
    assert (dict(signed.blobs), dict(signed.erasures)) == ({Form.OTHERS: 1}, {Form.OTHERS: 1})
    assert [one async for one in other.read()] == [line, line]
    with pytest.raises(CannotStart, match="another EIDER_SIGNING_KEY"):
        await journal(blobs)
    await blobs.put("erasures/2026-11-27/x", b"\xff{}\n{}")
    with pytest.raises(CannotStart, match="cannot be trusted at erasures/2026-11-27/x"):
        await other.sign_anew()
