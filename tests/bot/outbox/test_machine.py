"""Leave, ring, send, finish and crash in every order: two flushers and two outbox workers, each
held before every transaction, signal and message until it is its turn, or is killed there.

Whatever happens: in the end everybody was told the last count of everything.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.outbound import RetryLater, Unreachable
from bot.outbox.handlers import OutboxHandlers
from bot.playground import PLAYGROUND
from bot.state.sessions import MemorySessions
from handlers.chat import Reply, Say
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryWakeUp
from shop.erasure_journal import ErasureJournal
from shop.jobs import outbox
from shop.people import users
from shop.ports import Clock, Tx
from shop.records import CHAT, OutboxMessage, OutboxState, User
from tests.keys import MASTER_KEY

PEOPLE = st.sampled_from(["anna", "anna", "bert"])
SUBJECTS = st.sampled_from(["tally", "tally", "sample"])
FLUSHERS = ["flusher 1", "flusher 2"]
ACTORS = ["courier 1", "courier 2", *FLUSHERS]
CHOICE = st.integers(0, 3)
STEPS = st.integers(1, 8)  # to where it is held next
ROUNDS = 50  # after which what is not told is lost
BREATHS = 20  # of the event loop, in which an actor comes to where it is held next


class Turns:
    """Holds actors until it is their turn."""

    def __init__(self) -> None:
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.free = False
        self._held: dict[str, asyncio.Event] = {}

    async def begin(self, actor: str, work: Coroutine[Any, Any, Any]) -> None:
        self.tasks[actor] = asyncio.create_task(work, name=actor)
        await self._breathe()

    async def hold(self) -> None:
        """Called by an actor: returns when it is its turn."""
        task = asyncio.current_task()
        assert task is not None
        if not self.free:
            self._held[task.get_name()] = turn = asyncio.Event()
            await turn.wait()

    async def step(self, actor: str) -> None:
        if actor in self._held:
            self._held.pop(actor).set()
        await self._breathe()

    async def kill(self, actor: str) -> None:
        self._held.pop(actor, None)
        if actor in self.tasks:
            self.tasks[actor].cancel()
        await self._breathe()

    def busy(self, actor: str) -> bool:
        return actor in self.tasks and not self.tasks[actor].done()

    async def _breathe(self) -> None:
        for _ in range(BREATHS):
            await asyncio.sleep(0)
        for task in self.tasks.values():
            if task.done() and not task.cancelled() and (error := task.exception()):
                assert isinstance(error, ConnectionError)


class HeldDatabase(MemoryDatabase):
    """Its transactions begin when it is their actor's turn."""

    def __init__(self, turns: Turns, clock: Clock) -> None:
        super().__init__(clock)
        self._turns = turns

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        await self._turns.hold()
        async with super().begin() as tx:
            yield tx


class HeldQueue(MemoryWakeUp):
    def __init__(self, turns: Turns) -> None:
        super().__init__()
        self.down = False
        self._turns = turns

    async def signal(
        self,
        queue: str,
        name: str,
        payload: Mapping[str, str | int | float],
        *,
        key: str,
        delay: float = 0.0,
    ) -> None:
        await self._turns.hold()
        if self.down:
            self.down = False
            raise ConnectionError
        await super().signal(queue, name, payload, key=key, delay=delay)


class Chats:
    """An outbound: an actor may be killed before and after the message is shown."""

    def __init__(self, turns: Turns) -> None:
        self.told: dict[str, int] = {}
        self.blocked: set[str] = set()
        self.troubles: list[Exception] = []
        self._keys: set[str] = set()
        self._turns = turns

    async def send(self, chat: str, reply: Reply, *, key: str = "") -> None:
        await self._turns.hold()
        if chat in self.blocked:
            raise Unreachable
        if self.troubles:
            raise self.troubles.pop()
        assert isinstance(reply, Say)
        subject, _, count = reply.text.partition(" ")
        if key not in self._keys:
            self._keys.add(key)
            self.told[f"{chat} {subject}"] = int(count)
        await self._turns.hold()

    async def forget(self, chat: str, before: datetime) -> None:
        """Nobody is erased here."""


class Outbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.now = datetime(2026, 3, 14, tzinfo=UTC)
        self.turns = Turns()
        self.database = HeldDatabase(self.turns, lambda: self.now)
        self.queue, self.chats = HeldQueue(self.turns), Chats(self.turns)
        self.counts: Counter[str] = Counter()
        self.people: dict[str, User] = {}
        blobs = MemoryBlobs()
        self.handlers = OutboxHandlers(
            self.database, blobs, ErasureJournal(blobs, MASTER_KEY), MemorySessions(), self,  # type: ignore[arg-type]
            {PLAYGROUND: self.chats}, {}, _nothing, _nothing,
        )  # fmt: skip

    async def replies(self, payload: Mapping[str, Any]) -> tuple[User, list[Reply]]:
        """The words of a notice: the count as it is now."""
        async with self.database.begin() as tx:
            user = await tx.get(User, payload["user"])
            assert user is not None
            count = self.counts[f"{user.platform_id} {payload['kind']}"]
        return user, [Say(f"{payload['kind']} {count}")]

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(work)

    @initialize()
    def two_people(self) -> None:
        async def arrive() -> None:
            async with self.at_once() as tx:
                for name in ("anna", "bert"):
                    self.people[name] = await users.get_or_create(
                        tx, PLAYGROUND, name, "en", self.now
                    )

        self.run(arrive())

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[Tx]:
        """A transaction that is held by nobody: whoever is held goes on to be held."""
        async with MemoryDatabase.begin(self.database) as tx:
            yield tx

    @rule(person=PEOPLE, subject=SUBJECTS, delay=st.sampled_from([0.0, 2.0]))
    def leave(self, person: str, subject: str, delay: float) -> None:
        async def leave() -> None:
            key = f"{person} {subject}"
            async with self.at_once() as tx:
                self.counts[key] += 1
                await outbox.notify(
                    tx, self.people[person].id, subject, self.now, delay=delay, key=key
                )

        self.run(leave())

    @rule(choice=CHOICE, steps=STEPS)
    def goes_on(self, choice: int, steps: int) -> None:
        """Somebody begins, or goes on from where they are held."""
        able = self.held or self.idle
        self.advance(able[choice % len(able)], steps)

    @rule(choice=CHOICE, steps=STEPS)
    def begins(self, choice: int, steps: int) -> None:
        if self.idle:
            self.advance(self.idle[choice % len(self.idle)], steps)

    @rule(person=PEOPLE, subject=SUBJECTS, choice=CHOICE, steps=STEPS)
    def leaves_in_the_midst(self, person: str, subject: str, choice: int, steps: int) -> None:
        """What the others are about to tell is no longer all."""
        self.leave(person, subject, 0.0)
        self.goes_on(choice, steps)

    @precondition(lambda self: self.held)
    @rule(choice=CHOICE)
    def crash(self, choice: int) -> None:
        self.run(self.turns.kill(self.held[choice % len(self.held)]))

    @property
    def held(self) -> list[str]:
        return [actor for actor in ACTORS if self.turns.busy(actor)]

    @property
    def idle(self) -> list[str]:
        """Outbox workers only while there is a signal for them."""
        able = ACTORS if self.queue.signals else FLUSHERS
        return [actor for actor in able if not self.turns.busy(actor)]

    def advance(self, actor: str, steps: int) -> None:
        if not self.turns.busy(actor):
            if actor in FLUSHERS:
                work = outbox.flush(self.database, self.queue, self.now)
                self.run(self.turns.begin(actor, work))
            else:
                signal, *others = self.queue.take(CHAT)
                for other in others:  # are there still
                    self.run(_put_back(self.queue, other))
                self.run(self.turns.begin(actor, self.handlers.answer(signal.payload)))
        for _ in range(steps):
            self.run(self.turns.step(actor))

    @rule(seconds=st.sampled_from([1, 3, 31, 900]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(trouble=st.sampled_from([ConnectionError(), RetryLater(5.0)]))
    def the_platform_stumbles(self, trouble: Exception) -> None:
        self.chats.troubles.append(trouble)

    @rule()
    def the_queue_stumbles(self) -> None:
        self.queue.down = True

    @precondition(lambda self: not self.chats.blocked)
    @rule(person=PEOPLE)
    def block(self, person: str) -> None:
        self.chats.blocked.add(person)

    @precondition(lambda self: self.chats.blocked)
    @rule(person=PEOPLE)
    def come_back(self, person: str) -> None:
        """And say so, as whoever comes back does."""

        async def come_back() -> None:
            async with self.at_once() as tx:
                await users.set_unreachable(tx, self.people[person], False)
                await outbox.release_news(tx, self.people[person].id, self.now)

        self.chats.blocked.discard(person)
        self.run(come_back())

    @invariant()
    def one_of_a_key_waits(self) -> None:
        async def look() -> None:
            async with self.at_once() as tx:
                waiting = await tx.find(OutboxMessage, state=OutboxState.WAITING)
            gathering = [one.unique_key for one in waiting if one.unique_key]
            assert len(gathering) == len(set(gathering))

        self.run(look())

    def teardown(self) -> None:
        """Everybody dies; then all is well, and everybody hears what they have not heard."""
        try:
            self.run(self.all_is_well())
            assert self.chats.told == self.counts
        finally:
            self.loop.close()

    async def all_is_well(self) -> None:
        for actor in self.turns.tasks:
            await self.turns.kill(actor)
        self.turns.free, self.queue.down = True, False
        self.chats.blocked.clear()
        self.chats.troubles.clear()
        for person in self.people.values():  # who was noted as away after they came back writes
            async with self.database.begin() as tx:
                await users.set_unreachable(tx, person, False)
                await outbox.release_news(tx, person.id, self.now)
        for _ in range(ROUNDS):
            async with self.database.begin() as tx:
                if not await tx.count(OutboxMessage, state=outbox.PENDING):
                    return
            await outbox.flush(self.database, self.queue, self.now)
            for signal in self.queue.take(CHAT):
                await self.handlers.answer(signal.payload)
            self.now += timedelta(minutes=1)


@pytest.mark.parametrize("dies", [(), ("flusher 1",), ("courier 1",), ("flusher 1", "courier 1")])
def test_a_second_message_at_any_moment(dies: tuple[str, ...]) -> None:
    """It is left after any number of steps of the flusher, which may be held for ever, and any of
    the outbox worker that its signal has begun; then some are killed, and the others go on."""
    for rung in range(6):
        for sent in range(10):
            machine = Outbox()
            machine.two_people()
            machine.leave("anna", "tally", 0.0)
            machine.advance("flusher 1", rung)
            if machine.queue.signals:
                machine.advance("courier 1", sent)
            machine.leave("anna", "tally", 0.0)
            for actor in dies:
                machine.run(machine.turns.kill(actor))
            for actor in machine.held:
                machine.advance(actor, 10)
            machine.teardown()


@pytest.mark.parametrize("dies", [False, True])
def test_what_no_flush_has_seen_is_told_with_the_rest(dies: bool) -> None:
    """An outbox worker finds it due, and gathers nothing into it while it tells it."""
    for sent in range(20):
        machine = Outbox()
        machine.two_people()
        machine.leave("anna", "sample", 0.0)
        machine.advance("flusher 1", 10)
        machine.leave("anna", "tally", 0.0)
        machine.advance("courier 1", sent)
        machine.leave("anna", "tally", 0.0)
        if dies:
            machine.run(machine.turns.kill("courier 1"))
        for actor in machine.held:
            machine.advance(actor, 20)
        machine.teardown()


async def _put_back(queue: HeldQueue, signal: Any) -> None:
    await MemoryWakeUp.signal(queue, signal.queue, signal.name, signal.payload, key=signal.key)


async def _nothing() -> None:
    """Memory keeps no files to be scrubbed, and flushers are actors here."""


TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(
    max_examples=50,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
