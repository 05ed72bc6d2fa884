"""Photos that are held: for what their customer says, and what an admin decides of each, of which
its customer always hears."""

from dataclasses import replace
from datetime import datetime

from shop.errors import NotAllowed
from shop.jobs import outbox
from shop.people import users
from shop.photos.chosen import number_of
from shop.photos.photos import OPEN_FOR_PHOTOS, accepted, transition
from shop.ports import Tx
from shop.records import Flaw, Order, Photo, PhotoState, User


async def approve(tx: Tx, photo: Photo, now: datetime) -> Photo:
    """An admin accepts a held photo, and has seen an adult on it. Raises :class:`NotAllowed` if it
    is not held.
    """
    _require_held(photo)
    approved = await transition(tx, photo, PhotoState.ACCEPTED, now, flaw=None, youth=0.0)
    await _tell(tx, approved, "photo_approved", now)
    return approved


async def hold_for_age(tx: Tx, user: User, order: Order | None, now: datetime) -> int:
    """The customer says that they are a minor: what counts by now of their unpaid order, and
    whatever they send later (:func:`shop.photos.album_age.as_stated`), waits for an admin, as
    surely young. Returns how many photos of the order wait; 0 once it is paid."""
    await users.state_minor(tx, user, now)
    fresh = await tx.get(Order, order.id, lock=True) if order else None
    if fresh is None or fresh.state not in OPEN_FOR_PHOTOS:
        return 0
    held = await tx.find(Photo, order_id=fresh.id, state=PhotoState.HELD, lock=True)
    for photo in held:
        await tx.put(replace(photo, youth=1.0))
    counted = await accepted(tx, fresh.id)
    for photo in counted:
        await transition(tx, photo, PhotoState.HELD, now, flaw=Flaw.MINOR, youth=1.0)
    return len(held) + len(counted)


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
