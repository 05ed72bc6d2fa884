"""The product's outbox handlers over memory, an outbound that remembers, and news of few words."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.outbox.handlers import OutboxHandlers
from handlers.chat import Reply, Say
from shop.adapters.memory import MemoryDatabase, MemoryWakeUp
from shop.jobs import outbox
from shop.records import CHAT, OutboxMessage, User


@dataclass
class FakeOutbound:
    """An outbound that remembers, shows each key once, and has the troubles it is given."""

    said: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    troubles: list[Exception | None] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    pause: float = 0.0

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        await asyncio.sleep(self.pause)
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        if key in self.keys:
            return
        self.keys.add(key)
        assert isinstance(reply, Say)
        self.said.append(f"{chat}: {reply.text}")

    async def forget(self, chat: str, before: datetime) -> None:
        self.forgotten.append(chat)


@dataclass
class News:
    """Says the kind and the number of a notice; two replies for the kind ``pair``."""

    database: MemoryDatabase

    async def replies(
        self, payload: Mapping[str, str | int | float]
    ) -> tuple[User, list[Reply]] | None:
        if payload["kind"] == "broken":
            raise KeyError("no such news")
        if payload["kind"] == "outdated":
            return None
        async with self.database.begin() as tx:
            user = await tx.get(User, str(payload["user"]))
        assert user is not None
        text = f"{payload['kind']} {payload.get('n', '')}".strip()
        return user, [Say(text), Say("and")] if payload["kind"] == "pair" else [Say(text)]


@dataclass
class OutboxHarness:
    database: MemoryDatabase
    queue: MemoryWakeUp
    outbound: FakeOutbound
    outbox_handlers: OutboxHandlers
    clock: object
    scrubbed: list[str]

    async def notify(self, user: User, kind: str, key: str = "", **ids: int) -> OutboxMessage:
        async with self.database.begin() as tx:
            return await outbox.notify(tx, user.id, kind, self.clock(), key=key, **ids)

    async def round(self) -> None:
        """Signal what is due, and answer each signal."""
        await outbox.flush(self.database, self.queue, self.clock())
        for signal in self.queue.take(CHAT):
            await self.outbox_handlers.answer(signal.payload)

    async def left(self) -> list[OutboxMessage]:
        async with self.database.begin() as tx:
            return await tx.find(OutboxMessage, queue=CHAT, state=outbox.PENDING)


@dataclass
class ErasedNews(News):
    """The notice goes to the address in its payload, as the product's does."""

    async def replies(
        self, payload: Mapping[str, str | int | float]
    ) -> tuple[User, list[Reply]] | None:
        found = await super().replies(payload)
        assert found is not None
        return replace(found[0], platform_id=str(payload["person"])), found[1]
