"""The webhook's door: who may post, what is answered, and what an outage means."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession, web
from telegram import Update, WebhookInfo

from bot.state.limiter import MemoryLimiter
from bot.telegram.client import WANTED, Fetched, open_client
from bot.telegram.webhook import LARGEST, PATH, Webhook, webhook_status
from handlers.limits import FORGERIES
from shop.errors import NotBooked, Unavailable
from tests.botapi import until

TOKEN = "7000000001:AAwebhook-webhook-webhook-webhook-12"
SECRET = "s3cret_-"
SAID = {
    "update_id": 7,
    "message": {
        "message_id": 1, "date": 1_790_000_000, "text": "hello",
        "chat": {"id": 4, "type": "private", "first_name": "C"},
        "from": {"id": 4, "is_bot": False, "first_name": "C"},
    },
}  # fmt: skip


class FakeProcessor:
    """Takes updates, or raises what the test wants."""

    def __init__(self) -> None:
        self.offered: list[Update] = []
        self.taken: list[Update] = []
        self.trouble: Exception | None = None
        self.acknowledged: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.room = True

    async def has_room(self) -> bool:
        return self.room

    async def take(self, update: Update) -> None:
        self.offered.append(update)
        await self.gate.wait()
        if self.trouble:
            raise self.trouble
        self.taken.append(update)

    async def unreadable(self, fetched: Fetched) -> None:
        if fetched.money:
            raise NotBooked


@pytest.fixture
def dispatcher() -> FakeProcessor:
    return FakeProcessor()


@pytest.fixture
async def url(dispatcher: FakeProcessor) -> AsyncIterator[str]:
    async with open_client(TOKEN, "http://127.0.0.1:1") as client:
        app = web.Application()
        app.add_routes(
            Webhook(
                client,
                dispatcher.take,
                dispatcher.unreadable,
                dispatcher.acknowledged.append,
                dispatcher.has_room,
                SECRET,
                MemoryLimiter(),
            ).routes()
        )
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}{}".format(*runner.addresses[0][:2], PATH)
        await runner.cleanup()


async def post(url: str, body: object = SAID, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with ClientSession() as http, http.post(url, data=data, headers=headers) as answer:
        return answer.status


async def test_an_update_with_the_secret_is_taken(url, dispatcher):
    assert await post(url) == 200
    assert [update.update_id for update in dispatcher.taken] == [7]
    assert dispatcher.taken[0].message.text == "hello"


@pytest.mark.parametrize("secret", [None, "", "s3cret_", "s3cret_-x", "S3CRET_-", "geheim-ü"])
async def test_without_the_secret_nothing_is_done(url, dispatcher, secret):
    assert await post(url, secret=secret) == 403
    assert dispatcher.taken == []


async def test_forgers_are_slowed_and_telegram_is_not(url, dispatcher):
    """From one address, as behind a proxy that was not named: the secret alone decides."""
    guesses = [await post(url, secret=f"guess-{number}") for number in range(FORGERIES.most + 5)]
    assert guesses == [403] * FORGERIES.most + [429] * 5
    assert dispatcher.taken == []
    assert await post(url) == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe", b"[]", b"null", b"7", b'{"update_id": "7"}', b'{"update_id": true}',
        b'{"message": {}}', b'{"update_id": -1}', b"[" * 100_000,
    ],
)  # fmt: skip
async def test_what_is_no_update_is_refused(url, dispatcher, body):
    assert await post(url, body) == 400
    assert dispatcher.taken == []


async def test_an_update_that_is_too_large_is_refused(url, dispatcher):
    assert await post(url, {**SAID, "x": "y" * LARGEST}) == 413
    assert dispatcher.taken == []


async def test_a_kind_that_nobody_knows_is_not_sent_again(url, dispatcher):
    assert await post(url, {"update_id": 8, "from_the_future": {"a": 1}}) == 200
    assert await post(url, {"update_id": 9, "message": {"message_id": "not a number"}}) == 200


async def test_an_outage_has_it_sent_again(url, dispatcher):
    dispatcher.trouble = Unavailable("the database does not answer")
    assert await post(url) == 503
    dispatcher.trouble = None
    assert await post(url) == 200
    assert len(dispatcher.taken) == 1


async def test_a_mistake_of_ours_does_not_come_again_for_ever(url, dispatcher):
    dispatcher.trouble = ValueError("a bug")
    assert await post(url) == 200


async def test_the_answer_waits_until_the_effect_is_stored(url, dispatcher):
    dispatcher.gate.clear()
    told = asyncio.create_task(post(url))
    await until(lambda: dispatcher.offered)
    assert await post(url, secret="wrong") == 403  # an answer that waits for nothing is faster
    assert not told.done()
    dispatcher.gate.set()
    assert await told == 200


PRESSED = {
    "update_id": 8,
    "callback_query": {
        "id": "77", "chat_instance": "1", "data": "x", "message": SAID["message"],
        "from": {"id": 4, "is_bot": False, "first_name": "C"},
    },
}  # fmt: skip


async def press(url: str) -> tuple[int, object]:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with ClientSession() as http, http.post(url, json=PRESSED, headers=headers) as answer:
        return answer.status, json.loads(
            await answer.read() or b"null"
        ) if answer.status == 200 else None


async def test_the_answer_to_a_pressed_button_stops_its_spinner(url, dispatcher):
    stops = {"method": "answerCallbackQuery", "callback_query_id": "77"}
    assert await press(url) == (200, stops)
    assert dispatcher.acknowledged == []


async def test_while_messages_want_all_the_room_the_spinner_is_left_to_a_call(url, dispatcher):
    dispatcher.room = False
    assert await press(url) == (200, None)
    assert dispatcher.acknowledged == ["77"]


async def test_a_call_stops_the_spinner_of_a_button_that_takes_long(url, dispatcher):
    dispatcher.gate.clear()
    told = asyncio.create_task(press(url))
    await until(lambda: dispatcher.acknowledged)
    assert not told.done()
    dispatcher.gate.set()
    assert await told == (200, None)
    assert dispatcher.acknowledged == ["77"]


async def test_a_call_stops_the_spinner_of_a_button_that_must_come_again(url, dispatcher):
    dispatcher.trouble = Unavailable("the database does not answer")
    assert await press(url) == (503, None)
    assert dispatcher.acknowledged == ["77"]


class FixedInfo:
    """A client of which only the webhook's state is asked."""

    def __init__(self, **info: object) -> None:
        standard = {"url": "https://a.example/telegram", "has_custom_certificate": False}
        self._info = WebhookInfo(**standard | {"pending_update_count": 3} | info)

    async def get_webhook_info(self) -> WebhookInfo:
        return self._info


NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("info", "trouble"),
    [
        ({"allowed_updates": WANTED}, None),
        ({"allowed_updates": tuple(reversed(WANTED))}, None),
        ({"allowed_updates": WANTED, "url": ""}, "no webhook"),
        ({"allowed_updates": WANTED, "url": "https://old.example"}, "another address"),
        ({"allowed_updates": ("message",)}, "other kinds"),
        (
            {
                "allowed_updates": WANTED, "last_error_message": "Connection refused",
                "last_error_date": NOW - timedelta(seconds=30),
            },
            "30 s ago a delivery failed: Connection refused",
        ),
        (
            {
                "allowed_updates": WANTED, "last_error_message": "Connection refused",
                "last_error_date": NOW - timedelta(hours=2),
            },
            None,
        ),
    ],
)  # fmt: skip
async def test_what_the_check_finds(info, trouble):
    standing = await webhook_status(FixedInfo(**info), "https://a.example/telegram", NOW)
    assert standing.waiting == 3
    if trouble is None:
        assert standing.troubles == ()
    else:
        (only,) = standing.troubles
        assert trouble in only
