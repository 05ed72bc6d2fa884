"""Replies made to fit what a channel can show."""

import pytest

from bot.adaptation import AdaptedOutbound, ReplyAdapter, wording_of
from bot.channels import Capabilities, PhotoMarks
from bot.fitting import adapt
from bot.registered_channels import CHANNELS
from bot.state.sessions import MessageIds
from handlers.chat import (
    Button,
    ClipFile,
    Incoming,
    Invoice,
    Mark,
    Marks,
    Person,
    PhotoFate,
    Picture,
    Pressed,
    Said,
    Say,
    Show,
    ShowClip,
    Tone,
)
from handlers.texts import texts
from shop.people.users import LANGUAGES
from shop.records import ChannelName, Currency

SMALL = ChannelName("small")
PICTURES = tuple(Picture(str(number), b"", "image/jpeg") for number in range(5))
BUTTONS = ((Button("Go", "go"), Button("Read", url="https://a.example")), (Button("S", share="x"),))
REPLIES = (
    Say("text", BUTTONS, "key", Tone.PROGRESS, 0.5),
    Show(PICTURES, "caption", BUTTONS, "key", original=True),
    Invoice("title", "text", 990, Currency.CNY, "bill", "https://a.example", BUTTONS, "key"),
)


ABLE = [channel for channel in CHANNELS if channel.capabilities.buttons]


@pytest.mark.parametrize("channel", ABLE, ids=lambda channel: channel.name)
def test_in_the_able_channels_every_reply_stays_as_it_is(channel):
    assert adapt(REPLIES, channel.capabilities) == list(REPLIES)


def test_without_buttons_what_can_be_typed_or_opened_is_written():
    said, shown, bill = adapt(REPLIES, Capabilities(buttons=False))
    assert said.text == "text\n\nRead: https://a.example\n\n1 Go"
    assert shown.caption == "caption\n\nRead: https://a.example\n\n1 Go"
    assert bill.text.endswith("Read: https://a.example\n\n1 Go")
    assert not any(reply.buttons for reply in (said, shown, bill))


def test_a_caption_that_grew_too_long_stands_below_its_pictures():
    shown, said = adapt([Show(PICTURES, "x" * 1020, BUTTONS)], Capabilities(buttons=False))
    assert (shown.caption, shown.pictures) == ("", PICTURES)
    assert said.text.startswith("x" * 1020 + "\n\nRead: ")


def test_albums_are_split_with_the_caption_above_and_the_buttons_below():
    parts = adapt([REPLIES[1]], Capabilities(pictures=2))
    assert [len(part.pictures) for part in parts] == [2, 2, 1]
    assert [part.caption for part in parts] == ["caption", "", ""]
    assert [part.buttons for part in parts] == [(), (), BUTTONS]


def test_a_clip_that_a_channel_does_not_play_is_its_first_frame():
    clip = ClipFile("c1", b"x" * 100, b"jpeg", 720, 540, 5.0, "a clip")
    said = ShowClip(clip, "caption", BUTTONS, "key")
    assert adapt([said], Capabilities(video=100)) == [said]
    for most in (0, 99):
        (shown,) = adapt([said], Capabilities(video=most))
        poster = Picture("poster:c1", b"jpeg", "image/jpeg", "a clip")
        assert shown == Show((poster,), "caption", BUTTONS, "key")


def test_the_choices_below_a_clip_are_numbered_too():
    clip = ClipFile("c1", b"", b"", 720, 540, 5.0)
    (shown,) = adapt([ShowClip(clip, "caption", BUTTONS)], Capabilities(buttons=False))
    assert shown.caption == "caption\n\nRead: https://a.example\n\n1 Go"
    long, words = adapt([ShowClip(clip, "x" * 1020, BUTTONS)], Capabilities(buttons=False))
    assert (long.caption, long.clip) == ("", clip)
    assert words.text.startswith("x" * 1020)


def test_without_files_an_original_is_shown():
    assert not adapt([REPLIES[1]], Capabilities(files=False))[0].original


def test_texts_are_joined_until_the_budget_is_kept():
    texts = [Say("one"), Say("two", BUTTONS), REPLIES[1], Say("three"), Say("four")]
    joined = adapt(texts, Capabilities(message_budget=4))
    assert [getattr(part, "text", "") for part in joined] == ["one\n\ntwo", "", "three", "four"]
    assert joined[0].buttons == BUTTONS
    assert len(adapt(texts, Capabilities(message_budget=1))) == 3  # no picture is left out


class Sent(list):
    """An outbound that keeps what it was given."""

    async def send(self, chat, reply, *, key=""):
        self.append((reply, key))

    async def forget(self, chat, before):
        self.clear()


@pytest.fixture
def small(container):
    capabilities = Capabilities(buttons=False, edits=False, pictures=2)
    return ReplyAdapter(SMALL, capabilities, MessageIds(container.redis), container.clock)


