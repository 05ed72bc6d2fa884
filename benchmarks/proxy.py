"""A TCP proxy that can be slow, cut off, or led elsewhere: a network between machines."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

Target = Path | int
"""A UNIX socket, or a port of the loopback."""


class Proxy:
    """A port of the loopback, from where it leads to one of ``targets`` in turn, or to the next
    that can be reached. ``seconds`` is the time that a round trip takes longer by; both may be
    changed at any moment. ``asked`` and ``sent`` count what came from who connected: how often, and
    how many bytes."""

    def __init__(self, *targets: Target, seconds: float = 0.0) -> None:
        self.targets, self.seconds = targets, seconds
        self.port = self.asked = self.sent = 0
        self.hops: set[_Hop] = set()
        self._turn = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen; after :meth:`close` on the same port again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accepted, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse whoever comes, and cut off whoever is there."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.sleep(0)

    def cut(self) -> int:
        """Cut off everybody who is connected; how many sides that were."""
        cut = list(self.hops)
        for hop in cut:
            hop.transport.abort()
        return len(cut)

    def _accepted(self) -> "_Hop":
        return _Hop(self, came=True)

    def connect(self, near: "_Hop") -> None:
        """Open the way on for who came."""
        self._tasks.add(task := asyncio.get_running_loop().create_task(self._connect(near)))
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, near: "_Hop") -> None:
        far = _Hop(self)
        far.lead_to(near)
        self._turn += 1
        for number in range(len(self.targets)):
            target = self.targets[(self._turn + number) % len(self.targets)]
            try:
                await _reach(target, far)
            except OSError:
                continue
            near.lead_to(far)
            return
        near.transport.abort()


class _Hop(asyncio.Protocol):
    """One side of a connection; what comes in goes out at the other side, a while later."""

    def __init__(self, proxy: Proxy, *, came: bool = False) -> None:
        self._proxy, self._came = proxy, came
        self._queue: deque[bytes | None] = deque()  # None: the end
        self._due = 0  # how many of these may go out, once there is a way on
        self._other: _Hop | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._proxy.hops.add(self)
        if self._came:
            self._proxy.connect(self)

    def data_received(self, data: bytes) -> None:
        if self._came:
            self._proxy.asked += 1
            self._proxy.sent += len(data)
        self._later(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.hops.discard(self)
        self._later(None)

    def lead_to(self, other: "_Hop") -> None:
        """The way on is open."""
        self._other = other
        self._pass_on()

    def _later(self, data: bytes | None) -> None:
        self._queue.append(data)
        half = self._proxy.seconds / 2
        if half or len(self._queue) > self._due + 1:  # else nothing is before it
            asyncio.get_running_loop().call_later(half, self._next_is_due)
        else:
            self._next_is_due()

    def _next_is_due(self) -> None:
        self._due += 1
        self._pass_on()

    def _pass_on(self) -> None:
        """In the order in which it came, however the slowness changes meanwhile."""
        while self._due and self._other is not None:
            self._due -= 1
            data = self._queue.popleft()
            transport = self._other.transport
            if data is None:
                transport.close()
            elif not transport.is_closing():
                transport.write(data)


async def _reach(target: Target, far: _Hop) -> None:
    loop = asyncio.get_running_loop()
    if isinstance(target, Path):
        await loop.create_unix_connection(lambda: far, str(target))
    else:
        await loop.create_connection(lambda: far, "127.0.0.1", target)


@asynccontextmanager
async def proxied(*targets: Target, seconds: float = 0.0) -> AsyncIterator[Proxy]:
    """A proxy that listens, on a free port."""
    proxy = Proxy(*targets, seconds=seconds)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()
