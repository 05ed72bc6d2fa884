"""Files up and down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.wechatapi.methods.registry import File, get, post
from tests.wechatapi.records import Call, Json, Refusal

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat


@post("/cgi-bin/media/upload", json=False, a_day=100_000)
def upload(wechat: Wechat, call: Call) -> Json:
    kind = call.query.get("type", "")
    medium = wechat.media.uploaded(kind, call.files.get("media"))
    key = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, key: medium.id, "created_at": int(wechat.clock())}


@get("/cgi-bin/media/get", a_day=200_000)
def download(wechat: Wechat, call: Call) -> File:
    id = call.query.get("media_id")
    if not id:
        raise Refusal(41006)
    medium = wechat.media.get(id)
    cut = wechat.media.broken > 0
    wechat.media.broken -= cut
    if medium.kind == "video":
        told = json.dumps({"video_url": f"{wechat.url}/video/{medium.id}"}).encode()
        return File(told, "text/plain", "")
    return File(medium.data, medium.type, f"{medium.id}{medium.ending}", cut)
