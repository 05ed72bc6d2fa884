"""The web side in one aiohttp application: playground, tills, cashier, health and metrics."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.cashier.page import CashierPage
from bot.container import Container
from bot.playground.language import LanguageResolver, words_of
from bot.playground.pictures import Pictures
from bot.playground.routes import PlaygroundRoutes
from bot.playground.signed_cookie import SignedCookie
from bot.telegram.service import receive
from bot.web.observability import Observability
from bot.web.payments import Payments
from handlers.chat import Incoming, Reply
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


def web_app(house: Container, more: Sequence[web.RouteDef] = ()) -> web.Application:
    """The application over an open house; ``more`` are a chat's own routes, such as a webhook."""
    watch = Observability(house.database, house.redis, house.outbox_handlers.stuck)
    app = web.Application(middlewares=[watch.count, _guard], client_max_size=LARGEST_FORM)
    app.on_response_prepare.append(_harden)
    payments = Payments(house.database, house.tills, house.clock, house.flush_outbox)
    cashier = CashierPage(house.provider, house.messenger)
    room = _room(house)
    app.add_routes([*watch.routes(), *payments.routes(), *cashier.routes(), *room.routes(), *more])
    app.router.add_get("/", _home)
    return app


async def serve(house: Container, stop: asyncio.Event) -> None:
    """Answer on the settings' host and port until ``stop`` is set."""
    async with AsyncExitStack() as stack:
        more: list[web.RouteDef] = []
        if house.settings.telegram_token:
            more = (await stack.enter_async_context(receive(house.telegram))).routes()
        # No access log: addresses hold ids of people, and metrics count without them.
        app = web_app(house, more)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        site = web.TCPSite(runner, house.settings.host, house.settings.port)
        await site.start()
        log.info("web_ready", port=house.settings.port)
        await stop.wait()


def _room(house: Container) -> PlaygroundRoutes:
    async def handle(incoming: Incoming) -> Sequence[Reply]:
        replies = await house.dispatcher.handle(incoming)
        await house.flush_outbox()
        return replies

    pictures = Pictures(
        house.database, house.cipher, house.blobs, house.catalog, house.settings.admins
    )
    return PlaygroundRoutes(
        handle=handle,
        transcript=house.transcript,
        passes=SignedCookie(house.settings.master_key),
        language=LanguageResolver(house.database).language,
        words=words_of,
        picture=pictures.open,
        secure=house.settings.public_url.startswith("https:"),
    )


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


async def _home(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/playground"})
