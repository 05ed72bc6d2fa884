"""The :class:`shop.ports.Database` over SQL: transactions, and the errors they translate."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

import asyncpg
from sqlalchemy import make_url

from shop.adapters.database import statements
from shop.adapters.database.pools import DatabaseSession, open_pool
from shop.adapters.database.statements import Statement
from shop.adapters.machine_clock import utc_now
from shop.adapters.schema import APPEND_ONLY, UNIQUE, check_time_zones, require_writable
from shop.adapters.transaction_mutex import TransactionMutex
from shop.errors import (
    Duplicate,
    NotAllowed,
    NotFound,
    StoreBroken,
    TransactionConflict,
    Unavailable,
)
from shop.ports import Clock, Tx
from shop.records import Currency, Posting

R = TypeVar("R")

INTEGRITY_ERRORS: Final = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)
_DRIVERS_ERRORS: Final = (
    sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError,
)  # fmt: skip
_QUERY_ERRORS: Final = (
    *INTEGRITY_ERRORS,
    *(sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError),
    *(asyncpg.SyntaxOrAccessError, asyncpg.DataError),
)
"""What is wrong with a statement itself, however often it is made."""
_BROKEN: Final[Mapping[str, str]] = {
    "42P01": "undefined_table",
    "42703": "undefined_column",
    "42501": "insufficient_privilege",
}
"""PostgreSQL's codes and names of the errors that say so."""
_SQLITE_BROKEN: Final = ("no such table", "no such column")
"""SQLite has one code for all of them, and these words."""
CONFLICTS: Final = frozenset({"40001", "40P01"})
"""PostgreSQL's error codes for "could not serialize access" and "deadlock detected"."""

_NOW: Final = "SELECT clock_timestamp()"
_LOCK_NAME: Final = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


