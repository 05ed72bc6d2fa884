"""A real Valkey that a test stops, starts and fills up."""

import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

from redis.asyncio import Redis

from shop.adapters.embedded import embedded_valkey
from shop.settings import socket_url


class RedisServer:
    """One server with its data in ``folder``; its address stays the same. Usable as a context
    manager, within which it is stopped, and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = AsyncExitStack()
        self._frozen = 0
        self.url = socket_url(folder)

    async def __aenter__(self) -> "RedisServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        await self._running.enter_async_context(embedded_valkey(self._folder))

    async def stop(self) -> None:
        await self._running.aclose()

    async def freeze(self) -> None:
        """From now on it takes what is sent, and answers nothing, until :meth:`thaw`."""
        async with Redis.from_url(self.url) as redis:
            self._frozen = int((await redis.info("server"))["process_id"])
        os.kill(self._frozen, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._frozen, signal.SIGCONT)

    async def fill(self) -> None:
        """From now on every write is refused: no memory is left, and nothing may be evicted."""
        await self._configure("1")

    async def empty(self) -> None:
        """There is memory again."""
        await self._configure("0")

    async def _configure(self, bytes: str) -> None:
        async with Redis.from_url(self.url) as redis:
            await redis.config_set("maxmemory-policy", "noeviction")
            await redis.config_set("maxmemory", bytes)
