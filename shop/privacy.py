"""What we hold of a person, how it goes, and the proof that it went.

Erasing is two-fold: keys and rows go in the transaction, which makes the blobs noise at once; the
blobs go by errands after it, and a receipt counts what a look at the disk still finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shop.avatars import avatars
from shop.errors import NotFound
from shop.jobs import jobs, outbox
from shop.money import ledger
from shop.orders import orders
from shop.people import consent
from shop.people.users import lock
from shop.ports import Above, Blobs, OneOf, Tx
from shop.records import (
    CHAT,
    Avatar,
    AvatarState,
    Consent,
    ConsentKind,
    Job,
    JobState,
    Order,
    OrderId,
    OrderState,
    Photo,
    Portrait,
    Product,
    SealedKey,
    Shoot,
    Subject,
    User,
    UserId,
)

LATER = 3.0  # seconds until the receipt of an erasure, so that the blobs have gone


@dataclass(frozen=True, slots=True)
class Holdings:
    """Everything there is about a person. ``uploads_left`` counts upload blobs on the disk, found
    by looking, and ``keys_left`` the keys that could open them.
    """

    photos: int
    uploads_left: int
    keys_left: int
    avatars: tuple[Avatar, ...]
    portraits: int
    consents: tuple[Consent, ...]
    orders: tuple[Order, ...]
    credits: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure ended: photos and portraits by count, avatars, orders whose money goes
    back, and credits that were given up.
    """

    photos: int
    avatars: int
    portraits: int
    refunds: int
    credits: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """How many uploads of an order are gone, and how many a look still found (0, or it raises)."""

    order: OrderId
    erased: int
    left: int


class StillThere(Exception):
    """Blobs that were removed are still found: the errand must be tried again."""


async def holdings(tx: Tx, blobs: Blobs, user: User) -> Holdings:
    """Look everything up that is held of a person."""
    their_orders = await tx.find(Order, user_id=user.id, order="created_at")
    ready = await tx.find(Avatar, user_id=user.id, state=AvatarState.READY, order="ready_at")
    return Holdings(
        photos=await tx.count(Photo, user_id=user.id),
        uploads_left=await _found(blobs, [f"uploads/{order.id}" for order in their_orders]),
        keys_left=await _keys(tx, their_orders),
        avatars=tuple(ready),
        portraits=await tx.count(Portrait, user_id=user.id),
        consents=tuple(await tx.find(Consent, user_id=user.id, order="given_at")),
        orders=tuple(their_orders),
        credits=await ledger.balance(tx, user.id),
    )


async def uploads_left(tx: Tx, blobs: Blobs) -> int:
    """Upload blobs and upload keys of all people, found by looking."""
    keyed = await tx.find(Order, key_id=Above(""))
    return await _found(blobs, ["uploads"]) + await _keys(tx, keyed)


async def left(tx: Tx, blobs: Blobs, user_id: UserId) -> int:
    """Blobs of any kind that a look still finds of a person: 0 once their errands are done."""
    prefixes = [f"uploads/{order.id}" for order in await tx.find(Order, user_id=user_id)]
    for avatar in await tx.find(Avatar, user_id=user_id):
        prefixes += [f"avatars/{avatar.id}", f"portraits/{avatar.id}"]
    return await _found(blobs, prefixes)


async def erase(tx: Tx, user: User, now: datetime) -> Erasure:
    """Remove or make anonymous everything personal. The books stay: their ids say nothing.

    Unpaid orders are cancelled, unfinished ones refunded, avatars and portraits erased, jobs
    cancelled, consents withdrawn, the chat address forgotten; whoever writes again is new here.
    Errands: erase_uploads, erase_blobs, drop_session {platform, person}, and the notice "erased"
    {platform, person, language}, whose address is in it because the user has none any more.
    """
    known = await lock(tx, user.id)
    if known.erased_at is not None:
        return Erasure(0, 0, 0, 0, 0)
    held = await _count(tx, known)
    await _end_orders(tx, known, now)
    credits = await _drop_credits(tx, known, now)
    await _forget(tx, known, now)
    return replace(held, credits=credits)


