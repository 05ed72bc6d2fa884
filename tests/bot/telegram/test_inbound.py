"""What updates mean. Each is one that aiogram's models accept, fetched over HTTP."""

from datetime import UTC, datetime

import pytest

from bot.telegram.inbound import FOREIGN, translate
from bot.web.body import no_budget
from handlers.chat import Left, Person, Pressed, Said, SentOther, SentPhoto
from shop.errors import PhotoTooLarge
from tests.botapi import Failure, Group, Shown

NOW = datetime(2026, 3, 14, tzinfo=UTC)
FILE = {"file_id": "f", "file_unique_id": "u"}
MOVING = FILE | {"width": 8, "height": 8, "duration": 1}


@pytest.fixture
def heard(api, client, signer):
    """All that happened so far, translated."""

    async def translated():
        found, name = await client.fetch(0, 0, kinds=()), await client.handle()
        return [translate(each.update, client, signer, NOW, name) for each in found]

    return translated


async def test_words_and_who_said_them(customer, heard):
    update = customer.say("  hello there ")
    (incoming,) = await heard()
    assert incoming.event_id == f"telegram:{update}"
    assert incoming.person == Person("telegram", "4201", "en")
    assert incoming.content == Said("  hello there ")
    assert incoming.at.tzinfo is not None


async def test_a_command_loses_the_bots_name_and_nothing_else(customer, heard):
    for text in ("/start@EiderTestBot style_noir", "/help", "mail me@x.org", "/grant 42 3"):
        customer.say(text)
    said = [each.content.text for each in await heard()]
    assert said == ["/start style_noir", "/help", "mail me@x.org", "/grant 42 3"]


async def test_of_a_photo_the_largest_size_is_read(customer, heard):
    customer.send_photo(b"the whole photo", album="g1")
    (incoming,) = await heard()
    assert incoming.content.album == "g1"
    assert await incoming.content.read(no_budget) == b"the whole photo"


async def test_what_stands_below_a_photo_comes_with_it(customer, heard):
    customer.send_photo(b"one", album="g1", caption="/done@EiderTestBot")
    customer.send_photo(b"two", album="g1")
    customer.send_file(b"three", "a.heic", "image/heic", caption="me")
    assert [each.content.caption for each in await heard()] == ["/done", "", "me"]


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("IMG_1.HEIC", "image/heic"),
        ("IMG_1.HEIC", "application/octet-stream"),
        ("a.b.Jpeg", "application/octet-stream"),
        ("noname", "image/png"),
        ("x.avif", "image/avif"),
        ("x.webp", "image/webp"),
    ],
)
async def test_an_image_sent_as_a_file_is_a_photo(customer, heard, name, mime):
    customer.send_file(b"bytes", name, mime, album="g2")
    (incoming,) = await heard()
    assert isinstance(incoming.content, SentPhoto)
    assert incoming.content.album == "g2"
    assert await incoming.content.read(no_budget) == b"bytes"


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("IMG_1.HIF", "application/octet-stream"), ("a.jfif", ""), ("a.JPE", ""), ("a.heics", ""),
        ("portrait", "application/octet-stream"), ("", ""), ("", "application/octet-stream"),
        ("photo.from_my_app", "binary/octet-stream"),
    ],
)  # fmt: skip
async def test_what_no_name_tells_is_read_to_find_out(customer, heard, api, name, mime):
    said = {"file_name": name, "mime_type": mime}
    file = FILE | {"file_id": api.keep(b"bytes")}
    customer.send_other(document=file | {key: word for key, word in said.items() if word})
    (incoming,) = await heard()
    assert await incoming.content.read(no_budget) == b"bytes"


async def test_a_clip_brings_its_bytes_for_those_who_verify_it(customer, heard):
    customer.send_file(b"film", "x.mp4", "video/mp4")
    customer.send_file(b"no film", "x.pdf", "application/pdf")
    clip, other = (one.content for one in await heard())
    assert (clip, other) == (SentOther("file"), SentOther("file"))
    assert clip.file is not None
    assert await clip.file.read(no_budget) == b"film"
    assert other.file is None


