import asyncio
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from shop.adapters.memory import MemoryDatabase
from shop.avatars.avatars import TRAIN
from shop.errors import NotAllowed
from shop.jobs import outbox
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.records import CHAT, OutboxMessage, OutboxState, UserId
from tests.test_house import CHECKOUT

USER = UserId("u1")


async def flush(database, queue, now):
    return (await outbox.flush(database, queue, now)).sent


async def left(database, now, queue=CHAT, name="refund", payload=None, **options):
    async with database.begin() as tx:
        return await outbox.enqueue(tx, queue, name, payload or {"order": "o1"}, now, **options)


async def test_a_message_is_signalled_after_the_commit_by_its_id_alone(database, memory_queue, now):
    message = await left(database, now)
    await flush(database, memory_queue, now)

    [signal] = memory_queue.signals
    assert (signal.queue, signal.name, signal.key) == (CHAT, "refund", message.id)
    assert signal.payload == {"message": message.id}, "what is in it is read in the database"


async def test_what_was_rolled_back_is_never_signalled(memory_database, memory_queue, now):
    async def left_in_vain():
        async with memory_database.begin() as tx:
            await outbox.enqueue(tx, CHAT, "refund", {"order": "o1"}, now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await left_in_vain()
    assert await flush(memory_database, memory_queue, now) == 0


async def test_it_is_signalled_again_until_it_is_marked_done(memory_database, memory_queue, now):
    message = await left(memory_database, now)
    signals = []
    for second in range(0, 3600, 30):
        at = now + timedelta(seconds=second)
        if await flush(memory_database, memory_queue, at):
            signals.append(at)
    waits = [(b - a).total_seconds() for a, b in pairwise(signals)]
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600, 600]  # ever more rarely, never never

    async with memory_database.begin() as tx:
        assert await outbox.pending(tx, message.id)
        await outbox.mark_done(tx, message.id, now)
        await outbox.mark_done(tx, message.id, now)
        assert await outbox.pending(tx, message.id) is None
        [kept] = await tx.find(OutboxMessage)
    assert await flush(memory_database, memory_queue, now + timedelta(days=1)) == 0
    assert (kept.payload, kept.user_id) == ({}, "")  # whom it was about is forgotten


async def test_a_wake_up_is_done_when_it_was_signalled(database, memory_queue, now):
    await left(database, now, TRAIN.name, "work", {"job": "j1"}, key="work:j1:0")
    assert await flush(database, memory_queue, now) == 1
    assert await flush(database, memory_queue, now + timedelta(days=1)) == 0

    [signal] = memory_queue.signals
    assert (signal.payload, signal.key) == ({"job": "j1"}, "work:j1:0")


async def test_a_flush_says_when_the_next_one_is_due(database, memory_queue, now):
    await left(database, now)
    await left(database, now, delay=5)
    await left(database, now, delay=3600)  # beyond what a timer is set for
    flushed = await outbox.flush(database, memory_queue, now)
    assert flushed == outbox.Flushed(1, now, now + timedelta(seconds=5))


async def test_it_waits_for_its_time(database, memory_queue, now):
    await left(database, now, delay=5)

    assert await flush(database, memory_queue, now + timedelta(seconds=4)) == 0
    assert await flush(database, memory_queue, now + timedelta(seconds=5)) == 1


async def test_messages_of_one_key_are_gathered_until_they_are_signalled(
    database, memory_queue, now
):
    async with database.begin() as tx:
        for _ in range(20):
            await outbox.notify(tx, USER, "tally", now, delay=2, key="tally:o1", order="o1")
    later = now + timedelta(seconds=2)
    assert await flush(database, memory_queue, later) == 1

    async with database.begin() as tx:  # a photo judged while the first is being delivered
        await outbox.notify(tx, USER, "tally", later, key="tally:o1", order="o1")
    assert await flush(database, memory_queue, later) == 1
    assert len(memory_queue.signals) == 2


async def test_once_is_once_also_after_it_was_signalled(database, memory_queue, now):
    async with database.begin() as tx:
        await outbox.notify(tx, USER, "uploads_erased", now, key="e:o1", once=True)
    await flush(database, memory_queue, now)
    async with database.begin() as tx:
        await outbox.notify(tx, USER, "uploads_erased", now, key="e:o1", once=True)
        assert await tx.count(OutboxMessage) == 1


