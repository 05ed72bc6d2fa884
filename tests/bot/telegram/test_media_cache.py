"""Pictures: uploaded once, as photos where they can be, with a word while that takes long."""

import asyncio
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from bot.telegram import media_cache
from bot.telegram.calls import Refused
from bot.telegram.media_cache import message_key_of
from handlers.chat import Picture, Show
from tests.botapi import Chat, Customer, until


def jpeg(shade: int = 100, size: tuple[int, int] = (320, 400)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, (shade, 80, 80)).save(out, "JPEG")
    return out.getvalue()


def picture(name: str, shade: int = 100) -> Picture:
    return Picture(name, jpeg(shade), "image/jpeg")


def uploads(api) -> int:
    return sum(len(call.files) for call in api.calls)


# Shown again


async def test_a_portrait_shown_again_is_not_uploaded_again(api, customer, outbound, message_ids):
    four = tuple(picture(f"p{n}", n * 20) for n in range(4))
    await outbound.send("4201", Show(four, "Film noir"))
    assert uploads(api) == 4
    await outbound.send("4201", Show(four[:1], "This one"))
    await outbound.send("4201", Show((four[1], picture("p9", 99), four[2]), "These"))
    assert uploads(api) == 5
    assert [each.photo for each in customer.chat.shown[4:]] == [
        four[0].data, four[1].data, jpeg(99), four[2].data,
    ]  # fmt: skip
    kept = await message_ids.get("telegram", "4201", message_key_of("p0"))
    assert api.files[kept] == four[0].data


async def test_an_edited_photo_is_remembered_too(api, customer, outbound):
    await outbound.send("4201", Show((picture("p1", 1),), "one", message_key="s"))
    await outbound.send("4201", Show((picture("p2", 2),), "two", message_key="s"))
    await outbound.send("4201", Show((picture("p1", 1),), "one again", message_key="s"))
    (shown,) = customer.chat.shown
    assert (shown.photo, shown.caption, shown.edits) == (jpeg(1), "one again", 2)
    assert uploads(api) == 2


async def test_originals_are_uploaded_whatever_is_known(api, customer, outbound):
    for original in (False, True, True):
        await outbound.send("4201", Show((picture("p1"),), "", original=original))
    assert uploads(api) == 3
    assert [bool(each.document) for each in customer.chat.shown] == [False, True, True]


async def test_what_telegram_has_forgotten_is_uploaded_again(api, customer, outbound, message_ids):
    await message_ids.put("telegram", "4201", message_key_of("p1"), "AgACAgQAno-such-file")
    await outbound.send("4201", Show((picture("p1"), picture("p2")), ""))
    assert [each.photo for each in customer.chat.shown] == [jpeg(), jpeg()]
    kept = await message_ids.get("telegram", "4201", message_key_of("p1"))
    assert api.files[kept] == jpeg()


async def test_previews_are_uploaded_once_for_everybody(api, customer, outbound):
    other = Customer(api, 4202)
    noir = picture("preview:noir", 7)
    for chat in ("4201", "4202"):
        await outbound.send(chat, Show((noir,), "Noir"))
    assert uploads(api) == 1
    assert other.chat.shown[0].photo == noir.data
    await outbound.send("4202", Show((picture("preview:noir", 8),), "Noir, retouched"))
    assert uploads(api) == 2
    assert other.chat.shown[1].photo == jpeg(8)


@pytest.mark.parametrize("name", ["held:photo", "sample:order"])
async def test_what_is_no_portrait_leaves_no_way_to_fetch_it(api, customer, outbound, redis, name):
    for shade in (1, 2):
        await outbound.send("4201", Show((picture(name, shade),), ""))
    assert [each.photo for each in customer.chat.shown] == [jpeg(1), jpeg(2)]
    assert await redis.keys("eider:message_ids:*") == []


async def test_what_is_shown_in_a_group_is_remembered_for_nobody(api, outbound, redis):
    api.chats[-100] = Chat(-100, "supergroup")
    await outbound.send("-100", Show((picture("p1"),), ""))
    assert await redis.keys("eider:message_ids:*") == []


