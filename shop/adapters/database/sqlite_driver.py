"""An aiosqlite driver with one thread hop for each statement, instead of four.

SQLAlchemy asks an async driver for a cursor, executes, fetches and closes: four switches between
the event loop and aiosqlite's thread, which cost more than most of our statements. Our results are
small and always read whole, so all four are one call in the thread.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import URL

R = TypeVar("R")


class WholeCursor:
    """What SQLAlchemy uses of :class:`aiosqlite.Cursor`; the rows are fetched by ``execute``."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "WholeCursor":
        return self

    async def execute(self, sql: str, parameters: Any = ()) -> "WholeCursor":
        return await self._run(lambda raw: raw.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> "WholeCursor":
        return await self._run(lambda raw: raw.executemany(sql, parameters))

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = ()

    async def _run(self, ask: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> "WholeCursor":
        await self._connection.in_thread(lambda raw: self._fetch(ask(raw)))
        return self

    def _fetch(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else ()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


class Connection(aiosqlite.Connection):
    """An :class:`aiosqlite.Connection` whose cursors are :class:`WholeCursor`."""

    def cursor(self) -> WholeCursor:  # type: ignore[override]  # SQLAlchemy only enters it
        return WholeCursor(self)

    async def in_thread(self, work: Callable[[sqlite3.Connection], R]) -> R:
        """What ``work`` gives, in the connection's thread."""
        done: R = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        return done

    async def rollback(self) -> None:
        """Skipped outside a transaction: the pool asks for one after each commit too."""
        if self._conn.in_transaction:
            await super().rollback()


def creator(url: URL) -> Callable[..., Connection]:
    """The ``async_creator`` of ``create_async_engine``: opens connections to that file."""
    (path,), options = url.get_dialect()().create_connect_args(url)

    def connect() -> Connection:
        connection = Connection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
        connection._thread.daemon = True  # a process that ends does not wait for it
        return connection

    return connect
