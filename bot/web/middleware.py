"""What stands before and behind every route: who is let in, what becomes of a fault."""

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from redis.exceptions import RedisError

from bot.web.security_headers import SECURITY_HEADERS
from shop.errors import SchemaUnfit, Unavailable
from shop.outages import REDIS_AWAY, told
from shop.settings import Settings

ALLOWED_HOSTS: Final = web.AppKey[Collection[str]]("allowed_hosts")
"""Where an application keeps the hosts that it answers for, in lower case and without ports."""

LONGEST_PATH: Final = 2048  # characters, with its query; a deep link or a pass has some two hundred
CLIENT_LEFT: Final = 499  # nginx's number for it; nobody reads this answer

UPGRADING: Final = "This service is being upgraded. Please try again in a moment.\n"

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PORT: Final = re.compile(r":[0-9]{0,5}$")
_BEGUN: Final = web.RequestKey("begun", bool)

log = structlog.get_logger()


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Those of the public address, of the webhook's, and those that are allowed besides; all the
    machine's own names where the public address is one of them."""
    urls = [settings.public_url, settings.telegram_webhook_url]
    named = frozenset(_PORT.sub("", urlsplit(url).netloc.lower()) for url in urls if url)
    here = _LOOPBACK if named & _LOOPBACK else frozenset()
    return named | here | settings.allowed_hosts


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse, before anything of it is read, what is for another host (421), what is compressed
    (415), and a path too long (414) or with control characters, which no route has (404)."""
    if not _is_ours(request):
        raise web.HTTPMisdirectedRequest
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise web.HTTPUnsupportedMediaType
    if len(request.raw_path) > LONGEST_PATH:
        raise web.HTTPRequestURITooLong
    if _CONTROL.search(request.path):
        raise web.HTTPNotFound
    if not _dates_are_dates(request):
        raise web.HTTPBadRequest
    return await handler(request)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The last net: a fault is logged under its route, without addresses or bodies; an outage is
    503. What has begun is cut off, whatever broke: a second answer inside of the first would be no
    HTTP, and whoever reads it would wait for ever."""
    try:
        return await handler(request)
    except Exception as error:
        failure = _failure(request, error)
    transport = request.transport
    if _BEGUN in request and transport is not None and not transport.is_closing():
        transport.abort()
        raise ConnectionResetError
    if isinstance(failure, web.HTTPException):
        raise failure
    return failure


def _failure(request: web.Request, error: Exception) -> web.Response:
    """What that error is answered with."""
    match error:
        case web.HTTPException():
            return error
        case web.RequestPayloadError():  # a body that is no HTTP
            return web.HTTPBadRequest()
        case ConnectionResetError() if _has_left(request):  # in the middle of its body
            return web.Response(status=CLIENT_LEFT)
        case Unavailable() | RedisError() | ConnectionError():
            outage = error if isinstance(error, Unavailable) else Unavailable(REDIS_AWAY)
            log.warning("web_unavailable", **told(outage))
            text = UPGRADING if isinstance(outage, SchemaUnfit) else None
            return web.HTTPServiceUnavailable(headers={"Retry-After": "5"}, text=text)
    resource = request.match_info.route.resource
    log.exception("web_fault", route=resource.canonical if resource else "unknown", exc_info=error)
    return web.HTTPInternalServerError()


def _has_left(request: web.Request) -> bool:
    gone = request.transport is None or request.transport.is_closing()
    return gone or request.content.exception() is not None


async def harden(request: web.Request, answer: web.StreamResponse) -> None:
    """For ``on_response_prepare``: our headers, and not the server's name."""
    request[_BEGUN] = True
    for name, value in SECURITY_HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.pop("Server", None)


def _dates_are_dates(request: web.Request) -> bool:
    """Those that a file's answer looks at, when its headers are written already."""
    try:
        _ = request.if_modified_since, request.if_unmodified_since, request.if_range
    except (ValueError, OverflowError):
        return False
    return True


def _is_ours(request: web.Request) -> bool:
    named = request.headers.getall("Host", [])
    if not request.raw_path.startswith("/"):  # "GET http://host/path": it overrides the header
        named = [*named, urlsplit(request.raw_path).netloc]
    ours = request.app[ALLOWED_HOSTS]
    return bool(named) and all(_PORT.sub("", host).lower() in ours for host in named)
