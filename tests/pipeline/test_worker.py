"""A worker's jobs from lease to end: what a crash, a lost lease or a poisoned job leads to."""

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from pipeline.engine.engine import (
    BadPhotos,
    ChildEngine,
    EngineCrashed,
    InspectionResult,
    OutOfMemory,
)
from pipeline.worker.job_batch import JobBatch, WorkerDependencies
from pipeline.worker.metrics import WorkerMetrics
from shop import privacy
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryWakeUp
from shop.avatars import portraits, samples
from shop.avatars.avatars import TRAIN
from shop.avatars.likeness import FIRST_BEAUTY
from shop.avatars.portraits import PAINT
from shop.job_kinds import JOB_KINDS
from shop.jobs import jobs
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.money import ledger
from shop.people import users
from shop.photos.photos import CHECK
from shop.records import (
    Avatar,
    AvatarState,
    ConsentKind,
    Flaw,
    Job,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    Photo,
    PhotoState,
    Shoot,
    ShootKind,
    ShootState,
    Subject,
    User,
)
from tests.conftest import SetClock
from tests.doubles import QuickEngine
from tests.pipeline.worker_harness import (
    CATALOG,
    PHOTOS,
    all_of,
    buy,
    loop_of,
    pay,
    send_photos,
    work_off,
)
from tests.storing import opened


@pytest.fixture
def engine() -> QuickEngine:
    return QuickEngine()


@pytest.fixture
async def order(deps) -> Order:
    return await send_photos(deps, "p1")


@pytest.fixture
async def paid(deps, engine, order) -> Order:
    await work_off(deps, engine, CHECK)
    return await pay(deps, order)


async def test_checked_photos_are_counted(deps, engine, order):
    await work_off(deps, engine, CHECK)
    states = {one.state for one in await all_of(deps, Photo)}
    assert states == {PhotoState.ACCEPTED}
    assert len(engine.inspected) == PHOTOS


async def test_a_photo_that_the_engine_cannot_read_is_refused_gently(deps, order):
    await work_off(deps, QuickEngine((BadPhotos("?"),)), CHECK)
    refused = await all_of(deps, Photo, state=PhotoState.REJECTED)
    assert [one.flaw for one in refused] == [Flaw.UNREADABLE]


async def test_training_ends_the_uploads_and_orders_the_first_portraits(deps, engine, paid):
    await work_off(deps, engine, TRAIN)
    await work_off(deps, engine, PAINT)
    (avatar,) = await all_of(deps, Avatar)
    assert avatar.state is AvatarState.READY
    assert len(engine.trained[0].photos) == PHOTOS
    assert engine.trained[0].initial_portraits is None  # nobody agreed to a comparison
    assert await all_of(deps, Photo) == []
    (shoot,) = await all_of(deps, Shoot)
    assert shoot.state is ShootState.DONE
    assert engine.painted[0].weight == avatar.weight == 0.8
    assert engine.painted[0].lora == b"lora"
    async with deps.database.begin() as tx:
        kept = await portraits.pictures_of_shoot(tx, shoot)
        assert len(kept) == 4
        assert await opened(deps.blobs, portraits.find_picture(tx, deps.cipher, kept[0]))
        assert await ledger.balance(tx, paid.user_id) == 40
        assert set((await tx.totals()).values()) == {0}


async def test_with_consent_the_first_portraits_come_with_the_avatar(deps, engine):
    await buy(deps, "p1", kinds=ConsentKind)
    await work_off(deps, engine, TRAIN)
    (shoot,) = await all_of(deps, Shoot)
    first = engine.trained[0].initial_portraits
    assert (shoot.kind, shoot.state) == (ShootKind.FIRST, ShootState.DONE)
    assert (first.content_id, first.seeds, first.lora) == (shoot.id, shoot.seeds, None)
    assert first.beauty == shoot.beauty == FIRST_BEAUTY
    assert await all_of(deps, Job, kind=PAINT.name) == []


async def test_the_checkpoint_and_the_beauty_of_the_shoot_are_painted(deps, engine):
    await buy(deps, "p1")
    await work_off(deps, engine, TRAIN)
    async with deps.database.begin() as tx:
        (avatar,) = await tx.find(Avatar)
        await users.lock(tx, avatar.user_id)
        avatar = await tx.get(Avatar, avatar.id, lock=True)
        await tx.put(replace(avatar, checkpoint=0, beauty=0.65))
        template = CATALOG.first("mini", Subject.WOMAN).id
        kind, now = ShootKind.MORE_BEAUTIFUL, deps.database.clock()
        await portraits.request(tx, CATALOG, avatar, template, kind, now, (1, 2, 3, 4))
    await work_off(deps, engine, PAINT)
    painted = [(order.lora, order.beauty) for order in engine.painted]
    assert painted == [(b"lora", FIRST_BEAUTY), (b"early", 0.65)]


