"""The double as a program of its own, for bots that are not written in Python."""

import asyncio
import base64
import sys

import aiohttp
import pytest
from aiohttp import web

from tests.botapi.conftest import TOKEN, jpeg
from tests.botapi.control import Control
from tests.botapi.server import serving

BILL = {
    "title": "Avatar",
    "description": "Once.",
    "payload": "order-1",
    "currency": "XTR",
    "prices": [{"label": "Avatar", "amount": 130}],
}


@pytest.fixture
async def here(api, bot):
    """What stands beside the Bot API when it is served with its control."""
    async with (
        serving(api, more=Control(api).routes()),
        aiohttp.ClientSession(api.url) as session,
    ):
        yield session


async def do(here, person, deed, expected=200, **said):
    async with here.post(f"/control/people/{person}/{deed}", json=said) as answer:
        assert answer.status == expected, await answer.text()
        return (await answer.json()).get("result")


async def read(here, path):
    async with here.get(f"/control/{path}") as answer:
        return await answer.json()


async def test_people_act_by_json_and_the_bot_gets_updates(api, bot, here):
    update = await do(here, 7, "say", text="/start", language="fr")
    await do(here, 7, "photo", data=base64.b64encode(jpeg()).decode())
    await do(here, 7, "file", data="AAAA", name="a.heic", mime="image/heic")
    await do(here, 8, "say", text="in a group", chat=-100)
    first, photo, file, group = await bot.updates()
    assert first["update_id"] == update
    assert first["message"]["from"]["language_code"] == "fr"
    assert photo["message"]["photo"][1]["width"] == 64
    assert file["message"]["document"]["mime_type"] == "image/heic"
    assert group["message"]["chat"]["id"] == -100


async def test_what_the_bot_did_can_be_read_and_pressed(api, bot, here):
    await do(here, 7, "say", text="/start")
    keys = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    await bot.call("sendMessage", chat_id=7, text="Choose", reply_markup=keys, txet="x")
    await do(here, 7, "press", label="Go")
    state = await read(here, "state")
    assert state["chats"][0]["messages"][0]["text"] == "Choose"
    assert state["problems"] == await read(here, "problems") == ["sendMessage.txet: unknown"]
    (call,) = await read(here, "calls?method=sendMessage")
    assert call["values"]["text"] == "Choose"
    assert (await bot.updates())[-1]["callback_query"]["data"] == "go"
    await here.post("/control/forget")
    assert await read(here, "calls") == []


async def test_a_payment_and_its_way_back(api, bot, here):
    await do(here, 7, "say", text="/buy")
    await bot.updates()
    await bot.call("sendInvoice", chat_id=7, **BILL)
    paying = asyncio.create_task(do(here, 7, "pay"))
    (update,) = await bot.updates(timeout=5)
    query = {"pre_checkout_query_id": update["pre_checkout_query"]["id"]}
    await bot.call("answerPreCheckoutQuery", **query, ok=True)
    charge = await paying
    async with here.post("/control/refund", json={"charge": charge["id"]}) as answer:
        assert answer.status == 200
    paid, back = await bot.updates()
    assert paid["message"]["successful_payment"]["telegram_payment_charge_id"] == charge["id"]
    assert back["message"]["refunded_payment"]["telegram_payment_charge_id"] == charge["id"]
    assert (await read(here, "state"))["stars"]["balance"] == 0


async def test_raw_updates_failures_and_mistakes(api, bot, here):
    await here.post("/control/update?raw=1", json={"update_id": 5, "quantum": True})
    async with here.post("/control/update", json={"message": {"text": "x"}}) as answer:
        assert answer.status == 400
    assert await bot.updates() == [{"update_id": 5, "quantum": True}]
    failure = {"method": "getMe", "status": 429, "description": "Slow", "retry_after": 3}
    await here.post("/control/fail", json=failure)
    assert await bot.refused("getMe") == "Slow: retry after 3"
    await do(here, 7, "dance", expected=404)
    await do(here, 7, "press", expected=400, label="nothing")


async def test_a_page_shows_it(here):
    async with here.get("/control") as answer:
        assert "Bot API double" in await answer.text()


async def test_it_runs_by_itself_and_delivers_to_a_webhook():
    heard = asyncio.Queue()

    async def hook(request):
        await heard.put((request.headers, await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = "http://{}:{}".format(*runner.addresses[0][:2])
    options = ["--token", TOKEN, "--lean", "--reach", f"https://bot.example={here}"]
    options += ["--webhook", "https://bot.example/hook", "--secret", "s3cret"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.botapi", *options, stdout=asyncio.subprocess.PIPE
    )
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        url = line.removeprefix("Bot API: ").strip()
        async with aiohttp.ClientSession(url) as session:
            await do(session, 7, "say", text="hello")
            headers, update = await asyncio.wait_for(heard.get(), 10)
            assert headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret"
            assert update["message"]["text"] == "hello"
            async with session.get(f"/bot{TOKEN}/getMe") as answer:
                assert (await answer.json())["result"]["username"] == "EiderTestBot"
    finally:
        process.terminate()
        assert await process.wait() == 0
        await runner.cleanup()
