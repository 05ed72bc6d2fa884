"""A worker over a shop in memory, and customers whose jobs it does."""

import asyncio
import os

from pipeline.decoding import sanitizer
from pipeline.engine.engine import LabelText
from pipeline.worker.job_batch import WorkerDependencies
from pipeline.worker.job_handlers import CheckHandler, PaintHandler, TrainHandler
from pipeline.worker.loop import WorkerLoop
from shop.adapters.memory import MemoryWakeUp
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.job_kinds import JOB_KINDS
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.jobs.scheduler import SchedulingRules
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.people import consent, users
from shop.photos import photos
from shop.photos.photos import CHECK
from shop.records import (
    Avatar,
    Currency,
    Order,
    PaymentEvent,
    Subject,
)
from tests.channels import PLAYGROUND
from tests.doubles import QuickEngine, photo
from tests.locks import WatchedBlobs, WatchedDatabase

LABEL = LabelText()
CATALOG = Catalog.load()
PHOTOS = 3


MASTER_KEY = os.urandom(32)


def make_deps(clock) -> WorkerDependencies:
    """A shop in memory."""
    database = WatchedDatabase(clock)
    return WorkerDependencies(
        database,
        WatchedBlobs(),
        EnvelopeCipher(MASTER_KEY),
        JOB_KINDS,
        OutboxFlusher(database, MemoryWakeUp()),
    )


def loop_of(deps, engine, kinds, lease=30.0, name="w1", host=None, **rules) -> WorkerLoop:
    handlers = {
        CHECK: CheckHandler(deps, engine),
        TRAIN: TrainHandler(deps, engine, CATALOG, LABEL),
        PAINT: PaintHandler(deps, engine, CATALOG, LABEL),
    }
    spec = WorkerSpec(name, frozenset(kinds), lease, SchedulingRules(**rules))
    return WorkerLoop(deps, {kind.name: handlers[kind] for kind in kinds}, spec, host=host)


async def work_off(deps, engine, queue, name="w1", **rules) -> None:
    """Look until nothing is left to do, also of what may be done in a while."""
    loop = loop_of(deps, engine, (queue,), name=name, **rules)
    for _ in range(2):
        while began := await loop.look():
            await asyncio.gather(*began)
            deps.database.clock.forward(seconds=5)


async def all_of(deps, kind, /, **where):
    async with deps.database.begin() as tx:
        return await tx.find(kind, **where)


async def send_photos(deps, name: str, kinds=consent.REQUIRED) -> Order:
    """A customer sent photos; they are not yet checked."""
    async with deps.database.begin() as tx:
        now = deps.database.clock()
        user = await users.get_or_create(tx, PLAYGROUND, name, "en", now)
        for kind in kinds:
            await consent.give(tx, user, kind, now)
        order = await orders.begin(tx, deps.cipher, user, now)
        key = await photos.upload_key(tx, deps.cipher, order)
    for number in range(PHOTOS):
        upload = await photos.store(deps.blobs, key, sanitizer.sanitize(photo(number)))
        async with deps.database.begin() as tx:
            await photos.admit(tx, order, upload, now)
    return order


async def pay(deps, order: Order) -> Order:
    checkout = Checkout(
        "sandbox", Currency.CNY, "mini", Subject.WOMAN, photos_minimum=PHOTOS, max_wait_minutes=180
    )
    async with deps.database.begin() as tx:
        placed = await orders.place(tx, CATALOG, order, checkout, deps.database.clock())
        event = PaymentEvent(
            "sandbox", f"e{order.id}", f"c{order.id}", placed.id, placed.amount, placed.currency,
            deps.database.clock(),
        )  # fmt: skip
        return await orders.confirm_payment(tx, event, deps.database.clock())


async def buy(deps, *names: str, kinds=consent.REQUIRED) -> list[str]:
    """Customers whose trainings wait, in that order; the ids of their avatars."""
    for name in names:
        order = await send_photos(deps, name, kinds)
        await work_off(deps, QuickEngine(), CHECK, name="checker")
        await pay(deps, order)
        deps.database.clock.forward(seconds=1)
    return [avatar.id for avatar in await all_of(deps, Avatar, order="created_at")]
