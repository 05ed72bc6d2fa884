"""What people do becomes updates as Telegram sends them."""

import asyncio
import random

import pytest

from tests.botapi import BotApi, Customer, Group, Shown, until
from tests.botapi.conftest import TOKEN, jpeg

MENU = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


async def test_commands_are_marked_wherever_they_stand(bot, customer):
    customer.say("/start r-1")
    customer.say("😀 /help@EiderTestBot /x")
    customer.say("and/or")
    first, second, third = [each["message"] for each in await bot.updates()]
    assert first["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert [(e["offset"], e["length"]) for e in second["entities"]] == [(3, 18), (22, 2)]
    assert "entities" not in third


async def test_photos_and_files_come_alone_and_in_albums(bot, customer):
    customer.send_album([jpeg(30, 40), jpeg(50, 60)])
    customer.send_files([(b"a", "a.png", "image/png"), (b"b", "b.png", "image/png")])
    customer.send_heic(b"ftypheic")
    *album, first, second, heic = [each["message"] for each in await bot.updates()]
    assert [each["photo"][1]["height"] for each in album] == [40, 60]
    assert album[0]["media_group_id"] == album[1]["media_group_id"]
    assert first["media_group_id"] == second["media_group_id"] != album[0]["media_group_id"]
    assert heic["document"]["mime_type"] == "image/heic"
    assert "media_group_id" not in heic


async def test_a_press_carries_the_message_as_it_stands_until_it_is_gone(api, bot, customer):
    await bot.call("sendMessage", chat_id=4201, text="Choose", reply_markup=MENU)
    shown = customer.chat.shown[0]
    customer.press("Go")
    customer.chat.shown.clear()
    customer.press_data("go", shown)
    there, gone = [each["callback_query"] for each in await bot.updates()]
    assert (there["data"], there["message"]["text"]) == ("go", "Choose")
    assert there["message"]["from"] == api.me
    assert gone["message"]["date"] == 0
    assert "text" not in gone["message"]


async def test_a_press_is_answered_once_and_shows_what_was_said(api, bot, customer):
    await bot.call("sendMessage", chat_id=4201, text="Choose", reply_markup=MENU)
    customer.press("Go")
    (update,) = await bot.updates()
    name = update["callback_query"]["id"]
    await bot.call("answerCallbackQuery", callback_query_id=name, text="Gone.")
    assert customer.notices == ["Gone."]
    assert api.answered == [name]
    assert "query is too old" in await bot.refused("answerCallbackQuery", callback_query_id=name)


async def test_a_button_that_asks_the_bot_nothing_cannot_be_pressed(bot, customer):
    link = {"inline_keyboard": [[{"text": "Site", "url": "https://x.org"}]]}
    await bot.call("sendMessage", chat_id=4201, text="x", reply_markup=link)
    with pytest.raises(AssertionError, match="asks the bot nothing"):
        customer.press("Site")


def test_an_update_with_a_misspelt_or_missing_field_cannot_be_sent():
    customer = Customer(BotApi("1:x"), 1)
    with pytest.raises(AssertionError, match="unknown fields"):
        customer.send_other(tekst="hello")
    with pytest.raises(ValueError, match="file_id"):
        customer.send_other(sticker={"emoji": "x"})


async def test_updates_can_be_held_back_shuffled_and_doubled(api, bot, customer):
    with api.holding() as held:
        ids = [customer.say(f"word {n}") for n in range(9)]
    assert api.pending == []
    mixed = [*held, held[0]]
    random.Random(1).shuffle(mixed)
    for update in mixed:
        api.inject(update)
    api.inject({"update_id": 1, "quantum": True})
    found = [each["update_id"] for each in await bot.call("getUpdates")]
    assert sorted(found[:-1]) == sorted([*ids, ids[0]])
    assert found[:-1] != sorted(found[:-1])


async def test_a_deep_link_leads_to_the_bot_it_names(bot, customer):
    customer.opens("https://t.me/EiderTestBot?start=t-noir")
    (update,) = await bot.updates()
    assert update["message"]["text"] == "/start t-noir"
    with pytest.raises(AssertionError, match="does not lead"):
        customer.opens("https://t.me/OtherBot?start=x")


PHOTO = {"type": "photo", "id": "p1", "caption": "You"}
WORDS = {"type": "article", "id": "a1", "title": "T"}


async def asked(bot, customer, results, query="", **more):
    """Somebody types, the bot answers with the results."""

    typing = asyncio.create_task(customer.asks(query))
    await until(lambda: customer.api.pending)
    (update,) = await bot.updates()
    assert update["inline_query"]["query"] == query
    name = update["inline_query"]["id"]
    await bot.call("answerInlineQuery", inline_query_id=name, results=results, **more)
    return await typing


async def test_inline_results_are_offered_and_a_chosen_one_is_sent(api, bot, customer):
    sent = await bot.call("sendPhoto", {"photo": jpeg()}, chat_id=4201)
    photo = PHOTO | {"photo_file_id": sent["photo"][1]["file_id"]}
    words = WORDS | {"input_message_content": {"message_text": "Come"}, "reply_markup": MENU}
    offered = await asked(bot, customer, [photo, words], is_personal=True, cache_time=0)
    assert offered.personal
    group = Group(api)
    customer.chooses(offered, "p1", group.chat)
    text = customer.chooses(offered, "a1", group.chat)
    assert group.chat.shown[0].photo == jpeg()
    assert group.texts() == ["You", "Come"]
    choice, message, other, _ = await bot.updates()
    assert choice["chosen_inline_result"]["result_id"] == "p1"
    assert message["message"]["via_bot"] == api.me
    assert message["message"]["from"]["id"] == 4201
    name = other["chosen_inline_result"]["inline_message_id"]
    customer.press_data("go", text)
    (pressed,) = await bot.updates()
    assert pressed["callback_query"]["inline_message_id"] == name
    assert await bot.call("editMessageText", inline_message_id=name, text="Gone") is True
    assert group.texts() == ["You", "Gone"]
    assert api.problems == []


async def test_a_result_of_a_file_that_is_none_is_refused(api, bot, customer):
    kept = api.keep(b"x")
    name = "1"

    api.inline.asked[name] = asyncio.get_running_loop().create_future()
    for file_id, told in ((kept, "as Photo"), ("nothing", "wrong remote file")):
        results = [PHOTO | {"photo_file_id": file_id}]
        refused = await bot.refused("answerInlineQuery", inline_query_id=name, results=results)
        assert told in refused


async def test_an_answer_that_is_not_personal_is_given_to_the_next_who_types_it(api, bot, customer):
    """Which is how a bot's cache leaks one person's pictures to another."""
    friend = Customer(api, 4202)
    words = WORDS | {"input_message_content": {"message_text": "Mine"}}
    first = await asked(bot, customer, [words], "me")
    assert (await friend.asks("me")) is first
    await asked(bot, customer, [words], "us", is_personal=True)
    with pytest.raises(TimeoutError):
        await friend.asks("us", seconds=0.02)
    await bot.updates()
    await asked(bot, customer, [], "them", cache_time=0)
    with pytest.raises(TimeoutError):
        await friend.asks("them", seconds=0.02)


async def test_nobody_waits_for_an_inline_answer_for_ever(api, bot, customer):
    with pytest.raises(TimeoutError):
        await customer.asks("x", seconds=0.01)
    (update,) = await bot.updates()
    late = {"inline_query_id": update["inline_query"]["id"], "results": []}
    assert "query is too old" in await bot.refused("answerInlineQuery", **late)


async def test_the_menu_is_the_narrowest_scopes_in_the_persons_language(api, bot, customer):
    group = Group(api)

    async def put(name, scope, **more):
        commands = [{"command": name, "description": "d"}]
        await bot.call("setMyCommands", commands=commands, scope=scope, **more)

    def seen(who):
        return [each["command"] for each in who.menu()]

    french = Customer(api, 4202, "fr")
    assert seen(customer) == []
    await put("plain", {"type": "default"})
    await put("private", {"type": "all_private_chats"})
    await put("prive", {"type": "all_private_chats"}, language_code="fr")
    await put("room", {"type": "all_group_chats"})
    assert (seen(customer), seen(french), seen(group.member(1))) == (
        ["private"],
        ["prive"],
        ["room"],
    )
    await put("admin", {"type": "chat", "chat_id": 4201})
    assert seen(customer) == ["admin"]
    own = {"type": "chat", "chat_id": 4201}
    assert (await bot.call("getMyCommands", scope=own))[0]["command"] == "admin"
    await bot.call("deleteMyCommands", scope=own)
    assert seen(customer) == ["private"]
    assert set(api.commands) == {"", "fr"}
    stranger = {"type": "chat", "chat_id": 99}
    assert "chat not found" in await bot.refused("setMyCommands", commands=[], scope=stranger)


async def test_descriptions_are_kept_by_language(api, bot):
    await bot.call("setMyDescription", description="Hello")
    await bot.call("setMyDescription", description="Bonjour", language_code="fr")
    await bot.call("setMyShortDescription", short_description="Hi")
    french = {"language_code": "fr"}
    assert await bot.call("getMyDescription", **french) == {"description": "Bonjour"}
    assert await bot.call("getMyDescription", language_code="ko") == {"description": "Hello"}
    assert await bot.call("getMyShortDescription") == {"short_description": "Hi"}
    assert await bot.call("getMyName") == {"name": "Eider"}
    assert api.problems == []


async def test_waiting_for_a_button_and_an_invoice(bot, customer):
    await bot.call("sendMessage", chat_id=4201, text="Choose", reply_markup=MENU)
    assert isinstance(await customer.sees_button("Go"), Shown)
    assert (await customer.sees("Choose")).buttons() == {"Go": MENU["inline_keyboard"][0][0]}


def test_a_token_without_a_number_gets_a_bot_all_the_same():
    assert BotApi(TOKEN).me["id"] == 7_000_000_001
    assert BotApi("1:x").me["id"] == 7_000_000_001
    assert BotApi("12345:x").me["id"] == 12345
