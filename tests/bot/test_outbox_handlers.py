"""The courier's errands: in order, once, again after trouble, and never in a loop."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from bot.outbound import Retry, Unreachable
from bot.outbox.handlers import STUCK, OutboxHandlers
from bot.playground import PLAYGROUND
from bot.state.sessions import RedisSessions
from handlers.chat import Reply, Say
from handlers.session import Session, State
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryWakeUp
from shop.jobs import outbox
from shop.people import users
from shop.records import CHAT, OutboxMessage, User


@dataclass
class Mouth:
    """An outbound that remembers, shows each key once, and has the troubles it is given."""

    said: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    troubles: list[Exception | None] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    pause: float = 0.0

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        await asyncio.sleep(self.pause)
        if self.troubles and (trouble := self.troubles.pop(0)):
            raise trouble
        if key in self.keys:
            return
        self.keys.add(key)
        assert isinstance(reply, Say)
        self.said.append(f"{chat}: {reply.text}")

    async def forget(self, chat: str, before: datetime) -> None:
        self.forgotten.append(chat)


@dataclass
class News:
    """Says the kind and the number of a notice; two replies for the kind ``pair``."""

    database: MemoryDatabase

    async def replies(
        self, payload: Mapping[str, str | int | float]
    ) -> tuple[User, list[Reply]] | None:
        if payload["kind"] == "broken":
            raise KeyError("no such news")
        if payload["kind"] == "outdated":
            return None
        async with self.database.begin() as tx:
            user = await tx.get(User, str(payload["user"]))
        assert user is not None
        text = f"{payload['kind']} {payload.get('n', '')}".strip()
        return user, [Say(text), Say("and")] if payload["kind"] == "pair" else [Say(text)]


@dataclass
class Bench:
    database: MemoryDatabase
    queue: MemoryWakeUp
    mouth: Mouth
    outbox_handlers: OutboxHandlers
    clock: object
    scrubbed: list[str]

    async def tell(self, user: User, kind: str, key: str = "", **ids: int) -> OutboxMessage:
        async with self.database.begin() as tx:
            return await outbox.notify(tx, user.id, kind, self.clock(), key=key, **ids)

    async def round(self) -> None:
        """Ring for what is due, and answer each ring."""
        await outbox.flush(self.database, self.queue, self.clock())
        for ring in self.queue.take(CHAT):
            await self.outbox_handlers.answer(ring.payload)

    async def left(self) -> list[OutboxMessage]:
        async with self.database.begin() as tx:
            return await tx.find(OutboxMessage, queue=CHAT, done_at=None)


@pytest.fixture
async def bench(clock, valkey):
    from redis.asyncio import Redis

    database, scrubbed = MemoryDatabase(), []

    async def scrub() -> None:
        scrubbed.append("scrubbed")

    async def flush() -> None:
        """The tests flush when they want to."""

    async with Redis.from_url(valkey) as redis:
        mouth = Mouth()
        outbox_handlers = OutboxHandlers(
            database, MemoryBlobs(), RedisSessions(redis, patience=0.3), News(database),
            {PLAYGROUND: mouth}, {}, clock, scrub, flush,
        )  # fmt: skip
        yield Bench(database, MemoryWakeUp(), mouth, outbox_handlers, clock, scrubbed)


@pytest.fixture
async def anna(bench) -> User:
    async with bench.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, "anna", "en", bench.clock())


@pytest.fixture
async def bert(bench) -> User:
    async with bench.database.begin() as tx:
        return await users.get_or_create(tx, PLAYGROUND, "bert", "en", bench.clock())


async def test_news_is_brought_in_the_order_in_which_it_was_left(bench, anna, bert):
    for number in range(4):
        await bench.tell(anna, "news", n=number)
        await bench.tell(bert, "news", n=number)
        bench.clock.forward(seconds=1)
    await outbox.flush(bench.database, bench.queue, bench.clock())
    rings = bench.queue.take(CHAT)
    bench.mouth.pause = 0.002
    await asyncio.gather(*(bench.outbox_handlers.answer(ring.payload) for ring in reversed(rings)))
    await bench.round()
    for who in ("anna", "bert"):
        heard = [line for line in bench.mouth.said if line.startswith(who)]
        assert heard == [f"{who}: news {number}" for number in range(4)]
    assert await bench.left() == []


async def test_equal_news_is_brought_once_by_the_last(bench, anna):
    await bench.tell(anna, "tally")
    await bench.tell(anna, "portraits")
    bench.clock.forward(seconds=1)
    await bench.tell(anna, "tally")
    await bench.round()
    assert bench.mouth.said == ["anna: portraits", "anna: tally"]
    assert await bench.left() == []


async def test_a_second_ring_brings_nothing_twice(bench, anna):
    message = await bench.tell(anna, "news")
    for _ in range(3):
        await bench.outbox_handlers.answer({"message": message.id})
    assert bench.mouth.said == ["anna: news"]


async def test_killed_between_sending_and_marking_it_goes_on_behind_what_was_shown(bench, anna):
    """The first reply was shown, the process died: the second run shows only the second."""
    message = await bench.tell(anna, "pair")
    bench.mouth.troubles = [None, asyncio.CancelledError()]
    with pytest.raises(asyncio.CancelledError):
        await bench.outbox_handlers.answer({"message": message.id})
    assert bench.mouth.said == ["anna: pair"]
    assert await bench.left() == [message]
    await bench.round()
    assert bench.mouth.said == ["anna: pair", "anna: and"]
    assert await bench.left() == []


async def test_trouble_holds_up_that_person_only_and_is_tried_again(bench, anna, bert):
    await bench.tell(anna, "news", n=1)
    await bench.tell(anna, "news", n=2)
    await bench.tell(bert, "news", n=1)
    bench.mouth.troubles = [ConnectionError(), ConnectionError()]
    await bench.round()
    assert [line for line in bench.mouth.said if line.startswith("bert")] == ["bert: news 1"]
    bench.mouth.troubles = []
    for _ in range(6):
        bench.clock.forward(minutes=2)
        await bench.round()
    heard = [line for line in bench.mouth.said if line.startswith("anna")]
    assert heard == ["anna: news 1", "anna: news 2"]


async def test_a_platform_that_asks_for_patience_gets_it(bench, anna):
    await bench.tell(anna, "news")
    bench.mouth.troubles = [Retry(120)]
    await bench.round()
    bench.clock.forward(seconds=100)
    await bench.round()
    assert bench.mouth.said == []
    bench.clock.forward(seconds=21)
    await bench.round()
    assert bench.mouth.said == ["anna: news"]


async def test_who_blocked_us_is_noted_and_not_written_to_again(bench, anna):
    await bench.tell(anna, "news")
    bench.mouth.troubles = [Unreachable()]
    await bench.round()
    async with bench.database.begin() as tx:
        user = await tx.get(User, anna.id)
    assert user is not None
    assert user.unreachable
    assert await bench.left() == []


async def test_a_poisoned_notice_ends_and_lets_the_next_pass(bench, anna):
    await bench.tell(anna, "broken")
    bench.clock.forward(seconds=1)
    await bench.tell(anna, "news")
    rounds = 0
    while bench.mouth.said == [] and rounds < 40:
        rounds += 1
        await bench.round()
        bench.clock.forward(minutes=10)
    assert bench.mouth.said == ["anna: news"]
    assert rounds <= STUCK + 1
    assert await bench.outbox_handlers.stuck() == 1
    for _ in range(20):
        bench.clock.forward(minutes=10)
        await outbox.flush(bench.database, bench.queue, bench.clock())
        assert bench.queue.take() == [], "it is not rung for any more"


async def test_what_is_over_is_not_told(bench, anna):
    await bench.tell(anna, "outdated")
    await bench.round()
    assert (bench.mouth.said, await bench.left()) == ([], [])


async def test_who_is_slow_holds_up_nobody_for_long(bench, anna, bert):
    await bench.tell(anna, "news")
    await bench.tell(bert, "news")
    async with bench.outbox_handlers.sessions.named_lock("notices", "user", anna.id):
        await bench.round()
        assert bench.mouth.said == ["bert: news"]
    bench.clock.forward(minutes=1)
    await bench.round()
    assert bench.mouth.said == ["bert: news", "anna: news"]


async def test_an_erased_person_is_forgotten_everywhere(bench):
    sessions = bench.outbox_handlers.sessions
    await sessions.save("playground", "anna", Session(State.STUDIO, {"order": "1"}, 1))
    async with bench.database.begin() as tx:
        address = {"platform": "playground", "person": "anna"}
        await outbox.enqueue(tx, CHAT, "drop_session", address, bench.clock())
    await bench.round()
    assert await sessions.load("playground", "anna") is None
    assert bench.mouth.forgotten == ["anna"]
    assert bench.scrubbed
    assert await bench.left() == []


async def test_blobs_are_erased_and_an_unwilling_store_is_asked_again(bench):
    await bench.outbox_handlers.blobs.put("portraits/a/1", b"x")
    async with bench.database.begin() as tx:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {"prefix": "portraits/a"}, bench.clock())
    calls = 0

    async def stubborn() -> None:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise TimeoutError("the write-ahead log is in use")

    bench.outbox_handlers = replace(bench.outbox_handlers, scrub=stubborn)
    for _ in range(4):
        await bench.round()
        bench.clock.forward(minutes=10)
    assert calls == 3
    assert await bench.left() == []
    assert [path async for path in bench.outbox_handlers.blobs.walk("")] == []


async def test_an_errand_that_is_gone_is_no_trouble(bench):
    await bench.outbox_handlers.answer({"message": "no such"})


async def test_money_and_erasures_are_never_given_up(bench):
    async with bench.database.begin() as tx:
        await outbox.enqueue(tx, CHAT, "erase_blobs", {}, bench.clock())  # fails for ever
    for _ in range(STUCK * 3):
        await bench.round()
        bench.clock.forward(minutes=10)
    (message,) = await bench.left()
    assert message.attempts > STUCK * 2
    assert await bench.outbox_handlers.stuck() == 1