async def test_without_edits_a_progress_and_a_standstill_are_told_once(small):
    sent = Sent()
    outbound = AdaptedOutbound(sent, small)
    for share in (0.1, 0.5):
        await outbound.send("ada", Say("working", (), "job", Tone.PROGRESS, share))
    await outbound.send("ada", Say("working", (), "another", Tone.PROGRESS))
    for number in range(2):  # the studio stops, is back, and stops again
        await outbound.send("ada", Say(f"{number} before you; halted", (), "job", Tone.HALTED))
        await outbound.send("ada", Say("working", (), "job", Tone.PROGRESS))
    await small.note("ada", Say("working", (), "job", Tone.PROGRESS))  # they have asked
    await outbound.send("ada", Say("halted again", (), "job", Tone.HALTED))
    await outbound.send("ada", Say("done", (), "job"))
    told = ["working", "working", "0 before you; halted", "halted again", "done"]
    assert [reply.text for reply, _ in sent] == told


async def test_without_edits_a_receipt_is_not_told_again_by_news(small):
    """A payment in the chat: the dialogue thanks, and then the notice would edit that."""
    sent, thanks = Sent(), Say("received", (), "paid:1", Tone.RECEIPT)
    outbound = AdaptedOutbound(sent, small)
    await small.note("ada", thanks)
    await outbound.send("ada", thanks)
    await outbound.send("bert", thanks)
    await outbound.send("ada", Say("refunded", (), "paid:1", Tone.RECEIPT))
    for _ in range(2):
        await outbound.send("ada", Say("received", (), "", Tone.RECEIPT))
        await outbound.send("ada", Say("count", (), "tally"))  # said again where it is asked for
    told = ["received", "refunded", "received", "count", "received", "count"]
    assert [reply.text for reply, _ in sent] == told


async def test_each_part_of_a_reply_has_a_key_of_its_own(small):
    sent = Sent()
    await AdaptedOutbound(sent, small).send("ada", REPLIES[1], key="id:0")
    assert [key for _, key in sent] == ["id:0", "id:0:1", "id:0:2"]


async def test_a_label_is_typed_instead_of_pressed(small, now):
    def typed(text, who="ada"):
        return Incoming("small:1", Person(SMALL, who), now, Said(text))

    await small.adapt("ada", [REPLIES[0]])
    await small.adapt("ada", [Say("text", ((Button("Né!", "other"),),))])
    assert (await small.read(typed("go"))).content == Pressed("go")
    assert (await small.read(typed("ne"))).content == Pressed("other")
    assert (await small.read(typed("read"))).content == Said("read")
    assert (await small.read(typed("go", "bert"))).content == Said("go")
    await AdaptedOutbound(Sent(), small).forget("ada", now)
    assert (await small.read(typed("go"))).content == Said("go")


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_who_can_be_told_is_promised_to_be(language):
    """A page that was closed tells nobody; a chat that takes no more messages says so."""
    said = {
        channel.name: texts(language, wording_of(channel.capabilities))("waiting-leave")
        for channel in CHANNELS
    }
    plain = texts(language)
    assert said == {
        "telegram": plain("waiting-leave"),
        "playground": plain("waiting-leave-open"),
        "wechat": plain("waiting-leave-contact"),
    }


MARKS = Marks(
    (
        Mark("11", PhotoFate.ACCEPTED, "1 counts"),
        Mark("12", PhotoFate.HELD, "2 is looked at"),
        Mark("13", PhotoFate.CHECKING, "3 is checked"),
        *(Mark(str(number), PhotoFate.REJECTED, f"{number} is not") for number in range(14, 30)),
    )
)


def test_the_fate_of_a_photo_is_shown_as_a_channel_can():
    """On it; in a reply to it, of the first that do not count; or by its number in the tally."""
    assert adapt([MARKS], Capabilities(marks=PhotoMarks.TILES)) == [MARKS]
    assert adapt([MARKS], Capabilities(marks=PhotoMarks.NONE)) == []
    replies = adapt([MARKS], Capabilities(marks=PhotoMarks.REPLIES))
    told = [one.about for one in replies if isinstance(one, Say) and not one.closes]
    assert told == [str(number) for number in range(12, 21) if number != 13]
    closing = [one for one in replies if isinstance(one, Say) and one.closes]
    assert [one.message_key for one in closing] == ["photo:11"]
    named = {can.marks: wording_of(can).numbers for can in (
        Capabilities(marks=PhotoMarks.TILES), Capabilities(marks=PhotoMarks.REPLIES),
        Capabilities(marks=PhotoMarks.NONE))}  # fmt: skip
    assert [named[one] for one in PhotoMarks] == [True, True, False]


def test_a_last_word_is_none_where_nothing_can_be_edited():
    done = Say("Done.", message_key="w", closes=True)
    assert adapt([done, Say("Portraits")], Capabilities(edits=False)) == [Say("Portraits")]
    assert adapt([done], Capabilities()) == [done]
