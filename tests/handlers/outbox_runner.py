"""The outbox worker of dialogue tests: the product's handlers over memory, until all is done."""

from collections.abc import Callable, Collection
from datetime import datetime

from bot.outbound import Outbound
from bot.outbox.handlers import OutboxHandlers
from bot.state.sessions import MemorySessions
from handlers.notifications import Notifications
from shop.adapters.memory import MemoryWakeUp
from shop.erasure_journal import ErasureJournal
from shop.jobs import outbox
from shop.ports import Blobs, Database, Till
from shop.records import CHAT, ChannelName, OutboxMessage
from tests.keys import MASTER_KEY

TRIES = 2  # of a message, until it is taken for one that cannot be done


class UndeliveredError(AssertionError):
    """The outbox holds a message that its handlers cannot do: a new kind without a handler?"""


class OutboxRunner:
    """Handles what the outbox holds, as ``bot courier`` would. ``wait`` moves the clock."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        sessions: MemorySessions,
        notifications: Notifications,
        outbounds: dict[ChannelName, Outbound],
        tills: dict[str, Till],
        clock: Callable[[], datetime],
        wait: Callable[[datetime], None],
        admins: Collection[str] = (),
    ) -> None:
        self._database, self._clock, self._wait = database, clock, wait
        self._wake_up = MemoryWakeUp()
        self._handlers = OutboxHandlers(
            database,
            blobs,
            ErasureJournal(blobs, MASTER_KEY),
            sessions,
            notifications,
            outbounds,
            tills,
            _nothing,
            _nothing,
            admins=admins,
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
        for signal in self._wake_up.take(CHAT):
            try:
                await self._handlers.answer(signal.payload)
            except KeyError as error:
                raise UndeliveredError(f"{signal.name} {signal.payload}") from error

    async def _pending(self) -> list[OutboxMessage]:
        async with self._database.begin() as tx:
            return await tx.find(OutboxMessage, queue=CHAT, state=outbox.PENDING)


async def _nothing() -> None:
    """Memory keeps no files to be scrubbed, and every round of the runner flushes."""
