"""The outbox flusher of a process: signals what its commits have left, and what becomes due."""

import asyncio
from typing import Final

import structlog

from shop.jobs import outbox
from shop.outages import told
from shop.ports import Database, WakeUp

PAUSE_SECONDS: Final = 0.1
RETRY_SECONDS: Final = 1.0  # after a flush that failed
SOON_SECONDS: Final = 0.5  # from what is not urgent to the flush of all that came since

log = structlog.get_logger(__name__)


class OutboxFlusher:
    """Flushes after commits, many at once as one, and by a timer when the next message is due.

    A call while another flush is under way is served by the next round, :data:`PAUSE_SECONDS`
    later: under load the outbox is read ten times a second, and not after every commit. What a
    process leaves that dies before it could flush is found by the outbox worker's own look.
    """

    def __init__(self, database: Database, wake_up: WakeUp) -> None:
        self._database = database
        self._wake_up = wake_up
        self._flushing = False
        self._again = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._timed: asyncio.Task[None] | None = None

    def flush_soon(self) -> None:
        """Flush within :data:`SOON_SECONDS`, once for many: for commits that left nothing that is
        due before that."""
        soon = asyncio.get_running_loop().time() + SOON_SECONDS
        if self._flushing:
            self._again = True
        elif self._timer is None or self._timer.when() > soon:
            self._set_timer(SOON_SECONDS)

    async def flush(self) -> None:
        """Flush, or leave it to the flush that is under way."""
        self._again = True
        if self._flushing:
            return
        self._flushing = True
        wait: float | None = RETRY_SECONDS
        try:
            while self._again:
                self._again = False
                flushed = await outbox.flush(self._database, self._wake_up)
                if self._again:
                    await asyncio.sleep(PAUSE_SECONDS)
            due = flushed.next_due
            wait = None if due is None else max(0.0, (due - flushed.at).total_seconds())
        finally:  # also after a failure: others have left their flush to this one
            self._flushing = False
            self._set_timer(wait)

    async def close(self) -> None:
        """Stop the timer; what is due later is the outbox worker's to find."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._timed is not None:
            self._timed.cancel()
            await asyncio.gather(self._timed, return_exceptions=True)

    def _set_timer(self, wait: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait is not None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(wait, self._due)

    def _due(self) -> None:
        self._timed = asyncio.get_running_loop().create_task(self._flush_by_timer())

    async def _flush_by_timer(self) -> None:
        try:
            await self.flush()
        except Exception as error:  # boundary: the outbox worker looks too
            log.warning("flush_failed", **told(error))
