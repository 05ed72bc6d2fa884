"""Idle processes leave their database alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.container import Container, open_container
from bot.outbox.worker import SCHEDULED_TASKS
from pipeline.worker.job_batch import WorkerDependencies
from pipeline.worker.loop import FALLBACK_SECONDS, WorkerLoop
from shop.adapters.database import SqlDatabase
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.scheduler import SchedulingRules
from shop.ports import Database
from shop.settings import Settings
from tests.conftest import SetClock
from tests.journeys.conftest import variables

WORKERS = 2  # check and studio; web, poll, the store and the courier make six processes


class Count:
    """Transactions that were begun."""

    def __init__(self) -> None:
        self.begun = 0


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> Count:
    count = Count()

    def counting(begin: Callable[[SqlDatabase], AbstractAsyncContextManager[object]]) -> object:
        @asynccontextmanager
        async def counted(database: SqlDatabase) -> AsyncIterator[object]:
            count.begun += 1
            async with begin(database) as tx:
                yield tx

        return counted

    for name in ("begin", "snapshot"):
        monkeypatch.setattr(SqlDatabase, name, counting(getattr(SqlDatabase, name)))
    return count


@pytest.fixture
async def container(valkey: str, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Container]:
    env = variables(tmp_path) | {"EIDER_REDIS_URL": valkey, "EIDER_DATABASE_URL": sqlite_url}
    async with open_container(Settings.from_env(env)) as container:
        yield container


async def test_six_idle_processes_begin_less_than_one_transaction_a_second(
    container: Container, transactions: Count, sqlite_url: str
) -> None:
    """By what one round of each task and one look of a worker begin, and how often they come."""
    an_hour = 0.0
    for task, when in SCHEDULED_TASKS:
        await task(container)  # the first round of all may find something to write down
        transactions.begun = 0
        await task(container)
        an_hour += transactions.begun * times_an_hour(when)
    clock = SetClock(container.clock())
    database = SqlDatabase(sqlite_url, clock)
    loop = worker(container, database)
    await loop.look()
    transactions.begun = 0
    clock.forward(seconds=FALLBACK_SECONDS)  # the sign of life is due again
    assert await loop.look() == []
    assert transactions.begun == 1
    an_hour += WORKERS * transactions.begun * 3600 / FALLBACK_SECONDS
    assert 0 < an_hour < 3600
    await database.close()


async def test_a_worker_waits_for_its_wake_up(container: Container, transactions: Count) -> None:
    loop = worker(container, container.database)
    running = asyncio.create_task(loop.run())
    assert not await loop.wake_up()  # a look of its own
    looked = transactions.begun
    assert not await loop.wake_up()
    assert transactions.begun == looked + 1  # and none in between
    running.cancel()
    await asyncio.wait([running])


def worker(container: Container, database: Database) -> WorkerLoop:
    deps = WorkerDependencies(
        database,
        container.blobs,
        container.cipher,
        container.kinds,
        container.flusher,
    )
    spec = WorkerSpec("w1", frozenset(container.kinds.values()), 30, SchedulingRules())
    return WorkerLoop(deps, {}, spec)


def times_an_hour(when: dict[str, object]) -> int:
    """As arq's cron reads it."""
    return times(when.get("minute", range(60))) * times(when["second"])


def times(when: object) -> int:
    return 1 if isinstance(when, int) else len(when)
