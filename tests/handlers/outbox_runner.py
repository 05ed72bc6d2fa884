"""The outbox worker of dialogue tests: the product's handlers over memory, until all is done."""

from collections.abc import Callable
from datetime import datetime

from bot.outbound import Outbound
from bot.outbox.handlers import OutboxHandlers
from bot.state.sessions import MemorySessions
from handlers.notifications import Notifications
from handlers.session import PersonLock
from shop.adapters.memory import MemoryWakeUp
from shop.jobs import outbox
from shop.ports import Blobs, Database, Till
from shop.records import JobQueue, OutboxMessage, Platform

TRIES = 2  # of a message, until it is taken for one that cannot be done


class UndeliveredError(AssertionError):
    """The outbox holds a message that its handlers cannot do: a new kind without a handler?"""


class MemoryLocks:
    """Locks of a person by purpose within this process, as the outbox handlers want them."""

    def __init__(self) -> None:
        self._locks = MemorySessions()

    def line(self, purpose: str, platform: str, person: str) -> PersonLock:
        return self._locks.lock(f"{purpose}:{platform}", person)


class OutboxRunner:
    """Handles what the outbox holds, as ``bot courier`` would. ``wait`` moves the clock."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        sessions: MemorySessions,
        notifications: Notifications,
        outbounds: dict[Platform, Outbound],
        tills: dict[str, Till],
        clock: Callable[[], datetime],
        wait: Callable[[datetime], None],
    ) -> None:
        self._database, self._clock, self._wait = database, clock, wait
        self._wake_up = MemoryWakeUp()
        self._handlers = OutboxHandlers(
            database, blobs, sessions, MemoryLocks(), notifications, outbounds, tills, clock, _scrub
        )

    async def run(self) -> None:
        """Do everything, also what is due later. Raises :class:`UndeliveredError`."""
        await self._round()
        while pending := await self._pending():
            for message in pending:
                if message.attempts >= TRIES:
                    raise UndeliveredError(f"{message.name} {message.payload}")
            self._wait(min(message.due_at for message in pending))
            await self._round()

    async def _round(self) -> None:
        await outbox.flush(self._database, self._wake_up, self._clock())
        for signal in self._wake_up.take(JobQueue.CHAT):
            try:
                await self._handlers.answer(signal.payload)
            except KeyError as error:
                raise UndeliveredError(f"{signal.name} {signal.payload}") from error

    async def _pending(self) -> list[OutboxMessage]:
        async with self._database.begin() as tx:
            return await tx.find(OutboxMessage, queue=JobQueue.CHAT, done_at=None)


async def _scrub() -> None:
    """Memory keeps no files that deleted rows could be read from."""
