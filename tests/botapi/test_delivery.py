"""The bot is told what happened, at an address of its own."""

import asyncio
import json
from itertools import pairwise

import pytest
from aiohttp import web

from tests.botapi import BotApi, Customer, until
from tests.botapi.conftest import TOKEN

SECRET = "a-Secret_1"


class Listener:
    """A bot's webhook: notes what comes, and answers as it is told, at first always with 200."""

    def __init__(self) -> None:
        self.heard: list[dict] = []
        self.headers: list[dict] = []
        self.answers: list[web.Response] = []
        self.refused: list[str] = []
        self.open: asyncio.Event | None = None
        self.inside = self.most = 0

    async def serve(self, request: web.Request) -> web.Response:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            self.headers.append(dict(request.headers))
            if self.open:
                await self.open.wait()
            self.heard.append(await request.json())
            message = self.heard[-1].get("message")
            text = message.get("text") if isinstance(message, dict) else None
            if text in self.refused:
                self.refused.remove(text)
                return web.Response(status=500)
            return self.answers.pop(0) if self.answers else web.Response()
        finally:
            self.inside -= 1

    def texts(self) -> list[str]:
        return [each["message"]["text"] for each in self.heard]


@pytest.fixture
async def listener():
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = "http://{}:{}/hook".format(*runner.addresses[0][:2])
    yield listener
    await runner.cleanup()


@pytest.fixture(autouse=True)
def _hurry(api):
    api.delivery.second = 0.01


async def test_updates_are_posted_with_the_secret_and_forgotten_when_taken(
    api, bot, customer, listener
):
    waiting = customer.say("before")
    await bot.call("setWebhook", url=listener.url, secret_token=SECRET)
    customer.say("after")
    await until(lambda: len(listener.heard) == 2)
    assert listener.texts() == ["before", "after"]
    assert listener.headers[0]["X-Telegram-Bot-Api-Secret-Token"] == SECRET
    assert listener.headers[0]["Content-Type"] == "application/json"
    await until(lambda: api.pending == [])
    assert api.confirmed[0] == waiting
    assert api.problems == []


async def test_what_is_refused_comes_again_and_holds_up_its_own_chat_only(
    api, bot, customer, listener
):
    other = Customer(api, 4202)
    listener.refused = ["one"] * 4
    await bot.call("setWebhook", url=listener.url)
    customer.say("one")
    customer.say("two")
    await until(lambda: len(listener.heard) >= 2)
    other.say("meanwhile")
    await until(lambda: api.pending == [])
    texts = listener.texts()
    assert texts.count("one") == 5
    assert texts.index("two") > max(n for n, text in enumerate(texts) if text == "one")
    assert texts.index("meanwhile") < texts.index("two")
    info = await bot.call("getWebhookInfo")
    wrong = "Wrong response from the webhook: 500 Internal Server Error"
    assert (info["last_error_message"], info["pending_update_count"]) == (wrong, 0)
    assert info["last_error_date"] > 0
    assert [post.status for post in api.delivery.posts].count(500) == 4
    assert api.problems == []


async def test_waiting_grows_and_the_bot_may_say_for_how_long(api, bot, customer, listener):
    api.delivery.second = 0.05
    listener.answers = [web.Response(status=503) for _ in range(3)]
    listener.answers.append(web.Response(status=429, headers={"Retry-After": "10"}))
    await bot.call("setWebhook", url=listener.url)
    customer.say("one")
    await until(lambda: api.pending == [])
    posts = api.delivery.posts
    assert api.delivery.pauses == [0, 2, 4, 10]
    pauses = [b.at - a.at - a.seconds for a, b in pairwise(posts)]
    assert all(real >= told * 0.05 for real, told in zip(pauses, [0, 2, 4, 10], strict=True))


async def test_different_people_are_served_side_by_side_but_not_more_than_was_allowed(
    api, bot, listener
):
    listener.open = asyncio.Event()
    await bot.call("setWebhook", url=listener.url, max_connections=3)
    for n in range(5):
        Customer(api, 100 + n).say("hello")
    await until(lambda: listener.most == 3)
    assert (await bot.call("getWebhookInfo"))["pending_update_count"] == 5
    assert (listener.most, len(listener.heard)) == (3, 0)
    listener.open.set()
    await until(lambda: api.pending == [])
    assert listener.most == 3


