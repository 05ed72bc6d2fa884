"""The web side in one application: channels, payments, cashier, health and metrics."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.cashier.page import CashierPage
from bot.container import Container
from bot.web.client_address import TRUSTED_PROXIES
from bot.web.observability import Observability
from bot.web.payments import Payments
from shop.errors import Unavailable

LARGEST_FORM = 64 * 1024  # bytes of any body but a photo's
SHUTDOWN_SECONDS = 3.0

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

log = structlog.get_logger()


@asynccontextmanager
async def open_web_app(container: Container) -> AsyncIterator[web.Application]:
    """The application with the routes of every connected channel: serve it within the block."""
    async with AsyncExitStack() as stack:
        routes: list[web.AbstractRouteDef] = []
        for connection in container.connections.values():
            routes += await stack.enter_async_context(connection.receive())
        yield _application(container, routes)


async def serve(container: Container, stop: asyncio.Event) -> None:
    """Answer on the settings' host and port until ``stop`` is set."""
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(open_web_app(container))
        # No access log: addresses hold ids of people, and metrics count without them.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        site = web.TCPSite(runner, container.settings.host, container.settings.port)
        await site.start()
        log.info("web_ready", port=container.settings.port)
        await stop.wait()


def _application(container: Container, routes: Sequence[web.AbstractRouteDef]) -> web.Application:
    watch = Observability(container.database, container.redis, container.outbox_handlers.stuck)
    app = web.Application(middlewares=[watch.count, _guard], client_max_size=LARGEST_FORM)
    app[TRUSTED_PROXIES] = container.settings.trusted_proxies
    app.on_response_prepare.append(_harden)
    payments = Payments(
        container.database, container.tills, container.clock, container.flusher.flush
    )
    cashier = CashierPage(container.sandbox_till, container.payment_notifier)
    app.add_routes([*watch.routes(), *payments.routes(), *cashier.routes(), *routes])
    homes = (
        one.home for one in container.channels if one.home and one.name in container.connections
    )
    if home := next(homes, ""):
        app.router.add_get("/", partial(_redirect, home))
    return app


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The last net: a fault is logged under its route, without addresses or bodies."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except ConnectionResetError:
        raise
    except Unavailable as outage:
        log.warning("web_unavailable", why=str(outage))
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from None
    except Exception:
        resource = request.match_info.route.resource
        log.exception("web_fault", route=resource.canonical if resource else "unknown")
        raise web.HTTPInternalServerError from None


async def _harden(request: web.Request, answer: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    # A browser asks whether a file is still the same, instead of mixing two versions of the page.
    answer.headers.setdefault("Cache-Control", "no-cache")
    answer.headers.pop("Server", None)


async def _redirect(to: str, request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": to})
