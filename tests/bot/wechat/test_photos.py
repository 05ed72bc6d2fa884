"""Photos: stored, fetched in their order, answered together, and lost by nobody's end."""

import asyncio
import math
from collections.abc import Sequence

import pytest
from aiohttp import web
from redis.asyncio import Redis
from structlog.testing import capture_logs

from bot.outbound import RetryLater
from bot.wechat import photo_batches, photo_queue
from bot.wechat.api import WechatApi
from bot.wechat.inbound import SentImage, read
from bot.wechat.photo_batches import LOOK_SECONDS, PhotoBatches
from bot.wechat.photo_queue import PHOTO, PhotoQueue
from bot.wechat.quiet_outbound import AnswersToPhotos, QuietOutbound
from handlers.chat import Reply, Say
from handlers.steps.photos import TALLY
from shop.adapters.memory import MemoryDatabase
from shop.encryption import KeyedHash
from shop.errors import PhotoTooLarge
from shop.jobs import outbox
from shop.people import users
from shop.records import (
    CHAT,
    Order,
    OrderId,
    OrderState,
    OutboxMessage,
    OutboxState,
    Photo,
    PhotoId,
    PhotoState,
    Product,
)
from tests.bot.wechat.account import FakeWechat
from tests.bot.wechat.doubles import Mouth, Scribe
from tests.bot.wechat.posting import ADA, NOW, image
from tests.conftest import SetClock
from tests.keys import MASTER_KEY

MEDIA = "/cgi-bin/media/get"
IDS = KeyedHash(MASTER_KEY, "tests")
TALLY_KEY = f"{TALLY}0123"


class Queue:
    """ADA's photos, and the outbox worker that handles them."""

    def __init__(
        self, database: MemoryDatabase, redis: Redis, wechat: FakeWechat, api: WechatApi
    ) -> None:
        self.database = database
        self.redis = redis
        self.wechat = wechat
        self.api = api
        self.scribe = Scribe(database)
        self.mouth = Mouth()
        self.photos = PhotoQueue(database, redis, MASTER_KEY)
        self.batches = self.worker()

    def worker(self) -> PhotoBatches:
        """Another outbox worker, which remembers nothing."""
        return PhotoBatches(
            self.database, self.photos, self.scribe, self.api, self.redis,  # type: ignore[arg-type]
            self.send_late, photos_asked=3,
        )  # fmt: skip

    async def send_late(self, chat: str, answer: Sequence[Reply], *more: object) -> None:
        """As the adapter does, but unfitted."""
        quiet = QuietOutbound(self.mouth, self.photos, self.database)
        if told := await quiet.untold(chat, [*answer, *more[0]]):  # type: ignore[misc]
            await AnswersToPhotos(quiet).send_together(chat, told)

    async def send(self, *media: str, **fields: str) -> bool:
        """Whether the last is signalled."""
        signalled = False
        for one in media:
            self.wechat.plan(MEDIA, one.encode())
            received = read(image(one, **fields), IDS)
            assert isinstance(received.content, SentImage)
            signalled = await self.photos.add(received, received.content)
        return signalled

    async def rows(self, *states: OutboxState) -> list[OutboxMessage]:
        async with self.database.begin() as tx:
            found = await tx.find(OutboxMessage, name=PHOTO)
        return [one for one in found if not states or one.state in states]

    async def work(self, batches: PhotoBatches | None = None) -> list[float]:
        """Answer each row's signal as the outbox worker does; for how long each was put off."""
        waits = []
        for row in await self.rows(OutboxState.WAITING, OutboxState.DISPATCHED):
            async with self.database.begin() as tx:
                message = await outbox.take_up(tx, row.id, await tx.now())
            if message is None:
                continue
            try:
                await (batches or self.batches).handle(message)
            except RetryLater as wait:
                waits.append(wait.after)
            else:
                async with self.database.begin() as tx:
                    await outbox.mark_done(tx, row.id, await tx.now())
        return waits

    async def be_quiet(self) -> None:
        await self.photos.hush(ADA)

    @property
    def fetched(self) -> list[bytes]:
        return self.scribe.fetched


@pytest.fixture
async def queue(
    memory_database: MemoryDatabase, redis: Redis, wechat: FakeWechat, api: WechatApi
) -> Queue:
    return Queue(memory_database, redis, wechat, api)