async def erase_uploads(
    tx: Tx, blobs: Blobs, order_id: OrderId, count: int, why: str, now: datetime
) -> Receipt:
    """The errand ``erase_uploads``: remove the blobs, look, and leave the receipt's notice.

    Raises :class:`StillThere` if the look finds any, so that the errand is tried again. ``count``
    comes from the errand: a second try finds fewer blobs than the first one removed.
    """
    order = await tx.get(Order, order_id)
    if order is None:
        raise NotFound
    await erase_blobs(blobs, f"uploads/{order_id}")
    receipt = Receipt(order_id, count, await _found(blobs, [f"uploads/{order_id}"]))
    await outbox.notify(
        tx, order.user_id, "uploads_erased", now, key=f"uploads_erased:{order_id}", once=True,
        order=order_id, count=receipt.erased, left=receipt.left, why=why,
    )  # fmt: skip
    return receipt


async def erase_blobs(blobs: Blobs, prefix: str) -> int:
    """The errand ``erase_blobs``; says how many were there. Raises :class:`StillThere`."""
    gone = await blobs.remove(prefix)
    if await _found(blobs, [prefix]):
        raise StillThere(prefix)
    return gone


async def sweep_blobs(tx: Tx, blobs: Blobs) -> int:
    """Remove blobs whose key or owner is gone: left by a crash between a blob and its row.

    One that is being written is safe: its order or avatar was committed before.
    """
    gone = 0
    for room in ("uploads", "avatars", "portraits"):
        owners = {path.split("/")[1] async for path in blobs.walk(room)}
        for owner in owners:
            if not await _keeps(tx, room, owner):
                gone += await blobs.remove(f"{room}/{owner}")
    return gone


async def _keeps(tx: Tx, room: str, owner: str) -> bool:
    if room == "uploads":
        order = await tx.get(Order, owner)
        return order is not None and order.key_id is not None
    avatar = await tx.get(Avatar, owner)
    return avatar is not None and avatar.state in (AvatarState.WAITING, AvatarState.READY)


async def _count(tx: Tx, user: User) -> Erasure:
    return Erasure(
        photos=await tx.count(Photo, user_id=user.id),
        avatars=await tx.count(Avatar, user_id=user.id, state=AvatarState.READY),
        portraits=await tx.count(Portrait, user_id=user.id),
        refunds=await tx.count(Order, user_id=user.id, state=OrderState.PAID),
        credits=0,
    )


async def _end_orders(tx: Tx, user: User, now: datetime) -> None:
    for order in await tx.find(Order, user_id=user.id, lock=True):
        if order.state in orders.UNPAID:
            await orders.cancel(tx, order, now, "erased")
        elif order.state is OrderState.PAID:
            await orders.refund(tx, order, "erased", now)
        elif order.product is Product.AVATAR:
            await avatars.revoke(tx, order, "erased", now)
        await _make_plain(tx, order.id)
    still = OneOf((JobState.WAITING, JobState.RUNNING))
    for job in await tx.find(Job, user_id=user.id, state=still):
        await jobs.end(tx, job, JobState.CANCELLED, now, "erased")
    await tx.remove(Shoot, user_id=user.id)


async def _make_plain(tx: Tx, order_id: OrderId) -> None:
    """Woman or man, and which style: no longer anybody's business."""
    if order := await tx.get(Order, order_id, lock=True):
        await tx.put(replace(order, subject=Subject.PERSON, template=""))
    for avatar in await tx.find(Avatar, order_id=order_id, lock=True):
        await tx.put(replace(avatar, subject=Subject.PERSON))


async def _drop_credits(tx: Tx, user: User, now: datetime) -> int:
    balance = await ledger.balance(tx, user.id)
    key = f"user:{user.id}:erased"
    return await ledger.take_back(tx, user.id, balance, key, now)


async def _forget(tx: Tx, user: User, now: datetime) -> None:
    for kind in ConsentKind:
        await consent.withdraw(tx, user, kind, now)
    platform, person = user.platform, user.platform_id
    address = {"platform": platform, "person": person}
    await outbox.enqueue(tx, CHAT, "drop_session", address, now)
    await outbox.notify(
        tx, user.id, "erased", now, delay=LATER,
        platform=platform, person=person, language=user.language,
    )  # fmt: skip
    await tx.put(
        replace(
            user, platform_id=f"erased:{user.id}", erased_at=now, language_chosen=False,
            unreachable=True, invited_by="",
        )
    )  # fmt: skip


async def _found(blobs: Blobs, prefixes: Sequence[str]) -> int:
    found = 0
    for prefix in prefixes:
        async for _ in blobs.walk(prefix):
            found += 1
    return found


async def _keys(tx: Tx, of: Sequence[Order]) -> int:
    ids = [order.key_id for order in of if order.key_id is not None]
    return await tx.count(SealedKey, id=OneOf(ids)) if ids else 0
