"""The playground's transcript: order, message keys, delivery keys, and what is forgotten."""

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from redis.asyncio import Redis

from bot.playground.messages import Message, MessageKind, message_from, message_of
from bot.playground.outbound import PlaygroundOutbound
from bot.playground.transcript import KEEP_MESSAGES, Forgotten, Shown, Transcript
from handlers.chat import (
    Button,
    ClipFile,
    Invoice,
    Mark,
    Marks,
    PhotoFate,
    Picture,
    Say,
    Show,
    ShowClip,
    Tone,
)
from handlers.texts import texts
from shop.people.users import LANGUAGES
from shop.records import Currency

ME = "me"


@pytest.fixture
async def redis(valkey: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey) as redis:
        yield redis


@pytest.fixture
def transcript(redis: Redis) -> Transcript:
    return Transcript(redis)


@pytest.fixture
def outbound(transcript: Transcript) -> PlaygroundOutbound:
    return PlaygroundOutbound(transcript)


async def lines(transcript: Transcript, chat: str = ME) -> list[str]:
    shown, _ = await transcript.snapshot(chat)
    return [one.message.text for one in shown]


def picture(width: int = 40, height: int = 50) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "JPEG")
    return out.getvalue()


REPLIES = (
    Say("hello", ((Button("Yes", "agree:terms"), Button("Site", url="https://x.example/")),)),
    Say("half", tone=Tone.PROGRESS, share=0.0, message_key="progress"),
    Show((Picture("p1", picture(), "image/jpeg", "a portrait"),), "caption", original=True),
    ShowClip(ClipFile("c1", b"mp4", b"jpeg", 720, 540, 5.0, "a clip"), "caption", original=True),
    Invoice("title", "text", 990, Currency.CNY, "bill_1", "https://till.example/1"),
)


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: type(reply).__name__)
def test_a_message_survives_its_json(reply):
    message = message_of(reply)
    assert message_from(message.json()) == message


def test_a_picture_goes_in_by_id_and_size_and_never_by_its_bytes():
    data = picture(40, 50)
    message = message_of(Show((Picture("p1", data, "image/jpeg", "alt"),), ""))
    assert (message.pictures[0].width, message.pictures[0].height) == (40, 50)
    assert len(message.json()) < 200


async def test_messages_stand_in_the_order_in_which_they_were_sent(outbound, transcript):
    for number in range(5):
        await outbound.send(ME, Say(str(number)))
    assert await lines(transcript) == ["0", "1", "2", "3", "4"]
    assert await lines(transcript, "you") == []


async def test_a_slot_is_edited_in_place(outbound, transcript):
    await outbound.send(ME, Say("1 of 20", message_key="tally"))
    await outbound.send(ME, Say("something else"))
    await outbound.send(ME, Say("2 of 20", message_key="tally"))
    await outbound.send(ME, Say("a bill", message_key="bill"))
    assert await lines(transcript) == ["2 of 20", "something else", "a bill"]


async def test_an_answer_never_stands_above_what_it_answers(outbound, transcript):
    """A bill that was sent before comes down when it is asked for again."""
    await outbound.send(ME, Say("a bill", message_key="bill"))
    await outbound.send(ME, Say("styles", message_key="styles"))
    shown, cursor = await transcript.snapshot(ME)
    styles = shown[1].id
    await outbound.send(ME, Say("page 2", message_key="styles"), below=styles)
    await outbound.send(ME, Say("another bill", message_key="bill"), below=styles)
    assert await lines(transcript) == ["page 2", "another bill"]
    moved, _ = await transcript.snapshot(ME)
    assert [one.id for one in moved] == [styles, shown[0].id]
    told = [change for _, change in await transcript.changes(ME, cursor)]
    assert [one.at for one in told] == [one.at for one in moved]  # open pages move it as well
    await outbound.send(ME, Say("below what is gone", message_key="bill"), below="no such message")
    assert await lines(transcript) == ["page 2", "below what is gone"]


def test_buttons_that_the_page_cannot_show_as_they_are():
    row = (
        Button("First", share="a" * 32), Button("Invite", share="invite"),
        Button("Link", start="r-1"), Button("Go", "act"), Button("Site", url="https://x.example/"),
    )  # fmt: skip
    message = message_of(Say("which?", (row, (Button("Invite", share="invite"),))))
    assert message.buttons == (
        (
            Button("First", url=f"/playground/picture/{'a' * 32}?download=1"),
            Button("Link", url="/playground?start=r-1"), row[3], row[4],
        ),
    )  # fmt: skip


async def test_the_same_key_is_shown_once(outbound, transcript):
    for _ in range(3):
        await outbound.send(ME, Say("your portraits"), key="message:0")
    await outbound.send(ME, Say("and more"), key="message:1")
    assert await lines(transcript) == ["your portraits", "and more"]


