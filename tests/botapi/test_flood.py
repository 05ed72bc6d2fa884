"""Sending too quickly."""

import json

import pytest

from tests.botapi import BotApi, Chat, Customer, Failure, Flood
from tests.botapi.conftest import TOKEN


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def flooded(clock):
    api = BotApi(TOKEN, flood=Flood(clock=clock))
    for number in range(1, 40):
        Customer(api, number)
    api.chats[-1] = Chat(-1, "group")
    return api


async def say(api, chat, method="sendMessage", **more):
    """True if it was admitted, else the seconds of the 429. The test's clock ends the deafness."""
    try:
        await api.perform(method, {"chat_id": str(chat), "text": "x", **more})
    except Failure as failure:
        api.chats[chat].deaf_until = 0.0
        return failure.retry_after
    return True


async def test_one_a_second_in_a_chat_with_short_bursts(flooded, clock):
    assert [await say(flooded, 1) for _ in range(4)] == [True, True, True, 1]
    assert await say(flooded, 2) is True
    clock.now += 1
    assert await say(flooded, 1) is True
    assert await say(flooded, 1) == 1
    for _ in range(50):
        clock.now += 1
        assert await say(flooded, 1) is True
    assert flooded.flood.refusals == 2


async def test_twenty_a_minute_in_a_group(flooded, clock):
    assert [await say(flooded, -1) for _ in range(20)] == [True] * 20
    assert await say(flooded, -1) == 3
    clock.now += 3
    assert await say(flooded, -1) is True
    assert await say(flooded, -1) == 3


async def test_thirty_a_second_over_all(flooded, clock):
    assert [await say(flooded, number) for number in range(1, 34)] == [True] * 33  # 0.1 s of grace
    assert await say(flooded, 34) == 1
    clock.now += 1
    assert await say(flooded, 34) is True


async def test_an_album_is_its_items_and_an_action_weighs_nothing_in_its_chat(flooded, clock):
    flooded.strict = False
    file_id = flooded.keep(b"x", "photo")
    media = json.dumps([{"type": "photo", "media": file_id}] * 10)
    assert await say(flooded, 1, "sendMediaGroup", media=media) is True
    assert await say(flooded, 1) == 8
    for _ in range(5):
        assert await say(flooded, 1, "sendChatAction", action="typing") is True
    clock.now += 8
    assert await say(flooded, 1) is True


async def test_edits_count_and_reading_does_not(flooded):
    sent = await flooded.perform("sendMessage", {"chat_id": "1", "text": "0"})
    at = {"message_id": str(sent["message_id"])}
    for n in range(2):
        assert await say(flooded, 1, "editMessageText", **at, **{"text": f"{n + 1}"}) is True
    assert await say(flooded, 1, "editMessageText", **at) == 1
    for _ in range(100):
        await flooded.perform("getMe", {})


async def test_who_was_too_quick_is_not_heard_until_the_time_is_over(flooded):
    for _ in range(3):
        await flooded.perform("sendMessage", {"chat_id": "1", "text": "x"})
    for method in ("sendMessage", "sendChatAction"):
        form = {"chat_id": "1", "text": "x", "action": "typing"}
        with pytest.raises(Failure, match="retry after 1"):
            await flooded.perform(method, form)
