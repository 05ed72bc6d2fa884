"""Opens the application's port, with :class:`~bot.web.connection.ClientConnection` behind it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from bot.web.client_address import TRUSTED_PROXIES
from bot.web.connection import (
    ClientConnection,
    ConnectionLimits,
    OpenConnections,
    RawAnswer,
)

ON_MALFORMED: Final = web.AppKey[Callable[[], None]]("on_malformed")
"""Where an application keeps what is called for each request that is not HTTP."""

SHUTDOWN_SECONDS: Final = 3.0
_BACKLOG: Final = 1024  # connections that the kernel holds until we look at them


@asynccontextmanager
async def open_server(
    app: web.Application,
    host: str,
    port: int,
    limits: ConnectionLimits | None = None,
    *,
    shutdown_seconds: float = SHUTDOWN_SECONDS,
) -> AsyncIterator[int]:
    """Answer on that host and port within the block, which is given the port: 0 takes a free one.

    Raises OSError for a port in use.
    """
    loop = asyncio.get_running_loop()
    places = OpenConnections(limits or ConnectionLimits(), app.get(TRUSTED_PROXIES, ()))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_seconds)
    await runner.setup()
    server = runner.server
    assert server is not None  # noqa: S101 - set up just now
    answer, malformed = server.request_handler, app.get(ON_MALFORMED, _uncounted)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        assert isinstance(connection, ClientConnection)  # noqa: S101 - made below
        connection.request_began()
        try:
            if any(one.lower() != "100-continue" for one in request.headers.getall("Expect", ())):
                return RawAnswer(417)  # aiohttp's own quotes the header, or breaks over it
            return await answer(request)
        finally:
            connection.request_ended()

    server.request_handler = handle
    try:
        listener = await loop.create_server(
            lambda: ClientConnection(server, places, loop=loop, malformed=malformed),
            host,
            port,
            backlog=_BACKLOG,
        )
        try:
            yield listener.sockets[0].getsockname()[1]
        finally:
            listener.close()
    finally:
        await runner.cleanup()


def _uncounted() -> None:
    """For an application that does not count."""
