"""The double as a program of its own, for bots that are not written in Python."""

import asyncio
import base64
import sys

import aiohttp
import pytest
from aiohttp import web

from tests.wechatapi import serving
from tests.wechatapi.conftest import hosted, jpeg
from tests.wechatapi.control import Control
from tests.wechatapi.crypto import sign


@pytest.fixture
async def here(wechat, site):
    """What stands beside the API when it is served with its control."""
    async with (
        serving(wechat, more=Control(wechat).routes()),
        aiohttp.ClientSession(wechat.url) as session,
    ):
        yield session


async def do(here, path, expected=200, /, **said):
    async with here.post(f"/control/{path}", json=said) as answer:
        assert answer.status == expected, await answer.text()
        return (await answer.json()).get("result")


async def read(here, path):
    async with here.get(f"/control/{path}") as answer:
        return await answer.json()


async def test_people_act_by_json_and_the_bot_is_told(wechat, site, here):
    photo = base64.b64encode(jpeg()).decode()
    (followed,) = await do(here, "people/oA/follow")
    assert followed["attempts"][0]["body"] == "success"
    assert followed["fields"]["Event"] == "subscribe"
    assert len(await do(here, "people/oA/photos", photos=[photo] * 3)) == 3
    for deed, said in {
        "say": {"text": "你好"},
        "photo": {"data": photo},
        "voice": {},
        "video": {"short": True},
        "location": {},
        "link": {"url": "https://u"},
        "card": {},
        "file": {"name": "b.pdf"},
        "emoji": {},
        "unfollow": {},
    }.items():
        (done,) = await do(here, f"people/oA/{deed}", **said)
        assert done["attempts"][0]["status"] == 200, deed
    assert len(site.asked) == 14
    async with here.get("/control/people/oA/transcript") as answer:
        assert "  > 你好\n" in await answer.text()
    async with here.get("/control/people/oA/picture/1") as answer:
        assert await answer.read() == jpeg()


async def test_menu_codes_payment_and_time(wechat, bot, here):
    await do(here, "people/oA/follow")
    await bot.post("menu/create", {"button": [{"type": "click", "name": "开始", "key": "go"}]})
    (clicked,) = await do(here, "people/oA/click", name="开始")
    assert clicked["fields"]["EventKey"] == "go"
    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}}
    ticket = (await bot.post("qrcode/create", scene))["ticket"]
    assert (await do(here, "people/oA/scan", code=ticket))[0]["fields"]["Event"] == "SCAN"
    await do(here, "people/oA/paid")
    await do(here, "clock", hours=47)
    await bot.fetch_token()
    items = [{"id": "1", "content": "好"}]
    assert await bot.send(wechat.people["oA"], "msgmenu", list=items) == 0
    assert (await do(here, "people/oA/pick", id="1"))[0]["fields"]["Content"] == "好"
    state = await read(here, "state")
    assert state["people"][0]["left"]["payment"]["left"] is None
    assert state["menu"] == {"开始": []}
    assert state["shift"] == 47 * 3600
    assert (await read(here, "calls?path=menu/create"))[0]["code"] == 0


async def test_faults_and_problems_by_json(wechat, bot, here):
    await do(here, "people/oA/follow")
    person = wechat.people["oA"]
    await do(here, "fail", path="message/custom/send", code=-1, times=1)
    assert await bot.say(person) == -1
    await do(here, "fail", path="message/custom/send", how="drop")
    with pytest.raises(aiohttp.ClientError):
        await bot.say(person)
    await do(here, "fail", down=True)
    async with here.get("/cgi-bin/menu/get") as answer:
        assert answer.status == 502
    await do(here, "fail", down=False)
    await do(here, "tokens", end="revoke", grace=0)
    assert await bot.say(person) == 40001
    await do(here, "allowed", addresses=["10.0.0.1"])
    body = bot.who() | {"grant_type": "client_credential"}
    assert (await bot.post("stable_token", body, token=None))["errcode"] == 40164
    await do(here, "allowed", addresses=None)
    await bot.fetch_token()
    await do(here, "template", id="t", fields=["thing1"])
    message = {"touser": "oA", "template_id": "t", "data": {"thing1": {"value": "x"}}}
    assert (await bot.post("message/template/send", message))["errcode"] == 0
    assert await bot.say(person, "") == 44004
    assert await read(here, "problems") == ["message/custom/send: 44004 empty content"]
    await do(here, "forget")
    assert await read(here, "problems") == await read(here, "calls") == []


async def test_callbacks_by_json(wechat, site, here):
    site.answer = lambda request, body: request.query.get("echostr", "success")
    assert await do(here, "verify") is True
    await do(here, "callback", copies=3)
    (done,) = await do(here, "people/oA/follow")
    assert len(done["attempts"]) == 3
    site.answer = web.Response(status=403)
    raw = await do(here, "raw", data=base64.b64encode(b"<xml").decode(), query={"nonce": "1"})
    assert (raw["status"], site.asked[-1]) == (403, ({"nonce": "1"}, b"<xml"))
    await do(here, "callback", 400, gravity=1)


async def test_mistakes_are_told_and_pages_opened(wechat, site, here):
    await do(here, "people/oA/dance", 404)
    await do(here, "people/oA/say", 400, text="without following")
    await do(here, "people/oA/click", 400, name="nothing")
    await do(here, "people/oA/say", 400)
    site.answer = "a page"
    assert (await do(here, "people/oA/open", url=site.url))["text"] == "a page"
    async with here.get("/control") as answer:
        assert "WeChat double" in await answer.text()


async def test_it_runs_by_itself():
    heard = asyncio.Queue()

    async def hook(request):
        await heard.put(dict(request.query))
        return web.Response(text="success")

    async with hosted(hook) as here:
        options = ["--token", "tok", "--mode", "plain", "--reach", f"https://bot.example={here}"]
        options += ["--url", "https://bot.example/wechat", "--app-id", "wx1", "--secret", "s3cret"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.wechatapi", *options, stdout=asyncio.subprocess.PIPE
        )
        try:
            lines = [
                (await asyncio.wait_for(process.stdout.readline(), 60)).decode().strip()
                for _ in range(6)
            ]
            said = dict(line.split(": ", 1) for line in lines)
            assert (said["AppID"], said["AppSecret"], said["Token"]) == ("wx1", "s3cret", "tok")
            async with aiohttp.ClientSession(said["WeChat API"]) as session:
                await do(session, "people/oA/follow")
                query = await asyncio.wait_for(heard.get(), 10)
                stamps = (query["timestamp"], query["nonce"])
                assert query["signature"] == sign("tok", *stamps)
                body = {"grant_type": "client_credential", "appid": "wx1", "secret": "s3cret"}
                async with session.post("/cgi-bin/stable_token", json=body) as answer:
                    assert (await answer.json())["expires_in"] == 7200
        finally:
            process.terminate()
            assert await process.wait() == 0
