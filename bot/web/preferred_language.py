"""In which language a browser wants to be answered."""

import re
from typing import Final

from aiohttp import web

from shop.people import users

_LONGEST: Final = 35  # characters that every reader of BCP 47 tags must take (RFC 5646, 4.4.1)
_MOST: Final = 20  # languages that are looked at
_QUALITY: Final = re.compile(r"[01](?:\.[0-9]{0,3})?")


def preferred_language(request: web.BaseRequest) -> str:
    """The dearest of the languages that the browser asks for which we speak, else the dearest, as
    a BCP 47 tag; "" for none. Of two that are equally dear the one named first."""
    asked = request.headers.get("Accept-Language", "").split(",", _MOST)[:_MOST]
    tags = [tag for quality, tag in sorted(map(_read, asked), key=lambda one: -one[0]) if quality]
    return next((tag for tag in tags if users.spoken(tag)), tags[0] if tags else "")


def _read(part: str) -> tuple[float, str]:
    """(quality, tag) of ``fr-CA;q=0.8``; a quality that is none counts as 0, which is "never"."""
    tag, *parameters = (one.strip() for one in part.split(";"))
    given = next((one[2:] for one in parameters if one[:2].lower() == "q="), "1")
    quality = float(given) if _QUALITY.fullmatch(given) else 0.0
    return (quality if tag else 0.0), tag[:_LONGEST]
