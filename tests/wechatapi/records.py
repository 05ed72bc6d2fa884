"""What is remembered, and what is refused."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MESSAGES: Mapping[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid meida size",  # spelt so by WeChat
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid sub button level",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40029: "invalid code",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40039: "invalid url size",
    40052: "invalid action name",
    40053: "invalid action info",
    40054: "invalid sub button url domain",
    40055: "invalid button url domain",
    40066: "invalid url",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41008: "missing code",
    41009: "missing openid",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    44001: "empty media data",
    44002: "empty post data",
    44004: "empty content",
    45002: "content size out of limit",
    45003: "title size out of limit",
    45004: "description size out of limit",
    45005: "url size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45157: "invalid tag name",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
}

NO_FAULT_OF_THE_BOT = (-1, 40001, 40014, 40164, 42001, 43004, 45009, 45011, 46003)
"""Refusals that the best of bots may meet: they are in ``refusals``, never in ``problems``."""


class Refusal(Exception):
    """An ``errcode``; ``fault`` is whether a good bot would never have made the call."""

    def __init__(self, code: int, more: str = "", fault: bool | None = None) -> None:
        self.code = code
        self.fault = code not in NO_FAULT_OF_THE_BOT if fault is None else fault
        self.message = f"{MESSAGES.get(code, 'error')} {more}".strip()
        super().__init__(f"{code} {self.message}")

    @property
    def body(self) -> Json:
        """As WeChat writes it, with the id of the request."""
        rid = f"{int(time.time()):x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        return {"errcode": self.code, "errmsg": f"{self.message} rid: {rid}"}


class AnswerLost(Exception):
    """The call is done, but the connection breaks before the bot hears of it."""


class Dropped(Exception):
    """The connection breaks, and nothing is done."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form. ``type`` is its Content-Type, "" if it has none."""

    name: str
    filename: str
    type: str
    data: bytes


@dataclass(slots=True)
class Call:
    """A call of the bot. ``path`` is short: ``message/custom/send``. ``code`` is what it was
    answered: 0 is well, None not yet, or never."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    files: Mapping[str, Upload] = field(default_factory=dict)
    ip: str = "127.0.0.1"
    at: float = 0.0
    said: Json = field(default_factory=dict)
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A card that opens a page."""

    title: str
    description: str = ""
    url: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """Something in the chat. ``by`` says how it came: ``passive`` (an answer to a callback),
    ``custom``, ``template``, ``banner``, or ``person`` (their own). ``kind`` is a MsgType,
    ``event`` for what they did, or ``banner``. ``choices`` are those of a message menu."""

    by: str
    kind: str
    text: str = ""
    data: bytes = b""
    articles: tuple[Article, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    at: float = 0.0

    def words(self) -> str:
        """All that can be read."""
        cards = [f"{each.title} {each.description} {each.url}".strip() for each in self.articles]
        parts = [self.text, *cards, *self.choices.values()]
        return "\n".join(part for part in parts if part)

    def line(self) -> str:
        """For a transcript."""
        who = "  >" if self.by == "person" else f"{self.by:>8}"
        body = self.words() or f"{len(self.data)} bytes"
        return f"{who} [{self.kind}] {body}" if self.kind != "text" else f"{who} {body}"