async def test_forgetting_a_person_forgets_their_files(api, customer, outbound, message_ids):
    await outbound.send("4201", Show((picture("p1"),), ""))
    await outbound.forget("4201", datetime.now(UTC))
    assert await message_ids.get("telegram", "4201", message_key_of("p1")) is None
    await outbound.send("4201", Show((picture("p1"),), ""))
    assert uploads(api) == 2


# What Telegram takes as a photo


@pytest.mark.parametrize(
    ("size", "photo"),
    [((2000, 100), True), ((2001, 100), False), ((5000, 5000), True), ((5001, 5000), False)],
)
async def test_a_picture_of_odd_shape_goes_as_a_file(customer, outbound, size, photo):
    data = jpeg(size=size)
    await outbound.send("4201", Show((Picture("p1", data, "image/jpeg"),), "Look", message_key="s"))
    (shown,) = customer.chat.shown
    assert shown.photo == (data if photo else None)
    assert shown.document == (None if photo else ("eider-p1.jpg", data))
    assert shown.caption == "Look"


async def test_an_album_with_one_odd_picture_goes_as_files(customer, outbound):
    odd = Picture("p2", jpeg(size=(900, 30)), "image/jpeg")
    await outbound.send("4201", Show((picture("p1"), odd), "Two"))
    assert [bool(each.document) for each in customer.chat.shown] == [True, True]
    assert len({each.group for each in customer.chat.shown}) == 1


async def test_what_pillow_cannot_read_goes_as_a_file(customer, outbound):
    await outbound.send("4201", Show((Picture("p1", b"no picture", "image/jpeg"),), ""))
    assert customer.chat.shown[0].document == ("eider-p1.jpg", b"no picture")


async def test_eleven_pictures_are_an_album_and_one(customer, outbound):
    many = tuple(picture(f"p{n}", n) for n in range(11))
    await outbound.send("4201", Show(many, "All"))
    assert [bool(each.group) for each in customer.chat.shown] == [True] * 10 + [False]


async def test_more_than_telegram_takes_is_refused_before_a_byte_is_sent(api, customer, outbound):
    huge = Picture("p1", bytes(media_cache.UPLOAD_BYTES + 1), "image/png")
    with pytest.raises(Refused, match="too large"):
        await outbound.send("4201", Show((huge,), "", original=True))
    assert not api.calls


# While it takes long


async def test_a_long_upload_is_announced_again_and_again(api, customer, outbound, monkeypatch):
    every, asked, ended = media_cache._every, [], asyncio.Event()

    async def watched(seconds, do) -> None:
        asked.append(seconds)
        try:
            await every(0.05, do)
        finally:
            ended.set()

    monkeypatch.setattr(media_cache, "_every", watched)
    api.gates["sendPhoto"] = asyncio.Event()
    sending = asyncio.create_task(outbound.send("4201", Show((picture("p1"),), "")))
    await until(lambda: len(api.made("sendChatAction")) >= 3)
    assert not ended.is_set()
    api.gates["sendPhoto"].set()
    await sending
    await ended.wait()
    assert asked == [4.5], "a chat action is shown for five"


async def test_an_announcement_that_gets_no_answer_holds_up_no_picture(
    api, customer, outbound, monkeypatch
):
    monkeypatch.setattr(media_cache, "_ANNOUNCE_PATIENCE", 0.1)
    answers = api.gates["sendChatAction"] = asyncio.Event()
    async with asyncio.timeout(20):  # the client itself would give up later
        await outbound.send("4201", Show((picture("p1"),), ""))
    assert customer.chat.shown[0].photo == jpeg()
    assert api.made("sendChatAction")
    assert not answers.is_set()
    answers.set()


async def test_what_telegram_has_already_is_not_announced(api, customer, outbound):
    for _ in range(2):
        await outbound.send("4201", Show((picture("p1"),), ""))
    assert len(api.made("sendChatAction")) == 1
