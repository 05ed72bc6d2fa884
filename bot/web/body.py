"""Reading a request's body, of which no more than a given size is ever held."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

_CHUNK: Final = 64 * 1024


async def no_budget(size: int) -> None:
    """For bodies that are too small to wait for memory."""


async def read_body(
    request: web.Request, most: int, reserve: Callable[[int], Awaitable[None]] = no_budget
) -> bytearray:
    """The body, of at most ``most`` bytes. Raises ``HTTPRequestEntityTooLarge`` as soon as it shows
    to be larger, by what it says of itself or by what has come. ``reserve`` is asked before so many
    more bytes are held.
    """
    if (size := request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, size)
    body = bytearray()
    async for part in request.content.iter_chunked(_CHUNK):
        if len(body) + len(part) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(body) + len(part))
        await reserve(len(part))
        body += part
    return body
