"""Several processes that leave, signal and tell messages of the same keys at the same time."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from shop.adapters.database import SqlDatabase
from shop.jobs import outbox
from shop.records import Currency, OutboxMessage, OutboxState
from tests.contracts.outbox_writers import KEYS, ROUNDS, USER
from tests.contracts.records import NOON

ROOT = Path(__file__).parents[2]
LEAVE, TELL = 3, 2


async def process(what: str, url: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.contracts.outbox_writers", what, url,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.slow
async def test_the_last_count_is_told_and_once_is_once(sql_url: str) -> None:
    """No look before the insert: a unique key, and the waiting row's own lock."""
    tellers = [await process("tell", sql_url) for _ in range(TELL)]
    leavers = [await process("leave", sql_url) for _ in range(LEAVE)]
    for leaver in leavers:
        _, errors = await leaver.communicate()
        assert leaver.returncode == 0, errors.decode()
    told: dict[str, list[int]] = {}
    for teller in tellers:
        out, errors = await teller.communicate(b"")
        assert teller.returncode == 0, errors.decode()
        for line in out.decode().splitlines():
            kind, count = line.split()
            told.setdefault(kind, []).append(int(count))
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        for key in KEYS:
            left = await tx.total(key, Currency.CREDITS)
            assert left == LEAVE * ROUNDS // len(KEYS)
            assert max(told[key]) == left
        rows = await tx.find(OutboxMessage)
    await database.close()
    assert {row.state for row in rows} == {OutboxState.DONE}
    once = Counter(row.key for row in rows if row.once)
    assert once == {f"once:{number}": 1 for number in range(ROUNDS)}
    assert len(told["once"]) == ROUNDS


async def test_what_is_being_gathered_into_is_taken_up_after_that(sql_url: str) -> None:
    """Or its words would be found without what the other has yet to commit."""
    here, there = SqlDatabase(sql_url), SqlDatabase(sql_url)
    async with here.begin() as tx:
        first = await outbox.notify(tx, USER, "tally", NOON, key="t")
    order = []

    async def take_up() -> None:
        async with there.begin() as tx:
            assert await outbox.take_up(tx, first.id, NOON)
            order.append("taken up")

    async with here.begin() as tx:
        assert (await outbox.notify(tx, USER, "tally", NOON, key="t")).id == first.id
        other = asyncio.create_task(take_up())
        for _ in range(50):  # time enough for the other, if nothing held it up
            await tx.count(OutboxMessage)
        order.append("gathered")
    await other
    assert order == ["gathered", "taken up"]
    async with here.begin() as tx:
        assert (await outbox.notify(tx, USER, "tally", NOON, key="t")).id != first.id
    await here.close()
    await there.close()
