"""The README's example is a test that passes, and the names in it exist."""

import json
import re
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import web

from tests.wechatapi.conftest import hosted
from tests.wechatapi.control import DEEDS, Control
from tests.wechatapi.methods import METHODS
from tests.wechatapi.people import Person
from tests.wechatapi.quota import RULES

README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")


@asynccontextmanager
async def the_bot(wechat):
    """Greets whoever says anything, by a message of its own."""
    account = wechat.account

    async def greet(openid):
        async with aiohttp.ClientSession(wechat.url) as session:
            body = {"grant_type": "client_credential", "appid": account.app_id}
            body |= {"secret": account.secret}
            async with session.post("/cgi-bin/stable_token", json=body) as answer:
                token = {"access_token": (await answer.json())["access_token"]}
            text = {"touser": openid, "msgtype": "text", "text": {"content": "欢迎"}}
            data = json.dumps(text, ensure_ascii=False).encode()
            await session.post("/cgi-bin/message/custom/send", data=data, params=token)

    async def handle(request):
        if request.method == "GET":
            return web.Response(text=request.query["echostr"])
        await greet(request.query["openid"])
        return web.Response(text="success")

    async with hosted(handle) as url:
        yield url


async def test_the_example_works():
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {"the_bot": the_bot}
    exec(example, names)
    await names["test_the_bot_greets"]()


def test_every_path_that_is_done_is_named():
    done = README.partition("Done: ")[2].partition("Any other path")[0].replace("\n", " ")
    named = set(re.findall(r"[a-z_0-9]+(?:/[a-z_0-9]+)*", done))
    for path in METHODS:
        assert path.removeprefix("/cgi-bin/").removeprefix("/") in named, path


def test_every_deed_and_route_is_named():
    people, alone = README.partition("## People")[2].split("## By itself")
    for deed in DEEDS:
        assert f"`{deed}`" in alone or f"/{deed}`" in alone, deed
    for name in re.findall(r"`(\w+)[`(]", people.partition("Each returns")[0]):
        assert hasattr(Person, name) or name == "Person", name
    for route in Control(None).routes():
        place = route.path.replace("{openid}", "oAda").replace("/{number}", "").split("/{")[0]
        assert place in alone, place


def test_the_quota_of_the_table_is_the_one_that_is_kept():
    row = next(line for line in README.splitlines() if line.startswith("| 5 / 48 h"))
    assert "5 / 48 h after a message, 3 / 1 min after a click, follow or scan" in row
    assert RULES["message"] == (5, 48 * 3600)
    assert {RULES[each] for each in ("click", "follow", "scan")} == {(3, 60)}
    assert RULES["payment"] == (None, 48 * 3600)
