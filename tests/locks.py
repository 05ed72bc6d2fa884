"""A memory database that holds the rules to the order of locks (decision 10).

In memory there is one writer at a time, and a rule that forgets a lock works all the same. Here it
fails, whatever the others do at that moment:

- what is replaced was locked or added in the same transaction: else what another one has written
  since it was read would be lost;
- whatever is written for a person (posted to an account of theirs, too), removed or locked of
  theirs, comes after the person's lock;
- a lock by name comes after the person's;
- blobs, sessions and the limiter are asked while no transaction is open.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any

from bot.state.limiter import MemoryLimiter
from bot.state.sessions import MemorySessions
from handlers.limits import Limit, Wait
from handlers.session import Session
from shop import installation
from shop.adapters.memory import MemoryBlobs, MemoryDatabase
from shop.ports import Tx
from shop.records import ChargePayer, FeatureFlag, Job, OutboxMessage, OutboxState, Posting, User

REPLACED_WHOLE = (FeatureFlag,)  # nothing of the old record is kept
TAKEN_UP = (Job, OutboxMessage)  # by whoever does them, without the lock of their person
ENDED = (OutboxState.DONE, OutboxState.GIVEN_UP)
PERSONAL_ACCOUNTS = ("credits", "held", "claim")  # "credits:{user}" and so on, of shop.money.ledger


class LockOrderError(AssertionError):
    """A rule relies on what it has not locked, or locks in another order."""


class WatchedTx:
    """A :class:`shop.ports.Tx` that raises :class:`LockOrderError`."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._held: dict[tuple[type[Any], str], Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    async def lock_name(self, name: str) -> None:
        self._held[str, name] = name
        await self._tx.lock_name(name)

    async def add(self, record: Any) -> None:
        if not isinstance(record, OutboxMessage):  # a worker, too, has something to tell
            await self._require_person(record)
        await self._tx.add(record)
        self._held[type(record), record.id] = record

    async def put(self, record: Any) -> None:
        if type(record) not in REPLACED_WHOLE:
            await self._require_held(record)
        await self._require_person(record)
        await self._tx.put(record)

    async def remove(self, kind: type[Any], /, **where: Any) -> int:
        for record in await self._tx.find(kind, **where):
            # Messages that have ended are swept for everybody at once: nobody takes one up again.
            # Who paid is removed with them, in whichever account: no rule relies on it.
            ended = isinstance(record, OutboxMessage) and record.state in ENDED
            if not ended and not isinstance(record, ChargePayer):
                await self._require_person(record)
        return await self._tx.remove(kind, **where)

    async def get(
        self, kind: type[Any], /, id: str, *, lock: bool = False, skip_locked: bool = False
    ) -> Any:
        found = await self._tx.get(kind, id, lock=lock, skip_locked=skip_locked)
        if found is not None and (lock or skip_locked):
            await self._lock(found, waits=lock)
        return found

    async def find(
        self, kind: type[Any], /, *, lock: bool = False, skip_locked: bool = False, **where: Any
    ) -> Any:
        found = await self._tx.find(kind, lock=lock, skip_locked=skip_locked, **where)
        for one in found if lock or skip_locked else ():
            await self._lock(one, waits=lock)
        return found

    async def _lock(self, record: Any, *, waits: bool) -> None:
        if isinstance(record, User):
            theirs = [one for one in self._held.values() if _owner(one) == record.id]
            theirs += [one for one in self._held.values() if isinstance(one, str)]
            if theirs and (User, record.id) not in self._held:
                raise LockOrderError(f"the person is locked after their {type(theirs[0]).__name__}")
        elif isinstance(record, OutboxMessage):
            # Without its person only who holds nothing yet may wait for it.
            if waits and self._held and (OutboxMessage, record.id) not in self._held:
                await self._require_person(record)
        elif not isinstance(record, Job):  # a worker leases without its person
            await self._require_person(record)
        self._held.setdefault((type(record), record.id), record)

    async def _require_held(self, record: Any) -> None:
        if (type(record), record.id) not in self._held:
            raise LockOrderError(f"a {type(record).__name__} is replaced that was not locked")

    async def _require_person(self, record: Any) -> None:
        owner = _owner(record)
        if not owner or (type(record) in TAKEN_UP and (type(record), record.id) in self._held):
            return
        if (User, owner) not in self._held and await self._tx.get(User, owner) is not None:
            raise LockOrderError(f"a {type(record).__name__} without the lock of its person")


class WatchedDatabase(MemoryDatabase):
    """Over memory. :class:`WatchedBlobs` know when one of its transactions is open."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with super().begin() as tx:
            with _entered():
                yield WatchedTx(tx)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        async with super().snapshot() as tx:
            with _entered():
                yield tx


class WatchedBlobs(MemoryBlobs):
    """Blobs that are not to be touched while a transaction is open: a disk may be slow."""

    async def put(self, path: str, data: bytes) -> None:
        if path != installation.ID_PATH:  # once in a database's life, while its row is being added
            _require_outside()
        await super().put(path, data)

    async def get(self, path: str) -> bytes:
        _require_outside()
        return await super().get(path)

    async def remove(self, prefix: str) -> int:
        _require_outside()
        return await super().remove(prefix)

    async def walk(self, prefix: str) -> AsyncIterator[str]:
        _require_outside()
        async for path in super().walk(prefix):
            yield path


class WatchedSessions(MemorySessions):
    """Sessions that are not to be asked while a transaction is open: Redis may be slow, and of
    SQLite's transactions the others wait for each."""

    async def load(self, platform: str, person: str) -> Session | None:
        _require_outside()
        return await super().load(platform, person)

    async def save(self, platform: str, person: str, session: Session) -> None:
        _require_outside()
        await super().save(platform, person, session)

    async def drop(self, platform: str, person: str) -> None:
        _require_outside()
        await super().drop(platform, person)


class WatchedLimiter(MemoryLimiter):
    """A limiter, likewise."""

    async def take(self, limit: Limit, whose: str) -> Wait | None:
        _require_outside()
        return await super().take(limit, whose)


_inside: ContextVar[bool] = ContextVar("inside", default=False)


@contextmanager
def _entered() -> Iterator[None]:
    _inside.set(True)
    try:
        yield
    finally:
        _inside.set(False)


@contextmanager
def not_watched() -> Iterator[None]:
    """For a test that looks into blobs by itself."""
    inside = _inside.get()
    _inside.set(False)
    try:
        yield
    finally:
        _inside.set(inside)


def _require_outside() -> None:
    if _inside.get():
        raise LockOrderError("a disk, or Redis, is asked while a transaction is open")


def _owner(record: Any) -> str:
    """Whose the record is; "" if nobody's. Ids of no user are passed over by who asks: such as
    "issued" of the account "credits:issued"."""
    if isinstance(record, Posting):
        kind, _, owner = record.account.partition(":")
        return owner if kind in PERSONAL_ACCOUNTS else ""
    return getattr(record, "user_id", "")
