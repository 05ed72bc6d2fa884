"""A fourth kind of job, from this module alone: asked for and paid, queued, foretold, done by a
worker, told in the chat; and one that hangs, times out, is given up, and gives the credits back.

What stands here is what a new kind needs: its record, its handler, how its progress and its news
are told. No other module is changed.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from handlers import progress
from handlers.chat import Reply, Say
from handlers.context import RequestContext
from handlers.notifications import NOTICES, Payload
from handlers.notifications import register as register_notice
from handlers.progress.registry import TEXTS, JobProgressText, job_progress
from pipeline.engine.engine import EngineError
from pipeline.worker.app import roles
from pipeline.worker.job_batch import JobHandler, Report, WorkerDependencies
from pipeline.worker.loop import WorkerLoop
from shop.adapters.memory import MemoryWakeUp
from shop.catalog import Catalog
from shop.errors import TooFewCredits
from shop.job_kinds import JOB_KINDS
from shop.jobs import eta, jobs, outbox
from shop.jobs.dispatch import WorkerSpec, give_up_poisoned
from shop.jobs.kinds import JobKind, JobKinds, SchedulingClass
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.jobs.scheduler import SchedulingRules
from shop.money import ledger
from shop.people import users
from shop.ports import Tx
from shop.records import Currency, Job, JobKindName, JobState, UserId, new_id
from tests.handlers.dialogue_harness import DialogueHarness
from tests.handlers.guests import Guest

PRICE = 5
STOCK = 8


async def _give_up(tx: Tx, ref: str, why: str, now: datetime) -> None:
    (job,) = await tx.find(Job, ref=ref)
    if await ledger.release(tx, job.user_id, f"postcard:{ref}", PRICE, now):
        await outbox.notify(tx, job.user_id, "postcard_failed", now)


POSTCARD = JobKind(
    name=JobKindName("postcard"),
    scheduling=SchedulingClass.INTERACTIVE,
    quantum=timedelta(seconds=20),
    timeout=lambda settings: 0.2,
    give_up=_give_up,
    price=lambda catalog: PRICE,
)
KINDS = JobKinds((*JOB_KINDS.values(), POSTCARD))


async def request_postcard(tx: Tx, catalog: Catalog, user_id: UserId, now: datetime) -> Job:
    """Hold the credits and enqueue the job. Raises :class:`TooFewCredits`."""
    ref = new_id()
    await ledger.hold(tx, user_id, f"postcard:{ref}", POSTCARD.price(catalog), now)
    return await jobs.enqueue(tx, POSTCARD, ref, user_id, now)


@dataclass
class PostcardHandler(JobHandler[Job, str]):
    """``hangs``: a run never ends by itself."""

    deps: WorkerDependencies
    hangs: bool = False
    written: list[str] = field(default_factory=list)

    async def prepare(self, job: Job) -> Job:
        return job

    async def run(self, requests: Sequence[Job], report: Report) -> Sequence[str | EngineError]:
        if self.hangs:
            await asyncio.Event().wait()
        return [f"greetings to {job.user_id}" for job in requests]

    async def commit(self, request: Job, result: str) -> None:
        async with self.deps.database.begin() as tx:
            now = self.deps.database.clock()
            await users.lock(tx, request.user_id)  # before anything else of theirs
            await ledger.capture(tx, request.user_id, f"postcard:{request.ref}", PRICE, now)
            await jobs.end_of(tx, POSTCARD, request.ref, JobState.DONE, now)
            await outbox.notify(tx, request.user_id, "postcard_ready", now)
        self.written.append(result)


async def _ready(ctx: RequestContext, payload: Payload) -> list[Reply]:
    return [Say("your postcard is on its way")]


async def _failed(ctx: RequestContext, payload: Payload) -> list[Reply]:
    balance = await ledger.balance(ctx.tx, ctx.user.id)
    return [Say(f"no postcard came of it: you have {balance} credits again")]


async def _waiting(ctx: RequestContext, job: Job) -> Say:
    found = await job_progress(ctx, POSTCARD, job.ref)
    assert found is not None
    return Say(f"your postcard is number {found.position.position}")


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    register_notice("postcard_ready", _ready)
    register_notice("postcard_failed", _failed)
    progress.register(JobProgressText(POSTCARD.name, _waiting, lambda job: {}))
    yield
    NOTICES.unregister("postcard_ready")
    NOTICES.unregister("postcard_failed")
    TEXTS.unregister(POSTCARD.name)


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[DialogueHarness]:
    harness = DialogueHarness(tmp_path)
    yield harness
    await harness.till.close()


@pytest.fixture
async def anna(harness: DialogueHarness) -> Guest:
    anna = harness.guest("anna")
    await harness.type(anna, "hello")
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, anna)
        await users.lock(tx, user.id)
        await ledger.grant(tx, user.id, STOCK, "gift", harness.now)
    return anna


async def ask(harness: DialogueHarness, guest: Guest) -> Job:
    async with harness.database.begin() as tx:
        user = await harness.user_in(tx, guest)
        return await request_postcard(tx, harness.catalog, user.id, harness.now)


async def balance(harness: DialogueHarness, guest: Guest) -> int:
    async with harness.database.begin() as tx:
        assert set((await tx.totals()).values()) <= {0}
        return await ledger.balance(tx, (await harness.user_in(tx, guest)).id)


def worker(harness: DialogueHarness, hangs: bool = False) -> tuple[WorkerLoop, PostcardHandler]:
    flusher = OutboxFlusher(harness.database, MemoryWakeUp())
    deps = WorkerDependencies(harness.database, harness.blobs, harness.cipher, KINDS, flusher)
    handler = PostcardHandler(deps, hangs)
    spec = WorkerSpec("w1", frozenset({POSTCARD}), 30, SchedulingRules())
    timeouts = {POSTCARD.name: POSTCARD.timeout(harness.settings)}
    return WorkerLoop(deps, {POSTCARD.name: handler}, spec, timeouts), handler


async def work(loop: WorkerLoop) -> None:
    while began := await loop.look():
        await asyncio.gather(*began)


async def test_it_is_placed_queued_done_and_told(harness: DialogueHarness, anna: Guest) -> None:
    job = await ask(harness, anna)
    assert await balance(harness, anna) == STOCK - PRICE
    with pytest.raises(TooFewCredits):
        await ask(harness, anna)

    async with harness.database.begin() as tx:
        position = await eta.queue_position(tx, job, POSTCARD, harness.now)
        assert (position.position, position.seconds) == (1, None)  # nothing was measured yet
        await outbox.notify(tx, job.user_id, "progress", harness.now, job=job.id)
    await harness.deliver()
    assert "your postcard is number 1" in anna.text

    loop, handler = worker(harness)
    harness.now += timedelta(seconds=30)
    await work(loop)
    await harness.deliver()
    assert handler.written == [f"greetings to {job.user_id}"]
    assert "your postcard is on its way" in anna.text
    assert await balance(harness, anna) == STOCK - PRICE

    async with harness.database.begin() as tx:
        again = await eta.forecast(tx, POSTCARD, harness.now)
        assert await tx.total(ledger.SPENT, Currency.CREDITS) == PRICE
    assert again is not None
    assert again.low >= 0


async def test_one_that_hangs_times_out_and_is_given_up(
    harness: DialogueHarness, anna: Guest
) -> None:
    job = await ask(harness, anna)
    loop, handler = worker(harness, hangs=True)
    for _ in range(jobs.MAX_FAILURES):
        await work(loop)
        harness.now += timedelta(seconds=5)
    assert await give_up_poisoned(harness.database, KINDS) == 1
    assert await give_up_poisoned(harness.database, KINDS) == 0
    await harness.deliver()

    assert handler.written == []
    assert f"you have {STOCK} credits again" in anna.text
    assert await balance(harness, anna) == STOCK
    async with harness.database.begin() as tx:
        ended = await tx.get(Job, job.id)
        assert ended is not None
        assert (ended.state, ended.attempts) == (JobState.FAILED, jobs.MAX_FAILURES)


async def test_a_house_that_does_not_know_it_leaves_it_alone(
    harness: DialogueHarness, anna: Guest
) -> None:
    """As a courier of an older version would."""
    job = await ask(harness, anna)
    loop, _ = worker(harness, hangs=True)
    for _ in range(jobs.MAX_FAILURES):
        await work(loop)
        harness.now += timedelta(seconds=5)
    await give_up_poisoned(harness.database, JOB_KINDS)
    async with harness.database.begin() as tx:
        waiting = await tx.get(Job, job.id)
        assert waiting is not None
        assert waiting.state is JobState.WAITING


def test_a_studio_does_it_and_it_may_stand_alone() -> None:
    known = roles(KINDS)
    assert POSTCARD in known["studio"]
    assert known["postcard"] == (POSTCARD,)
    assert POSTCARD not in roles()["studio"]


def test_two_kinds_of_one_name_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="postcard"):
        JobKinds((POSTCARD, POSTCARD))
