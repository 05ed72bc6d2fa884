"""Fixtures for the shop's rules: a small catalogue, and the steps of a customer's journey."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from pipeline.decoding import sanitizer
from shop.adapters.memory import MemoryBlobs
from shop.avatars import avatars, portraits
from shop.avatars.training_results import TrainedAvatar
from shop.catalog import Catalog, Price, Template
from shop.encryption import EnvelopeCipher, KeyedHash
from shop.jobs import jobs
from shop.jobs.kinds import JobKind
from shop.money import ledger
from shop.orders import orders
from shop.people import consent, past_accounts
from shop.photos import photos, quality
from shop.photos.decoding import SanitizedPhoto
from shop.ports import Blobs, Database, Tx
from shop.records import (
    Avatar,
    ConsentKind,
    Currency,
    Job,
    LikenessRange,
    Order,
    OutboxMessage,
    PaymentEvent,
    Photo,
    Product,
    Shoot,
    Subject,
    User,
    new_id,
)
from tests.channels import PLAYGROUND
from tests.storing import CAPACITY, WithinTransaction, finish_shoot, finish_training, take_photo

MASTER = bytes(range(32))
PRICE = 990
GRANTED = 8
SHOOT = 4
FILM = 3
TOGETHER = 5
PACK = 20


def template(id: str, *look: str, subjects: Sequence[Subject] = tuple(Subject)) -> Template:
    words = {"zh_CN": id, "en": id, "fr": id, "ko": id}
    return Template(
        id=id,
        names=words,
        blurbs=words,
        group="id",
        order=1,
        subjects=tuple(subjects),
        look=look or ("plain",),
        prompt="photo of {subject}",
        negative="",
        width=512,
        height=640,
        seeds=(1, 2, 3, 4, 5),
        preview=Path("nowhere.jpg"),
    )


CATALOG = Catalog(
    templates=(template("hanfu", "silk"), template("blue"), template("noir")),
    prices=(
        Price(Product.AVATAR, Currency.CNY, PRICE, GRANTED),
        Price(Product.AVATAR, Currency.XTR, 70, GRANTED),
        Price(Product.CREDITS, Currency.CNY, 600, PACK),
        Price(Product.CREDITS, Currency.CNY, 2500, 100),
    ),
    shoot_credits=SHOOT,
    bases={"mini": frozenset({"plain"}), "sdxl": frozenset({"*"})},
    film_credits=FILM,
    together_credits=TOGETHER,
    gift_clip=True,
)

CHECKOUT = orders.Checkout(
    till="sandbox", currency=Currency.CNY, base="mini", photos_minimum=12, capacity=CAPACITY
)


def jpeg(seed: int = 0, size: tuple[int, int] = (300, 320)) -> bytes:
    """A small picture; other seeds are other pictures."""
    colours = random.Random(seed).randbytes(4 * 4 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (4, 4), colours).resize(size).save(out, "JPEG")
    return out.getvalue()


@cache
def taken(seed: int) -> SanitizedPhoto:
    """The same, developed: once for all tests."""
    return sanitizer.sanitize(jpeg(seed))


def findings(seed: int, **changes: object) -> quality.PhotoFindings:
    """Those of a good photo, unlike any of another seed."""
    bits = random.Random(seed)
    good = {
        "width": 300,
        "height": 320,
        "faces": 1,
        "face_share": 0.4,
        "sharpness": 500.0,
        "indecency": 0.01,
        "covered": 0.01,
        "youth": 0.02,
        "phash": f"{bits.getrandbits(256):064x}",
        "phash_mirrored": f"{bits.getrandbits(256):064x}",
        "face_hashes": (bits.randbytes(72), bits.randbytes(72)),
        "view": "front",
    }
    return quality.PhotoFindings(**(good | changes))  # type: ignore[arg-type]


def made(*kept: bytes, best: int = 0) -> TrainedAvatar:
    """A training's result: of one checkpoint, unless told."""
    kept = kept or (b"lora of a person",)
    return TrainedAvatar(kept, best, 300, 95.0, 0.9, 0.4, LikenessRange(0.8, 0.1, 1.0))


def painted(*seeds: int) -> list[portraits.PaintedPicture]:
    return [
        portraits.PaintedPicture(b"portrait %d" % seed, seed, 512, 640, "image/png")
        for seed in seeds
    ]


