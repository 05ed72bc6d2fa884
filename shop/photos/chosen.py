"""Which of their photos a customer wants to be used: numbered, taken out, and complete."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from shop.errors import NotAllowed
from shop.people.users import lock as lock_user
from shop.photos.photos import OPEN_FOR_PHOTOS, transition
from shop.ports import Tx
from shop.records import Flaw, Order, OrderId, Photo, PhotoState


async def complete(tx: Tx, order: Order) -> None:
    """Its customer says that these are all their photos, until another one comes."""
    await lock_user(tx, order.user_id)
    fresh = await tx.get(Order, order.id, lock=True)
    if fresh is not None and fresh.state in OPEN_FOR_PHOTOS:
        await tx.put(replace(fresh, complete=True))


async def numbered(tx: Tx, order_id: OrderId) -> dict[int, Photo]:
    """An order's photos by their numbers: the order in which they came, from 1, whatever becomes of
    the others."""
    found = await tx.find(Photo, order_id=order_id, order="created_at")
    return dict(enumerate(found, start=1))


async def number_of(tx: Tx, photo: Photo) -> int:
    """The number of one of them; 0 once it is gone."""
    found = await numbered(tx, photo.order_id)
    return next((number for number, one in found.items() if one.id == photo.id), 0)


async def take_out(tx: Tx, order: Order, ids: Collection[str], now: datetime) -> int:
    """Their sender takes photos out, as of somebody else: those of the order that are accepted are
    rejected, and their copies erased. Returns how many. Sent once more, one is looked at anew.

    Raises :class:`NotAllowed` once the order takes no more photos.
    """
    await lock_user(tx, order.user_id)
    fresh = await tx.get(Order, order.id, lock=True)
    if fresh is None or fresh.state not in OPEN_FOR_PHOTOS:
        raise NotAllowed
    theirs = await tx.find(Photo, order_id=fresh.id, state=PhotoState.ACCEPTED)
    out = [photo for photo in theirs if photo.id in ids]
    for photo in out:
        await transition(tx, photo, PhotoState.REJECTED, now, flaw=Flaw.TAKEN_OUT, sha256="")
    return len(out)
