"""How fast we speak: the arithmetic, and what processes that share a real Redis make of it."""

import asyncio
import heapq
import math
import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from bot.outbound import RetryLater
from bot.state.gcra import ACQUIRE, LocalLimiter, PermitRequest, Rate, at_most
from bot.telegram.rate_limiter import GROUP, OVERALL, PRIVATE, RateLimiter
from shop.adapters.embedded import embedded_valkey
from shop.settings import socket_url

LONG = 60.0
TINY = 1e-6


def ask(
    chat: str, count: int = 1, patience: float = LONG, rate=PRIVATE, overall=OVERALL
) -> PermitRequest:
    rates = [(f"{chat}:{n}", each) for n, each in enumerate(rate)]
    return PermitRequest(
        [*rates, ("all", overall)], ["closed:*", f"closed:{chat}"], count, patience
    )


def most(moments: Iterable[tuple[float, int]], seconds: float) -> int:
    """The most that was said in any ``seconds``, both ends included."""
    moments = sorted(moments)
    return max(
        sum(count for at, count in moments if start <= at <= start + seconds)
        for start, _ in moments
    )


# The arithmetic


def spoken(wishes: list[tuple[float, str, int]], rates=PRIVATE, overall=OVERALL):
    """When each would be said, in a world whose time the test moves. One at a time a chat."""
    alone, said, queue = LocalLimiter(), [], []
    waiting = defaultdict(list)
    for at, chat, count in sorted(wishes, key=lambda wish: wish[0]):
        waiting[chat].append((at, count))
    for chat, theirs in waiting.items():
        heapq.heappush(queue, (theirs[0][0], chat))
    while queue:
        now, chat = heapq.heappop(queue)
        _, count = waiting[chat][0]
        granted, wait = alone.acquire(ask(chat, count, math.inf, rates, overall), now)
        assert granted or wait > 0
        if not granted:
            heapq.heappush(queue, (now + wait, chat))
            continue
        said.append((now + wait, chat, count))
        waiting[chat].pop(0)
        if waiting[chat]:
            heapq.heappush(queue, (max(now + wait, waiting[chat][0][0]), chat))
    return said


WISHES = st.lists(
    st.tuples(
        st.floats(0, 20, allow_nan=False), st.sampled_from("abcdef"), st.sampled_from((1, 1, 1, 2))
    ),
    min_size=1,
    max_size=60,
)


@given(WISHES)
def test_no_chat_hears_more_than_its_rate_and_all_no_more_than_the_whole(wishes):
    overall = Rate(0.2, 3)
    said = spoken(wishes, overall=overall)
    assert len(said) == len(wishes)
    for seconds in (0.5, 1.0, 3.0, 10.0):
        allowed = overall.burst + seconds / overall.every
        assert most([(at, n) for at, _, n in said], seconds) <= allowed + TINY
        for chat in "abcdef":
            theirs = [(at, n) for at, who, n in said if who == chat]
            allowed = PRIVATE[0].burst + seconds / PRIVATE[0].every
            assert not theirs or most(theirs, seconds) <= allowed + TINY


@given(st.integers(1, 10_000))
def test_an_allowance_holds_in_any_second(messages):
    rate = at_most(messages)
    assert rate.burst + 1.0 / rate.every <= max(messages, 2) + TINY
    assert 1.0 / rate.every >= messages / 2 or messages < 8


@given(WISHES)
def test_a_group_hears_twenty_a_minute_and_one_a_second(wishes):
    for chat in {who for _, who, _ in wishes}:
        said = spoken([(at, chat, 1) for at, _, _ in wishes], rates=GROUP)
        assert most([(at, 1) for at, _, _ in said], 60.0) <= 20
        assert all(b - a >= 1.0 - TINY for (a, *_), (b, *_) in pairwise(said))


@given(st.integers(1, 40))
def test_nobody_waits_longer_than_the_rate_asks(count):
    """From rest, the last of so many is said when the ones beyond the burst are paid off."""
    said = spoken([(5.0, "a", 1)] * count)
    assert said[-1][0] == pytest.approx(5.0 + max(0, count - PRIVATE[0].burst) * 1.0, abs=0.2)


@given(st.integers(3, 10), st.integers(3, 10))
def test_an_album_counts_its_pictures_and_more_than_a_burst_waits_for_a_rest(first, second):
    (one, *_), (two, *_), (three, *_) = spoken(
        [(0.0, "a", first), (0.0, "a", second), (0.0, "a", 1)]
    )
    assert one == 0.0
    assert two == pytest.approx(first * 1.0, abs=TINY)  # all of it is paid off
    assert three == pytest.approx(first + second - 1.0, abs=TINY)