async def test_nobody_listens_and_then_somebody_does(api, bot, customer, listener):
    await bot.call("setWebhook", url="http://127.0.0.1:9/hook")
    customer.say("one")
    await until(lambda: api.delivery.hook.error)
    assert (await bot.call("getWebhookInfo"))["last_error_message"] == "Connection refused"
    await bot.call("setWebhook", url=listener.url)
    await until(lambda: listener.texts() == ["one"])
    assert "last_error_message" not in await bot.call("getWebhookInfo")


async def test_who_has_a_webhook_cannot_ask_and_who_sets_one_ends_the_asking(
    api, bot, customer, listener
):
    poll = asyncio.create_task(bot.answer("getUpdates", timeout=5))
    await until(lambda: api.made("getUpdates"))
    await bot.call("setWebhook", url=listener.url)
    assert (await poll)["error_code"] == 409
    said = await bot.answer("getUpdates")
    assert said["error_code"] == 409
    assert "use deleteWebhook" in said["description"]
    listener.answers = [web.Response(status=500)] * 99
    customer.say("one")
    await until(lambda: listener.heard)
    await bot.call("deleteWebhook")
    assert len(await bot.call("getUpdates")) == 1
    await bot.call("deleteWebhook", drop_pending_updates=True)
    assert await bot.call("getUpdates") == []
    assert (await bot.call("getWebhookInfo"))["url"] == ""


async def test_only_what_was_asked_for_is_posted(api, bot, customer, listener):
    customer.say("dropped")
    asked = {"drop_pending_updates": True, "allowed_updates": ["message"]}
    await bot.call("setWebhook", url=listener.url, **asked)
    customer.edit("no")
    customer.say("yes")
    await until(lambda: api.pending == [])
    assert listener.texts() == ["yes"]
    info = await bot.call("getWebhookInfo")
    assert info["allowed_updates"] == ["message"]
    assert info["max_connections"] == 40


async def test_updates_that_make_no_sense_are_posted_too(api, bot, listener):
    await bot.call("setWebhook", url=listener.url)
    strange = [{"message": {"chat": {"id": [1]}}}, {"update_id": "x", "message": 7}, {}]
    for update in strange:
        api.inject(update)
    await until(lambda: api.pending == [])
    assert sorted(map(str, listener.heard)) == sorted(map(str, strange))


async def test_a_bot_may_call_a_method_in_its_answer(api, bot, customer, listener):
    reply = {"method": "sendMessage", "chat_id": 4201, "text": "Hello"}
    listener.answers = [web.json_response(reply), web.json_response({"method": "getMe"})]
    await bot.call("setWebhook", url=listener.url)
    customer.say("one")
    await customer.sees("Hello")
    customer.say("two")
    await until(lambda: api.pending == [])
    assert api.made("getMe") == []


async def test_a_refused_method_in_an_answer_does_not_stop_the_line(api, bot, customer, listener):
    listener.answers = [web.json_response({"method": "sendMessage", "chat_id": 4201})]
    await bot.call("setWebhook", url=listener.url)
    customer.say("one")
    customer.say("two")
    await until(lambda: listener.texts() == ["one", "two"])
    assert api.problems == ["sendMessage.text: required"]


async def test_a_public_address_leads_to_this_machine(api, bot, customer, listener):
    api.delivery.reach["https://bot.example"] = listener.url.removesuffix("/hook")
    await bot.call("setWebhook", url="https://bot.example/hook")
    customer.say("one")
    await until(lambda: listener.texts() == ["one"])


@pytest.mark.parametrize(
    ("url", "secret", "told"),
    [
        ("http://bot.example/hook", "", "An HTTPS URL must be provided"),
        ("https://bot.example:8080/hook", "", "only on ports 80, 88, 443 or 8443"),
        ("https:///hook", "", "invalid webhook URL specified"),
        ("https://bot.example/hook", "a secret", "unallowed characters"),
    ],
)
async def test_an_address_that_telegram_does_not_take_is_refused(api, bot, url, secret, told):
    more = {"secret_token": secret} if secret else {}
    assert told in await bot.refused("setWebhook", url=url, **more)
    assert api.webhook == ""


async def test_a_server_of_ones_own_takes_any_address_and_more_connections(tmp_path):
    api = BotApi(TOKEN, local=tmp_path)
    form = {"url": "http://10.0.0.1:8080/hook", "max_connections": "5000"}
    assert await api.perform("setWebhook", form)
    info = await api.perform("getWebhookInfo", {})
    assert json.dumps(info)
    assert info["max_connections"] == 5000
    await api.delivery.stop()
