"""One account's WeChat: what it remembers, and how a call is judged and done."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections import Counter, deque
from typing import TYPE_CHECKING

from tests.wechatapi.account import Account
from tests.wechatapi.callbacks import Callbacks
from tests.wechatapi.clock import Clock
from tests.wechatapi.codes import OAuthCodes, QrCodes
from tests.wechatapi.media import Media
from tests.wechatapi.menu import Menu
from tests.wechatapi.methods import METHODS, Method
from tests.wechatapi.methods.registry import File
from tests.wechatapi.quota import Quota
from tests.wechatapi.records import AnswerLost, Call, Dropped, Json, Refusal, Seen
from tests.wechatapi.replies import Replies
from tests.wechatapi.sending import Messages
from tests.wechatapi.tokens import Tokens

if TYPE_CHECKING:
    from tests.wechatapi.people import Person

_ESCAPE = re.compile(rb"(?<!\\)((?:\\\\)*)\\u([0-9A-Fa-f]{4})")
_PREFIXES = ("/cgi-bin/", "/")


class Wechat:
    """``problems`` must be empty in the end: each is something that a good bot never does.
    ``refusals`` are all calls that were not done, with their codes, whosever fault it was.
    ``strict`` is how messages are counted (:class:`Quota`). ``allowed`` is the console's list of
    addresses (IP白名单); None is no such list. ``templates``: template id -> its fields."""

    def __init__(
        self, account: Account | None = None, *, clock: Clock | None = None, strict: bool = True
    ) -> None:
        self.account = account or Account()
        self.clock = clock or Clock()
        self.url = ""
        self.calls: list[Call] = []
        self.problems: list[str] = []
        self.refusals: list[tuple[str, int]] = []
        self.people: dict[str, Person] = {}
        self.allowed: set[str] | None = None
        self.templates: dict[str, tuple[str, ...]] = {}
        self.counters: Counter[tuple[str, str, int]] = Counter()
        self.limits: dict[str, int] = {}  # path -> calls a day, instead of WeChat's own number
        self.down = False  # every call is answered 502
        self.delays: dict[str, float] = {}  # seconds before a path is done
        self.gates: dict[str, asyncio.Event] = {}  # what a path waits for before it is done
        self.faults: deque[tuple[str, Exception]] = deque()
        self.quota = Quota(strict)
        self.tokens = Tokens(self.clock)
        self.media = Media(self.clock)
        self.menu = Menu()
        self.qrcodes = QrCodes(self.clock)
        self.oauth = OAuthCodes(self.clock)
        self.sns_tokens: dict[str, tuple[str, str]] = {}
        self.messages = Messages(self.media)
        replies = Replies(self.account, self.media)
        self.callbacks = Callbacks(self.account, self.clock, replies, self.show, self.note)
        self._ids = iter(range(22_876_340_532_172_986, 2**63))

    # What tests do to it

    def paid(self, openid: str) -> None:
        """Somebody paid the merchant of this account: any number of messages for 48 hours."""
        self.quota.opened(openid, "payment", self.clock())

    def fail(self, path: str, code: int = -1, times: int = 1) -> None:
        """The next call(s) of ``path`` are refused with ``code``, without effect; "": of any."""
        self.faults.extend([(path, Refusal(code, fault=False))] * times)

    def lose_answer(self, path: str, times: int = 1) -> None:
        """The next call(s) have their effect, but the connection breaks before the answer."""
        self.faults.extend([(path, AnswerLost())] * times)

    def drop(self, path: str, times: int = 1) -> None:
        """The next call(s) break before anything is done."""
        self.faults.extend([(path, Dropped())] * times)

    def made(self, path: str, well: bool = True) -> list[Call]:
        """The calls of a path: those that went well, or all."""
        return [each for each in self.calls if each.path == path and (not well or each.code == 0)]

    # What the double does with it

    def new_id(self) -> int:
        """Unique, 64 bits, larger than a JSON number holds exactly in many a language."""
        return next(self._ids)

    def note(self, problem: str) -> None:
        self.problems.append(problem)

    def show(self, openid: str, seen: Seen) -> None:
        """It appears on the person's phone."""
        self.people[openid].sees_now(seen)

    def sns_token(self, openid: str, scope: str) -> str:
        token = secrets.token_urlsafe(64)
        self.sns_tokens[token] = (openid, scope)
        return token

    async def perform(self, path: str, verb: str, call: Call) -> Json | File:
        """Does what is asked. Raises :class:`Refusal`, :class:`AnswerLost`, :class:`Dropped`."""
        method = METHODS[path]
        call.path, call.at = short(path), self.clock()
        self.calls.append(call)
        if call.path in self.delays:
            await asyncio.sleep(self.delays[call.path])
        if call.path in self.gates:
            await self.gates[call.path].wait()
        fault = self._fault(call.path)
        try:
            if isinstance(fault, Refusal | Dropped):
                raise fault
            self._admit(method, verb, call)
            result = method.do(self, call)
        except Refusal as refusal:
            call.code = refusal.code
            self.refusals.append((call.path, refusal.code))
            if refusal.fault:
                self.note(f"{call.path}: {refusal}")
            raise
        call.code = 0
        if isinstance(fault, AnswerLost):
            raise fault
        return result

    def _admit(self, method: Method, verb: str, call: Call) -> None:
        if verb != method.verb:
            raise Refusal(43001 if method.verb == "GET" else 43002)
        if method.needs_token:
            self.tokens.require(call.query.get("access_token"))
        self._count(method)
        if method.needs_json:
            call.said = self._json(call)

    def _count(self, method: Method) -> None:
        path, now = short(method.path), int(self.clock())
        day, minute = (path, "day", now // 86_400), (path, "minute", now // 60)
        self.counters[day] += 1
        self.counters[minute] += 1
        if self.counters[day] > self.limits.get(path, method.a_day):
            raise Refusal(45009)
        if method.a_minute and self.counters[minute] > method.a_minute:
            raise Refusal(45011)

    def _json(self, call: Call) -> Json:
        """WeChat does not undo \\u escapes: people would read them as they are."""
        if not call.body:
            raise Refusal(44002)
        body = _ESCAPE.sub(rb"\1\\\\u\2", call.body)
        if body != call.body:
            self.note(f"{call.path}: \\u escapes, which people see as they are")
        try:
            said = json.loads(body.decode())
        except ValueError:
            raise Refusal(47001) from None
        if not isinstance(said, dict):
            raise Refusal(47001)
        return said

    def _fault(self, path: str) -> Exception | None:
        for fault in self.faults:
            if fault[0] in ("", path):
                self.faults.remove(fault)
                return fault[1]
        return None


def short(path: str) -> str:
    """``/cgi-bin/media/get`` -> ``media/get``."""
    for prefix in _PREFIXES:
        if path.startswith(prefix):
            return path.removeprefix(prefix)
    return path
