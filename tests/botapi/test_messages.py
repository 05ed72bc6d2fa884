"""Messages as the bot sends, changes and removes them, and what Telegram says to it."""

import asyncio
import json
import time

import aiohttp
import pytest

from tests.botapi import BotApi, Customer, Failure, until
from tests.botapi.conftest import TOKEN, jpeg

KEYS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}


async def test_parameters_come_in_any_of_four_ways(api, customer):
    url = f"{api.url}/bot{TOKEN}/SENDMESSAGE"  # capitals do not matter
    said = {"chat_id": 4201, "text": "7", "reply_markup": KEYS}
    form = {"chat_id": "4201", "text": "7", "reply_markup": json.dumps(KEYS)}
    async with aiohttp.ClientSession() as session:
        await session.get(url, params=form)
        await session.post(url, data=form)
        await session.post(url, json=said | {"parse_mode": None})
        parts = aiohttp.FormData(form, default_to_multipart=True)
        await session.post(url, data=parts)
    assert customer.texts() == ["7"] * 4
    assert [shown.markup for shown in customer.chat.shown] == [KEYS] * 4
    assert [call.values["text"] for call in api.made("sendMessage")] == ["7"] * 4
    assert api.problems == []


async def test_a_body_that_is_no_json_is_refused(api, bot):
    url = f"{api.url}/bot{TOKEN}/getMe"
    kind = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession() as session, session.post(url, data="{", headers=kind) as r:
        assert r.status == 400


async def test_a_rule_that_telegram_minds_has_no_effect_and_one_it_does_not_has(api, bot, customer):
    assert await bot.refused("sendMessage", chat_id=4201, text="x" * 4097)
    assert customer.texts() == []
    await bot.call("sendMessage", chat_id=4201, text="x", txet="y")
    assert customer.texts() == ["x"]
    assert api.problems == [
        "sendMessage.text: 4097 characters, not 1-4096",
        "sendMessage.txet: unknown",
    ]


async def test_what_is_no_number_is_read_as_none_and_what_is_not_true_as_false(api, bot, customer):
    said = {"chat_id": 4201, "disable_notification": "perhaps"}
    await bot.call("sendMessage", text="x", **said)
    assert not customer.chat.shown[0].silent
    assert "not found" in await bot.refused("deleteMessage", chat_id=4201, message_id="first")
    await bot.call("getUpdates", offset="all", limit="all")
    await bot.call("getStarTransactions", offset="all")
    assert len(api.problems) == 5


async def test_a_file_that_is_too_large_is_a_413(api, bot, customer):
    said = await bot.answer("sendDocument", {"document": bytes(50 * 2**20 + 1)}, chat_id=4201)
    assert (said["error_code"], said["description"]) == (413, "Request Entity Too Large")


async def test_a_photo_comes_back_in_sizes_and_can_be_sent_again(api, bot, customer):
    sent = await bot.call("sendPhoto", {"photo": jpeg(90, 120)}, chat_id=4201, caption="<b>You</b>")
    small, whole = sent["photo"]
    assert (whole["width"], whole["height"]) == (90, 120)
    again = await bot.call("sendPhoto", chat_id=4201, photo=whole["file_id"])
    assert again["photo"][1]["file_id"] == whole["file_id"]
    assert [shown.photo for shown in customer.chat.shown] == [jpeg(90, 120)] * 2
    await bot.call("sendPhoto", chat_id=4201, photo=small["file_id"])
    assert customer.chat.shown[-1].photo == b"thumbnail"
    assert customer.chat.shown[0].caption == "<b>You</b>"
    assert "as Document" in await bot.refused(
        "sendDocument", chat_id=4201, document=whole["file_id"]
    )
    assert "wrong remote file" in await bot.refused("sendPhoto", chat_id=4201, photo="elsewhere")
    assert "HTTP URL" in await bot.refused("sendPhoto", chat_id=4201, photo="https://x.org/a.jpg")
    assert api.problems == []


