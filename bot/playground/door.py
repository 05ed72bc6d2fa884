"""The page's door: who may load the page and who may post, before anything is read or stored.

A browser keeps what was not taken, so nobody is answered by a sentence in the chat: 429, with
``Retry-After`` and the sentence for the page (``{"text": ...}``). A cookie costs nothing, so those
who are not stored yet are counted by their address, and everybody else by themselves.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from bot.playground import PLAYGROUND
from bot.web import address_limits
from handlers import limits
from handlers.chat import Content, Incoming, Person, SentPhoto
from handlers.limits import Limiter, Wait
from handlers.session import SessionStore
from handlers.texts import texts
from shop.people import users
from shop.people.users import language_for
from shop.ports import Database

_ASKED: Final = "asked"
_TEXTS: Final = {
    limits.NEW_PEOPLE: "limit-new-people",
    limits.PAGES: "limit-pages",
    limits.PHOTOS: "limit-kept-photos",
    limits.ADDRESS_PHOTOS: "limit-kept-photos",
}


@dataclass(frozen=True, slots=True)
class Door:
    """Lets requests in. ``wait_for`` counts an update of a person's; ``language`` finds theirs."""

    limiter: Limiter
    wait_for: Callable[[Incoming], Awaitable[Wait | None]]
    language: Callable[[str, str], Awaitable[str]]
    sessions: SessionStore
    database: Database

    async def page(self, request: web.Request, person: str | None, preferred: str) -> None:
        """Count a page. Raises ``HTTPTooManyRequests``, or Unavailable as :meth:`post` does."""
        if person is not None and await self._is_known(person):
            wait = await self.limiter.take(limits.PAGES, limits.name_of(_person(person)))
        else:
            wait = await address_limits.take(self.limiter, limits.PAGES, request)
        if wait:
            raise self._refusal(wait, language_for(preferred))

    async def post(
        self, request: web.Request, person: str, preferred: str, content: Content
    ) -> None:
        """Count an update, of which only the kind and the words need to be there yet."""
        if not await self._is_known(person):
            wait = await address_limits.take(self.limiter, limits.NEW_PEOPLE, request)
            if wait:
                raise self._refusal(wait, language_for(preferred))
        speaker = _person(person)
        wait = await self.wait_for(Incoming(_ASKED, speaker, datetime.now(UTC), content))
        if wait is None and isinstance(content, SentPhoto):
            wait = await address_limits.take(self.limiter, limits.ADDRESS_PHOTOS, request)
        if wait:
            raise self._refusal(wait, await self.language(person, preferred))

    async def _is_known(self, person: str) -> bool:
        """Whether they are stored. Whoever has a session is; it is the quicker look."""
        if await self.sessions.load(PLAYGROUND, person) is not None:
            return True
        async with self.database.begin() as tx:
            return await users.find(tx, PLAYGROUND, person) is not None

    def _refusal(self, wait: Wait, language: str) -> web.HTTPTooManyRequests:
        say = texts(language)
        text = say(_TEXTS.get(wait.limit, "limit-kept"), wait=say.wait(wait.seconds))
        headers = address_limits.retry_after(wait)
        if wait.limit is limits.PAGES:  # read by a person, not by the page
            return web.HTTPTooManyRequests(text=text, headers=headers)
        body = json.dumps({"text": text})
        return web.HTTPTooManyRequests(text=body, content_type="application/json", headers=headers)


def _person(id: str) -> Person:
    return Person(PLAYGROUND, id)
