"""The transcript of a chat in Redis: what reload shows, and a stream that open pages follow.

Messages lie in a hash, their order in a sorted set by the time of their first showing (in whole
microseconds, always later than the one before, whichever process's clock is behind), and every
change goes into a short stream and is announced, so that the outbox worker in another process
reaches an open page at once (:mod:`bot.playground.hub`). All of it expires and has a bound, and
``forget`` removes what was said before a given moment.
"""

import uuid
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import cast

from redis.asyncio import Redis

from bot.playground.messages import Message, message_from
from handlers.chat import PhotoFate

KEEP_SECONDS = 30 * 24 * 3600
KEEP_MESSAGES = 400
KEEP_CHANGES = 200
KEEP_KEYS = 2000  # delivery keys, the latest: those of the messages, and a flood besides

_POST = """
local messages, order, changes, message_keys, sent = unpack(KEYS)
local id, at, body, message_key, key, most, seconds, stream, below, most_keys, role = unpack(ARGV)
if key ~= '' then
  if redis.call('ZADD', sent, 'NX', at, key) == 0 then return '' end
  redis.call('ZREMRANGEBYRANK', sent, 0, -1 - tonumber(most_keys))
end
if message_key ~= '' then
  local shown = redis.call('HGET', message_keys, message_key)
  local closed = shown and string.match(shown, '^closed:(.*)')
  if closed then
    local stood = redis.call('ZSCORE', order, closed)
    local asked = below ~= '' and redis.call('ZSCORE', order, below)
    local anew = asked and (not stood or tonumber(asked) > tonumber(stood))
    if role == 'closes' or (role == 'passes' and not anew) then return '' end
    shown = false
  end
  if role == 'closes' then
    if not shown or redis.call('HEXISTS', messages, shown) == 0 then return '' end
    redis.call('HSET', message_keys, message_key, 'closed:' .. shown)
  end
  if shown and redis.call('HEXISTS', messages, shown) == 1 then
    id = shown
    local stands = redis.call('ZSCORE', order, id)
    local floor = below ~= '' and redis.call('ZSCORE', order, below)
    if floor and tonumber(stands) < tonumber(floor) then
      redis.call('ZREM', order, id)
    elseif redis.call('HGET', messages, id) == body then
      return id
    else
      at = stands
    end
  else
    redis.call('HSET', message_keys, message_key, id)
  end
end
redis.call('HSET', messages, id, body)
if not redis.call('ZSCORE', order, id) then
  local last = redis.call('ZREVRANGE', order, 0, 0, 'WITHSCORES')[2]
  if last and tonumber(last) >= tonumber(at) then
    at = string.format('%.0f', tonumber(last) + 1)
  end
  redis.call('ZADD', order, at, id)
end
redis.call('XADD', changes, 'MAXLEN', '~', stream, '*', 'id', id, 'at', at, 'body', body)
local extra = redis.call('ZCARD', order) - tonumber(most)
if extra > 0 then
  for _, old in ipairs(redis.call('ZRANGE', order, 0, extra - 1)) do
    redis.call('HDEL', messages, old)
  end
  redis.call('ZREMRANGEBYRANK', order, 0, extra - 1)
  local named = redis.call('HGETALL', message_keys)
  for place = 1, #named, 2 do
    local stands = string.gsub(named[place + 1], '^closed:', '')
    if redis.call('HEXISTS', messages, stands) == 0 then
      redis.call('HDEL', message_keys, named[place])
    end
  end
end
for _, name in ipairs(KEYS) do redis.call('EXPIRE', name, seconds) end
redis.call('PUBLISH', changes, '')
return id
"""
_PATCH = """
local messages, order, changes = unpack(KEYS)
local id, body, stream = unpack(ARGV)
local at = redis.call('ZSCORE', order, id)
if not at or redis.call('HEXISTS', messages, id) == 0 then return 0 end
redis.call('HSET', messages, id, body)
redis.call('XADD', changes, 'MAXLEN', '~', stream, '*', 'id', id, 'at', at, 'body', body)
redis.call('PUBLISH', changes, '')
return 1
"""
_FORGET = """
local messages, order, changes, message_keys, sent, forgotten = unpack(KEYS)
local before, seconds = unpack(ARGV)
redis.call('SET', forgotten, before, 'EX', seconds)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', order, '-inf', '(' .. before)) do
  redis.call('HDEL', messages, old)
end
redis.call('ZREMRANGEBYSCORE', order, '-inf', '(' .. before)
redis.call('DEL', message_keys)
redis.call('XTRIM', changes, 'MAXLEN', 0)
redis.call('XADD', changes, '*', 'id', '', 'at', before, 'body', '')
-- What stays is told once more: a page that was slow to follow found it trimmed away.
local left = redis.call('ZRANGE', order, 0, -1, 'WITHSCORES')
for place = 1, #left, 2 do
  local body = redis.call('HGET', messages, left[place])
  if body then
    redis.call('XADD', changes, '*', 'id', left[place], 'at', left[place + 1], 'body', body)
  end
end
redis.call('EXPIRE', changes, seconds)
redis.call('PUBLISH', changes, '')
return 1
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message in its place. ``at``: when it was first shown."""

    id: str
    at: datetime
    message: Message


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Everything from before then is gone."""

    before: datetime


Change = Shown | Forgotten


class Role(StrEnum):
    """What a message is in the course of its message key: how far something is, shown until that
    is closed; or what closes it, shown only in place of what stands."""

    NONE = ""
    PASSES = "passes"
    CLOSES = "closes"


class Transcript:
    """The chats of all persons of the playground, each under an own set of keys."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._post = redis.register_script(_POST)
        self._forget = redis.register_script(_FORGET)
        self._patch = redis.register_script(_PATCH)

    async def post(
        self,
        chat: str,
        message: Message,
        *,
        id: str = "",
        message_key: str = "",
        key: str = "",
        below: str = "",
        role: Role = Role.NONE,
    ) -> str:
        """Show a message, in place of the newest one of its ``message_key`` if there is one. Where
        that says the same already, nothing changes, and no page hears of it.

        ``below`` is the message that this answers, by its id: a message edited in place that stands
        above it moves down to the end, for nobody looks for an answer above the question.

        Returns its id, or "" when this ``key`` was posted before, as one of the last
        :data:`KEEP_KEYS`, and when its ``role`` leaves nothing to show.
        """
        arguments: list[str | int] = [
            id or uuid.uuid4().hex,
            _micros(datetime.now(UTC)),
            message.json(),
            message_key,
            key,
            KEEP_MESSAGES,
            KEEP_SECONDS,
            KEEP_CHANGES,
            below,
            KEEP_KEYS,
            role.value,
        ]
        posted = cast(bytes, await self._post(keys=_keys(chat), args=arguments))
        return posted.decode()

    async def mark(self, chat: str, id: str, fate: PhotoFate, words: str) -> None:
        """Show on a photo of the person's own what became of it; nothing changes where it does not
        stand, or shows that already."""
        kept = await cast(Awaitable[bytes | None], self._redis.hget(_keys(chat)[0], id))
        if kept is None:
            return
        marked = replace(message_from(kept), fate=fate, text=words).json()
        if marked.encode() != kept:
            await self._patch(keys=_keys(chat)[:3], args=[id, marked, KEEP_CHANGES])

    async def snapshot(self, chat: str) -> tuple[list[Shown], str]:
        """All messages in order, and the cursor from which :meth:`changes` go on."""
        messages, order, changes, *_ = _keys(chat)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrange(order, 0, -1, withscores=True)
            pipe.hgetall(messages)
            pipe.xrevrange(changes, count=1)
            places, bodies, last = await pipe.execute()
        shown = [_shown(id, at, bodies[id]) for id, at in places if id in bodies]
        return shown, last[0][0].decode() if last else "0"

    async def changes(self, chat: str, cursor: str) -> list[tuple[str, Change]]:
        """Every change after ``cursor``, each with its own cursor; the last
        :data:`KEEP_CHANGES` at the least."""
        found = await self._redis.xrange(_keys(chat)[2], min=f"({cursor}")
        return [(place.decode(), _change(fields)) for place, fields in found]

    async def forget(self, chat: str, before: datetime) -> None:
        """Drop what was shown before then, and tell open pages to do the same."""
        await self._forget(keys=_keys(chat), args=[_micros(before), KEEP_SECONDS])

    async def forgotten(self, chat: str) -> datetime | None:
        """Before when everything was last forgotten: a page that was closed then asks."""
        before = await self._redis.get(_keys(chat)[5])
        return _moment(float(before)) if before else None

    async def shows(self, chat: str, picture: str) -> bool:
        """Whether a picture or clip of that id stands in this chat."""
        bodies = await cast(Awaitable[list[bytes]], self._redis.hvals(_keys(chat)[0]))
        found = (message_from(body) for body in bodies)
        return any(
            picture in {frame.id for frame in (*message.pictures, message.clip) if frame}
            for message in found
        )


def channel_of(chat: str) -> str:
    """The channel of Redis on which a chat's changes are announced."""
    return _keys(chat)[2]


def _keys(chat: str) -> list[str]:
    """The keys of a chat. They bear a digest of the person's id, because the receipt of an erasure
    stays readable in the page for as long as any message, and the id must not."""
    name = sha256(chat.encode()).hexdigest()
    return [
        f"eider:chat:{name}:{part}"
        for part in ("messages", "order", "changes", "message_keys", "sent", "forgotten")
    ]


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _moment(micros: float) -> datetime:
    return datetime.fromtimestamp(micros / 1_000_000, UTC)


def _shown(id: bytes, at: float, body: bytes) -> Shown:
    return Shown(id.decode(), _moment(at), message_from(body))


def _change(fields: dict[bytes, bytes]) -> Change:
    at = float(fields[b"at"])
    if not fields[b"id"]:
        return Forgotten(_moment(at))
    return _shown(fields[b"id"], at, fields[b"body"])
