"""The rate limiter of messages: one for all processes, kept in Redis by its own clock.

Telegram's rules: about one message a second into a chat, twenty a minute into a group, thirty a
second over all; more is answered with 429. So each message is acquired first. What is no message
counts over all too: deletions take their turn; answers to presses and inline queries and chat
actions yield to the messages; whether a bill may be paid is answered at once. One Lua script looks
at all limits and moves them together (:mod:`bot.state.gcra`).

A chat that must wait is charged nothing until it may send, so it holds up no other. Over all,
sending times are given out in advance, in the order of asking: nobody is overtaken, nobody asks
twice. A process that dies loses the one time that it had; every number expires by itself.

Without Redis each process keeps the same arithmetic for itself: rather a 429 than silence.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.outbound import RetryLater
from bot.state.gcra import (
    ACQUIRE,
    ANSWER_SECONDS,
    ARRIVED,
    CLOCK,
    LocalLimiter,
    PermitRequest,
    Rate,
    at_most,
)

_AT_ONCE: Final = 16  # questions: hundreds at once are late for their own answers
_AWAY_SECONDS: Final = 3.0  # before a Redis that was away is asked again
_FLOOD: Final = 5  # chats with a 429, one after the other, with nothing going through between
_LONG_SECONDS: Final = (
    0.2  # a quicker upload counts from when it was sent, a longer one from its end
)
_FLOOD_PAUSE_SECONDS: Final = 1.0
_MICROS: Final = 1_000_000
_EVERYBODY: Final = "*"

log = structlog.get_logger()


PRIVATE: Final = (Rate(1.0, 2),)
GROUP: Final = (Rate(1.0, 1), Rate(4.0, 5))  # 5 + 60 / 4: twenty in any minute
OVERALL: Final = at_most(30)


class RateLimiter:
    """Says when a message may be sent."""

    def __init__(
        self,
        redis: Redis,
        *,
        private: Sequence[Rate] = PRIVATE,
        group: Sequence[Rate] = GROUP,
        overall: Rate = OVERALL,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_wait`` is called for each 429."""
        self._redis = redis
        self._on_wait = on_wait
        self._sleep = sleep
        self._private = private
        self._group = group
        self._all = ("eider:rate:all", overall)
        self._script = redis.register_script(CLOCK + ACQUIRE)
        self._arrival = redis.register_script(CLOCK + ARRIVED)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._local = LocalLimiter()
        self._local_until = -math.inf
        self._limited: set[str] = set()
        self._flood_pause = _FLOOD_PAUSE_SECONDS
        self._flood_until = -math.inf

    async def acquire(self, chat: str, count: int = 1, *, patience: float) -> None:
        """Return when ``count`` messages (an album's pictures, an edit) may go into ``chat``.

        Calls for one chat must come one after the other. Raises :class:`bot.outbound.RetryLater`
        where that would take longer than ``patience`` seconds. "" is no chat in particular.
        """
        end = time.monotonic() + patience
        while True:
            left = max(0.0, end - time.monotonic())
            granted, wait = await self._ask(self._request(chat, count, left))
            if not granted and wait > left:
                raise RetryLater(wait)
            await self._sleep(wait)
            if granted:
                return

    async def acquire_spare(self, chat: str, *, patience: float = 0.0) -> bool:
        """Whether there is room over all for what is no message (a chat action, the answer to a
        pressed button), now or within ``patience`` seconds; it counts.

        It yields: it takes no sending time in advance, so every message that is asked for
        meanwhile goes before it.
        """
        end = time.monotonic() + patience
        while True:
            granted, wait = await self._ask(PermitRequest([self._all], _closures(chat), 1, 0.0))
            if granted or time.monotonic() + wait > end:
                return granted
            await self._sleep(wait)

    async def count_urgent(self) -> None:
        """Count, over all, a call that goes at once whatever waits: whether a bill may be paid."""
        await self._ask(PermitRequest([self._all], [], 1, math.inf))

    async def pause(self, chat: str, seconds: float) -> None:
        """Telegram said 429: nothing goes into that chat for so long, from any process.

        The others go on. Only when one chat after the other gets a 429 and nothing at all goes
        through, it is the bot that is too quick: then all pause, each time longer, at most as long
        as asked.
        """
        log.info("telegram_retry_after", seconds=seconds)
        self._on_wait()
        await self._close(chat, seconds)
        self._limited.add(chat)
        now = time.monotonic()
        if len(self._limited) >= _FLOOD and now >= self._flood_until:
            pause = min(seconds, self._flood_pause)
            log.warning("telegram_flood", seconds=pause)
            self._limited.clear()
            self._flood_pause, self._flood_until = self._flood_pause * 2, now + pause
            await self._close(_EVERYBODY, pause)

    async def record_sent(self, chat: str, count: int, took: float) -> None:
        """Telegram has done it, in ``took`` seconds. It counts from here, not from when it set out:
        however long an album was on its way, the next message keeps its distance.
        """
        self._limited.clear()
        self._flood_pause = _FLOOD_PAUSE_SECONDS
        if chat and took > _LONG_SECONDS:
            await self._arrived(self._request(chat, count, 0.0))

    def _request(self, chat: str, count: int, patience: float) -> PermitRequest:
        own = self._group if chat.startswith("-") else self._private
        rates = [(f"eider:rate:{chat}:{n}", rate) for n, rate in enumerate(own) if chat]
        return PermitRequest([*rates, self._all], _closures(chat), count, patience)

    async def _ask(self, request: PermitRequest) -> tuple[bool, float]:
        async with self._turns:
            if time.monotonic() >= self._local_until:
                try:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        granted, micros = await self._script(
                            keys=request.keys, args=request.arguments
                        )
                    return bool(granted), micros / _MICROS
                except (RedisError, OSError) as error:  # TimeoutError is an OSError
                    self._go_local(error)
        now = time.monotonic()
        self._local.tidy(now)
        return self._local.acquire(request, now)

    async def _arrived(self, request: PermitRequest) -> None:
        self._local.arrived(request, time.monotonic())
        own = request.rates[:-1]
        keys, every = [key for key, _ in own], [rate.every * _MICROS for _, rate in own]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._arrival(keys=keys, args=[request.count, *every])
        except (RedisError, OSError) as error:
            self._go_local(error)

    async def _close(self, chat: str, seconds: float) -> None:
        self._local.closed[_closed(chat)] = time.monotonic() + seconds
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._redis.set(_closed(chat), b"", px=max(1, math.ceil(seconds * 1000)))
        except (RedisError, OSError) as error:
            self._go_local(error)

    def _go_local(self, error: Exception) -> None:
        log.warning("telegram_limiter_local", error=type(error).__name__)
        self._local_until = time.monotonic() + _AWAY_SECONDS


def _closures(chat: str) -> list[str]:
    return [_closed(_EVERYBODY), _closed(chat)]


def _closed(chat: str) -> str:
    return f"eider:closed:{chat}"