async def test_what_is_told_while_the_flush_has_yet_to_end_gathers_nothing_more(database, now):
    """The outbox worker is done before the flush that signalled it: the next of that key is a
    message of its own, and the one before gathers nothing once its words are looked for."""
    later = now + timedelta(seconds=2)

    class Quick:
        """The queue of a worker that is done at once; somebody leaves more in the midst of it."""

        async def signal(self, queue, name, payload, *, key, delay=0.0):
            async with database.begin() as tx:
                assert await outbox.take_up(tx, payload["message"], later)
            async with database.begin() as tx:
                await outbox.notify(tx, USER, "tally", later, key="tally:o1")
            async with database.begin() as tx:
                await outbox.mark_done(tx, payload["message"], later)

    async with database.begin() as tx:
        await outbox.notify(tx, USER, "tally", now, delay=2, key="tally:o1")
    assert await flush(database, Quick(), later) == 1
    async with database.begin() as tx:
        await outbox.notify(tx, USER, "tally", later, key="tally:o1")
        assert await tx.count(OutboxMessage, state=OutboxState.WAITING) == 1
        assert await tx.count(OutboxMessage) == 2


async def test_nobody_ends_or_postpones_what_nobody_has_taken_up(database, now):
    """It may gather until then."""
    message = await left(database, now)
    async with database.begin() as tx:
        with pytest.raises(NotAllowed):
            await outbox.mark_done(tx, message.id, now)
        with pytest.raises(NotAllowed):
            await outbox.give_up(tx, message.id, now)
        with pytest.raises(NotAllowed):
            await outbox.postpone(tx, message.id, now)
        assert await outbox.take_up(tx, message.id, now)
        await outbox.mark_done(tx, message.id, now)
        assert await outbox.take_up(tx, message.id, now) is None


def test_the_moves_are_those_of_the_documentation():
    page = (CHECKOUT / "docs" / "outbox.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)", page, re.MULTILINE))
    moves = {(old.value, new.value) for old, to in outbox.TRANSITIONS.items() for new in to}
    assert drawn == moves
    told = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", page, re.MULTILINE))
    assert set(told) == set(OutboxState)
    for state in OutboxState:
        assert told[state].startswith("none") == (state not in outbox.PENDING.values)


class TestKeptNews:
    async def kinds(self, database, now):
        async with database.begin() as tx:
            return [one.payload["kind"] for one in await outbox.take_up_news(tx, USER, now)]

    async def leave(self, database, now, *kinds, user=USER):
        async with database.begin() as tx:
            for kind in kinds:
                key = kind if kind == "progress" else ""  # which gathers, as a state does
                await outbox.notify(tx, user, kind, now, key=key)

    async def keep(self, database, now):
        async with database.begin() as tx:
            return await outbox.keep_news(tx, USER, now)

    async def test_it_is_quiet_until_they_come_back(self, database, memory_queue, now):
        await self.leave(database, now, "paid", "portraits")
        await self.leave(database, now, "paid", user=UserId("u2"))
        assert await self.keep(database, now) == 2
        assert await flush(database, memory_queue, now + timedelta(days=300)) == 1
        async with database.begin() as tx:
            assert await outbox.prune(tx, now + timedelta(days=300)) == 0
        assert await self.kinds(database, now) == []
        back = now + timedelta(days=301)
        async with database.begin() as tx:
            assert await outbox.release_news(tx, USER, back) == 2
            assert await outbox.release_news(tx, USER, back) == 0
        assert await flush(database, memory_queue, back) == 3  # with the other's, once more
        assert await self.kinds(database, back) == ["paid", "portraits"]

    async def test_of_a_state_the_latest_is_kept_and_of_events_each(self, database, now):
        for _ in range(3):
            await self.leave(database, now, "progress", "granted")
            await self.keep(database, now)
        async with database.begin() as tx:
            kept = await tx.find(OutboxMessage, state=OutboxState.KEPT, order="created_at")
        assert sorted(one.payload["kind"] for one in kept) == ["granted"] * 3 + ["progress"]

    async def test_what_is_not_due_gathers_on(self, database, now):
        async with database.begin() as tx:
            await outbox.notify(tx, USER, "tally", now, delay=2, key="t")
        assert await self.keep(database, now) == 0
        async with database.begin() as tx:
            await outbox.notify(tx, USER, "tally", now, delay=2, key="t")
            assert await tx.count(OutboxMessage) == 1

    async def test_an_erasure_takes_it(self, database, now):
        await self.leave(database, now, "paid", user=UserId("u2"))
        await self.leave(database, now, "portraits", "broken")
        async with database.begin() as tx:
            _, broken = await outbox.take_up_news(tx, USER, now)
            await outbox.give_up(tx, broken.id, now)
        await self.keep(database, now)
        async with database.begin() as tx:
            await outbox.forget_news(tx, USER)
            assert [one.user_id for one in await tx.find(OutboxMessage)] == ["u2"]


