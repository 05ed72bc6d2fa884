"""A worker's jobs from lease to end: what a crash, a lost lease or a poisoned job leads to."""

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from itertools import count

import pytest
from structlog.testing import capture_logs

from pipeline.engine.engine import BadPhotos, EngineCrashed, LabelText, OutOfMemory
from pipeline.worker.job_batch import WorkerDependencies
from pipeline.worker.job_handlers import CheckHandler, PaintHandler, TrainHandler, clear_stale
from pipeline.worker.loop import WorkerLoop
from shop import privacy
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryWakeUp
from shop.avatars import avatars, portraits, samples
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.jobs import jobs
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.scheduler import SchedulingRules
from shop.money import ledger
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.people import consent, users
from shop.photos import photos, sanitizer
from shop.records import (
    Avatar,
    AvatarState,
    ConsentKind,
    Currency,
    Flaw,
    Job,
    JobQueue,
    JobState,
    Order,
    OrderState,
    OutboxMessage,
    PaymentEvent,
    Photo,
    PhotoState,
    Shoot,
    ShootKind,
    ShootState,
    Subject,
    User,
)
from tests.channels import PLAYGROUND
from tests.conftest import SetClock
from tests.doubles import QuickEngine, photo

LABEL = LabelText()
CATALOG = Catalog.load()
PHOTOS = 3
TRAIN, PAINT, CHECK = JobQueue.TRAIN, JobQueue.PAINT, JobQueue.CHECK


@pytest.fixture
def house(clock) -> WorkerDependencies:
    return WorkerDependencies(
        MemoryDatabase(),
        MemoryBlobs(),
        EnvelopeCipher(os.urandom(32)),
        MemoryWakeUp(),
        clock,
    )


@pytest.fixture
def engine() -> QuickEngine:
    return QuickEngine()


def shift_of(house, engine, queues, tmp_path, lease=30.0, name="w1", **rules) -> WorkerLoop:
    duties = {
        JobQueue.CHECK: CheckHandler(house, engine),
        JobQueue.TRAIN: TrainHandler(house, engine, CATALOG, LABEL, tmp_path / "checkpoints"),
        JobQueue.PAINT: PaintHandler(house, engine, CATALOG, LABEL),
    }
    hand = WorkerSpec(name, frozenset(queues), lease, SchedulingRules(**rules))
    return WorkerLoop(house, {queue: duties[queue] for queue in queues}, hand)


async def work_off(house, engine, queue, tmp_path, name="w1", **rules) -> None:
    """Look until nothing is left to do, also of what may be done in a while."""
    shift = shift_of(house, engine, (queue,), tmp_path, name=name, **rules)
    for _ in range(2):
        while began := await shift.look():
            await asyncio.gather(*began)
            house.clock.forward(seconds=5)


async def all_of(house, kind, /, **where):
    async with house.database.begin() as tx:
        return await tx.find(kind, **where)


async def send_photos(house, name: str, kinds=consent.DEMANDED) -> Order:
    """A customer sent photos; they are not yet checked."""
    async with house.database.begin() as tx:
        now = house.clock()
        user = await users.get_or_create(tx, PLAYGROUND, name, "en", now)
        for kind in kinds:
            await consent.give(tx, user, kind, now)
        order = await orders.begin(tx, house.cipher, user, now)
        for number in range(PHOTOS):
            prepared = sanitizer.sanitize(photo(number))
            await photos.admit(tx, house.blobs, house.cipher, order, prepared, now)
    return order


async def pay(house, order: Order) -> Order:
    checkout = Checkout("sandbox", Currency.CNY, "mini", Subject.WOMAN, photos_minimum=PHOTOS)
    async with house.database.begin() as tx:
        placed = await orders.place(tx, CATALOG, order, checkout, house.clock())
        event = PaymentEvent(
            "sandbox", f"e{order.id}", f"c{order.id}", placed.id, placed.amount, placed.currency,
            house.clock(),
        )  # fmt: skip
        return await orders.confirm_payment(tx, event, house.clock())


async def buy(house, tmp_path, *names: str, kinds=consent.DEMANDED) -> list[str]:
    """Customers whose trainings wait, in that order; the ids of their avatars."""
    for name in names:
        order = await send_photos(house, name, kinds)
        await work_off(house, QuickEngine(), CHECK, tmp_path, name="checker")
        await pay(house, order)
        house.clock.forward(seconds=1)
    return [avatar.id for avatar in await all_of(house, Avatar, order="created_at")]


@pytest.fixture
async def order(house) -> Order:
    return await send_photos(house, "p1")


@pytest.fixture
async def paid(house, engine, order, tmp_path) -> Order:
    await work_off(house, engine, CHECK, tmp_path)
    return await pay(house, order)


