"""WeChat's side of a callback: signed, perhaps enciphered, tried again, and a banner in the end."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.wechatapi.account import Account
from tests.wechatapi.clock import Clock
from tests.wechatapi.crypto import sign
from tests.wechatapi.records import Seen
from tests.wechatapi.replies import Replies, WrongReply
from tests.wechatapi.xml import Fields, written

WAIT = 5.0
TRIES = 4
BANNER = "该公众号提供的服务出现故障，请稍后再试"
_SILENT = ("unsubscribe", "VIEW", "TEMPLATESENDJOBFINISH")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One POST. ``status`` is 0 if no answer came; ``problem`` says what was wrong with it."""

    status: int
    body: bytes
    at: float
    seconds: float
    type: str = ""
    problem: str = ""
    again: bool = False


@dataclass(eq=False)
class Callback:
    """Something that happened, on its way to the bot. ``await`` it: until it is answered or given
    up, in all its copies; then ``attempts`` are all POSTs."""

    openid: str
    fields: Fields
    attempts: list[Attempt] = field(default_factory=list)
    shown: Seen | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def msg_type(self) -> str:
        return str(self.fields["MsgType"])

    @property
    def event(self) -> str:
        return str(self.fields.get("Event", ""))

    def __await__(self) -> Generator[Any, None, Callback]:
        return self._done().__await__()

    async def _done(self) -> Callback:
        while not self.tasks:
            await asyncio.sleep(0.01)  # held back until now
        await asyncio.gather(*self.tasks)
        return self