class SqlTx:
    """A :class:`shop.ports.Tx` over one connection in a transaction. ``dialect``: the database's
    kind. Its time is ``clock``'s; None: the database's own."""

    def __init__(
        self,
        session: DatabaseSession,
        dialect: str,
        clock: Clock | None,
        *,
        read_only: bool = False,
    ) -> None:
        self._session = session
        self._dialect = dialect
        self._clock = clock
        self._now: datetime | None = None
        self._read_only = read_only
        self._locked: dict[tuple[type[Any], str], Any] = {}  # nobody else can change these
        self.writes = 0

    async def now(self) -> datetime:
        if self._now is None:
            self._now = self._clock() if self._clock else await self._ask_time()
        return self._now

    async def lock_name(self, name: str) -> None:
        require_writable(self._read_only)
        if self._dialect == "postgresql":  # in SQLite there is one writer at a time
            await self._session.fetch(_LOCK_NAME, (name,))

    async def add(self, record: object) -> None:
        require_writable(self._read_only)
        check_time_zones(record)
        statement = statements.insert_statement(self._dialect, type(record))
        if not await self._change(statement, statements.row_of(record)):
            raise Duplicate

    async def put(self, record: object) -> None:
        kind = type(record)
        require_writable(self._read_only)
        _check_may_change(kind)
        check_time_zones(record)
        row = statements.row_of(record)
        row["where_id"] = row.pop("id")
        change = self._change_in_savepoint if _may_clash(record) else self._change
        if not await change(statements.update_statement(self._dialect, kind), row):
            raise NotFound
        if (kind, row["where_id"]) in self._locked:
            self._locked[kind, row["where_id"]] = record

    async def get(
        self, kind: type[R], /, id: str, *, lock: bool = False, skip_locked: bool = False
    ) -> R | None:
        if (kind, id) in self._locked:
            return cast("R", self._locked[kind, id])
        found = await self._find(kind, "", 1, lock, {"id": id}, skip_locked=skip_locked)
        return found[0] if found else None

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
        return await self._find(kind, order, limit, lock, where, skip_locked=skip_locked)

    async def _find(
        self,
        kind: type[R],
        order: str,
        limit: int | None,
        lock: bool,
        where: Mapping[str, Any],
        *,
        skip_locked: bool = False,
    ) -> list[R]:
        require_writable(self._read_only and (lock or skip_locked))
        shape, values = statements.split_where(where)
        query = statements.select_statement(
            self._dialect, kind, shape, order, limit, lock, skip_locked
        )
        rows = await self._session.fetch(query.sql, query.values(values))
        found = [kind(*query.row(row)) for row in rows]
        if lock or skip_locked:
            self._locked |= {(kind, cast(Any, one).id): one for one in found}
        return found

    async def count(self, kind: type[Any], /, **where: Any) -> int:
        shape, values = statements.split_where(where)
        return await self._scalar(statements.count_statement(self._dialect, kind, shape), values)

    async def total(self, account: str, currency: Currency) -> int:
        shape, values = statements.split_where({"account": account, "currency": currency})
        return await self._scalar(
            statements.sum_statement(self._dialect, Posting, "amount", shape), values
        )

    async def totals(self) -> Mapping[Currency, int]:
        query = statements.sums_statement(self._dialect, Posting, "amount", "currency")
        rows = await self._session.fetch(query.sql)
        return {Currency(currency): int(amount) for currency, amount in rows}

    async def remove(self, kind: type[Any], /, **where: Any) -> int:
        require_writable(self._read_only)
        _check_may_change(kind)
        if not where:
            raise ValueError("remove needs a condition")
        shape, values = statements.split_where(where)
        self._locked = {key: one for key, one in self._locked.items() if key[0] is not kind}
        return await self._change(statements.delete_statement(self._dialect, kind, shape), values)

    async def _ask_time(self) -> datetime:
        ((now,),) = await self._session.fetch(_NOW)
        return cast("datetime", now).astimezone(UTC)

    async def _scalar(self, query: Statement, values: Mapping[str, Any]) -> int:
        ((value,),) = await self._session.fetch(query.sql, query.values(values))
        return int(value)

    async def _change(self, statement: Statement, values: Mapping[str, Any]) -> int:
        changed = await self._session.change(statement.sql, statement.values(values))
        self.writes += changed
        return changed

    async def _change_in_savepoint(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """In a savepoint, so that a violated unique key leaves the transaction usable."""
        try:
            async with self._session.savepoint():
                return await self._change(statement, values)
        except INTEGRITY_ERRORS:
            raise Duplicate from None


class SqlDatabase:
    """A :class:`shop.ports.Database` in SQLite or PostgreSQL. Its tables must be there already:
    see :func:`shop.adapters.database.upgrade.upgrade`.

    Its time is PostgreSQL's own; SQLite has none, and is asked by processes of one machine: there
    it is the machine's. ``clock`` takes the place of either, for tests. ``revision``: of tables
    that no process may work on but a restore
    (:data:`shop.adapters.database.schema_contract.RESTORING`).
    """

    def __init__(self, url: str, clock: Clock | None = None, *, revision: str = "") -> None:
        location = make_url(url)
        self._dialect = location.get_backend_name()
        self._pool = open_pool(location, revision)
        self._mutex = TransactionMutex()
        self._one_writer = self._dialect == "sqlite"
        self._clock = clock or (utc_now if self._one_writer else None)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        if self._one_writer:
            async with self._mutex.acquired(), self._transaction() as tx:
                yield tx
        else:
            with self._mutex.entered():
                async with self._transaction() as tx:
                    yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        with self._mutex.entered():
            async with self._transaction(read_only=True) as tx:
                yield tx

    async def scrub(self) -> None:
        """Raises :class:`TimeoutError` while other processes are in the way: to be tried again."""
        if not self._one_writer:
            await self._pool.scrub()  # which holds up nobody's transaction
            return
        async with self._mutex.acquired():
            await self._pool.scrub()

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def _transaction(self, *, read_only: bool = False) -> AsyncIterator[Tx]:
        with _translated_errors():
            async with self._pool.transaction(read_only=read_only) as session:
                yield SqlTx(session, self._dialect, self._clock, read_only=read_only)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise :class:`Unavailable` for outages and conflicts, :class:`StoreBroken` where a table is
    missing; other errors in a query itself pass through."""
    try:
        yield
    except _DRIVERS_ERRORS as error:
        _require_tables(error)
        if isinstance(error, _QUERY_ERRORS):
            raise
        if getattr(error, "sqlstate", None) in CONFLICTS:
            raise TransactionConflict("undone for another transaction's sake") from error
        raise Unavailable("the database does not answer") from error


def _require_tables(error: Exception) -> None:
    """Raises :class:`StoreBroken` if that error says that one is missing, or is not ours to use."""
    how = _BROKEN.get(getattr(error, "sqlstate", None) or "")
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        said = str(error).partition(":")[0]  # what stands behind it may be of a statement
        how = said if said in _SQLITE_BROKEN else "SQLITE_ERROR"
    if how:
        raise StoreBroken(f"a table of the database cannot be used: {how}") from error


def _may_clash(record: object) -> bool:
    """Whether it could violate a unique key: None in one of a key's fields equals nothing."""
    return any(
        unique.kind is type(record)
        and all(getattr(record, name) is not None for name in unique.fields)
        for unique in UNIQUE
    )


def _check_may_change(kind: type[Any]) -> None:
    if kind in APPEND_ONLY:
        raise NotAllowed