OTHERS = {
    "sticker": {
        "sticker": FILE
        | {"type": "regular", "width": 8, "height": 8, "is_animated": False, "is_video": False}
    },
    "voice": {"voice": FILE | {"duration": 1}},
    "video": {"video": MOVING},
    "video ": {"video_note": FILE | {"length": 8, "duration": 1}},
    "video  ": {
        "animation": MOVING | {"mime_type": "image/gif"},
        "document": FILE | {"mime_type": "image/gif", "file_name": "x.gif"},
    },
    "file": {"document": FILE | {"mime_type": "application/pdf", "file_name": "jpg.pdf"}},
    "file ": {"document": FILE | {"mime_type": "image/gif", "file_name": "x.gif"}},
    "place": {"location": {"latitude": 1.5, "longitude": 2.5}},
    "file  ": {"document": FILE | {"file_name": "letter.pdf"}},
    "file   ": {"document": FILE | {"file_name": "a.zip", "mime_type": "application/octet-stream"}},
    "other": {"contact": {"phone_number": "1", "first_name": "A"}},
    "other ": {"game": {"title": "G", "description": "g", "photo": []}},
    "other  ": {
        "invoice": {
            "title": "I", "description": "i", "start_parameter": "x", "currency": "XTR",
            "total_amount": 1,
        }
    },
    "other   ": {
        "giveaway": {
            "chats": [], "winners_selection_date": 1_900_000_000, "winner_count": 1,
        }
    },
    "other    ": {"poll": {
        "id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
        "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
        "allows_revoting": False, "members_only": False,
    }},
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
async def test_anything_else_is_named_for_a_kind_answer(customer, heard, kind):
    customer.send_other(**OTHERS[kind])
    (incoming,) = await heard()
    assert incoming.content == SentOther(kind.strip())


async def test_a_kind_of_the_future_gets_the_kind_sentence_too(customer, heard, api):
    customer.say("hello")
    message = {**api.pending[-1]["message"], "message_id": 77, "hologram": {"file_id": "h"}}
    del message["text"]
    api.inject({"update_id": api.pending[-1]["update_id"] + 1, "message": message})
    hello, hologram = await heard()
    assert (hello.content, hologram.content) == (Said("hello"), SentOther("other"))


async def test_edits_service_messages_and_bots_are_passed_over(customer, heard, api):
    customer.edit("hello, corrected")
    customer.send_other(delete_chat_photo=True)
    customer.user |= {"is_bot": True}
    customer.say("I am a bot")
    assert await heard() == [None, None, None]


async def test_blocking_and_coming_back(customer, heard):
    customer.block()
    customer.unblock()
    assert [each.content for each in await heard()] == [Left(), Left(back=True)]


async def test_a_button_of_ours_and_one_of_anybody_elses(customer, heard, signer):
    customer.chat.shown.append(Shown(1, text="Choose"))
    customer.press_data(signer.seal("4201", "style:noir"))
    customer.press_data(signer.seal("4202", "style:noir"))
    customer.press_data("style:noir")
    actions = [each.content for each in await heard()]
    assert actions == [Pressed("style:noir"), Pressed(FOREIGN), Pressed(FOREIGN)]


GROUP = -1_001_000_000_001


async def test_a_group_is_answered_at_its_own_commands_alone(api, heard):
    member = Group(api).member(4203, "fr")
    commands = (
        "/start", "/HELP", "/portrait", "/portrait 3", "/portrait@EiderTestBot 3",
        "/help@eidertestbot",
    )  # fmt: skip
    for text in commands:
        member.say(text)
    rooms = await heard()
    assert [each.content.text for each in rooms] == [
        "/start", "/HELP", "/portrait", "/portrait 3", "/portrait 3", "/help",
    ]  # fmt: skip
    assert {(each.group, each.person) for each in rooms} == {
        (str(GROUP), Person("telegram", "4203", "fr"))
    }


async def test_everything_else_in_a_group_is_passed_over(api, heard, signer):
    group = Group(api)
    member = group.member(4203, "fr")
    group.brings(member)
    for text in ("hello", "/start@OtherBot", "/erase", "/styles", "/stats", "portrait", "/"):
        member.say(text)
    member.send_photo(b"x")
    member.chat.shown.append(Shown(1, text="Choose"))
    member.press_data(signer.seal(str(GROUP), "erase:yes"))
    member.say("@EiderTestBot /portrait")
    group.throws_out(member)
    assert set(await heard()) == {None}


async def test_what_was_shared_into_our_own_chat_is_no_photo_to_learn_from(api, customer, heard):
    customer.send_photo(b"x", via_bot=api.me)
    customer.send_photo(b"x", via_bot=api.me | {"id": 7, "username": "OtherBot"})
    ours, other = await heard()
    assert ours is None
    assert isinstance(other.content, SentPhoto)


async def test_a_deep_links_payload_comes_with_the_command(customer, heard):
    customer.opens("https://t.me/EiderTestBot?start=t-noir")
    (incoming,) = await heard()
    assert incoming.content == Said("/start t-noir")


async def test_a_claimed_size_over_the_limit_is_refused_unread(api, customer, heard):
    size = api.size(api.keep(b"x"), 5000, 21 * 1024 * 1024)
    customer.send_other(photo=[size])
    (incoming,) = await heard()
    with pytest.raises(PhotoTooLarge) as refused:
        await incoming.content.read(no_budget)
    assert refused.value.details == {"megabytes": 20}
    assert api.made("getFile") == []


async def test_a_size_that_only_telegram_knew_is_refused_too(api, customer, heard):
    data = bytes(20 * 1024 * 1024 + 1)
    customer.send_other(photo=[api.size(api.keep(data), 5000, 1)])
    (incoming,) = await heard()
    with pytest.raises(PhotoTooLarge):
        await incoming.content.read(no_budget)


async def test_a_download_that_breaks_is_tried_again(api, customer, heard):
    customer.send_photo(b"photo")
    (incoming,) = await heard()
    api.broken_downloads = 1
    api.fail("getFile", Failure(429, "Too Many Requests", retry_after=1))
    assert await incoming.content.read(no_budget) == b"photo"


async def test_a_file_that_is_gone_is_an_os_error_without_the_token(api, customer, heard):
    customer.send_photo(b"photo")
    (incoming,) = await heard()
    api.files.clear()
    with pytest.raises(OSError, match="no such file") as gone:
        await incoming.content.read(no_budget)
    assert gone.value.__suppress_context__
    assert api.token not in str(gone.value)
