"""Blobs that rows refer to and the store does not have: after a restore of the database, of the
store, or of both, which need not be of one moment."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, Final

from shop.ports import Above, Blobs, Database
from shop.records import Avatar, Clip, Photo, Portrait

_PAGE: Final = 1000


async def missing(database: Database, blobs: Blobs) -> list[str]:
    """The paths, sorted. What comes or goes while this looks may be among them."""
    there = {path async for path in blobs.walk("")}
    referred = {path async for path in _referred(database)}
    return sorted(referred - there)


async def _referred(database: Database) -> AsyncIterator[str]:
    for kind in (Photo, Avatar, Portrait, Clip):
        last = ""
        while True:
            async with database.snapshot() as tx:
                page: list[Any] = await tx.find(kind, id=Above(last), order="id", limit=_PAGE)
            if not page:
                break
            for path in (path for one in page for path in _paths(one) if path):
                yield path
            last = page[-1].id


def _paths(record: Photo | Avatar | Portrait | Clip) -> Iterable[str]:
    match record:
        case Photo() | Portrait():
            return (record.blob,)
        case Avatar():
            return record.blobs
        case Clip():
            files = (record.joined, record.blob, record.poster, record.preview)
            return (*record.sources, *record.before, *files)