async def test_checked_photos_are_counted(house, engine, order, tmp_path):
    await work_off(house, engine, CHECK, tmp_path)
    states = {one.state for one in await all_of(house, Photo)}
    assert states == {PhotoState.ACCEPTED}
    assert len(engine.inspected) == PHOTOS


async def test_a_photo_that_the_engine_cannot_read_is_refused_gently(house, order, tmp_path):
    await work_off(house, QuickEngine((BadPhotos("?"),)), CHECK, tmp_path)
    refused = await all_of(house, Photo, state=PhotoState.REJECTED)
    assert [one.flaw for one in refused] == [Flaw.UNREADABLE]


async def test_training_ends_the_uploads_and_orders_the_first_portraits(
    house, engine, paid, tmp_path
):
    await work_off(house, engine, TRAIN, tmp_path)
    await work_off(house, engine, PAINT, tmp_path)
    (avatar,) = await all_of(house, Avatar)
    assert avatar.state is AvatarState.READY
    assert len(engine.trained[0].photos) == PHOTOS
    assert engine.trained[0].first is None  # nobody agreed to a comparison
    assert await all_of(house, Photo) == []
    (shoot,) = await all_of(house, Shoot)
    assert shoot.state is ShootState.DONE
    assert engine.painted[0].weight == avatar.weight == 0.8
    assert engine.painted[0].lora == b"lora"
    async with house.database.begin() as tx:
        kept = await portraits.pictures_of_shoot(tx, shoot)
        assert len(kept) == 4
        assert await portraits.open_picture(tx, house.cipher, house.blobs, kept[0])
        assert await ledger.balance(tx, paid.user_id) == 40
        assert set((await tx.totals()).values()) == {0}


async def test_with_consent_the_first_portraits_come_with_the_avatar(house, engine, tmp_path):
    await buy(house, tmp_path, "p1", kinds=ConsentKind)
    await work_off(house, engine, TRAIN, tmp_path)
    (shoot,) = await all_of(house, Shoot)
    first = engine.trained[0].first
    assert (shoot.kind, shoot.state) == (ShootKind.FIRST, ShootState.DONE)
    assert (first.content_id, first.seeds, first.lora) == (shoot.id, shoot.seeds, None)
    assert await all_of(house, Job, kind=PAINT) == []


async def test_an_older_checkpoint_is_painted_when_the_shoot_says_so(house, engine, tmp_path):
    await buy(house, tmp_path, "p1")
    await work_off(house, engine, TRAIN, tmp_path)
    async with house.database.begin() as tx:
        (avatar,) = await tx.find(Avatar)
        while (await tx.get(Avatar, avatar.id)).checkpoint > 0:
            await avatars.more_beautiful(tx, avatar)
        template = CATALOG.first("mini", Subject.WOMAN).id
        kind, now = ShootKind.FAIRER, house.clock()
        await portraits.request(tx, CATALOG, avatar, template, kind, now, (1, 2, 3, 4))
    await work_off(house, engine, PAINT, tmp_path)
    assert [order.lora for order in engine.painted] == [b"lora", b"early"]


async def test_the_sample_is_told_once_and_ends_with_the_uploads(house, engine, paid, tmp_path):
    await work_off(house, engine, TRAIN, tmp_path)
    told = [e for e in await all_of(house, OutboxMessage) if e.payload.get("kind") == "sample"]
    assert len(told) == 1
    async with house.database.begin() as tx:
        with pytest.raises(samples.NotFound):
            await samples.open_sample(tx, house.cipher, house.blobs, paid.id)


async def test_a_crash_of_the_engine_is_tried_again_and_ends_well_once(house, paid, tmp_path):
    engine = QuickEngine((EngineCrashed("killed"), None))
    await work_off(house, engine, TRAIN, tmp_path)
    (job,) = await all_of(house, Job, kind=TRAIN)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert len(engine.trained) == 1


async def test_a_poisoned_job_ends_in_a_refund_not_in_a_loop(house, paid, tmp_path):
    engine = QuickEngine(tuple(EngineCrashed("killed") for _ in range(9)))
    await work_off(house, engine, TRAIN, tmp_path)
    assert len(engine.trouble) == 9 - jobs.MAX_ATTEMPTS
    (order,) = await all_of(house, Order)
    assert order.state is OrderState.REFUNDING
    assert await all_of(house, Photo) == []
    kinds = {
        errand.payload.get("kind") or errand.name for errand in await all_of(house, OutboxMessage)
    }
    assert {"avatar_failed", "refund", "erase_uploads"} <= kinds


