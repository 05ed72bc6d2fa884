"""How people of the playground open our other pages: its cookie, which no other path is sent, says
who they are, and a code that lives for a minute takes that to the page that asks."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.channels import PageLogin
from bot.pages.page_list import PERSONAL_PAGES
from bot.playground.signed_cookie import COOKIE, SignedCookie
from shop.ports import Clock

PATH: Final = "/playground/identify"
LASTS: Final = timedelta(minutes=1)

_PATHS: Final = "|".join(page.path for page in PERSONAL_PAGES)
_BACK: Final = re.compile(rf"(?:{_PATHS})/[A-Za-z0-9._-]{{1,200}}/in")
_STATE: Final = re.compile(r"[0-9a-f]{1,128}")


@dataclass(frozen=True, slots=True)
class PlaygroundIdentity:
    """Gives out the codes, and reads them."""

    cookies: SignedCookie
    clock: Clock

    def page_login(self) -> PageLogin:
        return PageLogin(self._redeem, self._authorize)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._identify, allow_head=False)]

    def _authorize(self, back: str, state: str) -> str:
        return f"{PATH}?{urlencode({'back': urlsplit(back).path, 'state': state})}"

    async def _identify(self, request: web.Request) -> web.Response:
        """On to a page of ours, and nowhere else, with a code; without one for a stranger."""
        back, state = request.query.get("back", ""), request.query.get("state", "")
        if not _BACK.fullmatch(back) or not _STATE.fullmatch(state):
            raise web.HTTPBadRequest
        person = self.cookies.of_cookie(request.cookies.get(COOKIE, ""))
        code = self.cookies.page_code(person, self.clock() + LASTS) if person else ""
        there = f"{back}?{urlencode({'code': code, 'state': state})}"
        headers = {"Location": there, "Cache-Control": "private, no-store"}
        return web.Response(status=303, headers=headers)

    async def _redeem(self, code: str) -> str | None:
        said = self.cookies.of_page_code(code)
        return said.person if said and self.clock() < said.until else None
