"""The web side in one application: channels, payments, cashier."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from bot.adaptation import wording_of
from bot.container import Container
from bot.pages.album import ALBUM
from bot.pages.album.routes import AlbumRoutes
from bot.pages.door import PageDoor
from bot.pages.links import PageLinks
from bot.pages.pictures import PersonalPictures
from bot.web.body import LARGEST_JSON
from bot.web.client_address import TRUSTED_PROXIES
from bot.web.connection import ConnectionLimits
from bot.web.middleware import ALLOWED_HOSTS, admit, allowed_hosts, guard, harden
from bot.web.observability import RequestMetrics
from bot.web.payments import Payments
from bot.web.server import ON_MALFORMED, open_server
from bot.web.verify import VerifyPage
from shop.jobs import sightings
from shop.listening import listening, require_free_port
from shop.records import Order, OrderId, User
from shop.settings import Settings

ROLE: Final = "web"
WEB_SETTINGS: Final = "EIDER_HOST, EIDER_PORT"

log = structlog.get_logger()


@asynccontextmanager
async def open_web_app(container: Container) -> AsyncIterator[web.Application]:
    """The application with the routes of every connected channel: serve it within the block."""
    async with AsyncExitStack() as stack:
        routes: list[web.AbstractRouteDef] = []
        for connection in container.connections.values():
            routes += await stack.enter_async_context(connection.receive())
        metrics = RequestMetrics(container.registry)
        stack.callback(metrics.close)
        yield _application(container, metrics, routes)


async def serve(container: Container, stop: asyncio.Event) -> None:
    """Answer on the settings' host and port until ``stop`` is set. Raises
    :class:`shop.errors.CannotStart` if something else listens there."""
    settings = container.settings
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_web_app(container))
        server = open_server(app, settings.host, settings.port, connection_limits(settings))
        with listening(WEB_SETTINGS, settings.host, settings.port):
            port = await stack.enter_async_context(server)
        log.info("web_ready", port=port)
        async with sightings.kept(container.database, ROLE):
            await stop.wait()


async def require_web_port(settings: Settings) -> None:
    """Raises :class:`shop.errors.CannotStart` if :func:`serve` could not listen now."""
    await require_free_port(WEB_SETTINGS, settings.host, settings.port)


def connection_limits(settings: Settings) -> ConnectionLimits:
    """As the settings have them."""
    return ConnectionLimits(settings.connections, settings.connections_per_address)


def _application(
    container: Container, metrics: RequestMetrics, routes: Sequence[web.AbstractRouteDef]
) -> web.Application:
    app = web.Application(middlewares=[metrics.count, guard, admit], client_max_size=LARGEST_JSON)
    app[TRUSTED_PROXIES] = container.settings.trusted_proxies
    app[ALLOWED_HOSTS] = allowed_hosts(container.settings)
    app[ON_MALFORMED] = metrics.malformed
    app.on_response_prepare.append(harden)
    payments = Payments(
        container.database, container.tills, container.limiter,
        container.flusher.flush, container.booking_failures, container.payment_metrics.refused,
    )  # fmt: skip
    cashier = container.cashier.routes(partial(_way_back, container)) if container.cashier else []
    verify = VerifyPage(container.dispatcher.verify, container.limiter)
    album = _album(container)
    app.add_routes([*payments.routes(), *cashier, *verify.routes(), *album.routes(), *routes])
    if home := _home(container):
        app.router.add_get("/", partial(_redirect, home))
    return app


def _album(container: Container) -> AlbumRoutes:
    settings, connections = container.settings, container.connections
    links = PageLinks(ALBUM, settings.signing_key, settings.public_url, container.clock)
    logins = {name: one.page_login for name, one in connections.items() if one.page_login}
    door = PageDoor(
        ALBUM, links, logins, container.redis, container.database, container.limiter,
        secure=settings.public_url.startswith("https:"),
        wordings={
            one.name: wording_of(one.capabilities, container.settings.time_zone)
            for one in container.channels
        },
    )  # fmt: skip
    pictures = PersonalPictures(
        container.database, container.cipher, container.blobs, container.labelling.signer,
        container.previews,
    )  # fmt: skip
    return AlbumRoutes(
        door, container.database, container.catalog, pictures, container.page_dispatcher,
        container.outbounds, container.limiter, container.clock, container.flusher.flush,
    )  # fmt: skip


async def _way_back(container: Container, order_id: str) -> str:
    """The address of the chat of an order's owner; the home, if there is one, for no order."""
    async with container.database.snapshot() as tx:
        order = await tx.get(Order, OrderId(order_id)) if order_id else None
        owner = await tx.get(User, order.user_id) if order else None
    if owner is None:
        return _home(container)
    connection = container.connections.get(owner.platform)
    return await connection.way_back() if connection else ""


def _home(container: Container) -> str:
    """The path to which ``/`` leads; "" for none."""
    homes = (
        one.home for one in container.channels if one.home and one.name in container.connections
    )
    return next(homes, "")


async def _redirect(to: str, request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": to})
