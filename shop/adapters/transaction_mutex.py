"""A mutex for transactions inside one process, first come, first served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class TransactionMutex:
    """A fair, non-reentrant lock that raises, rather than deadlocks, when its holder asks again."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None

    @asynccontextmanager
    async def acquired(self) -> AsyncIterator[None]:
        """Raises :class:`RuntimeError` for a transaction inside a transaction of the same task:
        the inner one would wait for the outer one for ever.
        """
        task = asyncio.current_task()
        if self._holder is not None and self._holder is task:
            raise RuntimeError("a transaction inside a transaction")
        async with self._lock:
            self._holder = task
            try:
                yield
            finally:
                self._holder = None
