"""One connection to the web process: how many there may be, and how long each may dawdle.

aiohttp limits how long a connection may be idle, and nothing else. :class:`ClientConnection` is its
protocol with the rest, over public names alone; ``tests/bot/test_connection.py`` would notice if
aiohttp changed what these do.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, cast

import structlog
from aiohttp import web

from bot.web.client_address import UNKNOWN, IPNetwork, address_of, counted, is_within
from bot.web.security_headers import SECURITY_HEADERS

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections there may be, and for how many seconds.

    ``head``: from the first byte of a request (of a new connection: from its beginning) to the end
    of its head. ``idle``: between two requests; more than a proxy in front keeps its own (nginx:
    60), or it would send into a connection that we are closing. ``unread``: until a client has
    fetched what waits for it. ``unused``: for what is left of a body that was refused.
    ``most``: in all; ``most_per_address``: of one client, trusted proxies excepted.
    """

    most: int = 2000
    most_per_address: int = 200
    head: float = 15.0
    idle: float = 75.0
    unread: float = 120.0
    unused: float = 2.0


@dataclass
class OpenConnections:
    """Counts the connections that are open now, by address."""

    limits: ConnectionLimits
    trusted: Collection[IPNetwork] = ()
    by_address: Counter[str] = field(default_factory=Counter)

    def enter(self, peer: str) -> str | None:
        """Count one more from that peer: what to :meth:`leave` with. None: it is one too many."""
        address = address_of(peer)
        client = counted(address) if address else UNKNOWN
        is_proxy = address is not None and is_within(address, self.trusted)
        crowded = self.by_address[client] >= self.limits.most_per_address and not is_proxy
        if crowded or self.by_address.total() >= self.limits.most:
            return None
        self.by_address[client] += 1
        return client

    def leave(self, client: str) -> None:
        """One of them is gone."""
        self.by_address[client] -= 1
        if not self.by_address[client]:
            del self.by_address[client]


class ClientConnection(web.RequestHandler):
    """aiohttp's protocol, within limits, and without a word of the client's in the log."""

    # No leading underscores here: those names are aiohttp's.

    def __init__(
        self,
        manager: web.Server,
        open_connections: OpenConnections,
        *,
        loop: asyncio.AbstractEventLoop,
        malformed: Callable[[], None] = lambda: None,
    ) -> None:
        """``malformed`` is called for each request that is not HTTP."""
        limits = open_connections.limits
        super().__init__(
            manager,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # addresses hold ids of people
            auto_decompress=False,  # 1 MB inflates to 1 GB, before anybody has asked for it
            keepalive_timeout=limits.idle,
            lingering_time=limits.unused,
        )
        self.loop = loop
        self.limits = limits
        self.open_connections = open_connections
        self.malformed = malformed
        self.client: str | None = None
        self.is_busy = False
        self.head_timer: asyncio.TimerHandle | None = None
        self.unread_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or tell it to come back."""
        peer = transport.get_extra_info("peername")
        self.client = self.open_connections.enter(peer[0] if isinstance(peer, tuple) else "")
        if self.client is None:
            writing = cast(asyncio.Transport, transport)
            writing.write(_raw(503, "Service Unavailable", {"Retry-After": "10"}))
            writing.close()
            return
        super().connection_made(transport)
        self.head_timer = self.loop.call_later(self.limits.head, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give its place back."""
        for timer in (self.head_timer, self.unread_timer):
            if timer:
                timer.cancel()
        if self.client is not None:
            self.open_connections.leave(self.client)
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes outside of a request are a head's, which must not take for ever."""
        if self.client is None:
            return
        if not self.is_busy and self.head_timer is None:
            self.head_timer = self.loop.call_later(self.limits.head, self.force_close)
        super().data_received(data)

    def request_began(self) -> None:
        """A head is whole. What its body may take, the reader of the body says."""
        self.is_busy = True
        if self.head_timer:
            self.head_timer.cancel()
            self.head_timer = None

    def request_ended(self) -> None:
        """It was answered."""
        self.is_busy = False

    def pause_writing(self) -> None:
        """The client does not fetch what it asked for."""
        super().pause_writing()
        if self.unread_timer is None:
            self.unread_timer = self.loop.call_later(self.limits.unread, self._abort)

    def resume_writing(self) -> None:
        """It has."""
        super().resume_writing()
        if self.unread_timer:
            self.unread_timer.cancel()
            self.unread_timer = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP, and what slipped through the application. aiohttp's own would log the
        client's address and bytes, and say which server this is."""
        if status == 500:
            self.log_exception("connection_broke", exc_info=exc)
            if request.writer.output_size:  # a second answer inside of the first would be no HTTP
                raise ConnectionResetError
        else:
            self.malformed()
        return RawAnswer(status)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Its kind and its place, and nothing that it quotes."""
        error = kw.get("exc_info")
        log.error("connection_broke", error=type(error).__name__, exc_info=error)

    def _abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class RawAnswer(web.Response):
    """An answer without a body, written past aiohttp, which would add its own name to it."""

    def __init__(self, status: int) -> None:
        super().__init__(status=status)
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> None:
        if request.transport is not None:
            request.transport.write(_raw(self.status, self.reason, {}))

    async def write_eof(self, data: bytes = b"") -> None:
        """All is written."""


def _raw(status: int, reason: str, more: dict[str, str]) -> bytes:
    headers = {**SECURITY_HEADERS, **more, "Content-Length": "0", "Connection": "close"}
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {it}" for name, it in headers.items())]
    return ("\r\n".join(lines) + _END).encode("ascii")


_END: Final = "\r\n\r\n"
