"""Numbered choices: what a typed number means, and when it means nothing."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.adaptation import AdaptedOutbound, ReplyAdapter
from bot.channels import Capabilities
from bot.choices import OPEN_FOR, READ_FOR, above_choices, number_in
from bot.fitting import adapt
from bot.outbound import RetryLater, Unreachable, WaitsForContact
from bot.state.sessions import MessageIds
from handlers.chat import Button, Incoming, Person, Picture, Pressed, Said, Say, SentOther, Show
from handlers.router import NO_SUCH_NUMBER
from shop.records import ChannelName
from tests.conftest import SetClock

TYPED = ChannelName("typed")
PLAIN = Capabilities(buttons=False, edits=False)
NOTHING = SentOther(NO_SUCH_NUMBER)


def ask(text: str, *choices: str) -> Say:
    return Say(text, tuple((Button(one.upper(), one),) for one in choices))


class Desk:
    """One person, who types, and what is said to them."""

    def __init__(self, message_ids: MessageIds, clock: SetClock) -> None:
        self.clock = clock
        self.message_ids = message_ids
        self.adapter = ReplyAdapter(TYPED, PLAIN, message_ids, clock)
        self.trouble: Exception | None = None
        self.sent: list[Say] = []
        self.news = AdaptedOutbound(self, self.adapter)

    async def answer(self, *replies: Say) -> None:
        await self.adapter.adapt("ada", replies)

    async def read(self, text: str) -> object:
        said = Incoming("typed:1", Person(TYPED, "ada"), self.clock(), Said(text))
        return (await self.adapter.read(said)).content

    async def did(self, *, before: float = 0) -> None:
        """They sent a photo, so many seconds ago, of which is heard only now."""
        at = self.clock() - timedelta(seconds=before)
        photo = Incoming("typed:2", Person(TYPED, "ada"), at, SentOther("photo"), later=True)
        await self.adapter.acted(photo)

    async def send(self, chat, reply, *, key="") -> None:
        if self.trouble:
            raise self.trouble
        self.sent.append(reply)

    async def forget(self, chat, before) -> None: ...


@pytest.fixture
async def desk(valkey, clock):
    async with Redis.from_url(valkey) as redis:
        yield Desk(MessageIds(redis), clock)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), (" 12 ", 12), ("１", 1), ("１２．", 12), ("1.", 1), ("1、", 1), ("(3)", 3),
        ("（3）", 3), ("②", 2), ("1️⃣", 1), ("壹", 1), ("拾贰", 12),
        ("⒉", 2), ("㈡", 2), ("一", 1), ("两", None), ("十", 10),
        ("十二", 12), ("二十", 20), ("二十一", 21), ("第二个", 2), ("第 2 项", 2),
        ("选3", 3), ("3号", 3), ("#4", 4), ("1。", 1), ("٣", 3), ("0", 0), ("123", None),
        ("1.5", None), ("1,5", None), ("1 2", None), ("-1", None), ("¥9", None),
        ("9.90", None), ("十十", None), ("一二", None), ("零", None), ("a1", None),
        ("1a", None), ("", None), ("482913", None), ("1 张", None), ("第", None),
        ("1" * 5000, None), ("²", None), ("₂", None), ("½", None), ("1²", None),
    ],
)  # fmt: skip
def test_what_is_a_number(text: str, number: int | None) -> None:
    assert number_in(text) == number


def test_choices_are_numbered_through_and_what_is_listed_is_numbered_in_place() -> None:
    first = ask("Listed:\n· A — the first\n· Ab — no choice", "a", "b")
    second = Show((Picture("p", b"", "image/jpeg"),), "more", ((Button("C", "c"),),))
    said, shown = adapt([first, second], PLAIN)
    assert said.text == "Listed:\n1 A — the first\n· Ab — no choice\n\n2 B"
    assert shown.caption == "more\n\n3 C"


def test_of_one_label_or_one_action_the_last_is_offered() -> None:
    said, again = adapt(
        [
            Say("old", ((Button("More", "more:1"), Button("Where", "where")),)),
            Say("new", ((Button("more", "more:2"), Button("Go on", "where")),)),
        ],
        PLAIN,
    )
    assert (said.text, again.text) == ("old", "new\n\n1 more\n2 Go on")


def test_a_deep_link_stays_where_it_can_be_scanned() -> None:
    said = Say("text", ((Button("A", "a"), Button("Link", start="i-x"), Button("S", share="p")),))
    (scanned,) = adapt([said], replace(PLAIN, scannable=True))
    assert scanned == Say("text\n\n1 A", ((Button("Link", start="i-x"),),))
    assert adapt([said], PLAIN) == [Say("text\n\n1 A")]


async def test_a_number_means_what_it_meant_in_the_last_message_that_offered(desk: Desk) -> None:
    assert await desk.read("1") == Said("1")  # no choice is open: it is a text like any
    await desk.answer(ask("one", "a", "b"))
    assert await desk.read("２、") == Pressed("b")
    await desk.answer(Say("without any"))
    assert await desk.read("2") == Pressed("b")
    await desk.answer(ask("two", "c"))
    assert await desk.read("一") == Pressed("c")
    assert await desk.read("b") == Pressed("b")  # a label says what it means
    for outside in ("2", "0", "99"):
        assert await desk.read(outside) == NOTHING
    assert await desk.read("482913") == Said("482913")
    assert await desk.read("9.90") == Said("9.90")


async def test_what_was_offered_long_ago_is_no_choice(desk: Desk) -> None:
    await desk.answer(ask("one", "a"))
    desk.clock.now += OPEN_FOR - timedelta(seconds=1)
    assert await desk.read("1") == Pressed("a")
    desk.clock.forward(seconds=1)
    assert await desk.read("1") == NOTHING


@pytest.mark.parametrize("away", [WaitsForContact(), Unreachable()])
async def test_news_that_were_not_shown_offer_nothing(desk: Desk, away: Exception) -> None:
    await desk.answer(ask("one", "a", "b"))
    desk.trouble = away
    with pytest.raises(type(away)):
        await desk.news.send("ada", ask("news", "c"), key="n:0")
    assert await desk.read("1") == Pressed("a")
    assert await desk.read("3") == NOTHING
    desk.trouble = None
    await desk.news.send("ada", ask("news", "c"), key="n:0")
    assert await desk.read("3") == Pressed("c")


async def test_news_take_no_number_of_what_is_being_read(desk: Desk) -> None:
    """They answer what they read, and the news came a moment before: it is what they read."""
    await desk.answer(ask("buy?", "a", "b"))
    await desk.news.send("ada", ask("news", "c", "b"))
    await desk.news.send("ada", ask("more", "e"))
    await desk.news.send("ada", ask("more", "e"))
    assert [one.text for one in desk.sent] == ["news\n\n3 C\n4 B", *["more\n\n5 E"] * 2]
    for number, action in enumerate("abcbe", start=1):
        assert await desk.read(str(number)) == Pressed(action)
    desk.clock.now += READ_FOR
    await desk.news.send("ada", ask("late", "f"))
    assert desk.sent[3:] == [Say("late\n\n1 F")]
    assert await desk.read("1") == Pressed("f")
    await desk.answer(ask("asked for", "g"))
    assert await desk.read("1") == Pressed("g")


async def test_where_nothing_else_is_read_numbers_begin_at_1(desk: Desk) -> None:
    """They have done something since; or what they read is over, as a bill that is paid."""
    await desk.answer(ask("studio", "a", "b"))
    desk.clock.forward(seconds=3)
    await desk.did()
    await desk.news.send("ada", ask("news", "c"))
    assert desk.sent[-1].text == "news\n\n1 C"
    await desk.answer(replace(ask("bill", "pay", "cancel"), message_key="bill:order"))
    for key in ("paid:order", "progress:order"):
        await desk.news.send("ada", replace(ask("paid", "where"), message_key=key))
        assert desk.sent[-1].text == "paid\n\n1 WHERE"
        assert await desk.read("1") == Pressed("where")
    await desk.news.send("ada", replace(ask("paid", "x"), message_key="paid:another"))
    assert desk.sent[-1].text == "paid\n\n2 X"
    await desk.news.send("ada", replace(ask("paid", "y"), message_key="progress:another"))
    assert desk.sent[-1].text == "paid\n\n3 Y", "the first order's is read as well"


async def test_what_came_before_a_menu_was_no_answer_to_it(desk: Desk) -> None:
    await desk.answer(ask("terms", "a", "b"))
    await desk.did(before=1)
    await desk.news.send("ada", ask("news", "c"))
    assert desk.sent[-1].text == "news\n\n3 C"


async def test_what_an_earlier_release_has_kept_still_counts(desk: Desk) -> None:
    kept = json.dumps([desk.clock().timestamp(), ["a", "b"]])
    await desk.message_ids.put(TYPED, "ada", "~numbers", kept)
    assert await desk.read("2") == Pressed("b")


async def test_where_numbers_end_the_labels_are_offered(desk: Desk) -> None:
    await desk.answer(ask("many", *(f"a{number}" for number in range(98))))
    await desk.news.send("ada", ask("news", "c", "d"))
    assert desk.sent == [Say("news\n\n99 C\n· D")]
    assert await desk.read("1") == Pressed("a0")
    assert await desk.read("d") == Pressed("d")


async def test_of_news_that_were_perhaps_shown_only_what_is_sure_is_done(desk: Desk) -> None:
    """The call broke off, or the process was killed behind it: nobody knows what they read."""
    await desk.answer(ask("one", "a", "b"))
    desk.trouble = RetryLater(1)
    with pytest.raises(RetryLater):
        await desk.news.send("ada", ask("news", "c", "b"), key="n:0")
    assert await desk.read("1") == Pressed("a")
    assert await desk.read("2") == Pressed("b")
    assert await desk.read("3") == NOTHING
    desk.clock.now += READ_FOR  # what was shown with numbers of its own may be c, or a still
    with pytest.raises(RetryLater):
        await desk.news.send("ada", ask("news", "c", "b"), key="n:0")
    assert await desk.read("1") == NOTHING
    assert await desk.read("2") == Pressed("b")
    await desk.answer(ask("two", "d"))
    assert await desk.read("1") == Pressed("d")


async def test_an_erased_persons_choices_are_forgotten(desk: Desk, now) -> None:
    await desk.answer(ask("one", "a"))
    await desk.news.forget("ada", now)
    assert await desk.read("1") == Said("1")


def test_what_is_answered_stands_last() -> None:
    assert above_choices("text\n\n1 A\n2 B", "link") == "text\n\nlink\n\n1 A\n2 B"
    assert above_choices("1 A", "link") == "link\n\n1 A"
    assert above_choices("text\n\n9.90 each", "link") == "text\n\n9.90 each\n\nlink"
    with_pages = Say("text", ((Button("打开相册", url="https://a"),), (Button("A", "a"),)))
    assert adapt([with_pages], PLAIN) == [Say("text\n\n打开相册：https://a\n\n1 A")]
    twice = adapt([Say("text", ((Button("打开相册", url="https://a"),),)), with_pages], PLAIN)
    assert [one.text for one in twice] == ["text", "text\n\n打开相册：https://a\n\n1 A"]