class Callbacks:
    """``url`` is the bot's, as in the console; "" sends nothing. ``reach`` says where on this
    machine a public address is, which is named as the host. ``wait``: seconds for an answer;
    ``tries``: one and three more; ``pause``: seconds between them, beside those waited;
    ``copies``: so many of each at once;
    ``skew``: seconds by which our stamps are off. ``hear`` is told what a person sees, ``note``
    what was wrong."""

    def __init__(
        self,
        account: Account,
        clock: Clock,
        replies: Replies,
        hear: Callable[[str, Seen], None],
        note: Callable[[str], None],
    ) -> None:
        self.url = ""
        self.reach: dict[str, str] = {}
        self.wait, self.tries, self.copies, self.skew = WAIT, TRIES, 1, 0.0
        self.pause = 0.0
        self.sent: list[Callback] = []
        self._account, self._clock, self._replies = account, clock, replies
        self._hear, self._note = hear, note
        self._held: list[Callback] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def stop(self) -> None:
        """Nothing more is delivered."""
        tasks = [task for each in self.sent for task in each.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def verify(self) -> bool:
        """The GET by which the console accepts a URL: whether ``echostr`` came back, and nothing
        else. Not enciphered, in any mode."""
        echo = str(secrets.randbelow(10**18) + 10**18)
        query = self._query() | {"echostr": echo}
        async with self._client().get(
            self._place(), params=query, headers=self._host(), allow_redirects=False
        ) as answer:
            return answer.status == 200 and await answer.text() == echo

    def push(self, openid: str, fields: Fields) -> Callback:
        """It happens: delivered at once, or held back. For another ``MsgId`` push it anew."""
        callback = Callback(openid, fields)
        if self._held is not None:
            self._held.append(callback)
        else:
            self.deliver(callback)
        return callback

    def deliver(self, callback: Callback, copies: int | None = None) -> Callback:
        """Sends it, again if it was sent before. What a copy is answered is shown once only."""
        self.sent.append(callback)
        if self.url:
            for _ in range(self.copies if copies is None else copies):
                callback.tasks.append(asyncio.create_task(self._insist(callback)))
        else:
            callback.tasks.append(asyncio.create_task(asyncio.sleep(0)))
        return callback

    @contextmanager
    def holding(self) -> Iterator[list[Callback]]:
        """What happens in the block is put on the list that it gives: to shuffle, double, lose, and
        then to :meth:`deliver`."""
        before, self._held = self._held, []
        try:
            yield self._held
        finally:
            self._held = before

    async def once(self, callback: Callback) -> Attempt:
        """A single POST, whatever comes of it."""
        query, body = self.wrapped(written(callback.fields), callback.openid)
        return await self.raw(body, query)

    def wrapped(self, xml: str | bytes, openid: str) -> tuple[dict[str, str], bytes]:
        """Query and body for it, signed and enciphered as WeChat would, whatever it says."""
        data = xml.encode() if isinstance(xml, str) else xml
        return self._enciphered(data, self._query() | {"openid": openid})

    async def raw(self, body: bytes, query: dict[str, str]) -> Attempt:
        """Any bytes with any query: what somebody else might send."""
        began = time.monotonic()
        status, answer, problem, kind = 0, b"", "", ""
        timeout = aiohttp.ClientTimeout(total=self.wait)
        try:
            async with self._client().post(
                self._place(),
                params=query,
                data=body,
                headers={"Content-Type": "text/xml"} | self._host(),
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                status, kind = response.status, response.content_type
                answer = await response.read()
        except TimeoutError:
            problem = f"no answer in {self.wait:g} s"
        except aiohttp.ClientError as why:
            problem = f"no connection: {type(why).__name__}"
        if not problem and status != 200:
            problem = f"HTTP {status}"
        seconds = time.monotonic() - began
        return Attempt(status, answer, began, seconds, kind, problem, again=bool(problem))

    async def _insist(self, callback: Callback) -> None:
        """Until it is answered, or for the last time."""
        for _ in range(self.tries):
            attempt = await self.once(callback)
            if not attempt.again:
                attempt = self._answered(callback, attempt)
            callback.attempts.append(attempt)
            if not attempt.again:
                break
            await asyncio.sleep(self.pause)
        if attempt.problem and callback.shown is None:
            self._note(f"callback {callback.msg_type} {callback.event}: {attempt.problem}")
            if callback.event not in _SILENT:
                self._see(callback, Seen("banner", "banner", BANNER))

    def _answered(self, callback: Callback, attempt: Attempt) -> Attempt:
        try:
            seen = self._replies.read(
                attempt.body, attempt.type, callback.openid, callback.msg_type
            )
        except WrongReply as why:
            return replace(attempt, problem=str(why))
        if seen is not None and callback.shown is None:
            self._see(callback, seen)
        return attempt

    def _see(self, callback: Callback, seen: Seen) -> None:
        callback.shown = seen
        self._hear(callback.openid, seen)

    def _query(self) -> dict[str, str]:
        """New ones for each attempt, as far as anybody has seen."""
        stamp = str(int(self._clock.wall() + self.skew))
        nonce = str(secrets.randbelow(2**31))
        signature = sign(self._account.token, stamp, nonce)
        return {"signature": signature, "timestamp": stamp, "nonce": nonce}

    def _enciphered(self, xml: bytes, query: dict[str, str]) -> tuple[dict[str, str], bytes]:
        if self._account.mode == "plain":
            return query, xml
        sealed = self._account.sealer().seal(xml)
        parts = (self._account.token, query["timestamp"], query["nonce"], sealed)
        query |= {"encrypt_type": "aes", "msg_signature": sign(*parts)}
        if self._account.mode == "compatible":
            encrypt = f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
            return query, xml.removesuffix(b"</xml>") + encrypt.encode()
        outside = {"ToUserName": self._account.original_id, "Encrypt": sealed}
        return query, written(outside).encode()

    def _place(self) -> str:
        for public, here in self.reach.items():
            if self.url.startswith(public):
                return here + self.url.removeprefix(public)
        return self.url

    def _host(self) -> dict[str, str]:
        """The public one, wherever that is reached: a bot answers for no other."""
        return {"Host": urlsplit(self.url).netloc}

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=200, force_close=True),
                headers={"User-Agent": "Mozilla/4.0"},
            )
        return self._session
