"""People of WeChat at the real application: OAuth is played, everything else is the product's."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from aiohttp import ClientSession, web

from bot.channels import Capabilities, Channel, ChannelConnection, ChannelDependencies
from bot.wechat import WECHAT
from bot.wechat.errors import ApiRefused
from bot.wechat.page_login import wechat_page_login
from handlers.chat import Reply

APP = "wx0123456789abcdef"


@dataclass
class OAuth:
    """WeChat's authorization: a code for whoever opens the page, good once."""

    openids: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def code(self, openid: str) -> str:
        code = f"{len(self.openids):032d}"
        self.openids[code] = openid
        return code

    async def oauth_openid(self, code: str) -> str:
        self.asked.append(code)
        if code not in self.openids:
            raise ApiRefused(40029)
        if code in self.used:
            raise ApiRefused(40163)
        self.used.add(code)
        return self.openids[code]


@dataclass
class Chats:
    """What was sent to people's chats; ``away``: nothing arrives."""

    sent: list[tuple[str, Reply, str]] = field(default_factory=list)
    away: bool = False

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        if self.away:
            raise ConnectionError
        self.sent.append((chat, reply, key))

    async def forget(self, chat: str, before: datetime) -> None: ...


@dataclass
class Clock:
    """The container's, and so much ahead."""

    base: object
    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.base() + self.ahead  # type: ignore[operator]


def channel(oauth: OAuth, chats: Chats) -> Channel:
    """WeChat with its own login, capabilities as poor as WeChat's, and no other side."""

    @asynccontextmanager
    async def receive() -> AsyncIterator[Sequence[web.AbstractRouteDef]]:
        yield ()

    @asynccontextmanager
    async def connect(deps: ChannelDependencies) -> AsyncIterator[ChannelConnection]:
        yield ChannelConnection(chats, receive, page_login=wechat_page_login(oauth, APP))

    return Channel(
        name=WECHAT,
        capabilities=Capabilities(buttons=False, pictures=1, edits=False, files=False),
        connect=connect,
        till=lambda settings: settings.till,
        has_pages=lambda _: True,
    )


async def asked(http: ClientSession, url: str, agent: str = "") -> tuple[str, str]:
    """Open the album as somebody who is not in: where WeChat shall return to, and the state."""
    async with http.get(url, allow_redirects=False, headers={"User-Agent": agent}) as answer:
        assert answer.status == 302
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return query["redirect_uri"][0], query["state"][0]


async def came_back(http: ClientSession, back: str, **query: str) -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    async with http.get(back, params=query, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def enter(http: ClientSession, url: str, oauth: OAuth, openid: str) -> None:
    back, state = await asked(http, url)
    status, to, _ = await came_back(http, back, code=oauth.code(openid), state=state)
    assert (status, url.endswith(to)) == (303, True)
