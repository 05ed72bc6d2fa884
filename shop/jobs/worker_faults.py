"""Faults of workers' hosts, told to admins."""

from collections.abc import Iterable
from datetime import datetime

from shop.jobs import outbox
from shop.people import users
from shop.ports import Tx


async def report(tx: Tx, worker: str, what: str, admins: Iterable[str], now: datetime) -> None:
    """Notify those of the ``admins`` (``telegram:42``) who are users that a worker is out of
    service: once a day for each worker (``studio@host (cuda:1)``) and fault (``what``, a word)."""
    for admin in await users.known_admins(tx, admins):
        key = f"worker_fault:{worker}:{what}:{admin.id}"
        await outbox.notify(
            tx, admin.id, "worker_fault", now, key=key, once=True, worker=worker, what=what
        )
