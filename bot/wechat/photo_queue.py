"""Photos on their way: each is stored when WeChat posts it, and fetched by the outbox worker.

A photo is an outbox message of its own, once for each event, so a process may die anywhere. What
names the person and the file is sealed. Photos of one person come one message each, without a sign
of the last one; so it is noted in Redis for a moment that more may be coming.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import Final

from redis.asyncio import Redis

from bot.state.locks import outages
from bot.wechat import WECHAT
from bot.wechat.inbound import Received, SentImage
from shop import inbox
from shop.encryption import DataKey, KeyedHash, derive_key
from shop.jobs import outbox
from shop.people import users
from shop.ports import Database, Tx
from shop.records import CHAT, OutboxMessage
from shop.transactions import run_transaction

PHOTO: Final = "wechat_photo"
"""The name of the outbox message."""

QUIET_SECONDS: Final = 4.0
"""After the last photo, until the photos are answered where no more are asked for."""
COLLECTING_SECONDS: Final = 14.0
"""The same where more are asked for: a slow phone takes that long for one. It doubles with each
count that was told (:data:`LONGEST_SECONDS` at most), so that a trickle is told few."""
LONGEST_SECONDS: Final = 60.0
CHECKS_SECONDS: Final = 16.0
"""After that, for how long an answer waits for the checks that would change it."""

FOLLOWING_SECONDS: Final = COLLECTING_SECONDS + CHECKS_SECONDS
"""When a photo that followed another is signalled by itself, unless it was answered with it."""

TOLD_SECONDS: Final = 3600
"""For so long the same count is not told again unasked."""

_ARRIVED: Final = """
-- KEYS: brief, quiet, checks, counts. ARGV: the lives of the first, the least and the longest of
-- the second, and how much longer the third lives
local told = math.min(tonumber(redis.call('GET', KEYS[4]) or '0'), 10)
local quiet = math.min(tonumber(ARGV[2]) * 2 ^ told, tonumber(ARGV[3]))
local following = redis.call('SET', KEYS[1], '', 'PX', ARGV[1], 'GET')
redis.call('SET', KEYS[2], '', 'PX', string.format('%.0f', quiet))
redis.call('SET', KEYS[3], '', 'PX', string.format('%.0f', quiet + tonumber(ARGV[4])))
return following and 0 or 1
"""

_OWNER: Final = "wechat/photos/1"
_SEAL: Final = "wechat/photo/1"


@dataclass(frozen=True, slots=True)
class QueuedPhoto:
    """A photo that was stored. ``sender`` is the user's id then, "" of somebody new."""

    message: OutboxMessage
    event_id: str
    openid: str = field(repr=False)
    media_id: str = field(repr=False)
    sender: str
    at: datetime
    number: int


