"""The double, a client that speaks to it, and a real Valkey for the message ids."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.state.gcra import Rate
from bot.state.sessions import MessageIds, RedisSessions
from bot.telegram.buttons import Signer
from bot.telegram.client import Client, open_client
from bot.telegram.outbound import TelegramOutbound
from bot.telegram.rate_limiter import RateLimiter
from shop.adapters.embedded import embedded_valkey
from tests.botapi import BotApi, Customer, serving

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
def message_ids(redis: Redis) -> MessageIds:
    return MessageIds(redis)


@pytest.fixture
def sessions(redis: Redis) -> RedisSessions:
    return RedisSessions(redis, patience=2.0)


QUICK = {"private": (Rate(0.001, 10),), "group": (Rate(0.001, 10),)}
"""As fast as no person reads. How fast it really is has tests of its own."""


class Naps:
    """The rate limiter's sleep. It keeps what was asked for; with a gate, all but the shortest
    last until that opens, however long or short the seconds.
    """

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.gate: asyncio.Event | None = None

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        if self.gate and seconds > 0.1:
            await self.gate.wait()
        else:
            await asyncio.sleep(seconds)


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def limiter(redis: Redis, naps: Naps) -> RateLimiter:
    return RateLimiter(redis, **QUICK, overall=Rate(0.001, 10), sleep=naps)


@pytest.fixture(autouse=True)
def _quick_limiter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container in the test's own process sends as fast; over all thirty a second, as ever."""
    monkeypatch.setattr("bot.telegram.channel.RateLimiter", partial(RateLimiter, **QUICK))


@pytest.fixture
def patience() -> float:
    """Seconds that the outbound waits for its turn; a test's parameter of that name says others."""
    return 1.2


@pytest.fixture
def outbound(
    client: Client,
    message_ids: MessageIds,
    sessions: RedisSessions,
    limiter: RateLimiter,
    signer: Signer,
    patience: float,
) -> TelegramOutbound:
    return TelegramOutbound(client, message_ids, sessions, limiter, signer, patience=patience)


@pytest.fixture(autouse=True)
def _log_factory() -> Iterator[None]:
    """What hush() does to the process ends with the test."""
    before = logging.getLogRecordFactory()
    level = logging.getLogger("telegram").level
    yield
    logging.setLogRecordFactory(before)
    logging.getLogger("telegram").setLevel(level)
