"""The limiter of what comes in (:class:`handlers.limits.Limiter`), over Redis and over memory.

One GCRA for each limit and each of whose counts it is (:mod:`bot.state.gcra`). Where it refuses, a
second key closes that one until a quarter of the allowance is free again. So whoever is told to
wait knows when it is worth coming back; and since the key is set by one request alone, that one is
told, and no other.

The keys hold a keyed hash of the person or the address, and live for as long as the allowance needs
to refill: at most a day. They survive an erasure, or erasing would be the way around every limit.
"""

import asyncio
import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.state.gcra import ACQUIRE, ANSWER_SECONDS, CLOCK, LocalLimiter, PermitRequest, Rate
from handlers.limits import Limit, Wait
from shop.encryption import derive_key
from shop.errors import Unavailable
from shop.outages import REDIS_AWAY

FREE_AGAIN: Final = 0.25
"""The share of an allowance that is free when a wait is over."""

_MICROS: Final = 1_000_000
_PURPOSE: Final = "limits/1"
_HASH_BYTES: Final = 16


_ADMIT: Final = (
    CLOCK
    + f"local function acquire()\n{ACQUIRE}\nend\n"
    + """
-- KEYS: a rate, then what closes it
-- ARGV: those of one rate, then how many microseconds later than one a useful number may pass
local answer = acquire()
if answer[1] == 1 then return {1, 0, 0} end
local left = redis.call('PTTL', KEYS[2])
if left > 0 then return {0, left * 1000, 0} end
-- Two more: a key lives from a whole millisecond on, and one with less than one left lets pass.
local millis = math.ceil((answer[2] + tonumber(ARGV[6])) / 1000) + 2
redis.call('SET', KEYS[2], '', 'PX', string.format('%.0f', millis))
return {0, millis * 1000, 1}
"""
)
"""May one pass? ``{1, 0, 0}``, or ``{0, microseconds to wait, whether this closed it}``."""


@dataclass(frozen=True, slots=True)
class _Scaled:
    """A limit's rate and keys, for one of whose counts it is."""

    rate: Rate
    key: str
    closed: str

    @property
    def request(self) -> PermitRequest:
        return PermitRequest([(self.key, self.rate)], [self.closed], 1, 0.0)

    @property
    def useful_after(self) -> float:
        """How many seconds after one may pass :data:`FREE_AGAIN` of the burst may."""
        return (math.ceil(self.rate.burst * FREE_AGAIN) - 1) * self.rate.every


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns limits into rates. ``percent``: 100 as they are written; 0: no limits."""

    key: bytes = field(repr=False)
    percent: int = 100

    def scaled(self, limit: Limit, whose: str) -> _Scaled:
        most = max(1, limit.most * self.percent // 100)
        name = hashlib.blake2b(whose.encode(), key=self.key, digest_size=_HASH_BYTES).hexdigest()
        key = f"eider:limit:{limit.name}:{name}"
        return _Scaled(Rate(limit.seconds / most, most), key, f"{key}:closed")


class RedisLimiter:
    """One for all processes."""

    def __init__(self, redis: Redis, signing_key: bytes, percent: int = 100) -> None:
        """``percent``: of every limit's number; 0 is no limit at all."""
        self._redis = redis
        self._scale = _Scale(derive_key(signing_key, _PURPOSE), percent)
        self._script = redis.register_script(_ADMIT)

    async def take(self, limit: Limit, whose: str) -> Wait | None:
        """See :meth:`handlers.limits.Limiter.take`. One round trip."""
        if not self._scale.percent:
            return None
        scaled = self._scale.scaled(limit, whose)
        request = scaled.request
        arguments = [*request.arguments, scaled.useful_after * _MICROS]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                granted, micros, first = await self._script(keys=request.keys, args=arguments)
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            raise Unavailable(REDIS_AWAY) from error
        return None if granted else Wait(limit, micros / _MICROS, bool(first))


class MemoryLimiter:
    """The same within one process: for tests without Redis."""

    def __init__(self, percent: int = 100, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._scale = _Scale(b"memory", percent)
        self._monotonic = monotonic
        self._local = LocalLimiter()

    async def take(self, limit: Limit, whose: str) -> Wait | None:
        """See :meth:`handlers.limits.Limiter.take`."""
        if not self._scale.percent:
            return None
        now = self._monotonic()
        self._local.tidy(now)
        scaled = self._scale.scaled(limit, whose)
        closed = self._local.closed.get(scaled.closed, 0.0) > now
        granted, wait = self._local.acquire(scaled.request, now)
        if granted:
            return None
        if not closed:
            wait += scaled.useful_after
            self._local.closed[scaled.closed] = now + wait
        return Wait(limit, wait, not closed)
