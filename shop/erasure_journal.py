"""The journal of erasures: which keys were destroyed, which photos, people, chats and consents
ended. It outlives the database, so that a backup of that, restored, does not bring them back.

It lies in the blob store, below :data:`FOLDER`, in blobs of JSON lines. What is erased is noted in
the transaction that erases it (:mod:`shop.erasure_notes`), and the notes are moved into the journal
after that (:meth:`ErasureJournal.write`), before anybody is told that it was erased. It holds
random ids, which say nothing about who, and when. Each blob begins with its authentication code, of
its day and its lines: whoever can write into the store, and has not the signing key, can add no
line and change none. They can take a whole blob away, as any other of the store's.
"""

import hmac
import json
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from shop.encryption import KeyedHash
from shop.errors import CannotStart, NotFound
from shop.ports import Blobs, Database, OneOf
from shop.records import ErasureKind, ErasureNote, new_id

FOLDER: Final = "erasures"
KEPT: Final = timedelta(days=400)
"""How long a line is kept: an older backup is not restored any more."""
_BATCH: Final = 500
_APART: Final = 100  # blobs of today that may lie beside each other
_PURPOSE: Final = "erasures/1"


@dataclass(frozen=True, slots=True)
class ErasureLine:
    """A line of the journal: what was erased, and when."""

    kind: ErasureKind
    subject: str
    at: datetime


class ErasureJournal:
    """The journal in a blob store, by the shop's signing key."""

    def __init__(self, blobs: Blobs, signing_key: bytes) -> None:
        self._blobs = blobs
        self._code = KeyedHash(signing_key, _PURPOSE)

    async def write(self, database: Database) -> int:
        """Move what was noted into the journal; returns how many lines that were. Once it has
        returned, whatever was committed before the call is there. Of several at once, or after a
        crash, some lines are there twice, which says the same."""
        written = 0
        while True:
            async with database.snapshot() as tx:
                notes = await tx.find(ErasureNote, order="at", limit=_BATCH)
                now = await tx.now()
            if not notes:
                return written
            await self.append([ErasureLine(one.kind, one.subject, one.at) for one in notes], now)
            async with database.begin() as tx:
                written += await tx.remove(ErasureNote, id=OneOf([one.id for one in notes]))
            if len(notes) < _BATCH:  # what was committed since, others ask for
                return written

    async def append(self, lines: Sequence[ErasureLine], now: datetime) -> None:
        """Write lines into the journal, all or none."""
        said = ({"kind": one.kind, "subject": one.subject, "at": str(one.at)} for one in lines)
        await self._keep(f"{now:%Y-%m-%d}", [json.dumps(one) for one in said])

    async def read(self) -> AsyncIterator[ErasureLine]:
        """Every line that is kept, in no order. Raises :class:`CannotStart` for a blob that was
        changed, or is not ours: what it said would come back."""
        async for path in self._blobs.walk(FOLDER):
            for line in await self._lines(path):
                said = json.loads(line)
                at = datetime.fromisoformat(said["at"])
                yield ErasureLine(ErasureKind(said["kind"]), said["subject"], at)

    async def tidy(self, now: datetime) -> None:
        """Remove the days that are older than :data:`KEPT`, and make one blob of many, so that the
        journal of a year is soon read."""
        days: dict[date, list[str]] = defaultdict(list)
        async for path in self._blobs.walk(FOLDER):
            with suppress(ValueError):  # somebody else's folder
                days[date.fromisoformat(path.split("/")[1])].append(path)
        for day, paths in days.items():
            if day < (now - KEPT).date():
                await self._blobs.remove(f"{FOLDER}/{day}")
            elif len(paths) > (_APART if day >= now.date() else 1):
                await self._merge(day, paths)

    async def sign_anew(self) -> None:
        """Give every blob this signing key's code, whichever it has. For whoever changes the
        signing key, while nobody else writes. Raises :class:`CannotStart` for what has none."""
        paths = [path async for path in self._blobs.walk(FOLDER)]
        for path in paths:
            code, _, text = (await self._blobs.get(path)).decode(errors="replace").partition("\n")
            if not re.fullmatch("[0-9a-f]{64}", code):
                raise _distrusted(path)
            await self._keep(path.split("/")[1], text.splitlines())
            await self._blobs.remove(path)

    async def _merge(self, day: date, paths: list[str]) -> None:
        """One is removed when what was in it stands in another. Who does the same at the same time
        leaves lines twice, at worst."""
        try:
            lines = [line for path in paths for line in await self._lines(path)]
        except NotFound:  # another one is at it
            return
        await self._keep(str(day), dict.fromkeys(lines))
        for path in paths:
            await self._blobs.remove(path)

    async def _keep(self, day: str, lines: Iterable[str]) -> None:
        text = "\n".join(lines)
        await self._blobs.create(
            f"{FOLDER}/{day}/{new_id()}", f"{self._code(day, text)}\n{text}".encode()
        )

    async def _lines(self, path: str) -> list[str]:
        """Of the blob at ``path``. Raises :class:`CannotStart` unless they are as one with our
        signing key has written them."""
        code, _, text = (await self._blobs.get(path)).decode(errors="replace").partition("\n")
        if not hmac.compare_digest(code.encode(), self._code(path.split("/")[1], text).encode()):
            raise _distrusted(path)
        return text.splitlines()


def _distrusted(path: str) -> CannotStart:
    return CannotStart(
        f"the journal of erasures cannot be trusted at {path}: it was cut off, changed or moved, "
        "or written with another EIDER_SIGNING_KEY (where that is not set, another "
        "EIDER_MASTER_KEY). Set the right one, or bring that blob back from a copy of the store: "
        "without it whatever it names would come back"
    )
