"""The message budget: how many customer-service messages WeChat still takes for a person.

After a message of theirs :data:`MESSAGES` within 48 hours; after a menu click, a follow or a scan
:data:`EVENTS` within a minute; after a payment any number for 48 hours. Each contact opens its own
anew. What answers a callback in its response (the passive reply) is not counted.

What is kept is when each kind of contact was last, and when the latest messages were sent: what is
left is a difference of the two, so a callback that comes late, twice or out of order never opens
more than WeChat has opened. Payments are told by the shop, of those that were made from this chat.
A message is reserved before it is sent, and given back only if it surely was not: a killed process
costs the person one message, and never one too many.

One counter a person for all processes, changed by scripts, under a keyed hash of the openid. It
lives for two days after the last contact, also after an erasure: WeChat's own count does.
"""

import hashlib
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, cast

from redis.asyncio import Redis

from bot.state.locks import outages
from shop.encryption import derive_key
from shop.ports import Clock

MESSAGES: Final = 5
EVENTS: Final = 3
WINDOW: Final = timedelta(hours=48)
EVENT_WINDOW: Final = timedelta(minutes=1)
MARGIN: Final = timedelta(minutes=1)
"""By which a long window is taken for shorter: our clock is not WeChat's, and a call takes time."""
EVENT_MARGIN: Final = timedelta(seconds=10)
REMINDED: Final = timedelta(days=14)
"""How long it is remembered that somebody away was sent a template message."""

_PURPOSE: Final = "wechat-budget/1"
_HASH_BYTES: Final = 16
_REMEMBERED: Final = 2 * MESSAGES  # sent messages; beyond a budget, further ones say nothing new
_LIFE: Final = WINDOW + MARGIN
_FORGOTTEN: Final = timedelta(days=1)

_LOOK: Final = """
-- KEYS: the contacts (a hash), the sent messages (by time). ARGV: now, then the numbers below
local now = tonumber(ARGV[1])
local function start(field)
  local at = tonumber(redis.call('HGET', KEYS[1], field) or '-1')
  return at > tonumber(redis.call('HGET', KEYS[1], 'closed') or '-1') and at or nil
end
local function sent(since) return redis.call('ZCOUNT', KEYS[2], since, '+inf') end
local function left()
  local most, open = 0, 0
  local paid, message, event = start('payment'), start('message'), start('event')
  if paid and now < paid + tonumber(ARGV[2]) then return -1, 1 end
  if message and now < message + tonumber(ARGV[2]) then
    most, open = tonumber(ARGV[4]) - sent(message), 1
  end
  if event and now < event + tonumber(ARGV[3]) then
    most, open = math.max(most, tonumber(ARGV[5]) - sent(event)), 1
  end
  return math.max(most, 0), open
end
"""

_LEFT: Final = _LOOK + "return {left()}"

_RESERVE: Final = (
    _LOOK
    + """
-- ARGV: also how many must be left over, the message's name, how many to remember, and the life
local most, open = left()
if most >= 0 and most <= tonumber(ARGV[6]) then return {0, most, open} end
-- Never before the contact that it is counted to, though our clock be behind WeChat's.
local stamp = math.max(now, start('message') or 0, start('event') or 0)
redis.call('ZADD', KEYS[2], stamp, ARGV[7])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[8]))
redis.call('PEXPIRE', KEYS[2], redis.call('HGET', KEYS[1], 'erased') or ARGV[9])
return {1, most, open}
"""
)

_LATER: Final = """
-- KEYS: the contacts. ARGV: field, time, the life of the keys
if tonumber(ARGV[2]) > tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '-1') then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  if ARGV[1] ~= 'closed' then redis.call('HDEL', KEYS[1], 'erased') end
end
if redis.call('HEXISTS', KEYS[1], 'erased') == 1 then return end
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
"""

