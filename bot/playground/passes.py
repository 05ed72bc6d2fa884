"""Pass links (``python -m bot pass NAME``): whoever opens one first is logged in as that person.

A link is good once, for a quarter of an hour. Opening it shows a button, and only that uses it up:
the robots that look at links in chats and mails fetch an address, and press nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web
from redis.asyncio import Redis

from bot.playground.signed_cookie import SignedCookie, Ticket
from bot.state.locks import outages
from bot.web.body import read_body
from bot.web.preferred_language import preferred_language
from handlers.texts import Texts, texts
from shop.people.users import language_for
from shop.ports import Clock

LASTS: Final = timedelta(minutes=15)
PATH: Final = "/playground/pass"
_LARGEST: Final = 1024  # bytes of the form; a ticket has at most 160
_PAGE: Final = Path(__file__).with_name("pass.html")
_PRIVATE: Final = {"Cache-Control": "private, no-store"}


@dataclass(frozen=True, slots=True)
class Passes:
    """The routes of the links. ``enter`` answers a login: it sets the person's cookie.

    Used tickets stand in Redis by their own ids, without the person, a quarter of an hour longer
    than they are good: its clock may be ahead of ours.
    """

    redis: Redis
    cookies: SignedCookie
    clock: Clock
    enter: Callable[[str], web.Response]

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._show), web.post(PATH, self._use)]

    async def _show(self, request: web.Request) -> web.Response:
        offered = request.query.get("ticket", "")
        ticket = self._good(offered)
        if ticket is None:
            return _gone(request)
        with outages():
            used = await self.redis.exists(_used(ticket))
        if used:
            return _gone(request)
        words = _words(request)
        button = escape(words("pass-enter", person=ticket.person))
        form = (
            f'<form method="post" action="{PATH}">'
            f'<input type="hidden" name="ticket" value="{escape(offered, quote=True)}">'
            f"<button>{button}</button></form>"
        )
        return _page(words, f"<h1>{escape(words('pass-title'))}</h1>{form}")

    async def _use(self, request: web.Request) -> web.Response:
        form = parse_qs((await read_body(request, _LARGEST)).decode("ascii", "replace"))
        ticket = self._good(form.get("ticket", [""])[0])
        if ticket is None or not await self._first_use(ticket):
            return _gone(request)
        return self.enter(ticket.person)

    def _good(self, offered: str) -> Ticket | None:
        ticket = self.cookies.of_ticket(offered)
        return ticket if ticket and self.clock() < ticket.until else None

    async def _first_use(self, ticket: Ticket) -> bool:
        with outages():
            return bool(
                await self.redis.set(_used(ticket), b"1", nx=True, exat=ticket.until + LASTS)
            )


def _used(ticket: Ticket) -> str:
    return f"eider:pass:{ticket.id}"


def _words(request: web.Request) -> Texts:
    return texts(language_for(preferred_language(request)))


def _gone(request: web.Request) -> web.Response:
    """Used, expired or not ours: all the same to whoever holds it."""
    words = _words(request)
    title, note = escape(words("pass-gone")), escape(words("pass-gone-note"))
    return _page(words, f'<div role="status"><h1>{title}</h1><p>{note}</p></div>', status=410)


def _page(words: Texts, body: str, status: int = 200) -> web.Response:
    page = Template(_PAGE.read_text("utf-8")).substitute(
        language=words.language.replace("_", "-"), title=escape(words("page-title")), body=body
    )
    return web.Response(text=page, content_type="text/html", status=status, headers=_PRIVATE)
