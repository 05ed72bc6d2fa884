"""QR codes, OAuth, and what is known of people."""

import io

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from tests.wechatapi import Person
from tests.wechatapi.conftest import hosted


def scene(action="QR_STR_SCENE", seconds=None, **scene):
    more = {} if seconds is None else {"expire_seconds": seconds}
    return {"action_name": action, "action_info": {"scene": scene}} | more


CODES = {
    "a word": (0, scene(scene_str="r-abc")),
    "a number": (0, scene("QR_SCENE", scene_id=2**32 - 1)),
    "for ever": (0, scene("QR_LIMIT_STR_SCENE", scene_str="x" * 64)),
    "30 days": (0, scene(scene_str="x", seconds=2_592_000)),
    "31 days": (40035, scene(scene_str="x", seconds=2_678_400)),
    "no action": (40052, scene("QR", scene_str="x")),
    "65 characters": (40053, scene(scene_str="x" * 65)),
    "empty": (40053, scene(scene_str="")),
    "zero": (40053, scene("QR_SCENE", scene_id=0)),
    "100,001 for ever": (40053, scene("QR_LIMIT_SCENE", scene_id=100_001)),
    "nothing": (40053, {"action_name": "QR_SCENE"}),
}


@pytest.mark.parametrize("name", CODES)
async def test_what_a_qr_code_must_be_like(wechat, bot, name):
    code, said = CODES[name]
    told = await bot.post("qrcode/create", said)
    assert told.get("errcode", 0) == code
    assert len(wechat.problems) == (code != 0)


async def test_a_qr_code_is_shown_scanned_and_runs_out(wechat, bot, ada):
    told = await bot.post("qrcode/create", scene(scene_str="r-abc", seconds=600))
    assert told["expire_seconds"] == 600
    page = f"{wechat.url}/cgi-bin/showqrcode"
    async with (
        aiohttp.ClientSession() as session,
        session.get(page, params={"ticket": told["ticket"]}) as answer,
    ):
        assert answer.content_type == "image/jpg"
        with Image.open(io.BytesIO(await answer.read())) as picture:
            assert picture.size == (430, 430)
    scanned = await ada.scan(told["url"])
    assert (scanned.event, scanned.fields["EventKey"]) == ("SCAN", "r-abc")
    bob = Person(wechat)
    joined = await bob.scan(told["ticket"])
    assert (joined.event, joined.fields["EventKey"]) == ("subscribe", "qrscene_r-abc")
    assert joined.fields["Ticket"] == told["ticket"]
    wechat.clock.forward(seconds=600)
    with pytest.raises(LookupError, match="run out"):
        ada.scan(told["ticket"])
    async with aiohttp.ClientSession() as session, session.get(page) as answer:
        assert answer.status == 404


async def test_what_is_known_of_people(wechat, bot, ada):
    told = await bot.get("user/info", openid=ada.openid)
    assert (told["subscribe"], told["language"], told["nickname"]) == (1, "zh_CN", "")
    await ada.unfollow()
    assert (await bot.get("user/info", openid=ada.openid))["subscribe"] == 0
    assert (await bot.get("user/info", openid="x"))["errcode"] == 40003
    assert (await bot.get("user/info"))["errcode"] == 41009
    assert (await bot.get("user/get"))["count"] == 0
    await ada.follow()
    assert (await bot.get("user/get"))["data"]["openid"] == [ada.openid]


def address(wechat, back, **changed):
    query = {
        "appid": wechat.account.app_id,
        "redirect_uri": back,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "abc",
    }
    pairs = "&".join(f"{name}={each}" for name, each in (query | changed).items())
    return f"https://open.weixin.qq.com/connect/oauth2/authorize?{pairs}#wechat_redirect"


async def redeem(bot, code, **changed):
    query = bot.who() | {"grant_type": "authorization_code", "code": code} | changed
    return await bot.get("sns/oauth2/access_token", **query)


async def test_a_page_learns_who_opens_it_once_and_for_five_minutes(wechat, bot, ada, site):
    wechat.callbacks.reach = {"https://bot.example": site.url.removesuffix("/wechat")}
    codes = []
    site.answer = lambda request, body: codes.append(request.query["code"]) or "hello"
    async with ada.browser() as browser:
        page = await browser.get(address(wechat, "https%3A%2F%2Fbot.example%2Falbum%3Fa%3D1"))
        await browser.get(address(wechat, "https%3A%2F%2Fbot.example%2Falbum"))
    assert (page.status, page.text) == (200, "hello")
    assert page.url.startswith("https://bot.example/album?a=1&code=")
    assert page.url.endswith("&state=abc")
    told = await redeem(bot, codes[0])
    assert (told["openid"], told["scope"]) == (ada.openid, "snsapi_base")
    assert (await redeem(bot, codes[0]))["errcode"] == 40163
    wechat.clock.forward(minutes=5)
    assert (await redeem(bot, codes[1]))["errcode"] == 40029
    assert (await redeem(bot, ""))["errcode"] == 41008
    assert (await redeem(bot, "x", secret="x"))["errcode"] == 40125
    token = told["access_token"]
    assert (await bot.get("sns/userinfo", access_token=token, openid=ada.openid))[
        "errcode"
    ] == 48001


async def test_what_an_authorization_must_be_like(wechat, ada, site):
    wechat.oauth.domains = {"bot.example"}
    async with ada.browser() as browser:
        for wrong, words in {
            "appid": "10002",
            "response_type": "10005",
            "scope": "10005",
        }.items():
            url = address(wechat, "https%3A%2F%2Fbot.example", **{wrong: "x"})
            assert words in (await browser.get(url)).text
        page = await browser.get(address(wechat, "https%3A%2F%2Fother.example"))
        assert "10003" in page.text
        page = await browser.get(address(wechat, "bot.example"))
        assert "10003" in page.text
    assert len(wechat.problems) == 2
    assert site.asked == []


async def test_by_hand_the_page_asks_who_it_is(wechat, ada):
    url = address(wechat, "https%3A%2F%2Fbot.example").replace(
        "https://open.weixin.qq.com", wechat.url
    )
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as answer:
            text = await answer.text()
        assert ada.openid in text
        async with session.get(
            f"{url.partition('#')[0]}&as={ada.openid}", allow_redirects=False
        ) as a:
            assert a.status == 302
            assert a.headers["Location"].startswith("https://bot.example?code=")


async def test_a_browser_keeps_cookies_and_tells_only_wechat_who_it_is(wechat, ada):
    seen = []

    async def page(request):
        seen.append((dict(request.headers), dict(request.cookies), request.method))
        if request.path == "/a":
            answer = web.Response(status=302, headers={"Location": "/b"})
            answer.set_cookie("s", "1")
            return answer
        return web.Response(text=(await request.post()).get("x", ""))

    async with hosted(page) as url, ada.browser() as browser:
        assert (await browser.post(f"{url}/a", data={"x": "1"})).hops == (f"{url}/a", f"{url}/b")
        assert (await browser.post(f"{url}/c", data={"x": "1"})).text == "1"
    assert [method for _, _, method in seen] == ["POST", "GET", "POST"]
    assert seen[1][1] == {"s": "1"}
    assert all("MicroMessenger" in headers["User-Agent"] for headers, _, _ in seen)
    assert ada.openid not in str(seen)