class PhotoQueue:
    """The photos of all people, in the database; how lately each sent one, in Redis. Every method
    raises Unavailable."""

    def __init__(self, database: Database, redis: Redis, signing_key: bytes) -> None:
        self._database = database
        self._redis = redis
        self._arrived = redis.register_script(_ARRIVED)
        self._owner = KeyedHash(signing_key, _OWNER)
        self._key = DataKey(derive_key(signing_key, _SEAL))

    def owner(self, openid: str) -> str:
        """Whose they are, for the queue: no id of the shop's, and none that says who."""
        return f"{WECHAT}:{self._owner(openid)[:32]}"

    async def add(self, received: Received, image: SentImage) -> bool:
        """Store it; nothing changes where it is stored already. Whether the outbox is to be
        flushed: who fetches the first of several looks for the others by themself."""
        first = await self._note_arrival(received.openid)
        delay = 0.0 if first else FOLLOWING_SECONDS
        await run_transaction(self._database, partial(self._add, received, image, delay))
        return first

    async def quiet_in(self, openid: str, *, enough: bool = False) -> float:
        """For how many seconds another photo may still be expected; 0: they have stopped.
        ``enough``: no more are asked for."""
        return await self._left("brief" if enough else "quiet", openid)

    async def checks_in(self, openid: str) -> float:
        """For how many seconds an answer may still wait for checks."""
        return await self._left("checks", openid)

    async def hush(self, openid: str) -> None:
        """They did something else: no more photos are expected."""
        with outages():
            await self._redis.delete(self._name("quiet", openid), self._name("brief", openid))

    async def is_told(self, openid: str, count: str) -> bool:
        """Whether that was the last that they were told of how many photos count."""
        with outages():
            return bool(await self._redis.get(self._name("told", openid)) == _digest(count))

    async def note_told(self, openid: str, count: str) -> None:
        """They were told it."""
        with outages():
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(self._name("told", openid), _digest(count), ex=TOLD_SECONDS)
                pipe.incr(self._name("counts", openid))
                pipe.expire(self._name("counts", openid), TOLD_SECONDS)
                await pipe.execute()

    async def waiting(self, tx: Tx, openid: str) -> list[QueuedPhoto]:
        """Those that are not answered yet, as they were sent."""
        found = await tx.find(OutboxMessage, user_id=self.owner(openid), state=outbox.PENDING)
        photos = [self.read(one) for one in found if one.name == PHOTO]
        return sorted(photos, key=lambda one: (one.at, one.number))

    async def is_waiting(self, openid: str) -> bool:
        """Whether any of theirs waits."""
        async with self._database.snapshot() as tx:
            return bool(await self.waiting(tx, openid))

    async def is_settled(self, openid: str) -> bool:
        """Whether the shop knows of every photo that was stored."""
        async with self._database.snapshot() as tx:
            photos = await self.waiting(tx, openid)
            known = [await inbox.was_processed(tx, one.event_id) for one in photos]
        return all(known)

    async def forget(self, openid: str) -> None:
        """Drop what waits of a person who is erased."""
        async with self._database.begin() as tx:
            await outbox.forget_news(tx, self.owner(openid))
        with outages():
            kept = ("quiet", "brief", "checks", "told", "counts")
            names = [self._name(what, openid) for what in kept]
            await self._redis.delete(*names)

    def read(self, message: OutboxMessage) -> QueuedPhoto:
        """What the row says. Raises :class:`shop.errors.NotFound` under another master key."""
        sealed = b64decode(str(message.payload["photo"]))
        openid, media_id, event_id = json.loads(self._key.open(sealed, message.user_id))
        return QueuedPhoto(
            message, event_id, openid, media_id,
            str(message.payload["sender"]),
            datetime.fromtimestamp(int(message.payload["at"]), UTC),
            int(message.payload["number"]),
        )  # fmt: skip

    async def _add(self, received: Received, image: SentImage, delay: float, tx: Tx) -> None:
        owner = self.owner(received.openid)
        secret = json.dumps([received.openid, image.media_id, received.event_id]).encode()
        sender = await users.find(tx, WECHAT, received.openid)
        payload: dict[str, str | int | float] = {
            "photo": b64encode(self._key.seal(secret, owner)).decode(),
            "sender": sender.id if sender else "",
            "at": int(received.at.timestamp()),
            "number": str(image.number),
        }
        await outbox.enqueue(
            tx, CHAT, PHOTO, payload, await tx.now(),
            delay=delay, key=f"photo:{received.event_id}", once=True, user_id=owner,
        )  # fmt: skip

    async def _note_arrival(self, openid: str) -> bool:
        """Whether it is the first: not within :data:`QUIET_SECONDS` of another, which is not
        answered yet then."""
        keys = [self._name(what, openid) for what in ("brief", "quiet", "checks", "counts")]
        brief, quiet, longest, checks = (
            int(seconds * 1000)
            for seconds in (QUIET_SECONDS, COLLECTING_SECONDS, LONGEST_SECONDS, CHECKS_SECONDS)
        )
        with outages():
            return bool(await self._arrived(keys=keys, args=[brief, quiet, longest, checks]))

    async def _left(self, what: str, openid: str) -> float:
        with outages():
            millis = int(await self._redis.pttl(self._name(what, openid)))
        return max(0, millis) / 1000

    def _name(self, what: str, openid: str) -> str:
        return f"eider:wechat:{what}:{self.owner(openid)}"


def _digest(text: str) -> bytes:
    return sha256(text.encode()).hexdigest().encode()
