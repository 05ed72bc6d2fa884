"""Locks in Redis, that all processes see: a key with a token and a short life, renewed while its
holder works, so that a killed process blocks nobody for long. Inside one process waiters are
served in order, so an album is handled in the order in which it came.
"""

import asyncio
import contextlib
import uuid
from collections.abc import Iterator
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.exceptions import RedisError

from handlers.session import PersonLock
from shop.errors import Unavailable
from shop.outages import REDIS_AWAY
from shop.redis_client import even_if_cancelled

LEASE_SECONDS = 10.0
PATIENCE_SECONDS = 60.0

_RENEW = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


@contextlib.contextmanager
def outages() -> Iterator[None]:
    """Turns an error of Redis into :class:`shop.errors.Unavailable`."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise Unavailable(REDIS_AWAY) from error


class NamedLocks:
    """A lock per name within this process, first come first served, forgotten when nobody holds it
    or waits for it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        return self._locks.setdefault(name, asyncio.Lock())


class LockTimeout(Unavailable, TimeoutError):
    """The lock was held by somebody else for longer than the patience."""


class Locks:
    """Hands out locks by their key."""

    def __init__(self, redis: Redis, lease: float, patience: float) -> None:
        """``lease``: seconds that a dead holder's lock lives on. ``patience``: seconds to wait."""
        self._keys = _Keys(redis, lease)
        self._patience = patience
        self._local_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, key: str) -> PersonLock:
        """Waiting for it may end in :class:`LockTimeout`, or another Unavailable."""
        # A waiter keeps the local lock alive by a reference; without one it is collected.
        local_lock = self._local_locks.setdefault(key, asyncio.Lock())
        return _RedisLock(self._keys, key, local_lock, self._patience)


class _Keys:
    """Lock keys in Redis: each holds its holder's token, and dies with its lease."""

    def __init__(self, redis: Redis, lease: float) -> None:
        self.lease = lease
        self._redis = redis
        self._millis = int(lease * 1000)
        self._renew = redis.register_script(_RENEW)
        self._release = redis.register_script(_RELEASE)

    async def take(self, key: str, token: str) -> bool:
        return bool(await self._redis.set(key, token, nx=True, px=self._millis))

    async def renew(self, key: str, token: str) -> bool:
        return bool(await self._renew(keys=[key], args=[token, self._millis]))

    async def release(self, key: str, token: str) -> None:
        await self._release(keys=[key], args=[token])


class _RedisLock:
    def __init__(self, keys: _Keys, key: str, local_lock: asyncio.Lock, patience: float) -> None:
        self._keys = keys
        self._key = key
        self._local_lock = local_lock
        self._patience = patience
        self._token = uuid.uuid4().hex
        # Most locks are let go long before: only a timer waits, and its task is made when it fires.
        self._timer: asyncio.TimerHandle | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._local_lock.acquire()
                try:
                    with outages():
                        await self._take()
                except BaseException:
                    self._local_lock.release()
                    raise
        except TimeoutError as late:
            raise LockTimeout(self._key) from late
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._keys.lease / 3, self._begin_to_renew)

    async def __aexit__(self, *exc: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._renewal is not None:
            self._renewal.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._renewal
        try:
            # Best effort: unreleased, it dies with its lease, and the work is done already.
            with contextlib.suppress(RedisError):
                await even_if_cancelled(self._keys.release(self._key, self._token))
        finally:
            self._local_lock.release()

    async def _take(self) -> None:
        pause = 0.005
        while not await self._keys.take(self._key, self._token):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.1)

    def _begin_to_renew(self) -> None:
        self._renewal = asyncio.get_running_loop().create_task(self._renew())

    async def _renew(self) -> None:
        while True:
            try:
                if not await self._keys.renew(self._key, self._token):
                    return
            except RedisError:
                pass  # the next third may succeed; if none does, the version check decides
            await asyncio.sleep(self._keys.lease / 3)
