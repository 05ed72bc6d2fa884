"""The journal of erasures: which keys were destroyed, which photos, people, chats and consents
ended. It outlives the database, so that a backup of that, restored, does not bring them back.

It lies in the blob store, below :data:`FOLDER`, in blobs of JSON lines. What is erased is noted in
the transaction that erases it (:mod:`shop.erasure_notes`), and the notes are moved into the journal
after that (:meth:`ErasureJournal.write`), before anybody is told that it was erased. It holds
random ids, which say nothing about who, and when. Each blob begins with its authentication code, of
its own path and its lines: whoever can write into the store, and has not the signing key, can add
no line, change none, and put no blob in another's place. They can take a whole blob away, as any
other of the store's. What versions before this one wrote is taken over by
:meth:`ErasureJournal.sign_anew`.
"""

import asyncio
import hmac
import json
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
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
_AT_ONCE: Final = 16  # blobs that are read
_PURPOSE: Final = "erasures/1"


@dataclass(frozen=True, slots=True)
class ErasureLine:
    """A line of the journal: what was erased, and when."""

    kind: ErasureKind
    subject: str
    at: datetime


class Form(StrEnum):
    """How a blob of the journal is signed, in words."""

    OURS = "signed as this version does"
    FORMER = "signed by this key, in a former version's way"
    UNSIGNED = "unsigned, as versions before the signature wrote it"
    OTHERS = "signed by another key, or changed since"
    FOREIGN = "none of the journal's"


FORMER_FORMS: Final = frozenset({Form.FORMER, Form.UNSIGNED})
"""Of a version before this one, as it seems."""


@dataclass(frozen=True, slots=True)
class JournalBlob:
    """A blob that lies in the journal's folder, and what lines it has: none if it is foreign."""

    path: str
    form: Form
    text: Sequence[str]
    lines: Sequence[ErasureLine]

    @property
    def erasures(self) -> int:
        """How many of its lines name what was erased."""
        return sum(line.kind is not ErasureKind.BACKUP for line in self.lines)

    @property
    def why(self) -> str:
        """Where it is not ours: what it is, and what to do."""
        return f"the journal of erasures cannot be trusted at {self.path}: {_WHY[self.form]}"

    def require_ours(self) -> None:
        """Raises :class:`CannotStart`."""
        if self.form is not Form.OURS:
            raise CannotStart(self.why)


@dataclass(frozen=True, slots=True)
class SignedAnew:
    """How many blobs, and erasures in them, were signed, by the form in which they were found."""

    blobs: Mapping[Form, int]
    erasures: Mapping[Form, int]


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
        async for blob in self.blobs():
            blob.require_ours()
            for line in blob.lines:
                yield line

    async def blobs(self) -> AsyncIterator[JournalBlob]:
        """Every blob, whatever it is. Raises NotFound for one that was merged meanwhile."""
        paths = [path async for path in self._blobs.walk(FOLDER)]
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            for blob in await asyncio.gather(*map(self._look, some)):
                yield blob

    async def tidy(self, now: datetime) -> None:
        """Remove the days that are older than :data:`KEPT`, and make one blob of many, so that the
        journal of a year is soon read. A day with a blob that is not ours stays as it is."""
        days: dict[date, list[str]] = defaultdict(list)
        async for path in self._blobs.walk(FOLDER):
            with suppress(ValueError):  # somebody else's folder
                days[date.fromisoformat(path.split("/")[1])].append(path)
        for day, paths in days.items():
            if day < (now - KEPT).date():
                await self._blobs.remove(f"{FOLDER}/{day}")
            elif len(paths) > (_APART if day >= now.date() else 1):
                with suppress(CannotStart):  # the doctor names it
                    await self._merge(day, paths)

    async def sign_anew(self) -> SignedAnew:
        """Give every blob this signing key's code, in this version's form, whichever it has: who
        does it vouches for them. Nothing is signed, and :class:`CannotStart` raised, where one has
        no lines of a journal. It may be cut off, done again, and done while others write."""
        found = [blob async for blob in self.blobs() if blob.form is not Form.OURS]
        for blob in found:
            if blob.form is Form.FOREIGN:
                blob.require_ours()
        blobs, erasures = Counter[Form](), Counter[Form]()
        for blob in found:
            await self._keep(_day(blob.path), blob.text)
            await self._blobs.remove(blob.path)
            blobs[blob.form] += 1
            erasures[blob.form] += blob.erasures
        return SignedAnew(blobs, erasures)

    async def _merge(self, day: date, paths: list[str]) -> None:
        """One is removed when what was in it stands in another. Who does the same at the same time
        leaves lines twice, at worst."""
        lines: dict[str, None] = {}
        try:
            for path in paths:
                blob = await self._look(path)
                blob.require_ours()
                lines |= dict.fromkeys(blob.text)
        except NotFound:  # another one is at it
            return
        await self._keep(str(day), lines)
        for path in paths:
            await self._blobs.remove(path)

    async def _keep(self, day: str, lines: Iterable[str]) -> None:
        path, text = f"{FOLDER}/{day}/{new_id()}", "\n".join(lines)
        await self._blobs.create(path, f"{self._code(path, text)}\n{text}".encode())

    async def _look(self, path: str) -> JournalBlob:
        whole = (await self._blobs.get(path)).decode(errors="replace")
        code, _, text = whole.partition("\n")
        form = self._form(path, code, text)
        said = (whole if form is Form.UNSIGNED else text).splitlines()
        try:
            date.fromisoformat(_day(path))
            return JournalBlob(path, form, said, [_line(one) for one in said])
        except (ValueError, KeyError, TypeError, RecursionError):
            return JournalBlob(path, Form.FOREIGN, (), ())

    def _form(self, path: str, code: str, text: str) -> Form:
        """By the code alone."""
        if not re.fullmatch("[0-9a-f]{64}", code):
            return Form.UNSIGNED
        if hmac.compare_digest(code, self._code(path, text)):
            return Form.OURS
        former = (self._code(_day(path), text), self._code(text))
        return Form.FORMER if code in former else Form.OTHERS


def _day(path: str) -> str:
    return path.split("/")[1]


def _line(text: str) -> ErasureLine:
    said = json.loads(text)
    at = datetime.fromisoformat(said["at"])
    return ErasureLine(ErasureKind(said["kind"]), str(said["subject"]), at)


_TAKE_OVER: Final = (
    "python -m bot master-key sign-anew takes it over, once every process is of this version "
    "(docs/backup.md)"
)
_WHY: Final[Mapping[Form, str]] = {
    Form.FORMER: f"a version before this one has signed it, in its way: {_TAKE_OVER}",
    Form.UNSIGNED: (
        f"it is unsigned, as a version before this one wrote it: {_TAKE_OVER}. If the journal was "
        "signed anew already, it is somebody else's: bring that blob back from a copy of the "
        "store, or take it away if no copy has it"
    ),
    Form.OTHERS: (
        "it was changed or moved, or written with another EIDER_SIGNING_KEY (where that is not "
        "set, another EIDER_MASTER_KEY). Set the right one, or bring that blob back from a copy of "
        "the store: without it whatever it names would come back"
    ),
    Form.FOREIGN: (
        "it was cut off or damaged, or is none of ours. Bring that blob back from a copy of the "
        "store: without it whatever it names would come back. If no copy has one of that name, it "
        "was never the journal's: look at it, and take it away"
    ),
}
