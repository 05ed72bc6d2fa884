"""Which answers are on their way: noted before their update is acknowledged, struck out once they
were sent. What a killed process leaves is said by the next one.

One hash in Redis, of what each living process owes; whoever removes an entry answers it. Should
Redis lose it, nobody loses anything but a word that they get by writing again.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, cast

import structlog
from redis.asyncio import Redis

from bot.state.locks import outages
from handlers.chat import Incoming, Person, Said
from shop.errors import Unavailable
from shop.outages import told
from shop.people import users
from shop.ports import Database
from shop.records import new_id

ALIVE_SECONDS: Final = 30
"""How long after its last sign of life a process is taken for dead."""
LOOK_SECONDS: Final = 5.0
_OWED: Final = "eider:telegram:owed_answers"

log = structlog.get_logger()

Answer = Callable[[Incoming], Awaitable[None]]
"""Answers an update that was stored before: its person sees where they stand."""


class OwedAnswers:
    """What this process owes, and what dead ones have left."""

    def __init__(self, redis: Redis, database: Database) -> None:
        self._redis = redis
        self._database = database
        self._process = new_id()

    async def note(self, incoming: Incoming) -> None:
        """Its answer is on its way. Raises :class:`shop.errors.Unavailable`, as all of these do."""
        person = incoming.person
        owed = json.dumps([person.platform, person.id, person.language, incoming.at.isoformat()])
        with outages():
            await cast(Awaitable[int], self._redis.hset(_OWED, self._field(incoming), owed))

    async def strike(self, incoming: Incoming) -> None:
        """It was sent, or cannot be."""
        with outages():
            await cast(Awaitable[int], self._redis.hdel(_OWED, self._field(incoming)))

    async def keep(self, answer: Answer) -> None:
        """Give signs of life, and answer what dead processes have left, until cancelled."""
        try:
            while True:
                try:
                    with outages():
                        await self._redis.set(_life(self._process), b"", ex=ALIVE_SECONDS)
                    await self._answer_left(answer)
                except Unavailable as outage:
                    log.info("telegram_owed_answers_away", **told(outage))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            await self._redis.delete(_life(self._process))

    async def _answer_left(self, answer: Answer) -> None:
        with outages():
            owed = await cast(Awaitable[dict[bytes, bytes]], self._redis.hgetall(_OWED))
            alive: dict[str, bool] = {}
            for field, what in owed.items():
                process, _, event = field.decode().partition(" ")
                if process not in alive:
                    alive[process] = bool(await self._redis.exists(_life(process)))
                if alive[process]:
                    continue
                if not await cast(Awaitable[int], self._redis.hdel(_OWED, field.decode())):
                    continue  # another process answers it
                try:
                    if incoming := await self._again(event, what):
                        log.info("telegram_answer_said_again", update=event)
                        await answer(incoming)
                except Unavailable:  # the database is away: the next look finds it again
                    await cast(
                        Awaitable[int], self._redis.hset(_OWED, field.decode(), what.decode())
                    )
                    raise

    async def _again(self, event: str, what: bytes) -> Incoming | None:
        """The update, without what was said; None of who is not known (any more)."""
        platform, id, language, at = json.loads(what)
        async with self._database.snapshot() as tx:
            user = await users.find(tx, platform, id)
        if user is None:
            return None
        person, when = Person(platform, id, language), datetime.fromisoformat(at)
        return Incoming(event, person, when, Said(""), admitted=True, only_of=user.id)

    def _field(self, incoming: Incoming) -> str:
        return f"{self._process} {incoming.event_id}"


def _life(process: str) -> str:
    return f"eider:telegram:answering:{process}"
