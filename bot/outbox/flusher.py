"""The doorbell after commits: many at once are one."""

import asyncio
from typing import Final

from shop.jobs import outbox
from shop.ports import Clock, Database, WakeUp

BREATH_SECONDS: Final = 0.1


class OutboxFlusher:
    """Rings for what commits have left in the outbox, instead of the courier's next look.

    Whoever rings while it is ringing is heard by the next round, a breath later: under load the
    outbox is looked through ten times a second, and not after every update.
    """

    def __init__(self, database: Database, queue: WakeUp, clock: Clock) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock
        self._ringing = False
        self._again = False

    async def ring(self) -> None:
        """Ring, or leave it to the round that is under way."""
        self._again = True
        if self._ringing:
            return
        self._ringing = True
        try:
            while self._again:
                self._again = False
                await outbox.flush(self._database, self._queue, self._clock())
                if self._again:
                    await asyncio.sleep(BREATH_SECONDS)
        finally:
            self._ringing = False