async def test_twenty_photos_are_fetched_as_they_were_sent_and_answered_once(queue: Queue):
    names = [f"photo-{number}" for number in range(20)]
    queue.scribe.replies = [Say("twenty", message_key=TALLY_KEY)]
    await queue.send(*names)
    assert await queue.work(), "more may be coming"
    assert queue.fetched == [one.encode() for one in names]
    assert queue.mouth.read == []
    await queue.be_quiet()
    assert await queue.work() == []
    assert queue.mouth.read == ["twenty"]
    assert {row.state for row in await queue.rows()} == {OutboxState.DONE}
    assert len(queue.fetched) == 20


async def test_the_first_alone_is_signalled_and_looks_for_those_that_follow(queue: Queue):
    """Each signal is work for the outbox, Redis and the courier."""
    assert [await queue.send(one) for one in ("a", "b")] == [True, False]
    async with queue.database.snapshot() as tx:
        now = await tx.now()
    first, following = sorted(await queue.rows(), key=lambda row: row.due_at)
    assert first.due_at <= now < following.due_at
    waits = await queue.work()
    assert max(waits) <= LOOK_SECONDS, "a third may come"
    assert queue.fetched == [b"a", b"b"]
    await queue.be_quiet()
    assert await queue.send("c") is True
    await queue.be_quiet()
    await queue.work()
    assert queue.fetched == [b"a", b"b", b"c"]
    assert {row.state for row in await queue.rows()} == {OutboxState.DONE}


async def test_of_equal_keys_the_newest_is_said_and_others_in_their_order(queue: Queue):
    await queue.send("a", "b", "c")
    said = iter([
        [Say("first", message_key="note")],
        [Say("keyless")],
        [Say("last", message_key="note")],
    ])  # fmt: skip

    async def handle(incoming, answered=None):
        await incoming.content.read(_unbounded)
        return next(said)

    queue.scribe.handle = handle  # type: ignore[method-assign]
    await queue.be_quiet()
    await queue.work()
    assert queue.mouth.read == ["keyless", "last"]


async def _unbounded(size: int) -> None:
    pass


async def test_those_of_one_second_are_in_the_order_of_their_numbers(queue: Queue):
    for number in ("24000000000000009", "24000000000000010", "24000000000000002"):
        await queue.send(f"n{number}", MsgId=number)
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, b"1", b"2", b"3")
    await queue.be_quiet()
    await queue.work()
    asked = [call.query["media_id"][-2:] for call in queue.wechat.made(MEDIA)]
    assert asked == ["02", "09", "10"]


async def test_a_worker_that_dies_before_the_answer_leaves_it_to_the_next(queue: Queue):
    queue.scribe.replies = [Say("twenty", message_key="note")]
    await queue.send("a", "b")
    assert await queue.work()
    fetched = list(queue.fetched)
    await queue.be_quiet()
    assert await queue.work(queue.worker()) == []
    assert queue.fetched == fetched, "none is fetched twice"
    assert queue.mouth.read == ["where you are"]
    assert {row.state for row in await queue.rows()} == {OutboxState.DONE}


async def test_an_answer_that_was_not_sent_is_sent_later(queue: Queue):
    queue.mouth.trouble = [RetryLater(7.0)]
    await queue.send("a")
    await queue.be_quiet()
    assert await queue.work() == [7.0]
    assert await queue.work() == []
    assert queue.mouth.read == ["hello"]


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: web.Response(status=502),
        {"errcode": -1},
        {"errcode": 45009},
        lambda: web.Response(status=404),
    ],
)
async def test_what_wechat_does_not_hand_out_now_is_fetched_later(queue: Queue, trouble):
    await queue.send("a")
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, trouble, b"a")
    await queue.be_quiet()
    (wait,) = await queue.work()
    assert wait >= 5
    assert queue.mouth.read == queue.scribe.handled == []
    assert await queue.work() == []
    assert (queue.fetched, queue.mouth.read) == ([b"a"], ["hello"])


async def test_one_that_waits_holds_up_no_other(queue: Queue):
    await queue.send("a", "b", "c")
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, {"errcode": -1}, b"b", b"c", {"errcode": -1})
    await queue.be_quiet()
    assert len(await queue.work()) == 1
    assert queue.fetched == [b"b", b"c"]
    assert queue.mouth.read == ["hello"]
    (row,) = await queue.rows(OutboxState.DISPATCHED)
    assert queue.photos.read(row).media_id == "a"