async def test_an_album_is_sent_whole_or_not_at_all(api, bot, customer):
    kept = (await bot.call("sendPhoto", {"photo": jpeg()}, chat_id=4201))["photo"][1]["file_id"]
    media = [
        {"type": "photo", "media": "attach://a", "caption": "One", "parse_mode": "HTML"},
        {"type": "photo", "media": kept},
    ]
    album = await bot.call("sendMediaGroup", {"a": jpeg(shade=7)}, chat_id=4201, media=media)
    assert len({each["media_group_id"] for each in album}) == 1
    assert [shown.photo for shown in customer.chat.shown[1:]] == [jpeg(shade=7), jpeg()]
    media[1]["media"] = "no such file"
    assert await bot.refused("sendMediaGroup", {"a": jpeg()}, chat_id=4201, media=media)
    assert len(customer.chat.shown) == 3


async def test_html_is_read_and_blanks_are_cut(bot, customer):
    sent = await bot.call("sendMessage", chat_id=4201, text=" <b>a &lt; b</b> ", parse_mode="HTML")
    assert sent["text"] == customer.texts()[0] == "a < b"


async def test_edits_replace_text_keyboard_and_medium(api, bot, customer):
    at = {"chat_id": 4201}
    sent = await bot.call("sendMessage", **at, text="one", reply_markup=KEYS)
    at |= {"message_id": sent["message_id"]}
    again = await bot.call("editMessageText", **at, text="two")
    assert (again["text"], "reply_markup" in again) == ("two", False)
    assert "not modified" in await bot.refused("editMessageText", **at, text="two")
    await bot.call("editMessageReplyMarkup", **at, reply_markup=KEYS)
    assert "no caption" in await bot.refused("editMessageCaption", **at, caption="c")
    photo = {"type": "photo", "media": "attach://p", "caption": "c"}
    await bot.call("editMessageMedia", {"p": jpeg()}, **at, media=photo)
    await bot.call("editMessageCaption", **at, caption="d")
    assert "no text" in await bot.refused("editMessageText", **at, text="three")
    (shown,) = customer.chat.shown
    assert (shown.text, shown.caption, shown.photo, shown.edits) == ("", "d", jpeg(), 4)
    assert api.problems == []


async def test_what_is_not_there_or_not_the_bots_cannot_be_edited(bot, customer):
    customer.say("mine")
    (mine,) = customer.chat.said
    at = {"chat_id": 4201, "text": "x"}
    assert "can't be edited" in await bot.refused("editMessageText", **at, message_id=mine)
    assert "not found" in await bot.refused("editMessageText", **at, message_id=10**6)


async def test_an_album_keeps_its_kind(bot, customer):
    media = [{"type": "photo", "media": f"attach://{name}"} for name in "ab"]
    files = {"a": jpeg(), "b": jpeg()}
    album = await bot.call("sendMediaGroup", files, chat_id=4201, media=media)
    at = {"chat_id": 4201, "message_id": album[0]["message_id"]}
    document = {"type": "document", "media": "attach://a"}
    told = await bot.refused("editMessageMedia", {"a": b"x"}, **at, media=document)
    assert "album" in told


async def test_messages_are_deleted_the_persons_own_too_in_private(bot, customer):
    sent = await bot.call("sendMessage", chat_id=4201, text="one")
    customer.say("two")
    (mine,) = customer.chat.said
    assert await bot.call("deleteMessage", chat_id=4201, message_id=sent["message_id"])
    assert await bot.call("deleteMessages", chat_id=4201, message_ids=[mine, 10**6])
    assert (customer.chat.shown, customer.chat.said) == ([], {})
    assert "not found" in await bot.refused("deleteMessage", chat_id=4201, message_id=mine)


