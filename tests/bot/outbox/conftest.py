import pytest

from bot.outbox.handlers import OutboxHandlers
from bot.playground import PLAYGROUND
from bot.state.sessions import RedisSessions
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryWakeUp
from shop.erasure_journal import ErasureJournal
from shop.people import users
from shop.records import User
from tests.bot.outbox.harness import FakeOutbound, News, OutboxHarness
from tests.keys import MASTER_KEY


@pytest.fixture
async def harness(clock, valkey):
    from redis.asyncio import Redis

    database, blobs, scrubbed = MemoryDatabase(clock), MemoryBlobs(), []

    async def scrub() -> None:
        scrubbed.append("scrubbed")

    async def flush() -> None:
        """The tests flush when they want to."""

    async with Redis.from_url(valkey) as redis:
        outbound = FakeOutbound()
        outbox_handlers = OutboxHandlers(
            database, blobs, ErasureJournal(blobs, MASTER_KEY),
            RedisSessions(redis, patience=0.3), News(database),
            {PLAYGROUND: outbound}, {}, scrub, flush,
        )  # fmt: skip
        yield OutboxHarness(database, MemoryWakeUp(), outbound, outbox_handlers, clock, scrubbed)


@pytest.fixture
async def anna(harness) -> User:
    async with harness.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, "anna", "en", harness.clock())


@pytest.fixture
async def bert(harness) -> User:
    async with harness.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, "bert", "en", harness.clock())