@dataclass
class Shop:
    """Steps of a customer's journey over one transaction."""

    tx: Tx
    now: datetime
    blobs: Blobs = field(default_factory=MemoryBlobs)
    cipher: EnvelopeCipher = field(default_factory=lambda: EnvelopeCipher(MASTER))
    addresses: KeyedHash = field(default_factory=lambda: past_accounts.address_hash(MASTER))
    catalog: Catalog = CATALOG

    @property
    def database(self) -> Database:
        """Transactions of rules that begin them themselves are part of this one."""
        return WithinTransaction(self.tx, self.now)

    async def customer(self, platform_id: str = "42") -> User:
        user = await self.arrives(platform_id)
        for kind in ConsentKind:
            await consent.give(self.tx, user, kind, self.now)
        return user

    async def arrives(self, platform_id: str) -> User:
        """Somebody writes."""
        return await past_accounts.arrive(
            self.tx, self.addresses, PLAYGROUND, platform_id, "en", self.now
        )

    async def collecting(self, good: int = 0, platform_id: str = "42") -> Order:
        """An order with so many accepted photos."""
        user = await self.customer(platform_id)
        order = await orders.begin(self.tx, self.cipher, user, self.now)
        for seed in range(good):
            await photos.apply_findings(
                self.tx, await self.photo(order, seed), findings(seed), self.now
            )
        return order

    async def photo(self, order: Order, seed: int) -> Photo:
        return await take_photo(self.tx, self.cipher, self.blobs, order, taken(seed), self.now)

    async def awaiting(self, platform_id: str = "42") -> Order:
        order = await self.collecting(12, platform_id)
        return await orders.place(self.tx, self.catalog, order, CHECKOUT, self.now)

    async def pay(self, order: Order, charge: str = "c1", **changes: object) -> Order:
        return await orders.confirm_payment(
            self.tx, payment(order, charge, self.now, **changes), self.now
        )

    async def paid(self, platform_id: str = "42") -> tuple[Order, Avatar]:
        order = await self.awaiting(platform_id)
        paid = await self.pay(order, f"c{order.id}")
        [avatar] = await self.tx.find(Avatar, order_id=order.id)
        return paid, avatar

    async def begun(self, avatar: Avatar, worker: str = "w") -> Job:
        """A worker has begun to train it."""
        [job] = await jobs.owed(self.tx, avatars.TRAIN, avatar.id)
        leased = await jobs.lease(self.tx, job.id, worker, self.now, 30)
        assert leased is not None
        return leased

    async def expire(self, before: datetime) -> list[Order]:
        """What the scheduled task does with the orders that nobody touched since ``before``."""
        found = [
            await orders.expire(self.tx, order, before, self.now)
            for order in await orders.stale(self.tx, before)
        ]
        return [order for order in found if order is not None]

    async def trained(self, avatar: Avatar) -> Avatar:
        return await finish_training(
            self.tx, self.cipher, self.blobs, self.catalog, avatar, made(), self.now
        )

    async def ready(self, platform_id: str = "42") -> tuple[Order, Avatar, Shoot]:
        """An avatar, and its first shoot, still waiting."""
        order, avatar = await self.paid(platform_id)
        ready = await self.trained(avatar)
        [first] = await self.tx.find(Shoot, avatar_id=avatar.id)
        return order, ready, first

    async def painted(self, shoot: Shoot, *seeds: int) -> Shoot:
        pictures = painted(*(seeds or shoot.seeds))
        return await finish_shoot(self.tx, self.cipher, self.blobs, shoot, pictures, self.now)

    async def blob_paths(self, prefix: str = "") -> list[str]:
        return [path async for path in self.blobs.walk(prefix)]

    async def owes(self, queue: JobKind, ref: str) -> bool:
        return bool(await jobs.owed(self.tx, queue, ref))


def payment(order: Order, charge: str, at: datetime, **changes: object) -> PaymentEvent:
    told = {
        "till": "sandbox",
        "event_id": new_id(),
        "charge": charge,
        "order_id": order.id,
        "amount": order.amount,
        "currency": order.currency,
        "at": at,
    }
    return PaymentEvent(**(told | changes))  # type: ignore[arg-type]


async def payloads(shop, name):
    return [
        message.payload
        for message in await shop.tx.find(OutboxMessage, name=name, order="created_at")
    ]


async def notices(shop):
    return [payload["kind"] for payload in await payloads(shop, "notice")]


async def money(shop):
    """What the till holds, what is owed back, what was earned; the ledger sums to zero."""
    assert set((await shop.tx.totals()).values()) <= {0}
    return (
        await shop.tx.total("till:sandbox", Currency.CNY),
        -await shop.tx.total("owed:sandbox", Currency.CNY),
        -await shop.tx.total(ledger.SALES, Currency.CNY),
    )


@pytest.fixture
def shop(tx: Tx, now: datetime) -> Shop:
    return Shop(tx, now)
