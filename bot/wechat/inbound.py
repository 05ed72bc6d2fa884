"""Translates a callback's message into an :class:`Incoming`, or None where none is needed."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from wechatpy import parse_message

from bot.wechat import WECHAT
from bot.wechat.envelope import Malformed
from handlers.chat import Content, Incoming, Left, Person, Pressed, Said, SentOther
from handlers.intents import MAX_ACTION, PAYLOAD_PATTERN, Intent, action
from shop.encryption import KeyedHash

LANGUAGE: Final = "zh-CN"
"""WeChat does not say any more which language a person has: Chinese, until they choose one."""

UNSHOWN: Final = "收到不支持的消息类型"
"""What WeChat writes instead of what it does not hand on, such as a sticker."""

_OPENID: Final = "[A-Za-z0-9_-]{1,128}"
_NAME: Final = "[A-Za-z0-9_]{1,64}"
_NUMBER: Final = "[0-9]{1,20}"
_SECONDS: Final = "[0-9]{1,10}"
_MEDIA: Final = r"[!-~]{1,512}"
_OTHERS: Final = {
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "place",
    "file": "file",
    "link": "other",
    "miniprogrampage": "other",
}


@dataclass(frozen=True, slots=True)
class SentImage:
    """A photo, which WeChat keeps for three days. ``number`` orders those of one second."""

    media_id: str = field(repr=False)
    number: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message or an event. ``kind`` is its MsgType, ``event`` its Event, as WeChat writes them;
    ``account`` is the name under which it was sent to us (``gh_...``).

    ``content`` is None for what wants no answer. ``event_id`` says nothing of the person.
    """

    event_id: str
    kind: str
    event: str
    openid: str
    account: str
    at: datetime
    content: Content | SentImage | None

    def incoming(self, content: Content) -> Incoming:
        """That update, for the dispatcher."""
        return Incoming(self.event_id, person_of(self.openid), self.at, content)


def person_of(openid: str) -> Person:
    return Person(WECHAT, openid, LANGUAGE)


def read(xml: str, ids: KeyedHash) -> Received:
    """What the message means. ``ids`` makes the ids of events, which have none of their own. Raises
    :class:`bot.wechat.envelope.Malformed`, for a kind of message that WeChat does not have too."""
    try:
        fields: dict[str, Any] = dict(parse_message(xml)._data)  # checked below, field by field
    except Exception:  # of expat, and of fields that are missing or are not text
        raise Malformed from None
    kind = _required(fields, "MsgType", _NAME).lower()
    event = _required(fields, "Event", _NAME) if kind == "event" else ""
    openid = _required(fields, "FromUserName", _OPENID)
    seconds = _required(fields, "CreateTime", _SECONDS)
    content = _happened(event.lower(), fields) if event else _message(kind, fields)
    if event:
        event = event.removesuffix("_scan")  # wechatpy's addition
        key = fields.get("EventKey")
        named = ids(openid, seconds, event, key if isinstance(key, str) else "")
        event_id = f"{WECHAT}:{named}"
    else:
        event_id = f"{WECHAT}:{int(_required(fields, 'MsgId', _NUMBER))}"
    return Received(
        event_id,
        kind,
        event,
        openid,
        _required(fields, "ToUserName", _OPENID),
        datetime.fromtimestamp(int(seconds), UTC),
        content,
    )


def _message(kind: str, fields: dict[str, Any]) -> Content | SentImage:
    if kind == "text":
        if "Content" not in fields:
            raise Malformed
        text = fields["Content"] or ""  # of an empty element, None
        if not isinstance(text, str):
            raise Malformed
        return SentOther("sticker") if UNSHOWN in text else Said(text)
    if kind == "image":
        number = int(_required(fields, "MsgId", _NUMBER))
        return SentImage(_required(fields, "MediaId", _MEDIA), number)
    if kind in _OTHERS:
        return SentOther(_OTHERS[kind])
    raise Malformed


def _happened(event: str, fields: dict[str, Any]) -> Content | None:
    """None for everything that is no wish of a person's: reports of deliveries, a menu's link that
    was opened, a place that is told by itself. WeChat invents new ones now and then."""
    match event:
        case "subscribe":
            return _started("")
        case "subscribe_scan" if not fields.get("EventKey"):  # "qrscene_", and no scene
            return _started("")
        case "subscribe_scan" | "scan":
            return _started(_required(fields, "EventKey", "(?s:.{1,128})"))
        case "unsubscribe":
            return Left()
        case "click":
            return Pressed(_required(fields, "EventKey", "(?s:.{1,128})"))
    return None


def _started(scene: str) -> Content:
    """They came by a code whose scene is a deep link's payload, or by themselves."""
    payload = scene if PAYLOAD_PATTERN.fullmatch(scene) else ""
    if len(Intent.START) + 1 + len(payload) > MAX_ACTION:
        return Said(f"/{Intent.START} {payload}")
    return Pressed(action(Intent.START, payload))


def _required(fields: dict[str, Any], name: str, pattern: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise Malformed
    return value