async def test_several_customers_in_one_batch_end_each_on_their_own(house, engine, tmp_path):
    """One whose photos are bad is refunded, one out of memory is tried again alone."""
    anna, ben, cleo = await buy(house, tmp_path, "anna", "ben", "cleo")
    engine.spoiled = {ben: BadPhotos("no face"), cleo: OutOfMemory("full")}
    shift = shift_of(house, engine, (TRAIN,), tmp_path, together=8)
    (began,) = await shift.look()
    await began
    async with house.database.begin() as tx:
        states = [(await tx.get(Avatar, id)).state for id in (anna, ben, cleo)]
        assert states == [AvatarState.READY, AvatarState.FAILED, AvatarState.WAITING]
        assert await tx.count(Order, state=OrderState.REFUNDING) == 1
    assert (engine.together, await shift.look()) == ([3], [])  # not at once
    house.clock.forward(seconds=3)
    engine.spoiled = {}
    await work_off(house, engine, TRAIN, tmp_path, together=8)
    assert engine.together == [3, 1]
    async with house.database.begin() as tx:
        assert (await tx.get(Avatar, cleo)).state is AvatarState.READY
        assert set((await tx.totals()).values()) == {0}


async def test_whoever_kills_the_engine_harms_only_themselves(house, tmp_path):
    """After a crash each goes alone, so that two of three end well."""
    _, culprit, _ = await buy(house, tmp_path, "anna", "ben", "cleo")

    class Fragile(QuickEngine):
        async def train(self, orders, report):
            if culprit in [order.avatar for order in orders]:
                raise EngineCrashed("killed")
            return await super().train(orders, report)

    engine = Fragile()
    await work_off(house, engine, TRAIN, tmp_path, together=8)
    states = {one.id: one.state for one in await all_of(house, Avatar)}
    assert states.pop(culprit) is AvatarState.FAILED
    assert set(states.values()) == {AvatarState.READY}
    assert engine.together == [1, 1]


async def test_erased_in_the_midst_of_a_batch_the_others_go_on_without_them(house, tmp_path):
    anna, ben = await buy(house, tmp_path, "anna", "ben")
    slow = QuickEngine(pause=60)
    shift = shift_of(house, slow, (TRAIN,), tmp_path, lease=0.2, together=2)
    (batch,) = await shift.look()
    await _until_trained(slow, 2)
    slow.pause = 0
    async with house.database.begin() as tx:
        (user,) = await tx.find(User, platform_id="ben")
        await privacy.erase(tx, user, house.clock())
    await asyncio.wait_for(batch, 5)
    assert slow.together == [2, 1]
    assert [order.avatar for order in slow.trained][2:] == [anna]
    async with house.database.begin() as tx:
        assert (await tx.get(Avatar, anna)).state is AvatarState.READY
        assert (await tx.get(Avatar, ben)).state is AvatarState.FAILED
        assert await tx.count(Job, kind=TRAIN, state=JobState.CANCELLED) == 1
        assert await tx.count(Order, state=OrderState.REFUNDING) == 1


async def test_told_to_stop_a_worker_hands_everything_back_uncounted(house, tmp_path):
    await buy(house, tmp_path, "anna", "ben")
    shift = shift_of(house, QuickEngine(pause=60), (TRAIN, PAINT), tmp_path, together=2)
    running = asyncio.ensure_future(shift.run())
    await _until(house, JobState.RUNNING)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    states = [(job.state, job.attempts) for job in await all_of(house, Job, kind=TRAIN)]
    assert states == [(JobState.WAITING, 0)] * 2
    await work_off(house, QuickEngine(), TRAIN, tmp_path, name="w2")
    assert {one.state for one in await all_of(house, Avatar)} == {AvatarState.READY}


async def test_portraits_are_painted_while_a_training_runs(house, engine, tmp_path):
    await buy(house, tmp_path, "anna")
    await work_off(house, engine, TRAIN, tmp_path)
    (painting,) = await all_of(house, Job, kind=PAINT)
    async with house.database.begin() as tx:  # it comes in later
        held = await jobs.lease(tx, painting.id, "w9", house.clock(), 600)
    await buy(house, tmp_path, "ben")
    slow = QuickEngine(pause=60)
    shift = shift_of(house, slow, (TRAIN, PAINT), tmp_path)
    running = asyncio.ensure_future(shift.run())
    await _until_trained(slow, 1)
    slow.pause = 0
    async with house.database.begin() as tx:
        await jobs.hand_back(tx, held, "w9", house.clock(), counted=False)
    shift.bell.set()
    await asyncio.wait_for(_until_done(house, painting), 5)
    (training,) = await all_of(house, Job, kind=TRAIN, state=JobState.RUNNING)
    assert training.worker == "w1"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_worker_that_lost_its_lease_stops_and_books_nothing(house, paid, tmp_path):
    shift = shift_of(house, QuickEngine(pause=60), (TRAIN,), tmp_path, lease=0.3)
    (batch,) = await shift.look()
    async with house.database.begin() as tx:  # as another worker's lease would
        (job,) = await tx.find(Job, kind=TRAIN)
        await jobs.move(tx, job, JobState.RUNNING, house.clock(), worker="w2", attempts=2)
    await asyncio.wait_for(batch, 5)
    (avatar,) = await all_of(house, Avatar)
    assert avatar.state is AvatarState.WAITING
    (job,) = await all_of(house, Job, kind=TRAIN)
    assert (job.worker, job.state) == ("w2", JobState.RUNNING)


