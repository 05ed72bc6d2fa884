"""The outbox handlers: in order, once, again after an error, and never in a loop."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.outbound import RetryLater
from bot.outbox.handlers import STUCK
from bot.playground import PLAYGROUND
from handlers.session import Session, State
from shop import privacy
from shop.adapters.database import SqlDatabase
from shop.errors import Unavailable
from shop.jobs import outbox
from shop.people import users
from shop.records import CHAT
from tests.bot.outbox.harness import ErasedNews


async def test_news_is_brought_in_the_order_in_which_it_was_left(harness, anna, bert):
    for number in range(4):
        await harness.notify(anna, "news", n=number)
        await harness.notify(bert, "news", n=number)
        harness.clock.forward(seconds=1)
    await outbox.flush(harness.database, harness.queue, harness.clock())
    signals = harness.queue.take(CHAT)
    harness.outbound.pause = 0.002
    await asyncio.gather(
        *(harness.outbox_handlers.answer(signal.payload) for signal in reversed(signals))
    )
    await harness.round()
    for who in ("anna", "bert"):
        heard = [line for line in harness.outbound.said if line.startswith(who)]
        assert heard == [f"{who}: news {number}" for number in range(4)]
    assert await harness.left() == []


async def test_of_a_state_the_last_news_is_brought_and_of_events_each(harness, anna):
    for _ in range(2):
        await harness.notify(anna, "granted", n=5)
    await harness.notify(anna, "tally", key="tally")
    await harness.notify(anna, "portraits")
    await outbox.flush(harness.database, harness.queue, harness.clock())  # it gathers no more
    harness.clock.forward(seconds=1)
    await harness.notify(anna, "tally", key="tally")
    await harness.round()
    assert harness.outbound.said == [
        "anna: granted 5", "anna: granted 5", "anna: portraits", "anna: tally",
    ]  # fmt: skip
    assert await harness.left() == []


async def test_a_second_ring_brings_nothing_twice(harness, anna):
    message = await harness.notify(anna, "news")
    for _ in range(3):
        await harness.outbox_handlers.answer({"message": message.id})
    assert harness.outbound.said == ["anna: news"]


async def test_killed_between_sending_and_marking_it_goes_on_behind_what_was_shown(harness, anna):
    """The first reply was shown, the process died: the second run shows only the second."""
    message = await harness.notify(anna, "pair")
    harness.outbound.troubles = [None, asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await harness.outbox_handlers.answer({"message": message.id})
    assert harness.outbound.said == ["anna: pair"]
    assert [one.id for one in await harness.left()] == [message.id]
    harness.clock.forward(minutes=1)
    await harness.round()
    assert harness.outbound.said == ["anna: pair", "anna: and"]
    assert await harness.left() == []


async def test_trouble_holds_up_that_person_only_and_is_tried_again(harness, anna, bert):
    await harness.notify(anna, "news", n=1)
    await harness.notify(anna, "news", n=2)
    await harness.notify(bert, "news", n=1)
    harness.outbound.troubles = [ConnectionError(), ConnectionError()]
    await harness.round()
    assert [line for line in harness.outbound.said if line.startswith("bert")] == ["bert: news 1"]
    harness.outbound.troubles = []
    for _ in range(6):
        harness.clock.forward(minutes=2)
        await harness.round()
    heard = [line for line in harness.outbound.said if line.startswith("anna")]
    assert heard == ["anna: news 1", "anna: news 2"]


async def test_a_platform_that_asks_for_patience_gets_it(harness, anna):
    await harness.notify(anna, "news")
    harness.outbound.troubles = [RetryLater(120)]
    await harness.round()
    harness.clock.forward(seconds=100)
    await harness.round()
    assert harness.outbound.said == []
    harness.clock.forward(seconds=21)
    await harness.round()
    assert harness.outbound.said == ["anna: news"]


async def test_an_outage_is_nobodys_fault_however_long(harness, anna):
    """Of the platform, or of Redis: news waits for its end."""
    await harness.notify(anna, "portraits")
    harness.outbound.troubles = [ConnectionError(), Unavailable("redis"), TimeoutError()] * 100
    for _ in range(200):
        await harness.round()
        harness.clock.forward(minutes=10)
    harness.outbound.troubles = []
    await harness.round()
    assert harness.outbound.said == ["anna: portraits"]


async def test_what_was_given_up_for_many_silences_nobody(harness, anna, bert):
    for number in range(600):
        message = await harness.notify(bert, "broken", n=number)
        async with harness.database.begin() as tx:
            await outbox.take_up(tx, message.id, harness.clock())
            if number % 2:
                await outbox.give_up(tx, message.id, harness.clock())
    await harness.notify(anna, "portraits")
    await harness.outbox_handlers.answer({"message": (await harness.left())[-1].id})
    assert harness.outbound.said == ["anna: portraits"]
    assert await harness.outbox_handlers.stuck() == 300


async def test_a_poisoned_notice_ends_and_lets_the_next_pass(harness, anna):
    await harness.notify(anna, "broken")
    harness.clock.forward(seconds=1)
    await harness.notify(anna, "news")
    rounds = 0
    while harness.outbound.said == [] and rounds < 40:
        rounds += 1
        await harness.round()
        harness.clock.forward(minutes=10)
    assert harness.outbound.said == ["anna: news"]
    assert rounds <= STUCK + 1
    assert await harness.outbox_handlers.stuck() == 1
    for _ in range(20):
        harness.clock.forward(minutes=10)
        await outbox.flush(harness.database, harness.queue, harness.clock())
        assert harness.queue.take() == [], "it is not rung for any more"


async def test_what_is_over_is_not_told(harness, anna):
    await harness.notify(anna, "outdated")
    await harness.round()
    assert (harness.outbound.said, await harness.left()) == ([], [])


async def test_who_is_slow_holds_up_nobody_for_long(harness, anna, bert):
    await harness.notify(anna, "news")
    await harness.notify(bert, "news")
    async with harness.outbox_handlers.sessions.named_lock("notices", "user", anna.id):
        await harness.round()
        assert harness.outbound.said == ["bert: news"]
    harness.clock.forward(minutes=1)
    await harness.round()
    assert harness.outbound.said == ["bert: news", "anna: news"]


async def test_an_erased_person_is_forgotten_everywhere(harness):
    sessions = harness.outbox_handlers.sessions
    await sessions.save("playground", "anna", Session(State.STUDIO, {"order": "1"}, 1))
    async with harness.database.begin() as tx:
        address = {"platform": "playground", "person": "anna"}
        await outbox.enqueue(tx, CHAT, "drop_session", address, harness.clock())
    await harness.round()
    assert await sessions.load("playground", "anna") is None
    assert harness.outbound.forgotten == ["anna"]
    assert harness.scrubbed
    assert await harness.left() == []


async def test_blobs_are_erased_and_an_unwilling_store_is_asked_again(harness):
    await harness.outbox_handlers.blobs.put("portraits/a/1", b"x")
    async with harness.database.begin() as tx:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": "portraits/a"}, harness.clock())
    calls = 0

    async def stubborn() -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise TimeoutError("the write-ahead log is in use")

    harness.outbox_handlers = replace(harness.outbox_handlers, scrub=stubborn)
    for _ in range(4):
        await harness.round()
        harness.clock.forward(minutes=10)
    assert calls == 3
    assert await harness.left() == []
    assert [path async for path in harness.outbox_handlers.blobs.walk("")] == []


async def test_nothing_of_an_erased_person_is_in_the_files_after_the_last_notice(
    harness, sqlite_url
):
    """Nor if the files could not be scrubbed at first: what was said is not said again."""
    database, address = SqlDatabase(sqlite_url), "4711-planted-address"
    files = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///")).parent
    in_the_way = 0

    async def scrub() -> None:
        nonlocal in_the_way
        if in_the_way:
            in_the_way -= 1
            raise TimeoutError("the write-ahead log is in use")
        await database.scrub()

    def traces() -> list[str]:
        return [path.name for path in files.glob("eider.sqlite*")
                if address.encode() in path.read_bytes()]  # fmt: skip

    harness.database = database
    harness.outbox_handlers = replace(
        harness.outbox_handlers, database=database, notifications=ErasedNews(database), scrub=scrub
    )
    async with database.begin() as tx:
        user = await users.get_or_create(tx, PLAYGROUND, address, "en", harness.clock())
    async with database.begin() as tx:
        await privacy.erase(tx, user, harness.clock())
    await harness.round()
    assert traces(), "the last notice waits, and holds the address"
    harness.clock.forward(seconds=5)
    in_the_way = STUCK + 2
    for _ in range(STUCK + 5):
        await harness.round()
        harness.clock.forward(minutes=10)
    assert await harness.left() == []
    assert harness.outbound.said == [f"{address}: erased"]
    assert in_the_way == 0
    assert traces() == []
    await database.close()


async def test_a_message_that_is_gone_is_no_trouble(harness):
    await harness.outbox_handlers.answer({"message": "no such"})


async def test_money_and_erasures_are_never_given_up(harness):
    async with harness.database.begin() as tx:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {}, harness.clock())  # fails for ever
    for _ in range(STUCK * 3):
        await harness.round()
        harness.clock.forward(minutes=10)
    (message,) = await harness.left()
    assert message.attempts > STUCK * 2
    assert await harness.outbox_handlers.stuck() == 1