async def test_a_look_that_the_base_cannot_paint_is_painted_plain_and_finished(deps, engine):
    await buy(deps, "p1")
    await work_off(deps, engine, TRAIN)
    sold = CATALOG.template("black-and-white")
    async with deps.database.begin() as tx:
        (avatar,) = await tx.find(Avatar)
        now = deps.database.clock()
        await portraits.request(tx, CATALOG, avatar, sold.id, ShootKind.STYLE, now)
    await work_off(deps, engine, PAINT)
    first, finished = engine.painted
    assert (first.grade, first.beauty) == (None, FIRST_BEAUTY)
    assert (finished.grade, finished.prompt) == (sold.grade, sold.graded_prompt)
    assert finished.grade.saturation == 0


async def test_the_sample_is_told_once_and_ends_with_the_uploads(deps, engine, paid):
    await work_off(deps, engine, TRAIN)
    told = [e for e in await all_of(deps, OutboxMessage) if e.payload.get("kind") == "sample"]
    assert len(told) == 1
    async with deps.database.begin() as tx:
        with pytest.raises(samples.NotFound):
            await opened(deps.blobs, samples.find_sample(tx, deps.cipher, paid.id))


async def test_a_crash_of_the_engine_is_tried_again_and_ends_well_once(deps, paid):
    engine = QuickEngine((EngineCrashed("killed"), None))
    await work_off(deps, engine, TRAIN)
    (job,) = await all_of(deps, Job, kind=TRAIN.name)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert len(engine.trained) == 1


async def test_a_poisoned_job_ends_in_a_refund_not_in_a_loop(deps, paid):
    engine = QuickEngine(tuple(EngineCrashed("killed") for _ in range(9)))
    await work_off(deps, engine, TRAIN)
    assert len(engine.trouble) == 9 - jobs.MAX_FAILURES
    (order,) = await all_of(deps, Order)
    assert order.state is OrderState.REFUNDING
    assert await all_of(deps, Photo) == []
    kinds = {
        message.payload.get("kind") or message.name for message in await all_of(deps, OutboxMessage)
    }
    assert {"avatar_failed", "refund", "erase_uploads"} <= kinds


async def test_several_customers_in_one_batch_end_each_on_their_own(deps, engine):
    """One whose photos are bad is refunded, one out of memory is tried again alone."""
    anna, ben, cleo = await buy(deps, "anna", "ben", "cleo")
    engine.spoiled = {ben: BadPhotos("no face"), cleo: OutOfMemory("full")}
    loop = loop_of(deps, engine, (TRAIN,), background_batch=8)
    (began,) = await loop.look()
    await began
    async with deps.database.begin() as tx:
        states = [(await tx.get(Avatar, id)).state for id in (anna, ben, cleo)]
        assert states == [AvatarState.READY, AvatarState.FAILED, AvatarState.WAITING]
        assert await tx.count(Order, state=OrderState.REFUNDING) == 1
    assert (engine.together, await loop.look()) == ([3], [])  # not at once
    deps.database.clock.forward(seconds=3)
    engine.spoiled = {}
    await work_off(deps, engine, TRAIN, background_batch=8)
    assert engine.together == [3, 1]
    async with deps.database.begin() as tx:
        assert (await tx.get(Avatar, cleo)).state is AvatarState.READY
        assert set((await tx.totals()).values()) == {0}


async def test_whoever_kills_the_engine_harms_only_themselves(deps):
    """After a crash each goes alone, so that two of three end well."""
    _, culprit, _ = await buy(deps, "anna", "ben", "cleo")

    class Fragile(QuickEngine):
        async def train(self, orders, report):
            if culprit in [order.avatar for order in orders]:
                raise EngineCrashed("killed")
            return await super().train(orders, report)

    engine = Fragile()
    await work_off(deps, engine, TRAIN, background_batch=8)
    states = {one.id: one.state for one in await all_of(deps, Avatar)}
    assert states.pop(culprit) is AvatarState.FAILED
    assert set(states.values()) == {AvatarState.READY}
    assert engine.together == [1, 1]


