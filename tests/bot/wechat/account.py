"""An account of tests, and a small WeChat that answers what a test tells it to."""

import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from redis.asyncio import Redis

from bot.wechat.api import WechatApi, open_api
from shop.settings import Settings
from tests.keys import MASTER_KEY_BASE64

APP_ID: Final = "wx0123456789abcdef"
SECRET: Final = "0123456789abcdef" * 2
TOKEN: Final = "tokenOfTests"
AES_KEY: Final = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

Answer = dict[str, Any] | bytes | Callable[[], web.Response]


def account(**more: str) -> dict[str, str]:
    """The environment of that account."""
    named = {f"EIDER_{name}": value for name, value in more.items()}
    return {
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_WECHAT_APP_ID": APP_ID,
        "EIDER_WECHAT_SECRET": SECRET,
        "EIDER_WECHAT_TOKEN": TOKEN,
        "EIDER_WECHAT_AES_KEY": AES_KEY,
    } | named


@dataclass
class Call:
    """One request that was made."""

    path: str
    query: dict[str, str]
    body: bytes
    content_type: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class FakeWechat:
    """Answers each path by what was planned for it, in order, then by success. Its token is
    ``token-1``, and another one after each forced renewal."""

    planned: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[Call] = field(default_factory=list)
    token: int = 1
    expires_in: float = 7200
    forced: int = 0

    def plan(self, path: str, *answers: Answer) -> None:
        self.planned[path].extend(answers)

    def made(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path
        body = await request.read()
        self.calls.append(Call(path, dict(request.query), body, request.content_type))
        if self.planned[path]:
            planned = self.planned[path].popleft()
            if isinstance(planned, bytes):
                return web.Response(body=planned, content_type="image/jpeg")
            if callable(planned):
                return planned()
            return web.Response(text=json.dumps(planned), content_type="text/plain")
        if own := own_answer(request):  # as if it were our own server
            return web.Response(text=own)
        if path == "/cgi-bin/stable_token":
            if json.loads(body)["force_refresh"]:
                self.forced += 1
                self.token += 1
            token = {"access_token": f"token-{self.token}", "expires_in": self.expires_in}
            return web.json_response(token)
        return web.json_response({"errcode": 0, "errmsg": "ok"})


def own_answer(request: web.Request) -> str:
    """What our own server says to that; "" for what it is not asked."""
    if request.path.startswith("/MP_verify_"):
        return request.path[len("/MP_verify_") : -len(".txt")]
    return request.query.get("echostr", "")


@asynccontextmanager
async def serving(fake: FakeWechat) -> AsyncIterator[str]:
    """Its address, within the block."""
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", fake.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def open_api_of(url: str, redis: Redis) -> AsyncIterator[WechatApi]:
    settings = Settings.from_env(account(WECHAT_API_URL=url))
    async with open_api(settings, redis) as api:
        yield api
