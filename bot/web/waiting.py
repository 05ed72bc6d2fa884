"""What the web side answers while the database's tables are not this version's: to everything 503
and when to come back, so that whoever delivers an update or a payment keeps it and comes again.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from aiohttp import web

from bot.web.app import WEB_SETTINGS, connection_limits
from bot.web.middleware import ALLOWED_HOSTS, UPGRADING, admit, allowed_hosts, harden
from bot.web.server import open_server
from shop.listening import listening
from shop.settings import Settings

_AGAIN_SECONDS: Final = "5"


@asynccontextmanager
async def open_waiting_door(settings: Settings) -> AsyncIterator[None]:
    """Answer so on the settings' host and port within the block. Raises
    :class:`shop.errors.CannotStart` if something else listens there."""
    app = web.Application(middlewares=[admit])
    app[ALLOWED_HOSTS] = allowed_hosts(settings)
    app.on_response_prepare.append(harden)
    app.router.add_route("*", "/{path:.*}", _wait)
    async with AsyncExitStack() as stack:
        server = open_server(app, settings.host, settings.port, connection_limits(settings))
        with listening(WEB_SETTINGS, settings.host, settings.port):
            await stack.enter_async_context(server)
        yield


async def _wait(request: web.Request) -> web.Response:
    return web.Response(status=503, text=UPGRADING, headers={"Retry-After": _AGAIN_SECONDS})