async def test_while_wechat_is_away_it_is_asked_twice_and_no_more(queue: Queue):
    await queue.send(*"abcdefghij")
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, *[{"errcode": -1}] * 100)
    (row, *_) = await queue.rows()
    async with queue.database.begin() as tx:
        message = await outbox.take_up(tx, row.id, await tx.now())
    assert message
    with pytest.raises(RetryLater):
        await queue.batches.handle(message)
    assert len(queue.wechat.made(MEDIA)) == 2


async def test_what_is_not_to_be_had_any_more_is_said(queue: Queue):
    await queue.send("a")
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, {"errcode": 40007})
    await queue.be_quiet()
    assert await queue.work() == []
    assert queue.mouth.read == ["not fetched"]


async def test_after_three_days_it_is_given_up(queue: Queue, clock: SetClock):
    await queue.send("a")
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, {"errcode": -1}, {"errcode": -1})
    await queue.be_quiet()
    assert await queue.work()
    clock.forward(days=3, seconds=1)
    assert await queue.work() == []
    assert queue.mouth.read == ["not fetched"]


async def test_a_photo_that_is_too_large_is_the_dialogues_to_refuse(queue: Queue):
    async def handle(incoming, answered=None):
        with pytest.raises(PhotoTooLarge):
            await incoming.content.read(_unbounded)
        return [Say("too large")]

    await queue.send("a")
    queue.wechat.planned[MEDIA].clear()
    queue.wechat.plan(MEDIA, bytes(30 * 2**20 + 1))
    queue.scribe.handle = handle  # type: ignore[method-assign]
    await queue.be_quiet()
    assert await queue.work() == []
    assert queue.mouth.read == ["too large"]


async def test_a_photo_of_somebody_who_was_erased_since_brings_nobody_back(
    queue: Queue, clock: SetClock
):
    async with queue.database.begin() as tx:
        user = await users.create(tx, "wechat", ADA, "zh-CN", clock())  # type: ignore[arg-type]
    await queue.send("a")
    async with queue.database.begin() as tx:
        await tx.remove(type(user), id=user.id)
    await queue.be_quiet()
    assert await queue.work() == []
    assert (queue.scribe.seen, queue.fetched) == (0, [])


@pytest.mark.parametrize("sent", [1, 3])
async def test_while_more_are_asked_for_a_slow_phone_is_waited_for(
    queue: Queue, clock: SetClock, sent: int, monkeypatch: pytest.MonkeyPatch
):
    """Three are asked for; the shop has one of them, or all. (Who looks now and then whether more
    have come looks at the end of it here.)"""
    monkeypatch.setattr(photo_batches, "LOOK_SECONDS", 100.0)
    async with queue.database.begin() as tx:
        now = await tx.now()
        user = await users.create(tx, "wechat", ADA, "zh-CN", now)  # type: ignore[arg-type]
        order = OrderId("o1")
        await tx.add(Order(order, user.id, Product.AVATAR, OrderState.COLLECTING, now, now))
        for number in range(sent):
            id = PhotoId(f"p{number}")
            await tx.add(Photo(id, order, user.id, PhotoState.ACCEPTED, "", "", now))
    waits, counts = [], 3
    for told in range(counts):
        await queue.send(f"photo-{told}")
        waits.append(max(await queue.work()))
        await queue.photos.note_told(ADA, f"count {told}")
    expected = [14, 28, 56] if sent < 3 else [4, 4, 4]
    assert [math.ceil(wait) for wait in waits] == expected
    await queue.send("last")
    assert math.ceil(await queue.photos.quiet_in(ADA)) == 60
    assert await queue.photos.checks_in(ADA) > 60


async def test_an_erasure_drops_what_waits(queue: Queue, clock: SetClock):
    await queue.send("a", "b")
    quiet = QuietOutbound(queue.mouth, queue.photos, queue.database)
    await quiet.forget(ADA, clock())
    assert await queue.rows() == []
    assert [key async for key in queue.redis.scan_iter("eider:wechat:quiet*")] == []


async def test_a_row_of_another_master_key_is_passed_over(queue: Queue):
    await queue.send("a")
    other = PhotoBatches(
        queue.database, PhotoQueue(queue.database, queue.redis, bytes(range(32))), queue.scribe,
        queue.api, queue.redis, queue.send_late,
    )  # type: ignore[arg-type]  # fmt: skip
    with capture_logs() as logs:
        assert await queue.work(other) == []
    assert [one["event"] for one in logs] == ["wechat_photo_unreadable"]


