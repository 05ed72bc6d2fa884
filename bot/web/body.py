"""Reading a request's body, of which no more than a given size is ever held."""

from typing import Final

from aiohttp import web

_CHUNK: Final = 64 * 1024


async def read_body(request: web.Request, most: int) -> bytes:
    """The body, of at most ``most`` bytes. Raises ``HTTPRequestEntityTooLarge`` as soon as it shows
    to be larger, by what it says of itself or by what has come.
    """
    if (size := request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, size)
    body = bytearray()
    async for part in request.content.iter_chunked(_CHUNK):
        body += part
        if len(body) > most:
            raise web.HTTPRequestEntityTooLarge(most, len(body))
    return bytes(body)
