"""Messages that the bot sends of its own accord."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wechatapi.methods.registry import post
from tests.wechatapi.records import Call, Json, Refusal, Seen

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat

MOST_OF_A_VALUE = 20
"""Characters of a ``thing``, and here of every value: a guess for the other kinds."""


@post("/cgi-bin/message/custom/send")
def send(wechat: Wechat, call: Call) -> Json:
    openid = _addressed(wechat, call)
    seen = wechat.messages.read(call.said)
    person = wechat.people[openid]
    if not person.follows:
        # The wording of 45015 names this case; who never followed is a guess.
        raise Refusal(45015 if person.followed_once else 43004, fault=False)
    wechat.quota.take(openid, wechat.clock())
    wechat.show(openid, seen)
    return {"errcode": 0, "errmsg": "ok"}


@post("/cgi-bin/message/custom/typing")
def typing(wechat: Wechat, call: Call) -> Json:
    openid = _addressed(wechat, call)
    if call.said.get("command") not in ("Typing", "CancelTyping"):
        raise Refusal(40035)
    if not wechat.quota.left(openid, wechat.clock()):
        raise Refusal(45015)
    return {"errcode": 0, "errmsg": "ok"}


@post("/cgi-bin/message/template/send", a_day=100_000)
def template(wechat: Wechat, call: Call) -> Json:
    openid = _addressed(wechat, call)
    names = wechat.templates.get(str(call.said.get("template_id")))
    if names is None:
        raise Refusal(40037)
    url = str(call.said.get("url") or "")
    if url and not url.startswith(("http://", "https://")):
        raise Refusal(40066)
    lines = [f"{name}: {_value(call.said, name)}" for name in names]
    person = wechat.people[openid]
    if not person.follows:
        raise Refusal(43004)
    wechat.show(openid, Seen("template", "template", "\n".join([*lines, url]).strip()))
    number = wechat.new_id()
    person.happens("TEMPLATESENDJOBFINISH", MsgID=number, Status="success")
    return {"errcode": 0, "errmsg": "ok", "msgid": number}


def _addressed(wechat: Wechat, call: Call) -> str:
    openid = call.said.get("touser")
    if not isinstance(openid, str) or openid not in wechat.people:
        raise Refusal(40003)
    return openid


def _value(said: Json, name: str) -> str:
    data = said.get("data")
    inner = data.get(name) if isinstance(data, dict) else None
    value = inner.get("value") if isinstance(inner, dict) else None
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_OF_A_VALUE:
        raise _invalid(name)
    return value


def _invalid(name: str) -> Refusal:
    return Refusal(47003, f"data.{name}.value invalid")
