"""SQLAlchemy engines for either database.

For migrations and for small stores of their own, such as the sandbox till's: the shop's own
transactions use the drivers alone (:mod:`shop.adapters.database.pools`).

SQLite has its write-ahead log, waits of up to 15 s for other processes, synced commits, and zeros
over whatever is deleted. Here too a transaction begins IMMEDIATE.
"""

import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from shop.adapters.database.sqlite_driver import creator

WAIT_SECONDS = 15
SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
)
POSTGRESQL_SETTINGS = {
    "application_name": "eider",
    "lock_timeout": f"{WAIT_SECONDS}s",
    # A process that was stopped inside a transaction must not block all others.
    "idle_in_transaction_session_timeout": "60s",
}


def open_engine(url: str, *, reads: bool = False) -> AsyncEngine:
    """An engine for ``sqlite+aiosqlite:///file`` or ``postgresql+asyncpg://...``; connects later.
    With ``reads`` its transactions are snapshots, which hold up nobody.

    Raises :class:`ValueError` for any other database.
    """
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        engine = create_async_engine(
            url,
            hide_parameters=True,  # errors reach logs
            async_creator=creator(make_url(url)),
        )
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin_snapshot if reads else _begin_sqlite)
        return engine
    if backend == "postgresql":
        return create_async_engine(
            url,
            hide_parameters=True,
            connect_args={"server_settings": POSTGRESQL_SETTINGS},
            **(_SNAPSHOT if reads else {}),
        )
    raise ValueError(f"neither SQLite nor PostgreSQL: {backend}")


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for a server's, or one in memory."""
    location = make_url(url)
    if location.get_backend_name() != "sqlite" or location.database in (None, "", ":memory:"):
        return None
    return Path(str(location.database))


def prepare_file(path: Path) -> None:
    """Create the file (mode 0600) and turn on its write-ahead log, which is a property of the file.

    SQLite does not wait for others when it turns that on, so this does. It blocks: call it
    through :func:`asyncio.to_thread`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        connection = sqlite3.connect(path, timeout=WAIT_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        finally:
            connection.close()


def prepare_connection(connection: Any) -> None:
    """Set up a new connection to SQLite: the driver's, or what SQLAlchemy makes of it."""
    connection.isolation_level = None  # or the driver begins transactions of its own
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    prepare_connection(connection)


_SNAPSHOT: Final[Mapping[str, Any]] = {
    "isolation_level": "REPEATABLE READ",
    "execution_options": {"postgresql_readonly": True},
}
"""Of a transaction in PostgreSQL."""


def _begin_snapshot(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
