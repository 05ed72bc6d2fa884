"""``/verify``: anybody chooses a file and reads whether it is ours, and was changed since.

The bytes go to the sandbox and nowhere else, and are counted and held as a photo's at the
playground are. No cookie, and nothing about whose the picture is.
"""

from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from aiohttp import web

from bot.web import address_limits
from bot.web.body import read_body
from bot.web.client_address import client_address
from bot.web.page_files import files_route
from bot.web.preferred_language import preferred_language
from handlers import limits
from handlers.chat import Reserve, SentPhoto
from handlers.limits import Limit, Limiter
from handlers.photo_intake import PhotoNotFetched
from handlers.texts import Texts, texts
from handlers.verdicts import VERIFY_PAGE, verdict_text
from shop.errors import PhotoRefused, PhotoTooLarge
from shop.labels.verification import LARGEST, Verification
from shop.people.users import language_for

PATH: Final = VERIFY_PAGE

_FOLDER: Final = Path(__file__).with_name("verify_page")
_PRIVATE: Final = {"Cache-Control": "private, no-store"}

Verify = Callable[[SentPhoto, str], Awaitable[Verification | PhotoRefused]]


class VerifyPage:
    """The page and its upload. ``verify`` is :meth:`handlers.dispatcher.Dispatcher.verify`."""

    def __init__(self, verify: Verify, limiter: Limiter) -> None:
        self._verify = verify
        self._limiter = limiter

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PATH, self._page),
            web.post(PATH, self._upload),
            files_route(PATH, _FOLDER / "static"),
        ]

    async def _page(self, request: web.Request) -> web.Response:
        say = _words(request)
        await self._count(limits.PAGES, request, say)
        words = {
            key: escape(say(f"verify-page-{key}"), quote=True)
            for key in ("title", "about", "choose", "button", "busy", "trouble")
        }
        page = Template((_FOLDER / "verify.html").read_text("utf-8")).substitute(
            words, language=say.language.replace("_", "-")
        )
        return web.Response(text=page, content_type="text/html", headers=_PRIVATE)

    async def _upload(self, request: web.Request) -> web.Response:
        """The body is the file itself; the answer is the sentence, also of a refusal."""
        say = _words(request)
        await self._count(limits.ADDRESS_PHOTOS, request, say)

        async def read(reserve: Reserve) -> bytearray:
            try:
                return await read_body(request, LARGEST, reserve=reserve)
            except web.HTTPRequestEntityTooLarge:
                raise PhotoTooLarge(megabytes=LARGEST // 2**20) from None

        try:
            found = await self._verify(SentPhoto(read), f"address:{client_address(request)}")
        except PhotoNotFetched:
            raise web.HTTPBadRequest from None
        status = 413 if isinstance(found, PhotoTooLarge) else 200
        return web.Response(text=verdict_text(say, found), status=status, headers=_PRIVATE)

    async def _count(self, limit: Limit, request: web.Request, say: Texts) -> None:
        if wait := await address_limits.take(self._limiter, limit, request):
            text = say("verify-page-wait", wait=say.wait(wait.seconds))
            raise web.HTTPTooManyRequests(text=text, headers=address_limits.retry_after(wait))


def _words(request: web.Request) -> Texts:
    return texts(language_for(preferred_language(request)))
