"""The shop's ports in memory, for tests. They pass the same contract tests as the real adapters."""

import copy
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from shop.adapters.blob_paths import checked, under
from shop.adapters.blobs_disk import PLACE
from shop.adapters.machine_clock import utc_now
from shop.adapters.schema import (
    APPEND_ONLY,
    UNIQUE,
    Unique,
    check_fields,
    check_time_zones,
    hints,
    require_writable,
)
from shop.adapters.transaction_mutex import TransactionMutex
from shop.errors import Duplicate, NotAllowed, NotFound
from shop.ports import Above, Below, Clock, OneOf, Tx
from shop.records import Currency, Posting

R = TypeVar("R")
Rows = dict[str, Any]


class MemoryTx:
    """A :class:`shop.ports.Tx` over copies of the tables it has written to."""

    def __init__(
        self, committed: dict[type[Any], Rows], now: datetime, *, read_only: bool = False
    ) -> None:
        self._committed = committed
        self._now = now
        self._read_only = read_only
        self.changed: dict[type[Any], Rows] = {}
        self.writes = 0

    async def now(self) -> datetime:
        return self._now

    async def lock_name(self, name: str) -> None:
        """Nothing to do: there is one writer at a time."""
        require_writable(self._read_only)

    async def add(self, record: object) -> None:
        require_writable(self._read_only)
        check_time_zones(record)
        id = cast(Any, record).id
        if id in self._rows(type(record)) or self._clashes(record):
            raise Duplicate
        self._writable(type(record))[id] = copy.deepcopy(record)
        self.writes += 1

    async def put(self, record: object) -> None:
        require_writable(self._read_only)
        _check_may_change(type(record))
        check_time_zones(record)
        id = cast(Any, record).id
        if id not in self._rows(type(record)):
            raise NotFound
        if self._clashes(record):
            raise Duplicate
        self._writable(type(record))[id] = copy.deepcopy(record)
        self.writes += 1

    async def get(
        self, kind: type[R], /, id: str, *, lock: bool = False, skip_locked: bool = False
    ) -> R | None:
        require_writable(self._read_only and (lock or skip_locked))
        return cast("R | None", self._rows(kind).get(id))

    async def find(
        self,
        kind: type[R],
        /,
        *,
        order: str = "",
        limit: int | None = None,
        lock: bool = False,
        skip_locked: bool = False,
        **where: Any,
    ) -> list[R]:
        require_writable(self._read_only and (lock or skip_locked))
        found = self._matching(kind, where)
        if order:
            name = order.removeprefix("-")
            check_fields(kind, {name: None})
            if order.startswith("-"):
                found.reverse()  # so that of equals the newest comes first, as in SQL
            found.sort(key=lambda row: _sortable(getattr(row, name)), reverse=order[0] == "-")
        return cast("list[R]", found[:limit])

    async def count(self, kind: type[Any], /, **where: Any) -> int:
        return len(self._matching(kind, where))

    async def total(self, account: str, currency: Currency) -> int:
        rows = self._matching(Posting, {"account": account, "currency": currency})
        return sum(row.amount for row in rows)

    async def totals(self) -> Mapping[Currency, int]:
        sums: dict[Currency, int] = defaultdict(int)
        for row in self._rows(Posting).values():
            sums[row.currency] += row.amount
        return dict(sums)

    async def remove(self, kind: type[Any], /, **where: Any) -> int:
        require_writable(self._read_only)
        _check_may_change(kind)
        if not where:
            raise ValueError("remove needs a condition")
        gone = self._matching(kind, where)
        rows = self._writable(kind)
        for row in gone:
            del rows[row.id]
        self.writes += len(gone)
        return len(gone)

    def _rows(self, kind: type[Any]) -> Rows:
        hints(kind)
        return self.changed[kind] if kind in self.changed else self._committed.get(kind, {})

    def _writable(self, kind: type[Any]) -> Rows:
        return self.changed.setdefault(kind, dict(self._committed.get(kind, {})))

    def _matching(self, kind: type[Any], where: Mapping[str, Any]) -> list[Any]:
        check_fields(kind, where)
        return [
            row
            for row in self._rows(kind).values()
            if all(_matches(getattr(row, name), wanted) for name, wanted in where.items())
        ]

    def _clashes(self, record: object) -> bool:
        return any(
            _same(unique, record, row)
            for unique in UNIQUE
            if unique.kind is type(record)
            for row in self._rows(unique.kind).values()
        )