@given(st.integers(2, 30), st.floats(0.01, 5))
def test_a_chat_that_must_wait_costs_the_others_nothing(count, gap):
    flood = [(0.0, "a", 1)] * count
    (quiet,) = [at for at, who, _ in spoken([*flood, (gap, "b", 1)]) if who == "b"]
    assert quiet <= gap + 2 * OVERALL.every


# The same in Lua

OWN_CLOCK = """
local now, server = tonumber(ARGV[#ARGV]), redis
local redis = {call = function(command, key, ...)
  if command == 'SET' then return server.call('SET', key, (...)) end
  return server.call(command, key, ...)
end}
"""
"""Goes before a script: ``now`` is its last argument, and nothing expires, since the server's clock
is another one (under load, what lives for 39 ms would be gone before the next question)."""


@pytest.mark.parametrize("seed", range(5))
async def test_the_script_counts_as_the_fallback_does(redis, seed):
    """The same questions at the same moments, by a clock of the test's own."""
    dice = random.Random(seed)
    script = redis.register_script(OWN_CLOCK + ACQUIRE)
    alone, now = LocalLimiter(), 1_700_000_000_000_000
    for _ in range(200):
        now += dice.choice((0, 10_000, 300_000, 2_000_000))
        rates = GROUP if (chat := dice.choice(("1", "2", "-3", "-4"))) < "0" else PRIVATE
        asked = ask(chat, dice.choice((1, 1, 2, 4, 10)), dice.choice((0.0, 1.0, LONG)), rates)
        ours = alone.acquire(asked, now / 1e6)
        granted, wait = await script(keys=asked.keys, args=[*asked.arguments, now])
        assert bool(granted) == ours[0]
        assert wait / 1e6 == pytest.approx(ours[1], abs=1e-4)


# Over a real Redis


def quick(redis: Redis, **rates) -> RateLimiter:
    """A tenth of the real time."""
    return RateLimiter(
        redis,
        **{
            "private": (Rate(0.1, 2),),
            "group": (Rate(0.1, 1), Rate(0.4, 5)),
            "overall": Rate(0.01, 4),
            **rates,
        },
    )


# Waits so long that no machine is too slow for them; nobody sits them out: see ``Told``.
DAY = 86_400.0
AGES = 100 * DAY


