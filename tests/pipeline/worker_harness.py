"""A worker over a shop in memory, and customers whose jobs it does."""

import asyncio
import os

from pipeline.decoding import sanitizer
from pipeline.engine.engine import LabelText
from pipeline.worker.clip_handlers import FilmHandler, PrepareHandler
from pipeline.worker.compare_handler import CompareHandler
from pipeline.worker.job_batch import WorkerDependencies
from pipeline.worker.job_handlers import CheckHandler, PaintHandler, TrainHandler
from pipeline.worker.loop import WorkerLoop
from pipeline.worker.video_handler import VideoHandler
from shop import blob_erasure
from shop.adapters.memory import MemoryWakeUp
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.catalog import Catalog
from shop.clips import clips, filming, sources
from shop.clips.filming import EMBEDDED, FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.encryption import EnvelopeCipher
from shop.job_kinds import JOB_KINDS
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.jobs.scheduler import SchedulingRules
from shop.money import ledger
from shop.orders import orders
from shop.orders.orders import Checkout
from shop.people import consent, users
from shop.photos import photos
from shop.photos.comparison import COMPARE
from shop.photos.photos import CHECK
from shop.records import (
    Avatar,
    Clip,
    ConsentKind,
    Currency,
    Order,
    OutboxMessage,
    PaymentEvent,
    Portrait,
    Relation,
    Subject,
)
from shop.records.clip_encoders import ClipEncoder
from tests.channels import PLAYGROUND
from tests.doubles import QuickEngine, photo
from tests.locks import WatchedBlobs, WatchedDatabase
from tests.storing import CAPACITY

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
        COMPARE: CompareHandler(deps, engine),
        TRAIN: TrainHandler(deps, engine, CATALOG, LABEL),
        PAINT: PaintHandler(deps, engine, CATALOG, LABEL),
        PREPARE: PrepareHandler(deps, engine, LABEL),
        FILM: FilmHandler(deps, engine, CATALOG, LABEL, ClipEncoder.X264),
        VIDEO: VideoHandler(deps, engine, CATALOG, LABEL, ClipEncoder.X264),
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
        "sandbox", Currency.CNY, "mini", Subject.WOMAN, photos_minimum=PHOTOS, capacity=CAPACITY
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


async def send_source(deps, name: str, jpeg: bytes | None = None) -> Clip:
    """A customer sent a picture that is to come alive; nobody has looked at it yet."""
    async with deps.database.begin() as tx:
        now = deps.database.clock()
        user = await users.get_or_create(tx, PLAYGROUND, name, "en", now)
        for kind in ConsentKind:
            await consent.give(tx, user, kind, now)
        clip = await clips.begin(tx, deps.cipher, user, Relation.SELF, now)
        key = await sources.source_key(tx, deps.cipher, clip)
    stored = await sources.store(deps.blobs, key, sanitizer.sanitize(jpeg or photo(1)))
    async with deps.database.begin() as tx:
        return await sources.admit(tx, clip, stored, deps.database.clock())


async def send_beside(deps, clip: Clip, jpeg: bytes | None = None) -> Clip:
    """Its customer sends a picture of who comes beside; nobody has looked at it yet."""
    async with deps.database.begin() as tx:
        now = deps.database.clock()
        half = await clips.add_picture(tx, clip, Relation.DEAD, now)
        key = await sources.source_key(tx, deps.cipher, half)
    stored = await sources.store(deps.blobs, key, sanitizer.sanitize(jpeg or photo(2)))
    async with deps.database.begin() as tx:
        return await sources.admit(tx, half, stored, deps.database.clock())


async def want_clip(
    deps, clip: Clip, motion: str = "nod", engine: str = EMBEDDED, credits: int = 0
) -> Clip:
    """Its customer chooses a motion, or what a video base can do; ``credits`` are given them."""
    async with deps.database.begin() as tx:
        now = deps.database.clock()
        fresh = await tx.get(Clip, clip.id)
        of_base = {one.id: one for one in CATALOG.video_motions(engine, 2)}
        chosen = of_base.get(motion) or CATALOG.motion(motion).motion
        if credits:
            await users.lock(tx, fresh.user_id)
            await ledger.grant(tx, fresh.user_id, credits, f"grant:{clip.id}", now)
        return await filming.request(tx, CATALOG, fresh, chosen, now, engine=engine)


async def want_portrait_alive(deps, portrait: Portrait, motion: str = "nod") -> Clip:
    """A customer wants one of their portraits to move; with "" they have not chosen how."""
    async with deps.database.begin() as tx:
        now = deps.database.clock()
        user = await users.lock(tx, portrait.user_id)
        await consent.give(tx, user, ConsentKind.MOTION, now)
        clip = await clips.begin(tx, deps.cipher, user, Relation.SELF, now, portrait=portrait)
    return await want_clip(deps, clip, motion) if motion else clip


async def erase_what_is_due(deps) -> None:
    """The outbox worker's part."""
    for message in await all_of(deps, OutboxMessage):
        told = message.payload
        if message.name == "erase_source":
            await blob_erasure.erase_source(
                deps.database, deps.blobs, told["clip"], told["count"], told["why"]
            )
        elif message.name == "erase_blobs":
            await blob_erasure.erase_blobs(deps.blobs, told["prefix"])
