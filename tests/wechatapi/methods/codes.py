"""QR codes, and the bot's side of OAuth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wechatapi.methods.registry import get, post
from tests.wechatapi.methods.tokens import known
from tests.wechatapi.records import Call, Json, Refusal

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat


@post("/cgi-bin/qrcode/create", a_day=100_000)
def qrcode_create(wechat: Wechat, call: Call) -> Json:
    return wechat.qrcodes.create(call.said)


@get("/sns/oauth2/access_token", token=False)
def sns_access_token(wechat: Wechat, call: Call) -> Json:
    if call.query.get("grant_type") != "authorization_code":
        raise Refusal(40002)
    known(wechat, call.query)
    openid, scope = wechat.oauth.redeem(call.query.get("code", ""))
    return {
        "access_token": wechat.sns_token(openid, scope),
        "expires_in": 7200,
        "refresh_token": f"refresh_{wechat.new_id()}",
        "openid": openid,
        "scope": scope,
    }


@get("/sns/userinfo", token=False)
def sns_userinfo(wechat: Wechat, call: Call) -> Json:
    openid, scope = wechat.sns_tokens.get(call.query.get("access_token", ""), ("", ""))
    if not openid or openid != call.query.get("openid"):
        raise Refusal(40001)
    if scope != "snsapi_userinfo":
        raise Refusal(48001)
    return {"openid": openid, "nickname": "微信用户", "sex": 0, "headimgurl": "", "privilege": []}