class Told:
    """A sleep that ends at once. ``waits`` are the seconds that it was asked for."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.waits.append(seconds)


async def speak(limiter: RateLimiter, chat: str, times: int, said: list, count: int = 1) -> None:
    for _ in range(times):
        await limiter.acquire(chat, count, patience=LONG)
        said.append((time.monotonic(), count))


async def test_processes_share_one_pace(valkey_url, naps):
    async with Redis.from_url(valkey_url) as one, Redis.from_url(valkey_url) as other:
        await one.flushall()
        paces = [quick(each, overall=Rate(0.02, 3), sleep=naps) for each in (one, other)]
        said: list[tuple[float, int]] = []
        started = time.monotonic()
        await asyncio.gather(
            *(speak(paces[n % 2], str(n), 3, said) for n in range(16))  # 48 turns
        )
    assert len(said) == 48
    assert time.monotonic() - started > (48 - 3) * 0.02 - 0.01
    assert max(naps.asked) <= 16 * 0.02, "behind the others, and no longer"


async def test_turns_over_all_are_given_in_the_order_of_asking(redis):
    told = Told()
    limiter = quick(redis, overall=Rate(DAY, 1), sleep=told)
    for n in range(20):
        await limiter.acquire(str(n), patience=AGES)
    assert len(told.waits) == 20, "nobody asks twice"
    for n, wait in enumerate(told.waits):
        assert max(n - 0.5, 0) * DAY <= wait <= n * DAY


async def test_turns_are_sat_out(redis):
    limiter = quick(redis, overall=Rate(0.05, 1))
    started = time.monotonic()
    await asyncio.gather(*(limiter.acquire(str(n), patience=LONG) for n in range(10)))
    assert time.monotonic() - started > 9 * 0.05 - 0.01


async def test_a_chat_in_two_processes_keeps_its_own_rate(valkey_url):
    async with Redis.from_url(valkey_url) as one, Redis.from_url(valkey_url) as other:
        await one.flushall()
        said: list[tuple[float, int]] = []
        started = time.monotonic()
        await asyncio.gather(*(speak(quick(each), "7", 4, said) for each in (one, other)))
    assert len(said) == 8
    assert time.monotonic() - started > (8 - 2) * 0.1 - 0.02


async def test_a_killed_process_takes_no_more_than_its_turns_along(valkey_url, redis):
    code = (
        "import asyncio, sys\n"
        "from redis.asyncio import Redis\n"
        "from bot.telegram.rate_limiter import Rate, RateLimiter\n"
        "async def main():\n"
        "    waits = []\n"
        "    async def sleep(seconds):\n"
        "        waits.append(seconds)\n"
        "        if len(waits) == 5:\n"
        "            print('asked', flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "    redis = Redis.from_url(sys.argv[1])\n"
        "    limiter = RateLimiter(redis, overall=Rate(86400.0, 1), sleep=sleep)\n"
        "    await asyncio.gather(*(limiter.acquire(str(n), patience=1e9) for n in range(5)))\n"
        "asyncio.run(main())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, valkey_url, stdout=asyncio.subprocess.PIPE, cwd=os.getcwd()
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"asked\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    told = Told()
    await quick(redis, overall=Rate(DAY, 1), sleep=told).acquire("9", patience=AGES)
    (wait,) = told.waits
    assert 4.5 * DAY < wait <= 5 * DAY, "behind the five that were asked for, and no longer"


async def test_a_wait_longer_than_patience_is_handed_back_and_costs_nothing(redis):
    told = Told()
    limiter = quick(redis, private=(Rate(DAY, 1),), sleep=told)
    await limiter.acquire("1", patience=0.0)
    for _ in range(3):
        with pytest.raises(RetryLater) as later:
            await limiter.acquire("1", patience=0.5)
        assert 0.5 * DAY < later.value.after <= DAY
    await limiter.acquire("2", patience=0.5)
    assert told.waits == [0, 0], "it holds up no other"


async def test_a_crowd_beyond_patience_is_handed_back(redis):
    told = Told()
    limiter = quick(redis, overall=Rate(DAY, 1), sleep=told)
    results = await asyncio.gather(
        *(limiter.acquire(str(n), patience=3.5 * DAY) for n in range(10)), return_exceptions=True
    )
    assert sum(isinstance(each, RetryLater) for each in results) == 6
    assert sorted(round(wait / DAY) for wait in told.waits) == [0, 1, 2, 3]


async def test_an_album_holds_back_what_follows_it(redis, naps):
    limiter, said = quick(redis, sleep=naps), []
    started = time.monotonic()
    await speak(limiter, "1", 1, said, count=4)
    assert naps.asked == [0], "the album itself goes at once"
    await speak(limiter, "1", 1, said)
    assert said[1][0] - started > 0.29
    assert max(naps.asked) <= 0.3


async def test_what_was_on_its_way_for_long_counts_from_its_arrival(redis, naps):
    limiter, said = quick(redis, sleep=naps), []
    await speak(limiter, "1", 1, said, count=4)
    await asyncio.sleep(0.3)  # so long it is on its way
    arrived = time.monotonic()
    await limiter.record_sent("1", 4, took=0.3)
    await speak(limiter, "1", 1, said)
    assert said[1][0] - arrived > 0.29
    assert max(naps.asked) <= 0.3


async def test_a_courtesy_is_left_out_without_room(redis):
    limiter = quick(redis, overall=Rate(DAY, 2))
    assert await limiter.acquire_spare("1")
    assert await limiter.acquire_spare("1")
    assert not await limiter.acquire_spare("1")


async def test_what_is_no_message_waits_until_the_messages_leave_room(redis):
    told = Told()
    limiter = quick(redis, overall=Rate(DAY, 1), sleep=told)
    for n in range(3):
        await limiter.acquire(str(n), patience=AGES)
    assert not await limiter.acquire_spare("", patience=2 * DAY), "behind all three"
    assert not await limiter.acquire_spare("1")
    assert len(told.waits) == 3, "nobody waits for what would come too late"


async def test_what_is_no_message_goes_out_once_there_is_room_and_counts(redis):
    limiter = quick(redis, overall=Rate(0.1, 1))
    await limiter.acquire("1", patience=LONG)
    assert await limiter.acquire_spare("", patience=LONG)
    assert not await limiter.acquire_spare("")


async def test_a_message_that_is_asked_for_later_goes_before_what_is_none(redis):
    """The press waits for room; a message that comes meanwhile takes it, and the press waits on."""
    asked: list[float] = []
    limiter: RateLimiter

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        if len(asked) == 2:  # the press sleeps; just then somebody is to be told something
            await limiter.acquire("7", patience=AGES)

    limiter = quick(redis, overall=Rate(DAY, 1), sleep=sleep)
    await limiter.acquire("1", patience=AGES)
    assert not await limiter.acquire_spare("", patience=1.5 * DAY)
    assert [round(wait / DAY) for wait in asked] == [0, 1, 1]


@pytest.mark.parametrize("away", [False, True])
async def test_what_can_wait_for_nobody_counts_all_the_same(valkey_url, away):
    """Also while Redis is away: a bill may be paid then."""
    told = Told()
    async with Redis.from_url("unix:///nobody/listens" if away else valkey_url) as redis:
        if not away:
            await redis.flushall()
        limiter = quick(redis, overall=Rate(DAY, 1), sleep=told)
        await limiter.count_urgent()
        await limiter.count_urgent()
        await limiter.acquire("1", patience=AGES)
    assert round(told.waits[0] / DAY) == 2


async def test_429_closes_one_chat_for_all_processes_and_no_other(valkey_url, naps):
    async with Redis.from_url(valkey_url) as one, Redis.from_url(valkey_url) as other:
        await one.flushall()
        told, elsewhere = quick(one), quick(other, sleep=naps)
        await told.pause("1", DAY)
        assert not await elsewhere.acquire_spare("1")
        with pytest.raises(RetryLater) as later:
            await elsewhere.acquire("1", patience=LONG)
        assert 0.5 * DAY < later.value.after <= DAY
        await elsewhere.acquire("2", patience=0.1)
        assert naps.asked == [0]
        started = time.monotonic()
        await told.pause("3", 0.4)
        await elsewhere.acquire("3", patience=LONG)
        assert time.monotonic() - started > 0.39
        assert max(naps.asked) <= 0.4


async def test_when_nothing_goes_through_any_more_all_pause_for_a_breath(redis, monkeypatch):
    monkeypatch.setattr("bot.telegram.rate_limiter._FLOOD_PAUSE_SECONDS", DAY)
    told = Told()
    limiter = quick(redis, sleep=told)
    for n in range(4):
        await limiter.pause(str(n), 2 * DAY)
    await limiter.record_sent("30", 1, took=0.1)
    for n in range(4, 8):
        await limiter.pause(str(n), 2 * DAY)
    await limiter.acquire("20", patience=0.1)
    assert told.waits == [0], "so far each was told for itself"
    await limiter.pause("8", 2 * DAY)
    with pytest.raises(RetryLater) as later:
        await limiter.acquire("20", patience=0.1)
    assert 0.5 * DAY < later.value.after <= DAY


async def test_a_429_without_a_chat_closes_none(redis):
    limiter = quick(redis)
    await limiter.pause("", DAY)
    await limiter.acquire("1", patience=0.1)
    with pytest.raises(RetryLater):
        await limiter.acquire("", patience=0.1)


async def test_without_redis_the_pace_is_kept_alone_and_then_shared_again(tmp_path, naps):
    async with Redis.from_url(socket_url(tmp_path)) as redis:
        limiter, said = quick(redis, sleep=naps), []
        started = time.monotonic()
        await speak(limiter, "1", 4, said)
        assert time.monotonic() - started > 0.19
        assert max(naps.asked) <= 0.1
        started = time.monotonic()
        await limiter.pause("2", 0.3)
        await limiter.acquire("2", patience=LONG)
        assert time.monotonic() - started > 0.29
        assert max(naps.asked) <= 0.3
        async with embedded_valkey(tmp_path), asyncio.timeout(30):
            while not await redis.keys("eider:rate:*"):
                await limiter.acquire("1", patience=LONG)


async def test_all_that_is_kept_expires_soon(redis):
    slow = (Rate(3 * DAY, 3), Rate(4 * DAY, 3))
    limiter = quick(redis, private=slow[:1], group=slow, overall=Rate(2 * DAY, 9))
    await speak(limiter, "1", 2, [])
    await speak(limiter, "-2", 2, [])
    await limiter.record_sent("1", 1, took=0.1)
    await limiter.pause("3", 5 * DAY)
    lives = {key: await redis.pttl(key) for key in await redis.keys("*")}
    assert len(lives) == 5
    assert all(0 < life <= 8 * DAY * 1000 + 1 for life in lives.values())
