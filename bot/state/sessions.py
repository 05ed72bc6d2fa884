"""Sessions, locks and message ids in Redis: small, replaceable, shared by every process.

A session is a hash of its version and its JSON. One update of a person at a time is a lock of
:mod:`bot.state.locks`; should it be lost (a stopped clock, a cut network), the version check
refuses the later save.
"""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import cast

from redis.asyncio import Redis

from bot.state.locks import LEASE_SECONDS, PATIENCE_SECONDS, Locks, outages
from handlers.session import PersonLock, Session, StaleSession, State

SESSION_SECONDS = 180 * 24 * 3600
ANSWERED_SECONDS = 2 * 24 * 3600

_SAVE = """
local stored = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if tonumber(ARGV[1]) ~= stored + 1 then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'body', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class RedisSessions:
    """:class:`handlers.session.SessionStore` over Redis, good for any number of processes."""

    def __init__(
        self, redis: Redis, *, lease: float = LEASE_SECONDS, patience: float = PATIENCE_SECONDS
    ) -> None:
        """``lease``: seconds that a dead holder's lock lives on. ``patience``: seconds to wait."""
        self._redis = redis
        self._locks = Locks(redis, lease, patience)
        self._save = redis.register_script(_SAVE)

    async def load(self, platform: str, person: str) -> Session | None:
        """The stored session, or None."""
        with outages():
            found = await cast(
                Awaitable[dict[bytes, bytes]],
                self._redis.hgetall(_key("session", platform, person)),
            )
        if not found:
            return None
        body = json.loads(found[b"body"])
        return Session(State(body["state"]), dict(body["data"]), int(found[b"version"]))

    async def save(self, platform: str, person: str, session: Session) -> None:
        """Store it. Raises :class:`StaleSession` when another save came in between."""
        body = json.dumps({"state": session.state.value, "data": session.data})
        with outages():
            saved = await self._save(
                keys=[_key("session", platform, person)],
                args=[session.version, body, SESSION_SECONDS],
            )
        if not saved:
            raise StaleSession

    async def drop(self, platform: str, person: str) -> None:
        """Forget it. The lock stays: its holder may be the one who erases."""
        with outages():
            await self._redis.delete(_key("session", platform, person))

    def lock(self, platform: str, person: str) -> PersonLock:
        """One update of a person at a time, first come first served within this process."""
        return self.named_lock("person", platform, person)

    def named_lock(self, purpose: str, platform: str, person: str) -> PersonLock:
        """A lock for another purpose than the dialogue: delivery has its own (``notices``)."""
        return self._locks.of(_key(f"lock:{purpose}", platform, person))


class MessageIds:
    """What a channel remembers of its messages to a person, by name, for :data:`SESSION_SECONDS`
    after the latest: the message in which each message key was last shown, to be edited in place;
    and under names that begin with ``~``, which no message key does, what else it must know to go
    on (media ids, the parts that were sent, the rest of an answer)."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, platform: str, person: str, message_key: str) -> str | None:
        """The platform's id of that message, or None. All of these raise Unavailable."""
        with outages():
            found = await cast(
                Awaitable[bytes | None],
                self._redis.hget(_key("message_ids", platform, person), message_key),
            )
        return None if found is None else found.decode()

    async def all(self, platform: str, person: str) -> dict[str, str]:
        """What is remembered of that person, by name."""
        with outages():
            found = await cast(
                Awaitable[dict[bytes, bytes]],
                self._redis.hgetall(_key("message_ids", platform, person)),
            )
        return {name.decode(): message.decode() for name, message in found.items()}

    async def put(self, platform: str, person: str, message_key: str, message: str) -> None:
        """Remember that message as the newest of its message key."""
        key = _key("message_ids", platform, person)
        with outages():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hset(key, message_key, message)
                pipe.expire(key, SESSION_SECONDS)
                await pipe.execute()

    async def drop(self, platform: str, person: str, message_key: str = "") -> None:
        """Forget one message key, or every one of that person."""
        key = _key("message_ids", platform, person)
        with outages():
            if message_key:
                await cast(Awaitable[int], self._redis.hdel(key, message_key))
            else:
                await self._redis.delete(key)


class AnsweredUpdates:
    """Which updates were not only stored but answered as well: a cheap look before the
    dispatcher's.

    The database decides what is done once; this only spares people the same answer twice.
    """

    def __init__(self, redis: Redis, *, lasts: float = ANSWERED_SECONDS) -> None:
        """``lasts``: seconds; Telegram delivers an update again for at most a day."""
        self._redis = redis
        self._lasts = lasts

    async def known(self, event_id: str) -> bool:
        """Raises :class:`shop.errors.Unavailable`, as :meth:`note` does."""
        with outages():
            return bool(await self._redis.exists(f"eider:answered:{event_id}"))

    async def note(self, event_id: str) -> None:
        """It was answered."""
        with outages():
            await self._redis.set(f"eider:answered:{event_id}", b"", ex=int(self._lasts))


@dataclass(slots=True)
class MemorySessions:
    """The same contract within one process: for tests without Redis."""

    _stored: dict[tuple[str, str], Session] = field(default_factory=dict)
    _local_locks: dict[tuple[str, str, str], asyncio.Lock] = field(default_factory=dict)

    async def load(self, platform: str, person: str) -> Session | None:
        """The stored session, or None. A copy: changing its data changes nothing here."""
        found = self._stored.get((platform, person))
        return found and Session(found.state, dict(found.data), found.version)

    async def save(self, platform: str, person: str, session: Session) -> None:
        """Store it. Raises :class:`StaleSession` when another save came in between."""
        stored = self._stored.get((platform, person))
        if session.version != (stored.version if stored else 0) + 1:
            raise StaleSession
        self._stored[platform, person] = Session(session.state, dict(session.data), session.version)

    async def drop(self, platform: str, person: str) -> None:
        """Forget it."""
        self._stored.pop((platform, person), None)

    def lock(self, platform: str, person: str) -> PersonLock:
        """One update of a person at a time, first come first served."""
        return self.named_lock("person", platform, person)

    def named_lock(self, purpose: str, platform: str, person: str) -> PersonLock:
        """A lock for another purpose than the dialogue."""
        key = (purpose, platform, person)
        return cast(PersonLock, self._local_locks.setdefault(key, asyncio.Lock()))


def _key(kind: str, platform: str, person: str) -> str:
    return f"eider:{kind}:{platform}:{person}"