async def test_a_beat_tells_how_far_each_is(house, tmp_path):
    await buy(house, tmp_path, "anna", "ben")
    shift = shift_of(house, QuickEngine(pause=0.4), (TRAIN,), tmp_path, lease=0.3, together=2)
    (batch,) = await shift.look()
    await asyncio.sleep(0.3)
    for job in await all_of(house, Job, kind=TRAIN):
        assert (job.stage, job.step, job.steps, job.seconds_left) == ("training", 1, 2, 1.0)
    await batch
    told = [one.payload.get("kind") for one in await all_of(house, OutboxMessage)]
    assert told.count("progress") >= 2


class Mortal:
    """A database of a process that is killed at its n-th transaction: before it, or just before
    its commit. The dead write nothing more.
    """

    def __init__(self, database, deaths: int, at_commit: bool) -> None:
        self._database, self._left, self._at_commit = database, deaths, at_commit

    @asynccontextmanager
    async def begin(self):
        self._left -= 1
        if self._left < 0 or (self._left == 0 and not self._at_commit):
            raise Killed
        async with self._database.begin() as tx:
            yield tx
            if self._left == 0:
                raise Killed

    @property
    def alive(self) -> bool:
        return self._left > 0


class Killed(BaseException):
    """As by kill -9."""


@pytest.mark.parametrize("at_commit", [False, True])
async def test_killed_at_any_transaction_it_ends_the_same_once(house, tmp_path, at_commit):
    await buy(house, tmp_path, "anna", "ben")
    with capture_logs():  # the dead leave tracebacks
        for deaths in count(1):
            again = _copied(house)
            mortal = Mortal(again.database, deaths, at_commit)
            shift = shift_of(
                replace(again, database=mortal), QuickEngine(), (TRAIN, PAINT), tmp_path, together=2
            )
            with suppress(Killed):
                while began := await shift.look():
                    await asyncio.gather(*began)
            again.clock.forward(seconds=31)
            await work_off(again, QuickEngine(), TRAIN, tmp_path, name="w2", together=2)
            again.clock.forward(seconds=31)
            await work_off(again, QuickEngine(), PAINT, tmp_path, name="w2", abreast=2)
            await _demand_two_customers_served_once(again)
            if mortal.alive:
                break
    assert deaths > 8


def _copied(house: WorkerDependencies) -> WorkerDependencies:
    """The same shop, to go another way from here."""
    database, blobs = MemoryDatabase(), MemoryBlobs()
    database._tables = {kind: dict(rows) for kind, rows in house.database._tables.items()}
    blobs._blobs = dict(house.blobs._blobs)
    return WorkerDependencies(
        database, blobs, house.cipher, MemoryWakeUp(), SetClock(house.clock())
    )


async def _demand_two_customers_served_once(house) -> None:
    async with house.database.begin() as tx:
        assert {one.state for one in await tx.find(Avatar)} == {AvatarState.READY}
        assert [one.state for one in await tx.find(Shoot)] == [ShootState.DONE] * 2
        assert await tx.count(Photo) == 0
        assert {job.state for job in await tx.find(Job)} == {JobState.DONE}
        for shoot in await tx.find(Shoot):
            assert len(await portraits.pictures_of_shoot(tx, shoot)) == 4
            assert await ledger.balance(tx, shoot.user_id) == 40
        assert set((await tx.totals()).values()) == {0}
        assert await tx.count(Order, state=OrderState.DONE) == 2


async def test_checkpoints_of_ended_trainings_are_removed(house, paid, tmp_path):
    (avatar,) = await all_of(house, Avatar)
    for name in (avatar.id, "f" * 32):
        (tmp_path / "checkpoints" / name).mkdir(parents=True)
    assert await clear_stale(house, tmp_path / "checkpoints") == 1
    assert [one.name for one in (tmp_path / "checkpoints").iterdir()] == [avatar.id]


async def _until(house, state) -> None:
    for _ in range(200):
        if await all_of(house, Job, kind=TRAIN, state=state):
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"no training became {state}")


async def _until_trained(engine: QuickEngine, orders: int) -> None:
    async with asyncio.timeout(5):
        while len(engine.trained) < orders:
            await asyncio.sleep(0.01)


async def _until_done(house, job: Job) -> None:
    while not await all_of(house, Job, id=job.id, state=JobState.DONE):
        await asyncio.sleep(0.01)
