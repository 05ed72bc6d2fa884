"""What browsers and phones fetch: no token, no JSON."""

from __future__ import annotations

import html
import io
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import segno
from aiohttp import web
from PIL import Image

from tests.wechatapi.records import Refusal

if TYPE_CHECKING:
    from tests.wechatapi.api import Wechat

WHO = "X-Weixin-User"
"""The header by which a person's browser tells who is logged in; by hand the page asks."""
MISMATCH = "redirect_uri 参数错误 错误码：10003"


def routes(wechat: Wechat) -> list[web.RouteDef]:
    """Beside the API's."""

    async def authorize(request: web.Request) -> web.StreamResponse:
        return _authorize(wechat, request)

    async def showqrcode(request: web.Request) -> web.StreamResponse:
        try:
            code = wechat.qrcodes.find(request.query.get("ticket", ""))
        except LookupError:
            return web.Response(status=404)
        return web.Response(body=_picture(code.url), content_type="image/jpg")

    async def file(request: web.Request) -> web.StreamResponse:
        try:
            medium = wechat.media.get(request.match_info["id"])
        except Refusal:
            return web.Response(status=404)
        return web.Response(body=medium.data, content_type=medium.type)

    return [
        web.get("/connect/oauth2/authorize", authorize),
        web.get("/cgi-bin/showqrcode", showqrcode),
        web.get("/mmbiz_jpg/{id}/0", file),
        web.get("/video/{id}", file),
    ]


def _authorize(wechat: Wechat, request: web.Request) -> web.StreamResponse:
    query = request.query
    uri, scope = query.get("redirect_uri", ""), query.get("scope", "")
    state = query.get("state", "")
    if query.get("appid") != wechat.account.app_id:
        return _page("appid 参数错误 10002")
    if query.get("response_type") != "code" or scope not in ("snsapi_base", "snsapi_userinfo"):
        return _page("Scope 参数错误或没有 Scope 权限 10005")
    if len(state) > 128 or not all(each.isascii() and each.isalnum() for each in state):
        wechat.note(f"authorize: state {state!r}, not a-z A-Z 0-9 of at most 128")
    if not wechat.oauth.may_return_to(uri):
        wechat.note(f"authorize: redirect_uri {uri!r}, not of the domain in the console")
        return _page(MISMATCH)
    openid = request.headers.get(WHO) or query.get("as", "")
    if openid not in wechat.people:
        return _choice(wechat, request)
    parts = urlsplit(uri)
    more = [*parse_qsl(parts.query), ("code", wechat.oauth.issue(openid, scope)), ("state", state)]
    place = urlunsplit(parts._replace(query=urlencode(more)))
    return web.Response(status=302, headers={"Location": place})


def _choice(wechat: Wechat, request: web.Request) -> web.Response:
    """By hand: who opens the page?"""
    here = html.escape(str(request.rel_url))
    links = [
        f'<li><a href="{here}&amp;as={quote(openid)}">{html.escape(openid)}</a></li>'
        for openid in wechat.people
    ]
    return _page(f"<p>Who opens this page?</p><ul>{''.join(links)}</ul>")


def _page(inner: str) -> web.Response:
    text = f'<!doctype html><meta charset="utf-8"><title>WeChat double</title>{inner}'
    return web.Response(text=text, content_type="text/html")


def _picture(url: str) -> bytes:
    """A JPEG, 430 pixels wide, as theirs."""
    drawn, out = io.BytesIO(), io.BytesIO()
    segno.make(url, error="m").save(drawn, kind="png", scale=10, border=4)
    with Image.open(drawn) as picture:
        picture.convert("L").resize((430, 430)).save(out, "JPEG", quality=90)
    return out.getvalue()