_REMIND: Final = """
-- KEYS: the contacts. ARGV: now, the life of the key
local last = -1
for _, field in ipairs({'payment', 'message', 'event'}) do
  last = math.max(last, tonumber(redis.call('HGET', KEYS[1], field) or '-1'))
end
local told = redis.call('HGET', KEYS[1], 'reminded')
if told and tonumber(told) >= last then return 0 end
redis.call('HSET', KEYS[1], 'reminded', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""


_FORGET: Final = """
-- KEYS: the contacts, the sent messages. ARGV: the life that is left to both
if redis.call('EXISTS', KEYS[1]) == 0 then return end
redis.call('HSET', KEYS[1], 'erased', ARGV[1])
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[1], 'LT') end
"""


class Contact(StrEnum):
    """What a person did, as far as it opens a budget."""

    MESSAGE = "message"
    EVENT = "event"
    """A menu click, a follow, a scan."""
    PAYMENT = "payment"


_OPENING: Final = frozenset({"CLICK", "subscribe", "SCAN", "scancode_push", "scancode_waitmsg"})


def contact_of(kind: str, event: str = "") -> Contact | None:
    """What a callback's ``MsgType`` and ``Event`` open; None for what opens nothing, as a menu's
    link or an unsubscribe."""
    if kind != "event":
        return Contact.MESSAGE
    return Contact.EVENT if event in _OPENING else None


@dataclass(frozen=True, slots=True)
class Allowance:
    """``left``: how many messages may still be sent; None: any number. ``open``: whether a contact
    is recent enough at all."""

    left: int | None
    open: bool

    def above(self, kept: int) -> int | None:
        """How many may be sent so that ``kept`` are left over."""
        return None if self.left is None else max(0, self.left - kept)


@dataclass(frozen=True, slots=True)
class Reservation:
    """One message that may be sent now."""

    openid: str
    name: str
    at: datetime


class MessageBudget:
    """Counts for all processes. Every method raises :class:`shop.errors.Unavailable`."""

    def __init__(self, redis: Redis, signing_key: bytes, clock: Clock) -> None:
        self._redis = redis
        self._key = derive_key(signing_key, _PURPOSE)
        self._clock = clock
        self._left = redis.register_script(_LEFT)
        self._reserve = redis.register_script(_RESERVE)
        self._later = redis.register_script(_LATER)
        self._remind = redis.register_script(_REMIND)
        self._forget = redis.register_script(_FORGET)

    async def contacted(self, openid: str, contact: Contact, at: datetime) -> None:
        """The person did something, ``at`` the time that WeChat gives (whole seconds). Idempotent;
        an earlier one than the last changes nothing."""
        with outages():
            await self._later(
                keys=[self._keys(openid)[0]], args=[contact.value, _millis(at), _span(_LIFE)]
            )

    async def left(self, openid: str, at: datetime) -> None:
        """They stopped following, ``at`` the time that WeChat gives: what was open before, also by
        a payment, is closed; a later contact opens its own. Idempotent."""
        await self._close(openid, at)

    async def last_contact(self, openid: str) -> str:
        """Names the person's last contact: another one has another name. "" for none."""
        contacts, _ = self._keys(openid)
        fields = [one.value for one in Contact]
        with outages():
            found = await cast(Awaitable[list[bytes | None]], self._redis.hmget(contacts, fields))
        return "/".join((at or b"").decode() for at in found).strip("/")

    async def allowance(self, openid: str) -> Allowance:
        """What may be sent now."""
        with outages():
            left, open_ = await self._left(keys=self._keys(openid), args=self._numbers())
        return Allowance(None if left < 0 else int(left), bool(open_))

    async def reserve(self, openid: str, kept: int = 0) -> Reservation | Allowance:
        """Count one message that is about to be sent, if more than ``kept`` are left; otherwise
        what is."""
        now, name = self._clock(), uuid.uuid4().hex
        args: list[str | int] = [*self._numbers(now), int(kept), name, _REMEMBERED, _span(_LIFE)]
        with outages():
            granted, left, open_ = await self._reserve(keys=self._keys(openid), args=args)
        if granted:
            return Reservation(openid, name, now)
        return Allowance(int(left), bool(open_))

    async def give_back(self, reserved: Reservation) -> None:
        """It surely was not sent. Idempotent."""
        with outages():
            sent = self._keys(reserved.openid)[1]
            await cast(Awaitable[int], self._redis.zrem(sent, reserved.name))

    async def closed(self, reserved: Reservation) -> None:
        """WeChat refused it: nothing more may be sent, until the person's next contact."""
        await self._close(reserved.openid, reserved.at)

    async def may_remind(self, openid: str) -> bool:
        """Whether somebody away may be sent a template message: once until their next contact, or
        for :data:`REMINDED`. True is said once."""
        args = [_millis(self._clock()), _span(REMINDED)]
        with outages():
            return bool(await self._remind(keys=[self._keys(openid)[0]], args=args))

    async def forget(self, openid: str) -> None:
        """The person is erased: what is kept ends within a day. Not at once: what they have yet to
        be told counts like all else."""
        with outages():
            await self._forget(keys=self._keys(openid), args=[_span(_FORGOTTEN)])

    async def _close(self, openid: str, at: datetime) -> None:
        contacts, _ = self._keys(openid)
        with outages():
            await self._later(keys=[contacts], args=["closed", _millis(at), _span(_LIFE)])

    def _keys(self, openid: str) -> list[str]:
        name = hashlib.blake2b(openid.encode(), key=self._key, digest_size=_HASH_BYTES).hexdigest()
        return [f"eider:wechat:contacts:{name}", f"eider:wechat:sent:{name}"]

    def _numbers(self, now: datetime | None = None) -> list[int]:
        long, short = _span(WINDOW - MARGIN), _span(EVENT_WINDOW - EVENT_MARGIN)
        return [_millis(now or self._clock()), long, short, MESSAGES, EVENTS]


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _span(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
