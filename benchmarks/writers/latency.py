"""A TCP proxy that keeps everything it passes on for a while: a network between two machines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any


class _Hop(asyncio.Protocol):
    """One side of a connection; what comes in goes out at ``other``, ``delay`` seconds later."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self.transport: Any = None
        self.other: asyncio.Future[_Hop] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(self._delay, self._pass_on, data)

    def connection_lost(self, exc: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self._delay, self._pass_on, None)

    def _pass_on(self, data: bytes | None) -> None:
        if not self.other.done():  # the way on is still being opened: in the same order, later
            self.other.add_done_callback(lambda _: self._pass_on(data))
            return
        transport = self.other.result().transport
        if data is None:
            transport.close()
        elif not transport.is_closing():
            transport.write(data)


@asynccontextmanager
async def latency(socket: Path, seconds: float) -> AsyncIterator[int]:
    """Listen on a port of the loopback, and pass on to the UNIX socket; ``seconds`` is the time
    that a round trip takes longer by. Yields the port."""
    loop = asyncio.get_running_loop()

    def accepted() -> _Hop:
        near, far = _Hop(seconds / 2), _Hop(seconds / 2)
        far.other.set_result(near)

        async def connect() -> None:
            await loop.create_unix_connection(lambda: far, str(socket))
            near.other.set_result(far)

        tasks.add(task := loop.create_task(connect()))
        task.add_done_callback(tasks.discard)
        return near

    tasks: set[asyncio.Task[None]] = set()
    server = await loop.create_server(accepted, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
