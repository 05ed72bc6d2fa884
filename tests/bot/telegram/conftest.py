"""The double, a client that speaks to it, and a real Valkey for the slots."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.sessions import RedisSessions, Slots
from bot.telegram.buttons import Signer
from bot.telegram.client import Client, open_client
from bot.telegram.outbound import TelegramOutbound
from shop.adapters.embedded import embedded_valkey
from tests.bot.telegram.double.api import BotApi, serving
from tests.bot.telegram.double.people import Customer

TOKEN = "7000000001:AAEXampleOfATokenThatIsNobodys_12345"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """A Bot API that expects every rule to be kept."""
    async with serving(BotApi(TOKEN)) as api:
        yield api
        api.down = False
    assert api.problems == []


@pytest.fixture
async def client(api: BotApi) -> AsyncIterator[Client]:
    async with open_client(TOKEN, api.url) as client:
        yield client


@pytest.fixture
def customer(api: BotApi) -> Customer:
    return Customer(api, 4201)


@pytest.fixture
def signer() -> Signer:
    return Signer.of(bytes(range(32)))


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One real server for all these tests; it belongs to a loop that outlives theirs."""
    folder: Path = tmp_path_factory.mktemp("telegram")
    with asyncio.Runner() as runner:
        server = embedded_valkey(folder)
        yield runner.run(server.__aenter__())
        runner.run(server.__aexit__(None, None, None))


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url) as redis:
        await redis.flushall()
        yield redis


@pytest.fixture
def slots(redis: Redis) -> Slots:
    return Slots(redis)


@pytest.fixture
def sessions(redis: Redis) -> RedisSessions:
    return RedisSessions(redis, patience=2.0)


@pytest.fixture
def outbound(
    client: Client, slots: Slots, sessions: RedisSessions, signer: Signer
) -> TelegramOutbound:
    return TelegramOutbound(client, slots, sessions, signer, patience=1.2)


@pytest.fixture(autouse=True)
def _log_factory() -> Iterator[None]:
    """What hush() does to the process ends with the test."""
    before = logging.getLogRecordFactory()
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "telegram")}
    yield
    logging.setLogRecordFactory(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