async def test_two_workers_at_once_answer_once(queue: Queue):
    await queue.send(*"abcde")
    await queue.be_quiet()
    await asyncio.gather(*(queue.work(queue.worker()) for _ in range(3)))
    while await queue.work():
        pass
    assert len(queue.fetched) == 5
    assert "".join(queue.mouth.read).count("hello") <= 5
    assert {row.state for row in await queue.rows()} == {OutboxState.DONE}


# What the checks will say


async def ordered(queue: Queue, state: PhotoState) -> str:
    async with queue.database.begin() as tx:
        now = await tx.now()
        user = await users.create(tx, "wechat", ADA, "zh-CN", now)  # type: ignore[arg-type]
        await tx.add(Photo(PhotoId("p1"), OrderId("o1"), user.id, state, "", "", now))
    return user.id


@pytest.mark.parametrize("kind", ["tally", "referral"])
async def test_the_count_is_left_to_news_that_will_say_it_and_else_is_that_of_now(
    queue: Queue, clock: SetClock, kind: str
):
    queue.scribe.replies = [Say("being checked", message_key=TALLY_KEY)]
    user = await ordered(queue, PhotoState.CHECKING)
    await queue.send("a")
    await queue.be_quiet()
    assert await queue.work(), "checks are under way"
    quiet = QuietOutbound(queue.mouth, queue.photos, queue.database)
    news = [Say("one usable", message_key=TALLY_KEY)]
    with pytest.raises(RetryLater):
        await quiet.send_together(ADA, news)
    async with queue.database.begin() as tx:
        (photo,) = await tx.find(Photo)
        await tx.remove(Photo, id=photo.id)
        await outbox.enqueue(tx, CHAT, "notice", {"kind": kind}, clock(), user_id=user)
    queue.scribe.replies = list(news)
    assert await queue.work() == []
    assert queue.mouth.read == ([] if kind == "tally" else ["one usable"])
    for _ in range(2):  # each check has left the same
        if told := await quiet.untold(ADA, news):
            assert await quiet.send_together(ADA, told)
    assert queue.mouth.read == ["one usable"]
    both = await quiet.untold(ADA, [Say("two usable", message_key=TALLY_KEY), *news])
    await quiet.send_together(ADA, both)
    assert queue.mouth.read == ["one usable", "two usable"]


async def test_a_count_is_not_told_again_for_an_hour(queue: Queue):
    before = set(await queue.redis.keys())
    await queue.photos.note_told(ADA, "one usable")
    (name,) = {one for one in set(await queue.redis.keys()) - before if b"told" in one}
    assert 3500 < await queue.redis.ttl(name) <= 3600
    assert await queue.photos.is_told(ADA, "one usable")
    await queue.redis.delete(name)
    assert not await queue.photos.is_told(ADA, "one usable")


async def test_while_photos_come_news_wait_and_where_nobody_checks_not_for_ever(
    queue: Queue, clock: SetClock, monkeypatch: pytest.MonkeyPatch
):
    quiet = QuietOutbound(queue.mouth, queue.photos, queue.database)
    await quiet.send_together(ADA, [Say("before")])
    await ordered(queue, PhotoState.CHECKING)
    queue.scribe.replies = [Say("being checked", message_key=TALLY_KEY)]
    monkeypatch.setattr(photo_queue, "CHECKS_SECONDS", 0.05)
    await queue.send("a")
    with pytest.raises(RetryLater):
        await quiet.send(ADA, Say("paid"))
    await queue.be_quiet()
    while await queue.photos.checks_in(ADA):
        await asyncio.sleep(0.01)
    assert await queue.work() == []
    await quiet.send(ADA, Say("paid"))
    assert queue.mouth.read == ["before", "being checked", "paid"]
    assert queue.scribe.handled[0].at.timestamp() == NOW


async def test_a_worker_that_waited_finds_its_row_answered(queue: Queue):
    """The second waits for the first one's lock, with a row that is answered by then."""
    queue.scribe.replies = [Say("twenty", message_key=TALLY_KEY)]
    await queue.send("a", "b", "c")
    await queue.be_quiet()
    rows = await queue.rows()
    async with queue.database.begin() as tx:
        taken = [await outbox.take_up(tx, row.id, await tx.now()) for row in rows]
    workers = [queue.worker() for _ in taken]
    await asyncio.gather(
        *(each.handle(row) for each, row in zip(workers, taken, strict=True) if row),
        return_exceptions=True,
    )
    assert len(queue.mouth.read) == 1
    assert {row.state for row in await queue.rows()} == {OutboxState.DONE}
