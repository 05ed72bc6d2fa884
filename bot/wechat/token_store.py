"""The account's access token: one for all processes, in Redis, sealed, renewed by one of them.

WeChat's ``stable_token`` gives everybody the same token until five minutes before its end, then
the next one; a forced renewal ends the old one at once, and is allowed 20 times a day, 30 seconds
apart. Time is that of Redis, so that hosts whose clocks differ agree.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, cast

import structlog
from redis.asyncio import Redis

from bot.outbound import RetryLater
from bot.state.locks import Locks, outages
from bot.wechat.errors import AccessTokenRefused
from shop.encryption import DataKey, derive_key
from shop.errors import NotFound

AHEAD_SECONDS: Final = 290.0
"""A token is renewed this long before its end; WeChat has the next one 300 seconds before it."""
LAST_SECONDS: Final = 30.0  # a token that ends sooner is not begun with
ASK_EVERY: Final = 20.0  # seconds between two calls for the next token, should WeChat have none yet
FORCE_EVERY: Final = 40.0
"""Seconds between two forced renewals: WeChat's 30 and the ten that a call may take to arrive."""
FORCED_A_DAY: Final = 20

_LEASE: Final = 20.0
_PATIENCE: Final = 30.0
_DAY_MICROS: Final = 24 * 3600 * 1_000_000

_MAY_FORCE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1)[1]
if last and now - tonumber(last) < tonumber(ARGV[2]) then return 0 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], now, string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[1] / 1000)
return 1
"""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token, and for how many seconds it is good. Not in its repr."""

    value: str
    seconds: float

    def __repr__(self) -> str:
        return f"AccessToken(..., {self.seconds:g} s)"


Fetch = Callable[[bool], Awaitable[AccessToken]]
"""Asks WeChat for the token; true: for a new one at any price."""


class TokenStore:
    """The token of one account. Any number of processes share it."""

    def __init__(self, redis: Redis, app_id: str, signing_key: bytes, fetch: Fetch) -> None:
        self._redis = redis
        self._name = f"eider:wechat:token:{app_id}"
        self._key = DataKey(derive_key(signing_key, "wechat/token/1"))
        self._fetch = fetch
        self._locks = Locks(redis, _LEASE, _PATIENCE)
        self._may_force = redis.register_script(_MAY_FORCE)

    async def get(self) -> str:
        """A token that is good for a while. Raises Unavailable, or what fetching it raises."""
        known = await self._known()
        if known and known.seconds > AHEAD_SECONDS:
            return known.value
        async with self._locks.of(f"{self._name}:lock"):
            known = await self._known()
            if known and (known.seconds > AHEAD_SECONDS or await self._asked_lately()):
                return known.value
            try:
                return await self._renewed(forced=False)
            except (ConnectionError, RetryLater) as trouble:
                if known is None:
                    raise
                log.info("wechat_token_renewed_later", error=type(trouble).__name__)
                return known.value

    async def renew(self, refused: str) -> str:
        """Another token than the one that WeChat refused just now.

        Whoever comes second finds the first one's. Raises as :meth:`get`, and
        :class:`bot.wechat.errors.AccessTokenRefused` where WeChat knows no other and none may be
        forced yet.
        """
        async with self._locks.of(f"{self._name}:lock"):
            known = await self._known()
            if known and known.value != refused:
                return known.value
            fresh = await self._renewed(forced=False)
            if fresh != refused:
                return fresh
            if not await self._force_allowed():
                log.error("wechat_token_refused", hint="another program renews this account's")
                raise AccessTokenRefused(40001)
            log.warning("wechat_token_forced")
            return await self._renewed(forced=True)

    async def _known(self) -> AccessToken | None:
        with outages():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.get(self._name)
                pipe.pttl(self._name)
                sealed, millis = await pipe.execute()
        if sealed is None:
            return None
        try:
            value = self._key.open(sealed, self._name).decode()
        except NotFound:  # of another master key
            return None
        seconds = millis / 1000
        return AccessToken(value, seconds) if seconds > LAST_SECONDS else None

    async def _renewed(self, *, forced: bool) -> str:
        token = await self._fetch(forced)
        sealed = self._key.seal(token.value.encode(), self._name)
        with outages():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(self._name, sealed, px=max(1, int(token.seconds * 1000)))
                pipe.set(f"{self._name}:asked", b"", px=int(ASK_EVERY * 1000))
                await pipe.execute()
        return token.value

    async def _asked_lately(self) -> bool:
        with outages():
            return bool(await self._redis.exists(f"{self._name}:asked"))

    async def _force_allowed(self) -> bool:
        """Counts a forced renewal, if it is allowed."""
        args = [_DAY_MICROS, int(FORCE_EVERY * 1_000_000), FORCED_A_DAY]
        with outages():
            return bool(
                await cast(
                    Awaitable[int], self._may_force(keys=[f"{self._name}:forced"], args=args)
                )
            )