class Deaf:
    """A queue that is down."""

    async def signal(self, *_, **__):
        raise ConnectionError


async def test_a_queue_that_is_down_loses_nothing(database, memory_queue, now):
    await left(database, now, TRAIN.name, "work", {"job": "j1"})
    refund = await left(database, now)
    for _ in range(20):
        with pytest.raises(ConnectionError):
            await flush(database, Deaf(), now)

    assert await flush(database, memory_queue, now) == 2
    async with database.begin() as tx:
        told = await tx.get(OutboxMessage, refund.id)
    assert told.attempts == 1, "what no queue took was not tried"


async def test_pruning_drops_old_news_and_never_money(database, now):
    given_up, refund, done = [await left(database, now, name=name) for name in
                              ("notice", "refund", "refund")]  # fmt: skip
    async with database.begin() as tx:
        for message in (given_up, done):
            await outbox.take_up(tx, message.id, now)
        await outbox.give_up(tx, given_up.id, now)
        await outbox.mark_done(tx, done.id, now)
        assert await outbox.prune(tx, now + timedelta(hours=23)) == 0
        assert await outbox.prune(tx, now + timedelta(hours=25)) == 1
        assert await outbox.prune(tx, now + timedelta(days=30)) == 1
        assert [message.id for message in await tx.find(OutboxMessage)] == [refund.id]


class Counting:
    """A wake-up port that fails at first, and counts."""

    def __init__(self, failures):
        self.failures = failures
        self.heard = asyncio.Queue()

    async def signal(self, queue, name, payload, *, key, delay=0.0):
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        self.heard.put_nowait(name)


async def test_the_flusher_signals_what_becomes_due_by_itself():
    wake_up = Counting(0)
    memory_database = MemoryDatabase()
    flusher = OutboxFlusher(memory_database, wake_up)
    await left(memory_database, datetime.now(UTC), name="later", delay=0.2)
    await flusher.flush()
    assert wake_up.heard.empty()
    async with asyncio.timeout(10):
        assert await wake_up.heard.get() == "later"
    await flusher.close()


async def test_a_flush_that_failed_is_made_again(memory_database, monkeypatch, now):
    """Others have left theirs to it."""
    monkeypatch.setattr("shop.jobs.outbox_flusher.RETRY_SECONDS", 0.05)
    wake_up = Counting(1)
    flusher = OutboxFlusher(memory_database, wake_up)
    await left(memory_database, now)
    first, second = await asyncio.gather(flusher.flush(), flusher.flush(), return_exceptions=True)
    assert isinstance(first, ConnectionError)
    assert second is None
    async with asyncio.timeout(10):
        assert await wake_up.heard.get() == "refund"
    await flusher.close()


async def test_what_is_not_urgent_is_flushed_soon_and_once_for_many(monkeypatch):
    """A timer that ends before that stays."""
    wake_up, database, flushes = Counting(0), MemoryDatabase(), []
    flusher, flush = OutboxFlusher(database, wake_up), outbox.flush

    async def counted(*given):
        flushes.append(1)
        return await flush(*given)

    monkeypatch.setattr(outbox, "flush", counted)
    await left(database, datetime.now(UTC), name="first", delay=0.1)
    await flusher.flush()
    monkeypatch.setattr("shop.jobs.outbox_flusher.SOON_SECONDS", 3600.0)
    flusher.flush_soon()
    async with asyncio.timeout(10):
        assert await wake_up.heard.get() == "first"
        while flusher._flushing:
            await asyncio.sleep(0.01)
    monkeypatch.setattr("shop.jobs.outbox_flusher.SOON_SECONDS", 0.05)
    del flushes[:]
    await left(database, datetime.now(UTC), name="second")
    for _ in range(20):
        flusher.flush_soon()
    async with asyncio.timeout(10):
        assert await wake_up.heard.get() == "second"
    assert flushes == [1]
    await flusher.close()
