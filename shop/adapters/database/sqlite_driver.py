"""aiosqlite with one trip to its thread for each statement, instead of four.

SQLAlchemy asks an async driver for a cursor, executes, fetches and closes: four times the event
loop and aiosqlite's thread hand over to each other, which costs more than most of our statements.
Our answers are small and always read whole, so all four are one visit.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import aiosqlite
from sqlalchemy import URL


class WholeCursor:
    """What SQLAlchemy uses of :class:`aiosqlite.Cursor`; an answer is there once it is executed."""

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
        return await self._visit(lambda raw: raw.execute(sql, parameters))

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> "WholeCursor":
        return await self._visit(lambda raw: raw.executemany(sql, parameters))

    async def fetchall(self) -> Sequence[Any]:
        return self._rows

    async def close(self) -> None:
        self._rows = ()

    async def _visit(self, ask: Callable[[sqlite3.Connection], sqlite3.Cursor]) -> "WholeCursor":
        await self._connection.visit(lambda raw: self._take(ask(raw)))
        return self

    def _take(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self._rows = cursor.fetchall() if cursor.description else ()
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


class Connection(aiosqlite.Connection):
    """An :class:`aiosqlite.Connection` whose cursors are :class:`WholeCursor`."""

    def cursor(self) -> WholeCursor:  # type: ignore[override]  # SQLAlchemy only enters it
        return WholeCursor(self)

    async def visit(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Do it in the connection's thread."""
        await self._execute(work, self._conn)  # type: ignore[no-untyped-call]

    async def rollback(self) -> None:
        """As ever; but the pool asks for one after each commit too, when there is nothing left."""
        if self._conn.in_transaction:
            await super().rollback()


def creator(url: URL) -> Callable[..., Connection]:
    """For ``create_async_engine(async_creator=...)``: connections to that file."""
    (path,), options = url.get_dialect()().create_connect_args(url)

    def connect() -> Connection:
        connection = Connection(lambda: sqlite3.connect(path, **options), iter_chunk_size=64)
        connection._thread.daemon = True  # a process that ends does not wait for it
        return connection

    return connect
