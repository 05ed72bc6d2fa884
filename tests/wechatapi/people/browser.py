"""WeChat's own browser: it knows who is logged in, and tells nobody but WeChat."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp

from tests.wechatapi.methods.pages import WHO

if TYPE_CHECKING:
    from tests.wechatapi.people.person import Person

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x18003237) NetType/WIFI Language/zh_CN"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/122.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50.2701(0x28003253) Language/zh_CN"
)
OPEN = "https://open.weixin.qq.com"
MOST_HOPS = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Where one ended, and through which addresses."""

    url: str
    status: int
    body: bytes
    headers: dict[str, str]
    hops: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Browser:
    """Cookies of its own; follows redirects, through OAuth too. Public addresses are reached where
    ``callbacks.reach`` says they are, open.weixin.qq.com at the double. An async context."""

    def __init__(self, person: Person, agent: str = ANDROID) -> None:
        self._person, self._agent = person, agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)
        self._session = aiohttp.ClientSession(cookie_jar=jar, headers={"User-Agent": self._agent})
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def get(self, url: str) -> Page:
        return await self.open("GET", url)

    async def post(self, url: str, **said: Any) -> Page:
        """``data``, ``json`` or ``headers`` as aiohttp takes them."""
        return await self.open("POST", url, **said)

    async def open(self, verb: str, url: str, **said: Any) -> Page:
        assert self._session is not None
        hops = []
        for _ in range(MOST_HOPS):
            hops.append(url)
            place = self._place(url)
            headers = dict(said.pop("headers", {}))
            if place.startswith(self._person.wechat.url):
                headers[WHO] = self._person.openid
            elif place != url:
                headers["Host"] = urlsplit(url).netloc
            async with self._session.request(
                verb, place, headers=headers, allow_redirects=False, **said
            ) as answer:
                if not 300 <= answer.status < 400:
                    body = await answer.read()
                    return Page(url, answer.status, body, dict(answer.headers), tuple(hops))
                url = urljoin(url, answer.headers["Location"])
            if answer.status not in (307, 308):
                verb, said = "GET", {}
        raise AssertionError(f"redirected {MOST_HOPS} times: {hops}")

    def _place(self, url: str) -> str:
        wechat = self._person.wechat
        for public, here in {OPEN: wechat.url, **wechat.callbacks.reach}.items():
            if url.startswith(public):
                return here + url.removeprefix(public)
        return url
