"""Doubles of what stands behind the callback."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from handlers.chat import Incoming, Reply, Say, SentPhoto
from handlers.dispatcher import WasAnswered, not_yet
from handlers.steps.photos import TALLY
from shop import inbox
from shop.errors import Unavailable
from shop.ports import Database


@dataclass
class Scribe:
    """A dispatcher that stores each event once, says what it was told to, and waits where a test
    holds it."""

    database: Database
    handled: list[Incoming] = field(default_factory=list)
    seen: int = 0
    fetched: list[bytes] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=lambda: [Say("hello")])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    outages: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def handle(self, incoming: Incoming, answered: WasAnswered = not_yet) -> list[Reply]:
        self.seen += 1
        await self.gate.wait()
        if self.outages:
            self.outages -= 1
            raise Unavailable("the database does not answer")
        if isinstance(incoming.content, SentPhoto):
            try:
                self.fetched.append(bytes(await incoming.content.read(_unbounded)))
            except OSError:
                return [Say("not fetched", message_key="photo-note")]
        async with self.database.begin() as tx:
            repeated = await inbox.already_processed(tx, incoming.event_id, await tx.now())
        if repeated:
            tallies = [one for one in self.replies if one.message_key.startswith(TALLY)]
            return [Say("where you are"), *tallies]
        self.handled.append(incoming)
        return list(self.replies)


@dataclass
class Mouth:
    """Answers, and sends: what a person reads. The passive reply is the first text."""

    read: list[str] = field(default_factory=list)
    trouble: list[Exception] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def answer(self, incoming: Incoming, replies: Sequence[Reply]) -> str | None:
        await self.gate.wait()
        if self.trouble:
            raise self.trouble.pop(0)
        texts = [one.text for one in replies if isinstance(one, Say)]
        return "\n".join(texts) or None

    async def say(self, chat: str, text: str) -> None:
        self.read.append(text)

    async def send_together(self, chat: str, replies: Sequence[Reply]) -> bool:
        if self.trouble:
            raise self.trouble.pop(0)
        self.read += [one.text for one in replies if isinstance(one, Say)]
        return True

    async def contact(self, chat: str) -> str:
        return "1"

    async def forget(self, chat: str, before: datetime) -> None:
        self.read.clear()


async def _unbounded(size: int) -> None:
    pass
