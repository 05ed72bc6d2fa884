"""A worker's jobs from lease to end: what a crash, a lost lease or a poisoned job leads to."""

import asyncio
import os

import pytest

from pipeline.duties import Check, Paint, Train, clear_stale
from pipeline.engine import BadPhotos, EngineCrashed, LabelText
from pipeline.shift import House, Shift
from shop import avatars, consent, jobs, ledger, orders, outbox, photos, portraits, samples, users
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryQueue
from shop.catalog import Catalog
from shop.orders import Checkout
from shop.records import (
    AvatarState,
    ConsentKind,
    Currency,
    Errand,
    Flaw,
    Job,
    JobQueue,
    JobState,
    Order,
    OrderState,
    PaymentEvent,
    Photo,
    PhotoState,
    Platform,
    Shoot,
    ShootState,
    Subject,
)
from shop.vault import Vault
from tests.doubles import QuickEngine, photo

LABEL = LabelText()
PHOTOS = 3


@pytest.fixture
def house(clock) -> House:
    return House(
        MemoryDatabase(),
        MemoryBlobs(),
        Vault(os.urandom(32)),
        MemoryQueue(),
        clock,
    )


@pytest.fixture
def engine() -> QuickEngine:
    return QuickEngine()


async def shift_of(house, engine, queue, tmp_path, lease=30.0, name="w1") -> Shift:
    catalog = Catalog.load()
    duty = {
        JobQueue.CHECK: lambda: Check(house, engine),
        JobQueue.TRAIN: lambda: Train(house, engine, catalog, LABEL, tmp_path / "checkpoints"),
        JobQueue.PAINT: lambda: Paint(house, engine, catalog, LABEL),
    }[queue]()
    return Shift(house, duty, name, lease)


async def work_off(house, engine, queue, tmp_path, name="w1") -> None:
    """Answer every ring of one queue, also those that are due in a while, as arq would."""
    shift = await shift_of(house, engine, queue, tmp_path, name=name)
    while rings := house.queue.take(queue):
        for ring in rings:
            await shift.work(ring.payload["job"])
        house.clock.forward(seconds=5)
        await jobs_rung(house)


async def all_of(house, kind, **where):
    async with house.database.begin() as tx:
        return await tx.find(kind, **where)


@pytest.fixture
async def order(house) -> Order:
    """Photos sent, not yet checked."""
    async with house.database.begin() as tx:
        now = house.clock()
        user = await users.meet(tx, Platform.PLAYGROUND, "p1", "en", now)
        for kind in ConsentKind:
            await consent.give(tx, user, kind, now)
        order = await orders.begin(tx, house.vault, user, now)
        for number in range(PHOTOS):
            prepared = photos.prepare(photo(number))
            await photos.admit(tx, house.blobs, house.vault, order, prepared, now)
    await jobs_rung(house)
    return order


async def jobs_rung(house) -> None:
    await outbox.flush(house.database, house.queue, house.clock())


@pytest.fixture
async def paid(house, engine, order, tmp_path) -> Order:
    await work_off(house, engine, JobQueue.CHECK, tmp_path)
    checkout = Checkout("sandbox", Currency.CNY, "mini", Subject.WOMAN, photos_minimum=PHOTOS)
    async with house.database.begin() as tx:
        placed = await orders.place(tx, Catalog.load(), order, checkout, house.clock())
        event = PaymentEvent(
            "sandbox", "e1", "c1", placed.id, placed.amount, placed.currency, house.clock()
        )
        paid = await orders.confirm_payment(tx, event, house.clock())
    await jobs_rung(house)
    return paid


async def test_checked_photos_are_counted(house, engine, order, tmp_path):
    await work_off(house, engine, JobQueue.CHECK, tmp_path)
    states = {one.state for one in await all_of(house, Photo)}
    assert states == {PhotoState.ACCEPTED}
    assert len(engine.inspected) == PHOTOS


async def test_a_photo_that_the_engine_cannot_read_is_refused_gently(house, order, tmp_path):
    await work_off(house, QuickEngine((BadPhotos("?"),)), JobQueue.CHECK, tmp_path)
    refused = await all_of(house, Photo, state=PhotoState.REJECTED)
    assert [one.flaw for one in refused] == [Flaw.UNREADABLE]


async def test_training_ends_the_uploads_and_orders_the_first_portraits(
    house, engine, paid, tmp_path
):
    await work_off(house, engine, JobQueue.TRAIN, tmp_path)
    await work_off(house, engine, JobQueue.PAINT, tmp_path)
    (avatar,) = await all_of(house, avatars.Avatar)
    assert avatar.state is AvatarState.READY
    assert len(engine.trained[0].photos) == PHOTOS
    assert await all_of(house, Photo) == []
    (shoot,) = await all_of(house, Shoot)
    assert shoot.state is ShootState.DONE
    assert engine.painted[0].weight == avatar.weight == 0.8
    async with house.database.begin() as tx:
        kept = await portraits.of(tx, shoot)
        assert len(kept) == 4
        assert await portraits.open_picture(tx, house.vault, house.blobs, kept[0])
        assert await ledger.balance(tx, paid.user_id) == 40
        assert set((await tx.totals()).values()) == {0}