async def test_erased_in_the_midst_of_a_batch_the_others_go_on_without_them(deps):
    anna, ben = await buy(deps, "anna", "ben")
    slow = QuickEngine(pause=60)
    loop = loop_of(deps, slow, (TRAIN,), lease=0.2, background_batch=2)
    (batch,) = await loop.look()
    await _until_trained(slow, 2)
    slow.pause = 0
    async with deps.database.begin() as tx:
        (user,) = await tx.find(User, platform_id="ben")
        await privacy.erase(tx, user, deps.database.clock())
    await asyncio.wait_for(batch, 30)
    assert slow.together == [2, 1]
    assert [order.avatar for order in slow.trained][2:] == [anna]
    async with deps.database.begin() as tx:
        assert (await tx.get(Avatar, anna)).state is AvatarState.READY
        assert (await tx.get(Avatar, ben)).state is AvatarState.FAILED
        assert await tx.count(Job, kind=TRAIN.name, state=JobState.CANCELLED) == 1
        assert await tx.count(Order, state=OrderState.STOPPED) == 1


async def test_told_to_stop_a_worker_hands_everything_back_uncounted(deps):
    await buy(deps, "anna", "ben")
    loop = loop_of(deps, QuickEngine(pause=60), (TRAIN, PAINT), background_batch=2)
    running = asyncio.ensure_future(loop.run())
    await _until(deps, JobState.RUNNING)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    states = [(job.state, job.attempts) for job in await all_of(deps, Job, kind=TRAIN.name)]
    assert states == [(JobState.WAITING, 0)] * 2
    await work_off(deps, QuickEngine(), TRAIN, name="w2")
    assert {one.state for one in await all_of(deps, Avatar)} == {AvatarState.READY}


async def test_portraits_are_painted_while_a_training_runs(deps, engine):
    await buy(deps, "anna")
    await work_off(deps, engine, TRAIN)
    (painting,) = await all_of(deps, Job, kind=PAINT.name)
    async with deps.database.begin() as tx:  # it comes in later
        held = await jobs.lease(tx, painting.id, "w9", deps.database.clock(), 600)
    await buy(deps, "ben")
    slow = QuickEngine(pause=60)
    loop = loop_of(deps, slow, (TRAIN, PAINT))
    running = asyncio.ensure_future(loop.run())
    await _until_trained(slow, 1)
    slow.pause = 0
    async with deps.database.begin() as tx:
        await jobs.hand_back(tx, held, "w9", deps.database.clock(), counted=False)
    await asyncio.wait_for(loop.wake_up(), 30)
    await asyncio.wait_for(_until_done(deps, painting), 30)
    (training,) = await all_of(deps, Job, kind=TRAIN.name, state=JobState.RUNNING)
    assert training.worker == "w1"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_worker_that_lost_its_lease_stops_and_books_nothing(deps, paid):
    loop = loop_of(deps, QuickEngine(pause=60), (TRAIN,), lease=0.3)
    (batch,) = await loop.look()
    async with deps.database.begin() as tx:  # as another worker's lease would
        (job,) = await tx.find(Job, kind=TRAIN.name)
        await jobs.transition(
            tx, job, JobState.RUNNING, deps.database.clock(), worker="w2", attempts=2
        )
    await asyncio.wait_for(batch, 30)
    (avatar,) = await all_of(deps, Avatar)
    assert avatar.state is AvatarState.WAITING
    (job,) = await all_of(deps, Job, kind=TRAIN.name)
    assert (job.worker, job.state) == ("w2", JobState.RUNNING)


