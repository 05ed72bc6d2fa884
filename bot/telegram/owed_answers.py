"""Which answers are on their way: noted before their update is acknowledged, struck out once they
were sent. What a killed process leaves is said by the next one.

One hash in Redis, of what each living process owes; whoever removes an entry answers it. Should
Redis lose it, nobody loses anything but a word that they get by writing again. Nothing in it is
believed: only who the database knows, of an update that it has stored, is answered.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, cast

import structlog
from redis.asyncio import Redis

from bot.state.locks import outages
from handlers.chat import Incoming, Person, Said
from shop import inbox
from shop.errors import Unavailable
from shop.outages import told
from shop.people import users
from shop.ports import Database
from shop.records import ChannelName, new_id

ALIVE_SECONDS: Final = 30
"""How long after its last sign of life a process is taken for dead."""
LOOK_SECONDS: Final = 5.0
_OWED: Final = "eider:telegram:owed_answers"
_NOBODY: Final = "nobody"  # in a process's place: whoever looks next

log = structlog.get_logger()

Answer = Callable[[Incoming], Awaitable[None]]
"""Answers an update that was stored before: its person sees where they stand."""


class OwedAnswers:
    """What this process owes, and what dead ones have left."""

    def __init__(self, redis: Redis, database: Database) -> None:
        self._redis = redis
        self._database = database
        self._process = new_id()
        self._unstruck: set[str] = set()  # fields
        self._due: dict[Person, Incoming] = {}  # taken over from dead ones, by person

    async def note(self, incoming: Incoming) -> None:
        """Its answer is on its way. Raises :class:`shop.errors.Unavailable`, as all of these do."""
        await self._note(self._field(incoming), incoming)

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
            await self._redis.delete(_life(self._process))

    async def _strike(self) -> None:
        for field in tuple(self._unstruck):
            await self._remove(field)
            self._unstruck.discard(field)

    async def _remove(self, field: str) -> bool:
        """Whether it was there."""
        with outages():
            return bool(await cast(Awaitable[int], self._redis.hdel(_OWED, field)))

    async def _answer_left(self, answer: Answer) -> None:
        """Of one person's at a look the last alone: all of them would see the same."""
        for field, what in await self._left():
            if not await self._remove(field):
                continue  # another process answers it
            try:
                incoming = _read(field, what)
            except (ValueError, TypeError):
                log.warning("telegram_owed_answer_unreadable")
                continue
            person = incoming.person
            if person not in self._due or self._due[person].at < incoming.at:
                self._due[person] = incoming
        while self._due:
            person, incoming = self._due.popitem()
            try:
                if known := await self._known(incoming):
                    log.info("telegram_answer_said_again", update=incoming.event_id)
                    await answer(known)
            except Unavailable:  # the database is away: whoever looks next finds them again
                self._due[person] = incoming
                await self._give_back()
                raise

    async def _give_back(self) -> None:
        for person, incoming in tuple(self._due.items()):
            await self._note(f"{_NOBODY} {incoming.event_id}", incoming)
            del self._due[person]

    async def _left(self) -> list[tuple[str, bytes]]:
        """What dead processes have noted."""
        with outages():
            owed = await cast(Awaitable[dict[bytes, bytes]], self._redis.hgetall(_OWED))
            fields = [(field.decode(errors="replace"), what) for field, what in owed.items()]
            lives = {field.partition(" ")[0] for field, _ in fields}
            alive = {one for one in lives if await self._redis.exists(_life(one))}
        return [(field, what) for field, what in fields if field.partition(" ")[0] not in alive]

    async def _known(self, incoming: Incoming) -> Incoming | None:
        """For whom it is, if the update was stored and its person is known (still)."""
        async with self._database.snapshot() as tx:
            if not await inbox.was_processed(tx, incoming.event_id):
                return None
            user = await users.find(tx, incoming.person.platform, incoming.person.id)
        return replace(incoming, only_of=user.id) if user else None

    async def _note(self, field: str, incoming: Incoming) -> None:
        person = incoming.person
        owed = json.dumps([person.platform, person.id, person.language, incoming.at.isoformat()])
        with outages():
            await cast(Awaitable[int], self._redis.hset(_OWED, field, owed))

    def _field(self, incoming: Incoming) -> str:
        return f"{self._process} {incoming.event_id}"


def _life(process: str) -> str:
    return f"eider:telegram:answering:{process}"


def _read(field: str, what: bytes) -> Incoming:
    """The update, without what was said. Raises ValueError or TypeError."""
    platform, id, language, at = map(str, json.loads(what))
    when, event = datetime.fromisoformat(at).astimezone(UTC), field.partition(" ")[2]
    return Incoming(
        event, Person(ChannelName(platform), id, language), when, Said(""), admitted=True
    )
