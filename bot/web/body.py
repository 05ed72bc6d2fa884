"""Reading a request's body: no more of it than a given size is ever held, and no client may take
as long for it as they like.

The server inflates nothing, and :mod:`bot.web.middleware` refuses bodies that are compressed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from pydantic_core import from_json

LARGEST_JSON: Final = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class BodyPace:
    """How slow a body may be: ``total`` seconds for the whole, ``idle`` seconds between two parts,
    and after ``grace`` seconds at least ``least_rate`` bytes a second on average.
    """

    total: float = 120.0
    idle: float = 10.0
    grace: float = 10.0
    least_rate: float = 4096.0


PACE: Final = BodyPace()


async def no_budget(size: int) -> None:
    """For bodies that are too small to wait for memory."""


async def read_body(
    request: web.Request,
    most: int,
    pace: BodyPace = PACE,
    *,
    reserve: Callable[[int], Awaitable[None]] = no_budget,
) -> bytearray:
    """The body, of at most ``most`` bytes. ``reserve`` is asked before so many more are held.

    Raises as :func:`body_parts`.
    """
    body = bytearray()
    async for part in body_parts(request, most, pace):
        await reserve(len(part))
        body += part
    return body


async def body_parts(
    request: web.Request, most: int, pace: BodyPace = PACE
) -> AsyncIterator[bytes]:
    """The body's parts as they come, of at most ``most`` bytes together.

    Raises ``HTTPRequestEntityTooLarge`` as soon as it shows to be larger, by what it says of itself
    or by what has come; ``HTTPRequestTimeout`` when it is slower than ``pace``; ``HTTPBadRequest``
    when it is malformed; ``ConnectionResetError`` when the client has left.
    """
    if (size := request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, size)
    now = asyncio.get_running_loop().time
    began, had = now(), 0
    while part := await _next_part(request, min(now() + pace.idle, began + pace.total)):
        had += len(part)
        if had > most:
            raise web.HTTPRequestEntityTooLarge(most, had)
        yield part
        if (taken := now() - began) > pace.grace and had < pace.least_rate * taken:
            raise web.HTTPRequestTimeout


async def read_json(request: web.Request, most: int = LARGEST_JSON, pace: BodyPace = PACE) -> Any:
    """The body's JSON, whatever charset it claims: JSON is UTF-8. Raises as :func:`body_parts`;
    ``HTTPBadRequest`` also for what :func:`json_of` refuses."""
    body = await read_body(request, most, pace)
    try:
        return json_of(body)
    except ValueError:
        raise web.HTTPBadRequest from None


def json_of(body: bytes | bytearray) -> Any:
    """What the JSON says. Raises ValueError, for NaN, for half a surrogate pair and for lists
    within lists without end as well."""
    return from_json(body, allow_inf_nan=False)


async def _next_part(request: web.Request, deadline: float) -> bytes:
    """Its next bytes; none at its end."""
    try:
        async with asyncio.timeout_at(deadline):
            return await request.content.readany()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except web.RequestPayloadError:
        raise web.HTTPBadRequest from None
