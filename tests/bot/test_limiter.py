"""The limiter of what comes in: one contract, over Redis and over memory."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from bot.state.limiter import FREE_AGAIN, MemoryLimiter, RedisLimiter
from handlers.limits import LIMITS, Limit, Limiter
from shop.errors import Unavailable

KEY = b"m" * 32
LONG = Limit("long", 8, 3600.0)
SHORT = Limit("short", 8, 0.8)


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey) as redis:
        yield redis


@pytest.fixture(params=["memory", "redis"])
def make(request, redis: Redis):
    """Makes a limiter, given a percentage."""
    if request.param == "memory":
        return MemoryLimiter
    return lambda percent=100: RedisLimiter(redis, KEY, percent)


async def used_up(limiter: Limiter, limit: Limit, whose: str = "a") -> None:
    for _ in range(limit.most):
        assert await limiter.take(limit, whose) is None


async def test_so_many_pass_and_then_one_is_told_how_long_to_wait(make):
    limiter = make()
    await used_up(limiter, LONG)
    first = await limiter.take(LONG, "a")
    others = [await limiter.take(LONG, "a") for _ in range(20)]

    assert first.first
    every = LONG.seconds / LONG.most
    quarter = LONG.most * FREE_AGAIN
    assert (quarter - 1) * every < first.seconds <= quarter * every + 0.003
    assert not any(other.first for other in others)
    # A millisecond more is Redis' own rounding.
    assert all(0 < other.seconds <= first.seconds + 0.001 for other in others)


async def test_those_that_were_refused_cost_nothing(make):
    """However many knock meanwhile, the wait ends when it was said to end, and no earlier; then a
    quarter may pass at once."""
    limiter = make()
    await used_up(limiter, SHORT)
    told = await limiter.take(SHORT, "a")
    began = time.monotonic()
    while await limiter.take(SHORT, "a") is not None:
        await asyncio.sleep(0.001)
    assert time.monotonic() - began >= told.seconds - 0.01  # Redis counts in milliseconds
    for _ in range(int(SHORT.most * FREE_AGAIN) - 1):
        assert await limiter.take(SHORT, "a") is None


async def test_each_new_period_is_told_once(make):
    """Whoever goes on all the time passes again and again, and is told before each wait."""
    limiter = make()
    told = passed = 0
    while told < 3:
        wait = await limiter.take(SHORT, "a")
        passed += wait is None
        told += wait is not None and wait.first
        await asyncio.sleep(0.001)
    assert passed >= SHORT.most + 2 * SHORT.most * FREE_AGAIN


async def test_nobody_waits_for_another_or_for_another_limit(make):
    limiter = make()
    await used_up(limiter, LONG)
    assert await limiter.take(LONG, "a") is not None
    assert await limiter.take(LONG, "b") is None
    assert await limiter.take(SHORT, "a") is None


@pytest.mark.parametrize(("percent", "pass_"), [(50, 4), (25, 2), (1, 1), (200, 16)])
async def test_a_percentage_scales_every_limit_but_never_to_nothing(make, percent, pass_):
    limiter = make(percent)
    passed = 0
    while passed < 100 and await limiter.take(LONG, "a") is None:
        passed += 1
    assert passed == pass_


async def test_nought_percent_is_no_limit(make):
    limiter = make(0)
    assert [await limiter.take(LONG, "a") for _ in range(100)] == [None] * 100


async def test_processes_count_together_and_one_of_them_tells(redis):
    limiters = [RedisLimiter(redis, KEY) for _ in range(3)]
    answers = await asyncio.gather(
        *(limiters[number % 3].take(LONG, "a") for number in range(LONG.most + 30))
    )
    waits = [answer for answer in answers if answer]
    assert len(waits) == 30
    assert sum(wait.first for wait in waits) == 1


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
async def test_redis_keeps_no_address_and_nothing_for_longer_than_the_limit(redis, limit):
    """At most a day: the privacy notice says so, in ``privacy``."""
    limiter = RedisLimiter(redis, KEY)
    for whose in ("telegram:4711", "address:192.0.2.7"):
        while await limiter.take(limit, whose) is None:
            pass
    keys = await redis.keys("*")
    assert len(keys) == 4
    for key in keys:
        assert b"4711" not in key
        assert b"192.0.2.7" not in key
        assert 0 < await redis.pttl(key) <= limit.seconds * 1000 + 2 <= 24 * 3600 * 1000 + 2


async def test_another_master_key_is_another_name(redis):
    await RedisLimiter(redis, KEY).take(LONG, "a")
    await RedisLimiter(redis, b"n" * 32).take(LONG, "a")
    assert await redis.dbsize() == 2


async def test_without_redis_nobody_can_say():
    async with Redis.from_url("redis://127.0.0.1:1") as nowhere:
        with pytest.raises(Unavailable):
            await RedisLimiter(nowhere, KEY).take(LONG, "a")
