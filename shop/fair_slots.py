"""A semaphore whose waiters take turns by owner, and by what they are expected to cost.

Start-time fair queueing (Goyal, Vin and Cheng, 1996), as an asyncio primitive: each waiter gets a
tag, the owner's last tag or the present time, whichever is later, plus its weighted cost; the least
tag is served first. So one owner's many requests stand behind another's first, a dear one behind
cheap ones that come a little later, and nobody waits for ever.
"""

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

WEIGHT: Final = 10.0  # seconds of precedence that each second of cost gives away
LEAST_COST: Final = 0.1  # seconds


class FairSlots:
    """``slots`` holders at once, at most ``per_owner`` of them of one owner (None: any number)."""

    def __init__(self, slots: int, per_owner: int | None = None) -> None:
        self._free = slots
        self._per_owner = slots if per_owner is None else per_owner
        self._held: Counter[str] = Counter()
        self._tags: dict[str, float] = {}  # of each owner's latest request, while in the future
        self._waiting: list[tuple[float, int, str, asyncio.Future[None]]] = []  # a heap
        self._numbers = itertools.count()

    @asynccontextmanager
    async def slot(self, owner: str, cost: float = 0.0) -> AsyncIterator[None]:
        """Hold a slot within the block. ``cost``: expected seconds."""
        await self.acquire(owner, cost)
        try:
            yield
        finally:
            self.release(owner)

    async def acquire(self, owner: str, cost: float = 0.0) -> None:
        """Wait for a slot; to be given back by :meth:`release`."""
        if not self._waiting and self.try_acquire(owner):
            return
        granted = asyncio.get_running_loop().create_future()
        tag = self._tag(owner, cost)
        heapq.heappush(self._waiting, (tag, next(self._numbers), owner, granted))
        self._serve()
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.release(owner)
            raise

    def try_acquire(self, owner: str) -> bool:
        """A slot at once, or False."""
        if self._free <= 0 or self._held[owner] >= self._per_owner:
            return False
        self._take(owner)
        return True

    def release(self, owner: str) -> None:
        """Give a slot back; the next waiter gets it."""
        self._free += 1
        self._held[owner] -= 1
        if self._held[owner] <= 0:
            del self._held[owner]
        self._serve()

    def _take(self, owner: str) -> None:
        self._free -= 1
        self._held[owner] += 1

    def _tag(self, owner: str, cost: float) -> float:
        now = asyncio.get_running_loop().time()
        self._tags = {one: tag for one, tag in self._tags.items() if tag > now}
        tag = max(now, self._tags.get(owner, now)) + WEIGHT * max(cost, LEAST_COST)
        self._tags[owner] = tag
        return tag

    def _serve(self) -> None:
        """Give the free slots to the waiters with the least tags whose owners may hold more."""
        passed_over = []
        while self._free > 0 and self._waiting:
            entry = heapq.heappop(self._waiting)
            _, _, owner, granted = entry
            if granted.done():  # cancelled while it waited
                continue
            if self._held[owner] >= self._per_owner:
                passed_over.append(entry)
                continue
            self._take(owner)
            granted.set_result(None)
        for entry in passed_over:
            heapq.heappush(self._waiting, entry)