class MemoryDatabase:
    """A :class:`shop.ports.Database` whose transactions run one after the other. Its time is
    ``clock``'s."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._tables: dict[type[Any], Rows] = {}
        self._mutex = TransactionMutex()
        self.clock = clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        async with self._mutex.acquired():
            tx = MemoryTx(self._tables, self.clock())
            yield tx
            self._tables |= tx.changed

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        with self._mutex.entered():
            yield MemoryTx(dict(self._tables), self.clock(), read_only=True)

    async def scrub(self) -> None:
        """Nothing to do: what was removed is gone."""

    async def close(self) -> None:
        self._tables.clear()


class MemoryBlobs:
    """A :class:`shop.ports.Blobs` in a dict."""

    place = PLACE

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}

    def bind(self, path: str, mark: bytes) -> None:
        """Nothing to do: no other memory stands in its place."""

    async def put(self, path: str, data: bytes) -> None:
        self._blobs[checked(path)] = bytes(data)

    async def create(self, path: str, data: bytes) -> None:
        if checked(path) in self._blobs:
            raise Duplicate
        await self.put(path, data)

    async def get(self, path: str) -> bytes:
        try:
            return self._blobs[checked(path)]
        except KeyError:
            raise NotFound from None

    async def remove(self, prefix: str) -> int:
        checked(prefix)
        gone = [path for path in self._blobs if under(path, prefix)]
        for path in gone:
            del self._blobs[path]
        return len(gone)

    async def remove_drafts(self, age: timedelta) -> int:
        return 0  # nothing is ever half-written here

    async def walk(self, prefix: str) -> AsyncIterator[str]:
        if prefix:
            checked(prefix)
        for path in sorted(self._blobs):
            if under(path, prefix):
                yield path


@dataclass(frozen=True, slots=True)
class WakeUpSignal:
    """A wake-up signal as it was sent. ``delay`` is in seconds."""

    queue: str
    name: str
    payload: Mapping[str, str | int | float]
    key: str
    delay: float = 0.0


class MemoryWakeUp:
    """A :class:`shop.ports.WakeUp` that keeps its signals for a test to :meth:`take`."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], WakeUpSignal] = {}

    async def signal(
        self,
        queue: str,
        name: str,
        payload: Mapping[str, str | int | float],
        *,
        key: str,
        delay: float = 0.0,
    ) -> None:
        self._waiting.setdefault((queue, key), WakeUpSignal(queue, name, dict(payload), key, delay))

    @property
    def signals(self) -> tuple[WakeUpSignal, ...]:
        """The signals that wait, in the order in which they were sent."""
        return tuple(self._waiting.values())

    def take(self, queue: str | None = None) -> list[WakeUpSignal]:
        """Remove and return the signals that wait (on one queue, or on all)."""
        taken = [one for one in self.signals if queue in (None, one.queue)]
        for one in taken:
            del self._waiting[one.queue, one.key]
        return taken


def _check_may_change(kind: type[Any]) -> None:
    if kind in APPEND_ONLY:
        raise NotAllowed


def _matches(value: Any, wanted: Any) -> bool:
    match wanted:
        case Below(limit):
            return value is not None and bool(value < limit)
        case Above(limit):
            return value is not None and bool(value > limit)
        case OneOf(values):
            return value in values
    return bool(value == wanted)


def _sortable(value: Any) -> tuple[bool, Any]:
    """Unset values come before all others."""
    return (value is not None, value if value is not None else 0)


def _same(unique: Unique, record: Any, other: Any) -> bool:
    if record.id == other.id:
        return False
    if unique.unset and any(getattr(row, unique.unset) is not None for row in (record, other)):
        return False
    wanted = [getattr(record, name) for name in unique.fields]
    return None not in wanted and wanted == [getattr(other, name) for name in unique.fields]
