"""PostgreSQL takes what is sent and answers nothing (SIGSTOP, a hung disk): nothing waits longer
than it said it would, and nothing of what was given up is held."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, pools
from shop.adapters.database.engine import WAIT_SECONDS
from shop.adapters.database.pools import POOL_SIZE
from shop.errors import Unavailable
from shop.health import NotReady, ask_blobs
from shop.records import FeatureFlag, ProcessedEvent
from tests.postgres import frozen
from tests.shop.conftest import MASTER

pytestmark = pytest.mark.postgres

PATIENCE = WAIT_SECONDS / 2  # far less than what must not be waited for


@pytest.fixture
async def complaints() -> list[str]:
    """What asyncio is told that nobody else hears of."""
    heard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: heard.append(told["message"]))
    return heard


@pytest.fixture
async def cold(postgres_url: str) -> AsyncIterator[SqlDatabase]:
    database = SqlDatabase(postgres_url)
    yield database
    await database.close()


async def _count(database: SqlDatabase) -> int:
    async with database.begin() as tx:
        return await tx.count(FeatureFlag)


async def test_what_is_given_up_ends_at_once_and_holds_nothing(
    cold: SqlDatabase, postgres_url: str, complaints: list[str]
) -> None:
    await asyncio.gather(*(_count(cold) for _ in range(POOL_SIZE)))  # connected already

    async def gives_up() -> None:
        async with asyncio.timeout(0.05):
            await _count(cold)

    with frozen(postgres_url):
        async with asyncio.timeout(PATIENCE):
            for _ in range(3):  # the second and the third time there is a slot for each again
                tries = (gives_up() for _ in range(2 * POOL_SIZE))
                ended = await asyncio.gather(*tries, return_exceptions=True)
                assert {type(one) for one in ended} == {TimeoutError}
    assert await _count(cold) == 0
    assert complaints == []


async def test_who_would_wait_without_end_is_told(
    cold: SqlDatabase, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is told to stop, say: nobody cancels it."""
    monkeypatch.setattr(pools, "_STATEMENT_SECONDS", 0.3)
    await _count(cold)
    with frozen(postgres_url):
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(Unavailable):
                await _count(cold)
    assert await _count(cold) == 0


async def test_who_is_away_is_named(cold: SqlDatabase, postgres_url: str, tmp_path: Path) -> None:
    await _count(cold)
    ask = ask_blobs(cold, DiskBlobs(tmp_path), MASTER)
    with frozen(postgres_url):
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(NotReady, match="the database does not answer"):
                await ask()


async def test_a_transaction_that_is_cancelled_anywhere_is_undone(
    cold: SqlDatabase, complaints: list[str], now: datetime
) -> None:
    """At its beginning, in a statement, at its end: it is whole or nothing, and the next one on its
    connection is a new one."""

    async def adds(number: int) -> None:
        async with cold.begin() as tx:
            await tx.add(ProcessedEvent(f"{number}-a", now))
            await tx.add(ProcessedEvent(f"{number}-b", now))

    async def cancelled(number: int, steps: int) -> None:
        adding: asyncio.Task[Any] = asyncio.create_task(adds(number))
        for _ in range(steps):
            await asyncio.sleep(0)
        adding.cancel()
        if number % 2:  # also while it is being undone
            await asyncio.sleep(0)
            adding.cancel()
        await asyncio.gather(adding, return_exceptions=True)

    steps = islice(cycle(range(0, 241, 4)), 608)
    for batch in zip(*[enumerate(steps)] * 8, strict=True):
        await asyncio.gather(*(cancelled(number, count) for number, count in batch))
    ids = await _ids_once_it_listens(cold)
    assert {one[:-1] for one in ids if one.endswith("a")} == {
        one[:-1] for one in ids if one.endswith("b")
    }
    assert complaints == []


async def _ids_once_it_listens(database: SqlDatabase) -> set[str]:
    """Of the events. So many cut connections fill the queue of the server's Unix socket, and
    asyncio takes one that found no place there (EAGAIN) for connected: an outage like any other."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(Unavailable):
                async with database.snapshot() as tx:
                    return {event.id for event in await tx.find(ProcessedEvent)}
            await asyncio.sleep(0.1)
