"""Access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.wechatapi.methods.registry import get, post
from tests.wechatapi.records import Call, Json, Refusal

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat


@get("/cgi-bin/token", token=False, a_day=2000)
def token(wechat: Wechat, call: Call) -> Json:
    _admitted(wechat, call, call.query)
    return _told(*wechat.tokens.fetch())


@post("/cgi-bin/stable_token", token=False, a_minute=10_000)
def stable_token(wechat: Wechat, call: Call) -> Json:
    _admitted(wechat, call, call.said)
    force = call.said.get("force_refresh", False)
    if not isinstance(force, bool):
        raise Refusal(47001)
    return _told(*wechat.tokens.stable(force))


def _told(value: str, seconds: int) -> Json:
    return {"access_token": value, "expires_in": seconds}


def _admitted(wechat: Wechat, call: Call, said: Mapping[str, Any]) -> None:
    """Raises what is wrong with who asks."""
    if said.get("grant_type") != "client_credential":
        raise Refusal(40002)
    known(wechat, said)
    if wechat.allowed is not None and call.ip not in wechat.allowed:
        refusal = Refusal(40164)
        refusal.message = refusal.message.format(ip=call.ip)
        raise refusal


def known(wechat: Wechat, said: Mapping[str, Any]) -> None:
    """App id and secret are the account's."""
    if not said.get("appid"):
        raise Refusal(41002)
    if said["appid"] != wechat.account.app_id:
        raise Refusal(40013)
    if not said.get("secret"):
        raise Refusal(41004)
    if said["secret"] != wechat.account.secret:
        raise Refusal(40125)
