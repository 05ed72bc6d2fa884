"""A store that does not answer says so in one word, and is asked again with success."""

import asyncio
import builtins
import threading
from pathlib import Path

import asyncpg
import pytest
from redis import exceptions
from redis.asyncio import Redis

from bot.state.locks import LockTimeout
from bot.state.sessions import AnsweredUpdates, RedisSessions
from handlers.session import Session
from shop import inbox, outages
from shop.adapters.database import SqlDatabase
from shop.adapters.database.engine import open_engine
from shop.errors import Duplicate, StoreBroken, Unavailable
from shop.outages import plain_words
from shop.records import FeatureFlag, ProcessedEvent
from tests.broken_table import broken_table

NOWHERE = "redis://127.0.0.1:1"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////nowhere/at/all/eider.sqlite",
        "postgresql+asyncpg://eider@127.0.0.1:1/eider",
        "postgresql+asyncpg://eider@/eider?host=/nowhere/at/all",
    ],
)
async def test_a_database_that_is_not_there(url):
    before = set(threading.enumerate())
    database = SqlDatabase(url)
    with pytest.raises(Unavailable):
        async with database.begin():
            pytest.fail("there is nothing to begin")
    await database.close()
    while set(threading.enumerate()) - before:  # aiosqlite's ends on its own, and tells this loop
        await asyncio.sleep(0.01)


@pytest.mark.postgres
async def test_a_connection_that_is_cut_in_mid_transaction(postgres_url, now):
    database, other = SqlDatabase(postgres_url), open_engine(postgres_url)

    async def booked() -> None:
        async with database.begin() as tx:
            await inbox.already_processed(tx, "telegram:1", now)
            await _cut_all(other)
            await tx.count(FeatureFlag)

    with pytest.raises(Unavailable):
        await booked()
    async with database.begin() as tx:
        assert not await inbox.already_processed(tx, "telegram:1", now), (
            "the cut transaction did nothing"
        )
    await other.dispose()
    await database.close()


async def _cut_all(engine) -> None:
    async with engine.connect() as connection:  # no begin(): that would wait for the writer
        driver = (await connection.get_raw_connection()).driver_connection
        await driver.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND application_name = 'eider'"
        )


async def test_a_mistake_of_ours_is_no_outage(database, now):
    """A duplicate is the rules' business, and a wrong field a bug: neither is delivered again."""
    async with database.begin() as tx:
        await tx.add(ProcessedEvent("telegram:1", now))
    with pytest.raises(Duplicate):
        async with database.begin() as tx:
            await tx.add(ProcessedEvent("telegram:1", now))
    with pytest.raises(TypeError):
        async with database.begin() as tx:
            await tx.count(ProcessedEvent, nonsense=1)


async def test_a_broken_file_is_an_outage_until_it_is_mended(sqlite_url, tmp_path: Path):
    database, moved = SqlDatabase(sqlite_url), tmp_path / "moved"
    file = tmp_path / "eider.sqlite"
    file.rename(moved)
    file.mkdir()
    with pytest.raises(Unavailable):
        async with database.begin() as tx:
            await tx.count(FeatureFlag)
    file.rmdir()
    moved.rename(file)
    async with database.begin() as tx:
        assert await tx.count(FeatureFlag) == 0
    await database.close()


async def test_a_redis_that_is_not_there():
    async with Redis.from_url(NOWHERE) as redis:
        sessions, answered = RedisSessions(redis), AnsweredUpdates(redis)
        for ask in (
            sessions.load("telegram", "1"),
            sessions.save("telegram", "1", Session(version=1)),
            sessions.drop("telegram", "1"),
            answered.known("telegram:1"),
            answered.note("telegram:1"),
        ):
            with pytest.raises(Unavailable):
                await ask
        with pytest.raises(Unavailable):
            async with sessions.lock("telegram", "1"):
                pytest.fail("nobody keeps this lock")


async def test_a_lock_that_is_held_for_too_long_is_an_outage(valkey):
    async with Redis.from_url(valkey) as redis:
        held, waiting = RedisSessions(redis), RedisSessions(redis, patience=0.05)
        async with held.lock("telegram", "1"):
            with pytest.raises(LockTimeout) as late:
                async with waiting.lock("telegram", "1"):
                    pytest.fail("somebody else is in")
    assert isinstance(late.value, Unavailable)


async def test_what_was_answered_is_known_for_a_while(valkey):
    async with Redis.from_url(valkey) as redis:
        answered = AnsweredUpdates(redis, lasts=600)
        assert not await answered.known("telegram:1")
        await answered.note("telegram:1")
        assert await answered.known("telegram:1")
        assert not await answered.known("telegram:2")
        [key] = await redis.keys("*telegram:1")
        assert 0 < await redis.ttl(key) <= 600
        await redis.expireat(key, 1)  # long ago
        assert not await answered.known("telegram:1")


async def test_events_are_forgotten_when_they_cannot_come_again(database, now):
    async with database.begin() as tx:
        await inbox.already_processed(tx, "telegram:old", now - inbox.REMEMBERED * 1.01)
        await inbox.already_processed(tx, "telegram:new", now)
        assert await inbox.prune(tx, now) == 1
        assert await inbox.already_processed(tx, "telegram:new", now)
    await _nothing_else(database)


async def _nothing_else(database) -> None:
    async with database.begin() as tx:
        assert [event.id for event in await tx.find(ProcessedEvent)] == [
            inbox.digest("telegram:new")
        ]


async def test_a_table_that_is_missing_is_an_outage_that_must_be_mended(sql_url):
    """In either kind of database: nothing of an event is done, and it comes again."""
    database = SqlDatabase(sql_url)
    async with broken_table(sql_url, "feature_flags"):
        with pytest.raises(StoreBroken):
            async with database.begin() as tx:
                await tx.count(FeatureFlag)
    async with database.begin() as tx:
        assert await tx.count(FeatureFlag) == 0
    await database.close()


@pytest.mark.parametrize("kind", outages._WORDS)
def test_the_kinds_of_errors_that_have_words_are_the_drivers(kind: str) -> None:
    known = [getattr(one, kind) for one in (builtins, asyncpg, exceptions) if hasattr(one, kind)]
    assert known
    assert all(plain_words(error("host and user")) == outages._WORDS[kind] for error in known)
