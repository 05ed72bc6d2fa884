"""Which answers are on their way: noted before their update is acknowledged, struck out once they
were sent. What a killed process leaves is said by the next one.

One hash in Redis, of what each living process owes; who takes a dead one's entry over owes it from
then on, so that it is never nobody's. Should Redis lose it, nobody loses anything but a word that
they get by writing again. Only what a process of ours wrote is believed, which the signing key
says; and only who the database knows, of an update that it has stored, is answered.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, cast

import structlog
from redis.asyncio import Redis

from bot.state.locks import outages
from handlers.chat import Incoming, Person, Said
from handlers.senders import NOBODY
from shop import inbox
from shop.encryption import KeyedHash
from shop.errors import Unavailable
from shop.outages import told
from shop.people import users
from shop.ports import Database
from shop.records import ChannelName, new_id
from shop.redis_client import even_if_cancelled

ALIVE_SECONDS: Final = 30
"""How long after its last sign of life a process is taken for dead."""
LOOK_SECONDS: Final = 5.0
_OWED: Final = "eider:telegram:owed_answers"
_PURPOSE: Final = "telegram/owed answers/1"
_TAKE_OVER: Final = """
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
return redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
"""

log = structlog.get_logger()

Answer = Callable[[Incoming, int], Awaitable[bool]]
"""Answers an update that was stored before, below that message: its person reads the receipt of
it, and sees where they stand. Whether there is something to say, which is struck once it was sent.
"""


@dataclass(frozen=True, slots=True)
class _Owed:
    """An update whose answer is owed, without what was said, and the message above the answer.
    ``once``: its answer is more than where they stand (:mod:`handlers.kept_words`)."""

    incoming: Incoming
    below: int
    once: bool = False


class OwedAnswers:
    """What this process owes, and what dead ones have left."""

    def __init__(self, redis: Redis, database: Database, signing_key: bytes) -> None:
        self._redis = redis
        self._code = KeyedHash(signing_key, _PURPOSE)
        self._database = database
        self._process = new_id()
        self._unstruck: set[str] = set()  # fields
        self._take_over = redis.register_script(_TAKE_OVER)
        self._due: dict[Person, list[_Owed]] = {}  # taken over, and not answered yet

    async def note(self, incoming: Incoming, below: int) -> None:
        """Its answer is on its way, below that message. Raises :class:`shop.errors.Unavailable`,
        as all of these do."""
        person, field, at = incoming.person, self._field(incoming), incoming.at.isoformat()
        said = [person.platform, person.id, person.language, at, str(below)]
        owed = json.dumps([*said, self._code(incoming.event_id, *said)])
        self._unstruck.discard(field)
        with outages():
            await cast(Awaitable[int], self._redis.hset(_OWED, field, owed))

    async def strike(self, incoming: Incoming) -> None:
        """It was sent, or cannot be. What Redis did not hear is struck at a later look."""
        self._unstruck.add(self._field(incoming))
        await self._strike()

    async def keep(self, answer: Answer) -> None:
        """Give signs of life, and answer what dead processes have left, until cancelled."""
        try:
            while True:
                try:
                    with outages():
                        await self._redis.set(_life(self._process), b"", ex=ALIVE_SECONDS)
                    await self._strike()
                    await self._answer_left(answer)
                except Unavailable as outage:
                    log.info("telegram_owed_answers_away", **told(outage))
                except Exception as error:  # boundary: a process without signs of life is dead
                    log.error("telegram_owed_answers_failed", error=type(error).__name__)
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await even_if_cancelled(self._sign_off())

    async def _sign_off(self) -> None:
        await self._redis.delete(_life(self._process))

    async def _strike(self) -> None:
        for field in tuple(self._unstruck):
            await self._remove(field)
            self._unstruck.discard(field)

    async def _remove(self, field: bytes | str) -> None:
        with outages():
            await cast(Awaitable[int], self._redis.hdel(_OWED, cast(str, field)))

    async def _answer_left(self, answer: Answer) -> None:
        for field, what in await self._left():
            try:
                owed = self._read(field, what)
            except Exception:  # boundary: whatever anybody wrote there
                log.warning("telegram_owed_answer_unreadable")
                await self._remove(field)
                continue
            with outages():
                ours = await self._take_over([_OWED], [field, self._field(owed.incoming), what])
            if ours:  # else another process answers it, or this one does already
                self._due.setdefault(owed.incoming.person, []).append(owed)
        for person, due in tuple(self._due.items()):
            try:
                await self._answer_due(due, answer)
            except Unavailable:
                raise  # they stay due
            except Exception as error:  # boundary: the others are answered
                log.error("telegram_owed_answer_lost", error=type(error).__name__)
                self._unstruck.update(self._field(one.incoming) for one in due)
            del self._due[person]

    async def _answer_due(self, due: list[_Owed], answer: Answer) -> None:
        """Of one person's the last that was stored, and those before it that say something once;
        the others would show the same. An answered one is struck once that was sent."""
        due.sort(key=lambda one: one.incoming.at)
        known = [await self._known(one) for one in due]
        last = next((one for one in reversed(known) if one), None)
        for one in known:
            incoming = due[0].incoming
            if one and (one.once or one is last):
                log.info("telegram_answer_said_again", update=incoming.event_id)
                if not await answer(one.incoming, one.below):
                    await self.strike(incoming)
            else:
                await self.strike(incoming)
            due.pop(0)

    async def _left(self) -> list[tuple[bytes, bytes]]:
        """What dead processes have noted."""
        with outages():
            owed = await cast(Awaitable[dict[bytes, bytes]], self._redis.hgetall(_OWED))
            alive = {self._process: True}
            for field in owed:
                if (one := _process(field)) not in alive:
                    alive[one] = bool(await self._redis.exists(_life(one)))
        return [(field, what) for field, what in owed.items() if not alive[_process(field)]]

    async def _known(self, owed: _Owed) -> _Owed | None:
        """For whom it is, if it is this process's still, its update was stored and its person is
        known (still), or there is something to be said once to whom nobody knows any more."""
        incoming = owed.incoming
        with outages():
            field = self._field(incoming)
            if not await cast(Awaitable[bool], self._redis.hexists(_OWED, field)):
                return None  # another took this one for dead
        async with self._database.snapshot() as tx:
            event = await inbox.find(tx, incoming.event_id)
            user = await users.find(tx, incoming.person.platform, incoming.person.id)
        if event is None or (user is None and not event.words):
            return None
        whose = replace(incoming, only_of=user.id if user else NOBODY)
        return replace(owed, incoming=whose, once=bool(event.words))

    def _read(self, field: bytes, what: bytes) -> _Owed:
        """What is owed. Raises ValueError for what none of ours wrote, or whatever odd bytes lead
        to."""
        *said, code = json.loads(what)
        platform, id, language, at, below = said
        event = field.decode().partition(" ")[2]
        if not hmac.compare_digest(self._code(event, *said), code):
            raise ValueError
        person = Person(ChannelName(platform), id, language)
        when = datetime.fromisoformat(at).astimezone(UTC)
        return _Owed(Incoming(event, person, when, Said(""), admitted=True), int(below))

    def _field(self, incoming: Incoming) -> str:
        return f"{self._process} {incoming.event_id}"


def _life(process: str) -> str:
    return f"eider:telegram:answering:{process}"


def _process(field: bytes) -> str:
    return field.partition(b" ")[0].decode(errors="replace")
