"""A small WeChat, and our API over it with a real Valkey."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from queue import Queue
from threading import Thread

import pytest
from redis.asyncio import Redis

from bot.wechat.api import WechatApi
from tests.bot.wechat.account import FakeWechat, open_api_of, serving


@pytest.fixture
def wechat() -> FakeWechat:
    return FakeWechat()


@pytest.fixture
async def wechat_url(wechat: FakeWechat) -> AsyncIterator[str]:
    async with serving(wechat) as url:
        yield url


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey) as redis:
        yield redis


@pytest.fixture
async def api(wechat_url: str, redis: Redis) -> AsyncIterator[WechatApi]:
    async with open_api_of(wechat_url, redis) as api:
        yield api


@pytest.fixture
def wechat_in_a_thread(wechat: FakeWechat) -> Iterator[str]:
    """Its address, for commands that bring a loop of their own."""
    found: Queue[str] = Queue()
    loop = asyncio.new_event_loop()
    ends = asyncio.Event()

    async def run() -> None:
        async with serving(wechat) as url:
            found.put(url)
            await ends.wait()

    thread = Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    yield found.get(timeout=30)
    loop.call_soon_threadsafe(ends.set)
    thread.join(timeout=30)
    loop.close()