class Held(QuickEngine):
    """Trains until the test lets it end."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def train(self, orders, report):
        trained = await super().train(orders, report)
        await self.gate.wait()
        return trained


async def test_of_several_beats_one_tells(deps, monkeypatch):
    monkeypatch.setattr("pipeline.worker.job_batch.PROGRESS_BEATS", 1000)
    await buy(deps, "anna")
    engine = Held()
    (batch,) = await loop_of(deps, engine, (TRAIN,), lease=0.03).look()

    async def beaten() -> tuple[object, int]:
        (job,) = await all_of(deps, Job, kind=TRAIN.name)
        news = await all_of(deps, OutboxMessage)
        return job.lease_until, sum(one.payload.get("kind") == "progress" for one in news)

    async with asyncio.timeout(20):
        while not (first := await beaten())[1]:
            await asyncio.sleep(0.01)
        for _ in range(3):  # the lease goes on meanwhile
            deps.database.clock.forward(seconds=1)
            while (now := await beaten()) == first:
                await asyncio.sleep(0.01)
            assert now[1] == 1
            first = now
    engine.gate.set()
    await batch


async def test_stopped_past_its_lease_it_says_that_its_result_was_not_taken(deps, paid):
    """Another worker has done it before this one goes on (SIGSTOP, SIGCONT)."""
    engine = Held()
    loop = loop_of(deps, engine, (TRAIN,), lease=0.0)
    with patch.object(JobBatch, "_send_heartbeats", lambda _: asyncio.sleep(60)):
        (batch,) = await loop.look()
        await _until_trained(engine, 1)
    await work_off(deps, QuickEngine(), TRAIN, name="w2")
    before = await all_of(deps, Avatar), sorted(deps.blobs._blobs)
    with capture_logs() as logged:
        engine.gate.set()
        await asyncio.wait_for(batch, 30)
    told = {one["event"] for one in logged}
    assert ("result_not_taken" in told, "job_done" in told) == (True, False)
    assert (await all_of(deps, Avatar), sorted(deps.blobs._blobs)) == before


async def test_a_beat_tells_how_far_each_is(deps):
    await buy(deps, "anna", "ben")
    engine = Held()
    loop = loop_of(deps, engine, (TRAIN,), lease=0.3, background_batch=2)
    (batch,) = await loop.look()
    async with asyncio.timeout(20):
        while not all(job.stage for job in await all_of(deps, Job, kind=TRAIN.name)):
            await asyncio.sleep(0.01)
    for job in await all_of(deps, Job, kind=TRAIN.name):
        assert (job.stage, job.step, job.steps, job.seconds_left) == ("training", 1, 2, 1.0)
    engine.gate.set()
    await batch
    told = [one.payload.get("kind") for one in await all_of(deps, OutboxMessage)]
    assert told.count("progress") >= 2


class Mortal:
    """A database of a process that is killed at its n-th transaction: before it, or just before
    its commit. The dead write nothing more.
    """

    def __init__(self, database, deaths: int, at_commit: bool) -> None:
        self._database, self._left, self._at_commit = database, deaths, at_commit

    def begin(self):
        return self._mortal(self._database.begin)

    def snapshot(self):
        return self._mortal(self._database.snapshot)

    @asynccontextmanager
    async def _mortal(self, begin):
        self._left -= 1
        if self._left < 0 or (self._left == 0 and not self._at_commit):
            raise Killed
        async with begin() as tx:
            yield tx
            if self._left == 0:
                raise Killed

    @property
    def alive(self) -> bool:
        return self._left > 0


class Killed(BaseException):
    """As by kill -9."""


@pytest.mark.parametrize("at_commit", [False, True])
async def test_killed_at_any_transaction_it_ends_the_same_once(deps, at_commit):
    await buy(deps, "anna", "ben")
    with capture_logs():  # the dead leave tracebacks
        for deaths in count(1):
            again = _copied(deps)
            mortal = Mortal(again.database, deaths, at_commit)
            loop = loop_of(
                replace(again, database=mortal),
                QuickEngine(),
                (TRAIN, PAINT),
                background_batch=2,
            )
            with suppress(Killed):
                while began := await loop.look():
                    await asyncio.gather(*began)
            again.database.clock.forward(seconds=31)
            await work_off(again, QuickEngine(), TRAIN, name="w2", background_batch=2)
            again.database.clock.forward(seconds=31)
            await work_off(again, QuickEngine(), PAINT, name="w2", interactive_batch=2)
            await _demand_two_customers_served_once(again)
            if mortal.alive:
                break
    assert deaths > 8


def _copied(deps: WorkerDependencies) -> WorkerDependencies:
    """The same shop, to go another way from here."""
    clock = SetClock(deps.database.clock())
    database, blobs = MemoryDatabase(clock), MemoryBlobs()
    database._tables = {kind: dict(rows) for kind, rows in deps.database._tables.items()}
    blobs._blobs = dict(deps.blobs._blobs)
    flusher = OutboxFlusher(database, MemoryWakeUp())
    return WorkerDependencies(database, blobs, deps.cipher, JOB_KINDS, flusher)


async def _demand_two_customers_served_once(deps) -> None:
    async with deps.database.begin() as tx:
        assert {one.state for one in await tx.find(Avatar)} == {AvatarState.READY}
        assert [one.state for one in await tx.find(Shoot)] == [ShootState.DONE] * 2
        assert await tx.count(Photo) == 0
        assert {job.state for job in await tx.find(Job)} == {JobState.DONE}
        for shoot in await tx.find(Shoot):
            assert len(await portraits.pictures_of_shoot(tx, shoot)) == 4
            assert await ledger.balance(tx, shoot.user_id) == 40
        assert set((await tx.totals()).values()) == {0}
        assert await tx.count(Order, state=OrderState.DONE) == 2


async def test_what_became_of_jobs_is_counted(deps, engine, tmp_path):
    metrics = WorkerMetrics()
    registry, counted = metrics.registry, replace(deps, metrics=metrics)
    await send_photos(counted, "anna")
    await work_off(counted, engine, CHECK, tmp_path)

    def value(outcome: str) -> float | None:
        labels = {"kind": CHECK.name, "outcome": outcome}
        return registry.get_sample_value("eider_worker_jobs_total", labels)

    assert (value("done"), value("retried"), value("failed")) == (PHOTOS, None, None)
    for one in (ChildEngine(), engine):
        metrics.show_restarts(one)
        assert registry.get_sample_value("eider_engine_restarts") == 0
    await send_photos(counted, "ben")
    engine.inspect = broken
    await work_off(counted, engine, CHECK, tmp_path)
    assert value("done") == PHOTOS
    assert value("retried") or value("failed")


async def broken(photo: bytes) -> InspectionResult:
    raise EngineCrashed


async def test_a_loop_says_whether_it_looks_for_work(deps, engine, tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.worker.loop.FALLBACK_SECONDS", 3600.0)
    loop = loop_of(deps, engine, (CHECK,), tmp_path)
    assert not loop.is_looking
    running = asyncio.create_task(loop.run())
    await loop.wake_up()
    assert loop.is_looking
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not loop.is_looking


async def _until(deps, state) -> None:
    async with asyncio.timeout(20):
        while not await all_of(deps, Job, kind=TRAIN.name, state=state):
            await asyncio.sleep(0.01)


async def _until_trained(engine: QuickEngine, orders: int) -> None:
    async with asyncio.timeout(20):
        while len(engine.trained) < orders:
            await asyncio.sleep(0.01)


async def _until_done(deps, job: Job) -> None:
    while not await all_of(deps, Job, id=job.id, state=JobState.DONE):
        await asyncio.sleep(0.01)


async def test_of_two_wake_ups_only_as_many_were_served_as_work_was_begun(deps):
    """The other one's job is another worker's: the signal is passed on."""
    await buy(deps, "anna")
    await work_off(deps, QuickEngine(), PAINT)
    order = await send_photos(deps, "ben")
    await work_off(deps, QuickEngine(), CHECK)
    await pay(deps, order)
    loop = loop_of(deps, QuickEngine(pause=60), (TRAIN,))
    wake_ups = [asyncio.ensure_future(loop.wake_up()) for _ in range(2)]
    await asyncio.sleep(0)  # both wait for the first look
    running = asyncio.ensure_future(loop.run())
    assert sorted(await asyncio.gather(*wake_ups)) == [False, True]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_busy_with_a_kind_it_passes_on_what_comes_of_it_and_takes_it_afterwards(
    deps, monkeypatch
):
    """Without a question to the database, and without waiting for the next look by the clock."""
    monkeypatch.setattr("pipeline.worker.loop.FALLBACK_SECONDS", 3600.0)
    engine = Held()
    await buy(deps, "anna")
    loop = loop_of(deps, engine, (TRAIN, PAINT))
    running = asyncio.ensure_future(loop.run())
    await _until_trained(engine, 1)
    await buy(deps, "ben")
    begin, begun = deps.database.begin, []
    monkeypatch.setattr(deps.database, "begin", lambda: begun.append(1) or begin())
    assert not await loop.wake_up(TRAIN.name)
    assert not begun
    assert not await loop.wake_up(PAINT.name)
    assert begun == [1]
    engine.gate.set()
    await _until_trained(engine, 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_worker_is_stopped_in_whatever_moment(deps):
    """Also in the very moment of a wake-up, which then ends as well."""
    for ticks in range(6):
        loop = loop_of(deps, QuickEngine(), (PAINT,))
        running = asyncio.ensure_future(loop.run())
        assert not await loop.wake_up()
        waking = asyncio.ensure_future(loop.wake_up())
        for _ in range(ticks):
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.wait({running, waking})
        assert running.done()
