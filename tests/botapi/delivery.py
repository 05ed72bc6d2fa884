"""Updates by webhook, as Telegram's own server delivers them: each line in order, the lines side by
side over so many connections, and again until they are taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.botapi.records import AnswerLost, Failure, Json
from tests.botapi.updates import Updates, line_of

MOST_SECONDS = 60.0
LONGEST = 3600.0
_SILENT = ("deletewebhook", "setwebhook", "close", "logout")


@dataclass(frozen=True, slots=True)
class Post:
    """One attempt. ``status`` is 0 if no answer came."""

    update_id: int
    status: int
    at: float
    seconds: float


@dataclass(slots=True)
class Hook:
    """What setWebhook said."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    ip: str = ""
    certificate: bool = False
    error_at: int = 0
    error: str = ""


@dataclass(slots=True)
class Line:
    """Updates that wait for each other, by serial number."""

    waiting: deque[tuple[int, Json]] = field(default_factory=deque)
    task: asyncio.Task[None] | None = None


class Delivery:
    """``reach`` says where on this machine a public address is: ``{"https://bot.example":
    "http://127.0.0.1:8080"}``, so that a bot may be given the address it will have. ``second`` is
    how long a second of waiting between attempts takes: tests make it shorter. ``posts`` are all
    attempts so far, ``pauses`` the seconds waited after those that failed.
    """

    def __init__(
        self, updates: Updates, perform: Callable[[str, Mapping[str, str]], Awaitable[object]]
    ) -> None:
        self.hook = Hook()
        self.reach: dict[str, str] = {}
        self.second = 1.0
        self.pauses: list[float] = []
        self.posts: list[Post] = []
        self._updates, self._perform = updates, perform
        self._lines: dict[object, Line] = {}
        self._room = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None

    async def set(self, hook: Hook) -> None:
        """Deliver there from now on, beginning with all that waits."""
        await self.stop()
        self.hook = hook
        self._room = asyncio.Semaphore(hook.connections)
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=60),
            connector=aiohttp.TCPConnector(limit=hook.connections),
            skip_auto_headers=("User-Agent",),
        )
        for serial, update in self._updates.pending.items():
            self.take(serial, update)

    async def stop(self) -> None:
        """No more deliveries; what was not taken waits."""
        lines, self._lines, self.hook = self._lines, {}, Hook()
        tasks = [line.task for line in lines.values() if line.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def take(self, serial: int, update: Json) -> None:
        """Something new to deliver, if there is a webhook."""
        if self._session is None:
            return
        key = line_of(update)
        line = self._lines.setdefault(key, Line())
        line.waiting.append((serial, update))
        if line.task is None:
            line.task = asyncio.create_task(self._empty(key, line))

    async def _empty(self, key: object, line: Line) -> None:
        while line.waiting:
            serial, update = line.waiting[0]
            if serial in self._updates.pending:  # else it was dropped meanwhile
                await self._deliver(serial, update)
            line.waiting.popleft()
        self._lines.pop(key, None)

    async def _deliver(self, serial: int, update: Json) -> None:
        delay, fails = 1.0, 0
        while True:
            async with self._room:
                retry_after = await self._attempt(serial, update)
            if retry_after is None:
                return
            if not retry_after and fails:  # the first repetition comes at once
                delay = min(delay * 2, MOST_SECONDS)
                retry_after = delay
            fails += 1
            self.pauses.append(retry_after)
            await asyncio.sleep(retry_after * self.second)

    async def _attempt(self, serial: int, update: Json) -> float | None:
        """None when it was taken, else the seconds that the bot asked us to wait, or 0."""
        began = time.monotonic()
        status, retry_after, problem, body = 0, 0.0, "", b""
        try:
            status, retry_after, problem, body = await self._post(update)
        except aiohttp.ClientConnectorError:
            problem = "Connection refused"
        except TimeoutError:
            problem = "Read timeout expired"
        except aiohttp.ClientError:
            problem = "Webhook connection closed"
        ended = time.monotonic()
        self.posts.append(Post(update.get("update_id", 0), status, began, ended - began))
        if problem:
            self.hook.error, self.hook.error_at = problem, int(time.time())
            return retry_after
        self._updates.done(serial)
        await self._answer(body)
        return None

    async def _post(self, update: Json) -> tuple[int, float, str, bytes]:
        assert self._session is not None
        # Whatever stands for the public address here passes its name on, as a TLS proxy does.
        headers = {"Content-Type": "application/json", "Host": urlsplit(self.hook.url).netloc}
        if self.hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.hook.secret
        async with self._session.post(
            self._place(), data=json.dumps(update).encode(), headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.read()
            if 200 <= answer.status <= 299:
                return answer.status, 0.0, "", body
            problem = f"Wrong response from the webhook: {answer.status} {answer.reason}"
            asked = answer.headers.get("Retry-After", "")
            wait = min(float(asked), LONGEST) if asked.isdigit() else 0.0
            return answer.status, wait, problem, body

    def _place(self) -> str:
        for public, here in self.reach.items():
            if self.hook.url.startswith(public):
                return here + self.hook.url.removeprefix(public)
        return self.hook.url

    async def _answer(self, body: bytes) -> None:
        """A bot may call one method in its answer; it learns nothing of the result."""
        with contextlib.suppress(ValueError, Failure, AnswerLost):
            said: Any = json.loads(body) if body else None
            if not isinstance(said, dict) or not isinstance(said.get("method"), str):
                return
            method = said.pop("method")
            if method.lower().startswith("get") or method.lower() in _SILENT:
                return
            form = {k: v if isinstance(v, str) else json.dumps(v) for k, v in said.items()}
            await self._perform(method, form)
