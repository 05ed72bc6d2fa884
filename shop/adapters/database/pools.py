"""Connections to either database, used through their drivers alone: aiosqlite and asyncpg.

SQLAlchemy builds and compiles our statements (:mod:`shop.adapters.database.statements`) and
migrates the tables. Executing them through its engine as well would cost ten times what SQLite
needs for one: a greenlet, a context and a result object for each.

SQLite: one writer at a time. Every transaction begins IMMEDIATE (one that began by reading could
not be raised to a writer without failing).

PostgreSQL: read committed, with locks by row and by person (decision 10). The rules check before
they write (a balance before a hold, a state before a step), and lock what they check.

Snapshots only read, as of one moment, and hold up nobody in either.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, Final, Protocol, TypeVar

import asyncpg
from sqlalchemy import URL

from shop.adapters.database.engine import POSTGRESQL_SETTINGS, WAIT_SECONDS, prepare_connection
from shop.adapters.database.schema_contract import (
    REVISION_QUERY,
    fits_query,
    known_revision,
    unfit,
)
from shop.adapters.database.sqlite_driver import Connection, creator
from shop.errors import Unavailable

POOL_SIZE: Final = 16
"""Connections that a process keeps at most; further transactions wait for one."""

T = TypeVar("T")

_CLOSE_SECONDS: Final = 5.0
_VACUUM_SECONDS: Final = 3600.0
_UNDO_SECONDS: Final = 0.5
_STATEMENT_SECONDS: Final = 2.0 * WAIT_SECONDS
"""A server that says nothing for so long is away: it waits for a lock half of that."""
"""How long a transaction that failed, or was cancelled, waits for PostgreSQL to say that it is
undone. A connection that does not say so is cut, which undoes it as well."""

Row = Sequence[Any]


class DatabaseSession(Protocol):
    """A connection in a transaction. It raises its driver's errors."""

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        """All rows that a query gives."""

    async def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        """How many rows a statement added, changed or removed."""

    def savepoint(self) -> AbstractAsyncContextManager[object]:
        """What fails within the block is undone, and the transaction goes on."""


class Pool(Protocol):
    """A process's connections to one database; they are opened when they are needed."""

    def transaction(self, *, read_only: bool) -> AbstractAsyncContextManager[DatabaseSession]:
        """Committed at the end of the block, undone if that raises. ``read_only``: a snapshot.

        Raises :class:`shop.errors.SchemaUnfit` where the tables are not this code's to work on."""

    async def scrub(self) -> None:
        """Purge deleted rows from the files. Raises :class:`TimeoutError` while others are in the
        way."""

    async def close(self) -> None:
        """Close what is idle. A later transaction opens a connection anew."""


def open_pool(url: URL, revision: str = "") -> Pool:
    """``revision``: of the tables that this process works on, if that is not what its code is
    written for. Raises :class:`ValueError` for what is neither SQLite nor PostgreSQL."""
    known = revision or known_revision()
    match url.get_backend_name():
        case "sqlite":
            return SqlitePool(url, known)
        case "postgresql":
            return PostgresPool(url, known)
        case other:
            raise ValueError(f"neither SQLite nor PostgreSQL: {other}")


class SqliteSession:
    """A :class:`DatabaseSession` over SQLite: each statement is one call in the thread of a
    connection of :mod:`shop.adapters.database.sqlite_driver`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        return await self._connection.in_thread(lambda raw: raw.execute(sql, values).fetchall())

    async def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        return await self._connection.in_thread(lambda raw: raw.execute(sql, values).rowcount)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        await self.change("SAVEPOINT one")
        try:
            yield
        except BaseException:
            await self.change("ROLLBACK TO one")
            raise
        finally:
            await self.change("RELEASE one")


class SqlitePool:
    """A :class:`Pool` of connections with a thread each."""

    def __init__(self, url: URL, revision: str) -> None:
        self._new = creator(url)
        self._revision = revision
        self._idle: list[Connection] = []
        self._slots = asyncio.Semaphore(POOL_SIZE)

    @asynccontextmanager
    async def transaction(self, *, read_only: bool) -> AsyncIterator[DatabaseSession]:
        async with self._connected() as connection:
            session = SqliteSession(connection)
            try:
                begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
                await connection.in_thread(lambda raw: _begin(raw, begin, self._revision))
                yield session
                await session.change("COMMIT")
            except BaseException:
                # The connection's thread does it next, also if nobody can wait for that any more.
                await connection.in_thread(_roll_back)
                raise

    async def scrub(self) -> None:
        """SQLite overwrites what is deleted, but its write-ahead log still has the old pages: the
        log is checkpointed and truncated."""
        async with self._connected() as connection:
            busy, *_ = await connection.in_thread(
                lambda raw: raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            )
        if busy:
            raise TimeoutError("the write-ahead log is in use")

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Connection]:
        async with self._slots:
            connection = self._idle.pop() if self._idle else await self._open()
            try:
                yield connection
            finally:
                self._idle.append(connection)

    async def _open(self) -> Connection:
        connection = self._new()
        await connection
        try:
            await connection.in_thread(prepare_connection)
        except BaseException:
            await connection.close()
            raise
        return connection


def _begin(connection: sqlite3.Connection, begin: str, known: str) -> None:
    """Begin, and see whether the tables fit. It blocks."""
    connection.execute(begin)
    try:
        fits = connection.execute(fits_query(known)).fetchone()
    except sqlite3.OperationalError as error:
        if not str(error).startswith(("no such table", "no such column")):
            raise
        fits = None
    if not fits:
        raise unfit(_revision_of(connection), known)


def _revision_of(connection: sqlite3.Connection) -> str:
    """Of the tables; "" where there are none."""
    try:
        found = connection.execute(REVISION_QUERY).fetchone()
    except sqlite3.OperationalError:
        return ""
    return str(found[0]) if found else ""


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.rollback()


class PostgresSession:
    """A :class:`DatabaseSession` over asyncpg, which prepares each statement once.

    Not by asyncpg's own transactions: a cancelled one waits for its server without end.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, values: Sequence[Any] = ()) -> Sequence[Row]:
        found: Sequence[Row] = await _answered(self._connection.fetch(sql, *values))
        return found

    async def change(self, sql: str, values: Sequence[Any] = ()) -> int:
        done: str = await _answered(self._connection.execute(sql, *values))  # such as "INSERT 0 1"
        return int(done.rpartition(" ")[2])

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        await _answered(self._connection.execute("SAVEPOINT one"))
        try:
            yield
        except Exception:  # a cancelled transaction is undone as a whole
            await _answered(self._connection.execute("ROLLBACK TO one; RELEASE one"))
            raise
        await _answered(self._connection.execute("RELEASE one"))


