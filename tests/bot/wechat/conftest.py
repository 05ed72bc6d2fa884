"""A small WeChat, and our API over it with a real Valkey."""

from collections.abc import AsyncIterator

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
