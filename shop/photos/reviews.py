"""Photos that are held: for what their customer says, and what an admin decides of each, of which
its customer always hears."""

from datetime import datetime

from shop.errors import NotAllowed
from shop.jobs import outbox
from shop.people.users import lock as lock_user
from shop.photos.chosen import number_of
from shop.photos.photos import OPEN_FOR_PHOTOS, accepted, transition
from shop.ports import Tx
from shop.records import Flaw, Order, Photo, PhotoState


async def approve(tx: Tx, photo: Photo, now: datetime) -> Photo:
    """An admin accepts a held photo, and has seen an adult on it. Raises :class:`NotAllowed` if it
    is not held.
    """
    _require_held(photo)
    approved = await transition(tx, photo, PhotoState.ACCEPTED, now, flaw=None, youth=0.0)
    await _tell(tx, approved, "photo_approved", now)
    return approved


async def hold_for_age(tx: Tx, order: Order, now: datetime) -> int:
    """Its customer says that they are a minor: what counts by now of an unpaid order waits for an
    admin, as surely young. Returns how many of its photos wait; 0 once it is paid."""
    await lock_user(tx, order.user_id)
    fresh = await tx.get(Order, order.id, lock=True)
    if fresh is None or fresh.state not in OPEN_FOR_PHOTOS:
        return 0
    for photo in await accepted(tx, fresh.id):
        await transition(tx, photo, PhotoState.HELD, now, flaw=Flaw.MINOR, youth=1.0)
    return await tx.count(Photo, order_id=fresh.id, state=PhotoState.HELD)


async def reject(tx: Tx, photo: Photo, now: datetime) -> Photo:
    """An admin rejects a held photo, for the flaw it was held for. Raises :class:`NotAllowed`."""
    _require_held(photo)
    rejected = await transition(tx, photo, PhotoState.REJECTED, now)
    await _tell(tx, rejected, "photo_rejected", now)
    return rejected


async def _tell(tx: Tx, photo: Photo, verdict: str, now: datetime) -> None:
    number = await number_of(tx, photo)
    await outbox.notify(tx, photo.user_id, verdict, now, order=photo.order_id, number=number)


def _require_held(photo: Photo) -> None:
    if photo.state is not PhotoState.HELD:
        raise NotAllowed