_BEGIN: Final = "BEGIN"  # read committed
_BEGIN_SNAPSHOT: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresPool:
    """A :class:`Pool` of asyncpg's.

    No ping before each use: a cut connection is an outage like any other, after which the pool
    makes new ones, and whoever was cut off is served again.
    """

    def __init__(self, url: URL, revision: str) -> None:
        self._revision = revision
        _, self._options = url.get_dialect()().create_connect_args(url)
        self._opened: asyncpg.Pool | None = None

    @asynccontextmanager
    async def transaction(self, *, read_only: bool) -> AsyncIterator[DatabaseSession]:
        async with self._connected() as connection:
            try:
                begin = _BEGIN_SNAPSHOT if read_only else _BEGIN
                await _begin_in_postgres(connection, begin, self._revision)
                yield PostgresSession(connection)
                await _answered(connection.execute("COMMIT"))
            except BaseException:
                await _undo(connection)
                raise

    async def scrub(self) -> None:
        """PostgreSQL marks the space as reusable; its own logs and backups are the operator's to
        purge."""
        async with self._connected() as connection:
            await _answered(connection.execute("VACUUM", timeout=_VACUUM_SECONDS))

    async def close(self) -> None:
        pool, self._opened = self._opened, None
        if pool is not None:
            with suppress(TimeoutError):  # what is still busy then is cut off
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await pool.close()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        pool = self._pool()
        try:
            await pool  # the first time: it is made ready, and connects to nothing yet
            connection = await pool.acquire(timeout=WAIT_SECONDS)
        except OSError as error:  # what the driver raises while no server listens; or the time-out
            raise Unavailable("no connection to the database") from error
        try:
            yield connection
        finally:
            with suppress(TimeoutError):  # it is cut then
                await pool.release(connection, timeout=_UNDO_SECONDS)

    def _pool(self) -> Any:
        if self._opened is None:
            self._opened = asyncpg.create_pool(
                min_size=0,
                max_size=POOL_SIZE,
                reset=_as_it_is,
                command_timeout=_STATEMENT_SECONDS,
                server_settings=POSTGRESQL_SETTINGS,
                **self._options,
            )
        return self._opened


async def _begin_in_postgres(connection: Any, begin: str, known: str) -> None:
    """Begin, and see in the same round trip whether the tables fit."""
    try:
        # Of several statements the driver gives the last one's status: how many rows it found.
        fits = await _answered(connection.execute(f"{begin}; {fits_query(known)}")) == "SELECT 1"
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        fits = False
    if fits:
        return
    await _answered(connection.execute("ROLLBACK"))
    try:
        revision = await _answered(connection.fetchval(REVISION_QUERY))
    except asyncpg.UndefinedTableError:
        revision = None
    raise unfit(str(revision or ""), known)


async def _answered(asked: Awaitable[T]) -> T:
    """Raises :class:`Unavailable` for a server that says nothing."""
    try:
        return await asked
    except TimeoutError as silence:
        raise Unavailable("the database does not answer") from silence


async def _undo(connection: Any) -> None:
    """Roll back what was begun, or cut the connection where that takes long or fails.

    Raises :class:`asyncio.CancelledError` if it is cancelled meanwhile; then, too, it is cut."""
    try:
        async with asyncio.timeout(_UNDO_SECONDS):
            await connection.execute("ROLLBACK")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        _cut(connection)
    except BaseException:
        _cut(connection)
        raise


def _cut(connection: Any) -> None:
    with suppress(asyncpg.InterfaceError):  # it had ended, and is the pool's no more
        connection.terminate()


async def _as_it_is(connection: object) -> None:
    """What a transaction leaves behind its end is nothing: a round trip would find that out."""
