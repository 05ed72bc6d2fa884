"""Menu, people, and what else the account knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wechatapi.methods.registry import get, post
from tests.wechatapi.records import Call, Json, Refusal

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat

OK: Json = {"errcode": 0, "errmsg": "ok"}


@post("/cgi-bin/menu/create", a_day=1000)
def menu_create(wechat: Wechat, call: Call) -> Json:
    wechat.menu.create(call.said)
    for top, below in wechat.menu.shown().items():
        for name in (top, *below):
            if name.endswith("…"):
                wechat.note(f"menu/create: a phone shows {name!r} only")
    return OK


@get("/cgi-bin/menu/get")
def menu_get(wechat: Wechat, call: Call) -> Json:
    return wechat.menu.described()


@get("/cgi-bin/menu/delete", a_day=1000)
def menu_delete(wechat: Wechat, call: Call) -> Json:
    wechat.menu.buttons = None
    return OK


@get("/cgi-bin/user/info")
def user_info(wechat: Wechat, call: Call) -> Json:
    openid = call.query.get("openid")
    if not openid:
        raise Refusal(41009)
    person = wechat.people.get(openid)
    if person is None:
        raise Refusal(40003)
    if not person.follows:
        return {"subscribe": 0, "openid": openid, "tagid_list": []}
    return {
        "subscribe": 1,
        "openid": openid,
        "nickname": "",  # empty since the end of 2021
        "sex": 0,
        "language": person.language,
        "headimgurl": "",
        "subscribe_time": int(person.since),
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
        "subscribe_scene": "ADD_SCENE_QR_CODE" if person.scene else "ADD_SCENE_SEARCH",
        "qr_scene": int(person.scene) if person.scene.isdecimal() else 0,
        "qr_scene_str": "" if person.scene.isdecimal() else person.scene,
    }


@get("/cgi-bin/user/get")
def user_get(wechat: Wechat, call: Call) -> Json:
    followers = [openid for openid, each in wechat.people.items() if each.follows]
    told: Json = {"total": len(followers), "count": len(followers), "next_openid": ""}
    return told | {"data": {"openid": followers}} if followers else told


@get("/cgi-bin/getcallbackip")
def callback_ip(wechat: Wechat, call: Call) -> Json:
    return {"ip_list": ["127.0.0.1"]}


@get("/cgi-bin/get_api_domain_ip")
def api_ip(wechat: Wechat, call: Call) -> Json:
    return {"ip_list": ["127.0.0.1"]}


@get("/cgi-bin/ticket/getticket")
def ticket(wechat: Wechat, call: Call) -> Json:
    if call.query.get("type") not in ("jsapi", "wx_card"):
        raise Refusal(40035)
    value = f"sM4AOVdWfPE4DxkXGEs8V{wechat.new_id()}"
    return OK | {"ticket": value, "expires_in": 7200}


@post("/cgi-bin/clear_quota", a_day=50)
def clear_quota(wechat: Wechat, call: Call) -> Json:
    if call.said.get("appid") != wechat.account.app_id:
        raise Refusal(40013)
    wechat.counters.clear()
    return OK
