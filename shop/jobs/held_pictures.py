"""Pictures that wait for an admin's review, told to the admins: those of a while at once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from shop.jobs import outbox
from shop.people import users
from shop.ports import Tx
from shop.records import CHAT, Clip, ClipState, Photo, PhotoState

MESSAGE: Final = "held_pictures"
"""The name of the outbox message, and the kind of the notice that it leads to."""

GATHERED: Final = 120.0  # seconds in which what is held is one notice for an admin


async def announce(tx: Tx, now: datetime) -> None:
    """A picture was held."""
    await outbox.enqueue(tx, CHAT, MESSAGE, {}, now, delay=GATHERED, key=MESSAGE)


async def tell(tx: Tx, admins: Iterable[str], now: datetime) -> None:
    """Notify those of the ``admins`` (``telegram:42``) who are users. Safe to run twice."""
    for admin in await users.known_admins(tx, admins):
        await outbox.notify(tx, admin.id, MESSAGE, now, key=f"{MESSAGE}:{admin.id}")


async def count(tx: Tx) -> int:
    """How many pictures wait."""
    photos = await tx.count(Photo, state=PhotoState.HELD)
    return photos + await tx.count(Clip, state=ClipState.HELD)
