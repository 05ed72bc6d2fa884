"""The journal of erasures: which keys were destroyed, which photos, people, chats and consents
ended. It outlives the database, so that a backup of that, restored, does not bring them back.

It lies in the blob store, below :data:`FOLDER`, in blobs of JSON lines. What
is erased is noted in the transaction that erases it (:func:`note`), and the notes are moved into
the journal after that (:func:`write`), before anybody is told that it was erased. It holds random
ids, which say nothing about who, and when.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from shop.errors import CannotStart, NotFound
from shop.ports import Blobs, Database, OneOf, Tx
from shop.records import ErasureKind, ErasureNote, new_id

FOLDER: Final = "erasures"
KEPT: Final = timedelta(days=400)
"""How long a line is kept: an older backup is not restored any more."""
_BATCH: Final = 500
_APART: Final = 100  # blobs of today that may lie beside each other


@dataclass(frozen=True, slots=True)
class ErasureLine:
    """A line of the journal: what was erased, and when."""

    kind: ErasureKind
    subject: str
    at: datetime


async def note(tx: Tx, kind: ErasureKind, subject: str, now: datetime) -> None:
    """What this transaction erases is to stand in the journal."""
    await tx.add(ErasureNote(new_id(), kind, subject, now))


async def write(database: Database, blobs: Blobs) -> int:
    """Move what was noted into the journal; returns how many lines that were. Once it has returned,
    whatever was committed before the call is there. Of several at once, or after a crash, some
    lines are there twice, which says the same."""
    written = 0
    while True:
        async with database.snapshot() as tx:
            notes = await tx.find(ErasureNote, order="at", limit=_BATCH)
            now = await tx.now()
        if not notes:
            return written
        await append(blobs, [ErasureLine(one.kind, one.subject, one.at) for one in notes], now)
        async with database.begin() as tx:
            written += await tx.remove(ErasureNote, id=OneOf([one.id for one in notes]))


async def append(blobs: Blobs, lines: list[ErasureLine], now: datetime) -> None:
    """Write lines into the journal, all or none."""
    text = "".join(
        json.dumps({"kind": one.kind, "subject": one.subject, "at": one.at.isoformat()}) + "\n"
        for one in lines
    )
    await blobs.create(f"{FOLDER}/{now:%Y-%m-%d}/{new_id()}", text.encode())


async def read(blobs: Blobs) -> AsyncIterator[ErasureLine]:
    """Every line that is kept, in no order. Raises :class:`CannotStart` for one that is none: what
    it said would come back."""
    async for path in blobs.walk(FOLDER):
        for line in (await blobs.get(path)).splitlines():
            yield _line_of(line, path)


def _line_of(text: bytes, path: str) -> ErasureLine:
    try:
        said = json.loads(text)
        at = datetime.fromisoformat(said["at"])
        return ErasureLine(ErasureKind(said["kind"]), str(said["subject"]), at)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CannotStart(
            f"the journal of erasures cannot be read at {path}: bring that blob back from a copy "
            "of the store, or take the line out that is cut off, and restore again"
        ) from error


async def tidy(blobs: Blobs, now: datetime) -> None:
    """Remove the days that are older than :data:`KEPT`, and make one blob of many, so that the
    journal of a year is soon read."""
    days: dict[date, list[str]] = defaultdict(list)
    async for path in blobs.walk(FOLDER):
        with suppress(ValueError):  # somebody else's folder
            days[date.fromisoformat(path.split("/")[1])].append(path)
    for day, paths in days.items():
        if day < (now - KEPT).date():
            await blobs.remove(f"{FOLDER}/{day}")
        elif len(paths) > (_APART if day >= now.date() else 1):
            await _merge(blobs, day, paths)


async def _merge(blobs: Blobs, day: date, paths: list[str]) -> None:
    """One is removed when what was in it stands in another. Who does the same at the same time
    leaves lines twice, at worst."""
    lines: dict[bytes, None] = {}
    try:
        for path in paths:
            lines |= dict.fromkeys((await blobs.get(path)).splitlines(keepends=True))
    except NotFound:  # another one is at it
        return
    await blobs.create(f"{FOLDER}/{day}/{new_id()}", b"".join(lines))
    for path in paths:
        await blobs.remove(path)
