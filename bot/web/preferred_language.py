"""In which language a browser wants to be answered."""

from typing import Final

from aiohttp import web

_LONGEST: Final = 35  # characters that every reader of BCP 47 tags must take (RFC 5646, 4.4.1)


def preferred_language(request: web.BaseRequest) -> str:
    """The first language that the browser asks for, as a BCP 47 tag; "" for none. Browsers name
    the dearest first, so its quality (``;q=``) is not read."""
    first = request.headers.get("Accept-Language", "").split(",")[0]
    return first.split(";")[0].strip()[:_LONGEST]