async def test_an_answer_needs_what_it_answers(bot, customer):
    customer.say("question")
    (mine,) = customer.chat.said
    said = {"chat_id": 4201, "text": "answer"}
    await bot.call("sendMessage", **said, reply_parameters={"message_id": mine})
    assert customer.chat.shown[0].reply_to == mine
    lost = {"message_id": 10**6}
    assert "not found" in await bot.refused("sendMessage", **said, reply_parameters=lost)
    lost |= {"allow_sending_without_reply": True}
    assert await bot.call("sendMessage", **said, reply_parameters=lost)


async def test_who_blocked_or_never_came_hears_nothing(api, bot, customer):
    customer.block()
    said = await bot.answer("sendMessage", chat_id=4201, text="x")
    assert (said["error_code"], said["description"]) == (
        403,
        "Forbidden: bot was blocked by the user",
    )
    album = [{"type": "photo", "media": "known"}] * 2
    said = await bot.answer("sendMediaGroup", chat_id=4201, media=album)
    assert (said["error_code"], "USER_IS_BLOCKED" in said["description"]) == (400, True)
    assert "chat not found" in await bot.refused("sendMessage", chat_id=5, text="x")
    customer.unblock()
    assert await bot.call("sendMessage", chat_id=4201, text="x")


async def test_scripted_failures_have_no_effect_and_lost_answers_have(api, bot, customer):
    api.fail("sendMessage", Failure(429, "Too Many Requests", retry_after=7))
    said = await bot.answer("sendMessage", chat_id=4201, text="a")
    assert said["description"] == "Too Many Requests: retry after 7"
    assert said["parameters"] == {"retry_after": 7}
    api.fail("sendMessage", Failure(500, "Internal Server Error"), times=2)
    for _ in range(2):
        assert await bot.refused("sendMessage", chat_id=4201, text="b")
    api.lose_answer("sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await bot.call("sendMessage", chat_id=4201, text="c")
    assert customer.texts() == ["c"]


async def test_another_token_and_a_method_that_the_double_lacks(api, bot, customer):
    assert (await bot.answer("sendDice", chat_id=4201))["error_code"] == 404
    assert (await bot.answer("sendEverything"))["error_code"] == 404
    assert api.problems[0] == "sendDice: the double cannot do that"
    assert api.problems[1] == "sendEverything: no method of the Bot API"
    api.token = "1:another"
    api.problems.clear()
    url = f"{api.url}/bot{TOKEN}/getMe"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 401


async def test_who_is_logged_out_is_unknown_here(api, bot):
    assert (await bot.call("getMe"))["username"] == "EiderTestBot"
    await bot.call("logOut")
    assert await bot.refused("getMe") == "Logged out"


async def test_a_lenient_double_judges_nothing(bot):
    lenient = BotApi(TOKEN, strict=False)
    customer = Customer(lenient, 1)
    customer.send_other(tekst="hello")
    form = {"chat_id": "1", "text": "x" * 5000, "txet": ""}
    assert await lenient.perform("sendMessage", form)
    assert len(customer.chat.shown) == 1
    assert lenient.problems == []


async def test_slow_methods_hold_up_nothing_else(api, bot, customer):
    api.gates["sendMessage"] = asyncio.Event()
    slow = asyncio.create_task(bot.call("sendMessage", chat_id=4201, text="x"))
    await until(lambda: api.made("sendMessage"))
    await bot.call("sendChatAction", chat_id=4201, action="typing")
    assert not slow.done()
    assert customer.texts() == []
    api.gates["sendMessage"].set()
    await slow
    assert customer.texts() == ["x"]


async def test_a_method_that_is_delayed_is_done_later(api, bot, customer):
    api.delays["sendMessage"] = 0.2
    began = time.monotonic()
    await bot.call("sendMessage", chat_id=4201, text="x")
    assert time.monotonic() - began >= 0.19


async def test_waiting_for_what_never_comes_says_what_was_there(customer):
    with pytest.raises(AssertionError, match=r"never: 'x'; is: \[\]"):
        await until(lambda: False, "x", customer.texts, seconds=0.01)
