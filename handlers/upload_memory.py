"""The memory for photos that are being fetched: a budget of bytes for all people together.

A photo takes of it as its bytes come in. When it is used up, others wait; and one that has been
coming in for the longest time, if that is long, makes room for them, by ending as an outage: its
sender may try again. So slow senders delay others by seconds, however many they are.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from shop.errors import Unavailable

TOTAL_BYTES: Final = 48 * 2**20  # more than the largest photo
PATIENCE_SECONDS: Final = 1.0  # how long one waits before another has to make room
GRACE_SECONDS: Final = 5.0  # that each may come in before it makes room for others


class UploadMemory:
    """The budget. ``total`` is more than any single photo takes."""

    def __init__(
        self,
        total: int = TOTAL_BYTES,
        patience: float = PATIENCE_SECONDS,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._free = total
        self._patience = patience
        self._grace = grace
        self._coming_in: list[Upload] = []  # the oldest first
        self._leaving: Upload | None = None  # whose memory will be free in a moment
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def upload(self) -> AsyncIterator["Upload"]:
        """One photo; its memory is given back at the end of the block.

        Raises :class:`Unavailable` within the block where this photo has to make room.
        """
        one = Upload(self)
        self._coming_in.append(one)
        try:
            async with one.ends:
                yield one
        except TimeoutError:
            if not one.ends.expired():
                raise
            raise Unavailable("a photo made room for others") from None
        finally:
            one.has_come()
            self._free += one.held
            if self._leaving is one:
                self._leaving = None
            async with self._changed:
                self._changed.notify_all()

    async def take(self, upload: "Upload", size: int) -> None:
        """Wait until so many more bytes are free, and give them to that upload."""
        while self._free < size:
            async with self._changed:
                try:
                    async with asyncio.timeout(self._patience):
                        await self._changed.wait()
                except TimeoutError:
                    self._make_room(upload)
        self._free -= size
        upload.held += size

    def has_come(self, upload: "Upload") -> None:
        if upload in self._coming_in:
            self._coming_in.remove(upload)

    def _make_room(self, waiting: "Upload") -> None:
        """End the oldest that holds anything and is still coming in: one at a time, and none that
        has just begun."""
        now = asyncio.get_running_loop().time()
        for one in self._coming_in if self._leaving is None else ():
            if one is not waiting and one.held and now - one.began >= self._grace:
                one.has_come()
                self._leaving = one
                one.ends.reschedule(now)
                return


class Upload:
    """A photo that is coming in. ``held``: its bytes so far, in memory; ``began``: when, by the
    event loop's clock."""

    def __init__(self, memory: UploadMemory) -> None:
        self._memory = memory
        self.held = 0
        self.began = asyncio.get_running_loop().time()
        self.ends = asyncio.timeout(None)

    async def reserve(self, size: int) -> None:
        """Wait until that many more bytes may be held."""
        await self._memory.take(self, size)

    def has_come(self) -> None:
        """It is whole: from now on it waits for nobody's network, and makes no room."""
        self._memory.has_come(self)