async def test_the_sample_is_told_once_and_ends_with_the_uploads(house, engine, paid, tmp_path):
    engine.trouble = [None]
    await work_off(house, engine, JobQueue.TRAIN, tmp_path)
    told = [e for e in await all_of(house, Errand) if e.payload.get("kind") == "sample"]
    assert len(told) == 1
    async with house.database.begin() as tx:
        with pytest.raises(samples.NotFound):
            await samples.open_sample(tx, house.vault, house.blobs, paid.id)


async def test_a_crash_of_the_engine_is_tried_again_and_ends_well_once(house, paid, tmp_path):
    engine = QuickEngine((EngineCrashed("killed"), None))
    await work_off(house, engine, JobQueue.TRAIN, tmp_path)
    (job,) = await all_of(house, Job, queue=JobQueue.TRAIN)
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert len(engine.trained) == 1


async def test_a_poisoned_job_ends_in_a_refund_not_in_a_loop(house, paid, tmp_path):
    engine = QuickEngine(tuple(EngineCrashed("killed") for _ in range(9)))
    await work_off(house, engine, JobQueue.TRAIN, tmp_path)
    assert len(engine.trouble) == 9 - jobs.MAX_ATTEMPTS
    (order,) = await all_of(house, Order)
    assert order.state is OrderState.REFUNDING
    assert await all_of(house, Photo) == []
    kinds = {errand.payload.get("kind") or errand.name for errand in await all_of(house, Errand)}
    assert {"avatar_failed", "refund", "erase_uploads"} <= kinds


async def test_photos_that_cannot_train_are_refunded_at_once(house, paid, tmp_path):
    await work_off(house, QuickEngine((BadPhotos("no face"),)), JobQueue.TRAIN, tmp_path)
    (order,) = await all_of(house, Order)
    assert order.state is OrderState.REFUNDING


async def test_a_worker_told_to_stop_hands_its_job_back_uncounted(house, paid, tmp_path):
    shift = await shift_of(house, QuickEngine(pause=60), JobQueue.TRAIN, tmp_path)
    (ring,) = house.queue.take(JobQueue.TRAIN)
    running = asyncio.ensure_future(shift.work(ring.payload["job"]))
    await _until(house, JobState.RUNNING)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    (job,) = await all_of(house, Job, queue=JobQueue.TRAIN)
    assert (job.state, job.attempts) == (JobState.WAITING, 0)
    await jobs_rung(house)
    await work_off(house, QuickEngine(), JobQueue.TRAIN, tmp_path, name="w2")
    (avatar,) = await all_of(house, avatars.Avatar)
    assert avatar.state is AvatarState.READY


async def test_a_worker_that_lost_its_lease_stops_and_books_nothing(house, paid, tmp_path):
    slow = QuickEngine(pause=60)
    shift = await shift_of(house, slow, JobQueue.TRAIN, tmp_path, lease=0.3)
    (ring,) = house.queue.take(JobQueue.TRAIN)
    running = asyncio.ensure_future(shift.work(ring.payload["job"]))
    await _until(house, JobState.RUNNING)
    async with house.database.begin() as tx:  # as another worker's lease would
        job = await tx.get(Job, ring.payload["job"], lock=True)
        await jobs.move(tx, job, JobState.RUNNING, house.clock(), worker="w2", attempts=2)
    await asyncio.wait_for(running, 5)
    (avatar,) = await all_of(house, avatars.Avatar)
    assert avatar.state is AvatarState.WAITING
    (job,) = await all_of(house, Job, queue=JobQueue.TRAIN)
    assert (job.worker, job.state) == ("w2", JobState.RUNNING)


async def test_a_beat_tells_how_far_the_work_is(house, paid, tmp_path):
    shift = await shift_of(house, QuickEngine(pause=1.0), JobQueue.TRAIN, tmp_path, lease=0.3)
    (ring,) = house.queue.take(JobQueue.TRAIN)
    running = asyncio.ensure_future(shift.work(ring.payload["job"]))
    await asyncio.sleep(0.5)
    (job,) = await all_of(house, Job, queue=JobQueue.TRAIN)
    assert (job.stage, job.step, job.steps, job.seconds_left) == ("training", 1, 2, 1.0)
    await running
    kinds = [errand.payload.get("kind") for errand in await all_of(house, Errand)]
    assert "progress" in kinds


async def test_checkpoints_of_ended_trainings_are_removed(house, paid, tmp_path):
    (avatar,) = await all_of(house, avatars.Avatar)
    for name in (avatar.id, "f" * 32):
        (tmp_path / "checkpoints" / name).mkdir(parents=True)
    assert await clear_stale(house, tmp_path / "checkpoints") == 1
    assert [one.name for one in (tmp_path / "checkpoints").iterdir()] == [avatar.id]


async def _until(house, state) -> None:
    for _ in range(200):
        if await all_of(house, Job, queue=JobQueue.TRAIN, state=state):
            return
        await asyncio.sleep(0.01)
    pytest.fail(f"no training became {state}")
