"""Who is in a transaction inside one process: one task at a time, or each at most once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any


class TransactionMutex:
    """A fair, non-reentrant lock that raises, rather than deadlocks, when its holder asks again."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._inside: set[asyncio.Task[Any] | None] = set()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Beside others. Raises :class:`RuntimeError` for a transaction inside a transaction of the
        same task: the inner one could wait for the outer one for ever.
        """
        task = asyncio.current_task()
        if task in self._inside:
            raise RuntimeError("a transaction inside a transaction")
        self._inside.add(task)
        try:
            yield
        finally:
            self._inside.remove(task)

    @asynccontextmanager
    async def acquired(self) -> AsyncIterator[None]:
        """Alone, first come, first served. Raises as :meth:`entered`."""
        with self.entered():
            async with self._lock:
                yield
