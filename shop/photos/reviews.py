"""What an admin decides of a photo that is held; its customer always hears of it."""

from datetime import datetime

from shop.errors import NotAllowed
from shop.jobs import outbox
from shop.photos.chosen import number_of
from shop.photos.photos import transition
from shop.ports import Tx
from shop.records import Photo, PhotoState


async def approve(tx: Tx, photo: Photo, now: datetime) -> Photo:
    """An admin accepts a held photo, and has seen an adult on it. Raises :class:`NotAllowed` if it
    is not held.
    """
    _require_held(photo)
    approved = await transition(tx, photo, PhotoState.ACCEPTED, now, flaw=None, youth=0.0)
    await _tell(tx, approved, "photo_approved", now)
    return approved


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
