"""The double on loopback, a bot that is nothing but calls, and a URL that answers as it is told."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from tests.wechatapi import Person, Wechat, serving

Json = dict[str, Any]


class Bot:
    """It calls paths with a token of its own, and tells what it was answered."""

    def __init__(self, session: aiohttp.ClientSession, wechat: Wechat) -> None:
        self._session, self._wechat = session, wechat
        self.token = ""

    def who(self) -> Json:
        account = self._wechat.account
        return {"appid": account.app_id, "secret": account.secret}

    async def fetch_token(self, force: bool = False) -> str:
        body = self.who() | {"grant_type": "client_credential", "force_refresh": force}
        said = await self.post("stable_token", body, token=None)
        self.token = said["access_token"]
        return self.token

    async def later(self, **amount: float) -> None:
        """Time goes by, and a token that works is fetched."""
        self._wechat.clock.forward(**amount)
        await self.fetch_token()

    async def get(self, path: str, **query: str) -> Json:
        query.setdefault("access_token", self.token)
        async with self._session.get(self._url(path), params=query) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)

    async def post(self, path: str, said: Any, token: str | None = "", **query: str) -> Json:
        """``said`` as UTF-8 JSON, or as the bytes that it is."""
        body = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
        if token is not None:
            query["access_token"] = token or self.token
        async with self._session.post(self._url(path), data=body, params=query) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)

    async def say(self, person: Person, content: str = "你好") -> int:
        """A text; the code."""
        body = {"touser": person.openid, "msgtype": "text", "text": {"content": content}}
        return (await self.post("message/custom/send", body))["errcode"]

    async def send(self, person: Person, kind: str, **inner: Any) -> int:
        body = {"touser": person.openid, "msgtype": kind, kind: inner}
        return (await self.post("message/custom/send", body))["errcode"]

    async def upload(
        self, data: bytes, filename: str = "a.jpg", kind: str = "image", type: str = "image/jpeg"
    ) -> Json:
        form = aiohttp.FormData()
        form.add_field("media", data, filename=filename, content_type=type)
        query = {"access_token": self.token, "type": kind}
        async with self._session.post(self._url("media/upload"), data=form, params=query) as answer:
            answer.raise_for_status()
            return await answer.json(content_type=None)

    def _url(self, path: str) -> str:
        prefix = "/" if path.startswith("sns/") else "/cgi-bin/"
        return f"{self._wechat.url}{prefix}{path}"


class Site:
    """A bot's URL. ``answer`` is a string, bytes, a Response, or what makes one of the request and
    its body; ``asked`` are the bodies so far, with their queries."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: Any = "success"
        self.asked: list[tuple[dict[str, str], bytes]] = []

    async def hear(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.asked.append((dict(request.query), body))
        said = self.answer
        if isinstance(said, Callable):
            said = said(request, body)
            if hasattr(said, "__await__"):
                said = await said
        if isinstance(said, str):
            return web.Response(text=said)
        return web.Response(body=said) if isinstance(said, bytes) else said


@asynccontextmanager
async def hosted(handler: Any) -> AsyncIterator[str]:
    """An aiohttp handler on loopback; its URL."""
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


def jpeg(width: int = 64, height: int = 80, shade: int = 100) -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), (shade, 80, 80)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
async def wechat() -> AsyncIterator[Wechat]:
    async with serving(Wechat()) as wechat:
        yield wechat


@pytest.fixture
async def bot(wechat: Wechat) -> AsyncIterator[Bot]:
    """With a token already."""
    async with aiohttp.ClientSession() as session:
        bot = Bot(session, wechat)
        await bot.fetch_token()
        yield bot


@pytest.fixture
async def site(wechat: Wechat) -> AsyncIterator[Site]:
    site = Site()
    async with hosted(site.hear) as url:
        site.url = wechat.callbacks.url = f"{url}/wechat"
        yield site


@pytest.fixture
def ada(wechat: Wechat) -> Person:
    """She follows already, and nobody was told."""
    ada = Person(wechat, "oAda00000000000000000000_-A1")
    ada.follows = ada.followed_once = True
    return ada