async def test_forgetting_keeps_what_was_said_since(outbound, transcript):
    await outbound.send(ME, Say("your face is nice", message_key="tally"))
    ((said, *_), _) = await transcript.snapshot(ME)
    erased_at = said.at + timedelta(microseconds=1)
    await outbound.send(ME, Say("receipt of erasure"))
    for _ in range(2):
        await outbound.forget(ME, erased_at)
    assert await lines(transcript) == ["receipt of erasure"]
    (_, gone), *rest = await transcript.changes(ME, "0")  # as a page hears it that was slow
    assert isinstance(gone, Forgotten)
    assert "receipt of erasure" in {one.message.text for _, one in rest if isinstance(one, Shown)}
    await outbound.send(ME, Say("a new tally", message_key="tally"))
    assert await lines(transcript) == ["receipt of erasure", "a new tally"]


async def test_nothing_that_was_forgotten_is_left_in_redis(outbound, transcript, redis):
    await outbound.send(ME, Say("MARKER in a message", message_key="MARKER"))
    await outbound.send(ME, Say("MARKER again"))
    await outbound.forget(ME, datetime.now(UTC) + timedelta(seconds=1))
    for key in await redis.keys("*"):
        dump = await redis.dump(key)
        assert b"MARKER" not in (dump or b"")


async def test_old_messages_make_room(outbound, transcript):
    for number in range(KEEP_MESSAGES + 5):
        await outbound.send(ME, Say(str(number)))
    kept = await lines(transcript)
    assert len(kept) == KEEP_MESSAGES
    assert kept[0] == "5"


async def test_what_is_remembered_of_deliveries_and_message_keys_has_a_bound(
    outbound, transcript, redis, monkeypatch
):
    monkeypatch.setattr("bot.playground.transcript.KEEP_KEYS", 20)
    monkeypatch.setattr("bot.playground.transcript.KEEP_MESSAGES", 10)
    for number in range(50):
        await outbound.send(ME, Say(str(number), message_key=f"bill:{number}"), key=f"k:{number}")
    (keys,) = [key for key in await redis.keys("*") if key.endswith(b":sent")]
    (slots,) = [key for key in await redis.keys("*") if key.endswith(b":message_keys")]
    assert await redis.zcard(keys) == 20
    assert sorted(await redis.hkeys(slots)) == [b"bill:%d" % number for number in range(40, 50)]
    await outbound.send(ME, Say("again"), key="k:40")
    assert await lines(transcript) == [str(number) for number in range(40, 50)]
    await outbound.send(ME, Say("edited", message_key="bill:40"))
    assert (await lines(transcript))[0] == "edited"


async def test_everything_expires_when_the_page_says_it_does(outbound, redis):
    await outbound.send(ME, Say("hello", message_key="s"), key="k")
    keys = await redis.keys("eider:chat:*")
    assert len(keys) == 5
    for key in keys:
        await redis.expire(key, 100)
    await outbound.send(ME, Say("the last one", message_key="t"), key="l")
    days = 30
    for key in keys:
        assert (days - 1) * 86_400 < await redis.ttl(key) <= days * 86_400
    for language in LANGUAGES:
        assert re.findall(r"\d+", texts(language)("page-note")) == [str(days)]


async def test_own_words_leave_a_placeholder_only(transcript):
    await transcript.post(ME, Message(MessageKind.MY_WORDS), id="e1", key="e1")
    await transcript.post(ME, Message(MessageKind.MY_WORDS), id="e1", key="e1")
    shown, _ = await transcript.snapshot(ME)
    assert [(one.id, one.message) for one in shown] == [("e1", Message(MessageKind.MY_WORDS))]


async def test_what_would_change_nothing_is_not_told(outbound, transcript):
    await outbound.send(ME, Say("20 photos", message_key="tally"))
    _, cursor = await transcript.snapshot(ME)
    await outbound.send(ME, Say("20 photos", message_key="tally"))
    assert await transcript.changes(ME, cursor) == []
    await outbound.send(ME, Say("21 photos", message_key="tally"))
    assert len(await transcript.changes(ME, cursor)) == 1


async def test_a_last_word_takes_the_place_of_a_progress_and_none_follows_it(outbound, transcript):
    done = Say("Done.", message_key="w", closes=True)
    await outbound.send(ME, done)
    assert await lines(transcript) == []
    working = Say("Working", message_key="w", tone=Tone.PROGRESS, share=0.5)
    await outbound.send(ME, working)
    await outbound.send(ME, Say("Portraits"))
    for late in (done, working, done):
        await outbound.send(ME, late)
    assert await lines(transcript) == ["Done.", "Portraits"]


async def test_a_photo_is_marked_where_it_stands_once(outbound, transcript):
    await transcript.post(ME, Message(MessageKind.MY_PHOTO, album="a"), id="photo-1")
    await outbound.send(ME, Say("Hello"))
    marks = Marks(
        (
            Mark("photo-1", PhotoFate.REJECTED, "Not counted: photo 1 is blurred."),
            Mark("photo-2", PhotoFate.ACCEPTED, "It stands nowhere."),
        )
    )
    await outbound.send(ME, marks)
    shown, cursor = await transcript.snapshot(ME)
    assert shown[0].id == "photo-1"
    assert (shown[0].message.fate, len(shown)) == (PhotoFate.REJECTED, 2)
    await outbound.send(ME, marks)
    assert await transcript.changes(ME, cursor) == []
