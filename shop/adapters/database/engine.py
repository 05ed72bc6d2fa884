"""SQLAlchemy engines for either database.

SQLite: one writer at a time. Write-ahead log, every transaction begins IMMEDIATE (one that began by
reading could not be raised to a writer without failing), waits of up to 15 s for other processes,
synced commits, and zeros over whatever is deleted.

PostgreSQL: read committed, with locks by row and by person (decision 10). The rules check before
they write (a balance before a hold, a state before a step), and lock what they check.

Snapshots (:data:`SNAPSHOT`) only read, as of one moment, and hold up nobody in either.
"""

import os
import sqlite3
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
_POSTGRESQL_SETTINGS = {
    "application_name": "eider",
    "lock_timeout": f"{WAIT_SECONDS}s",
    # A process that was stopped inside a transaction must not block all others.
    "idle_in_transaction_session_timeout": "60s",
}
POOL_SIZE = 16
"""Connections that a process keeps to PostgreSQL at most; further transactions wait for one."""

SNAPSHOT: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"eider_snapshot": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
"""Execution options of a connection whose transaction only reads, by the database's kind."""


def open_engine(url: str) -> AsyncEngine:
    """An engine for ``sqlite+aiosqlite:///file`` or ``postgresql+asyncpg://...``; connects later.

    Raises :class:`ValueError` for any other database.
    """
    backend = make_url(url).get_backend_name()
    if backend == "sqlite":
        engine = create_async_engine(
            url,
            hide_parameters=True,  # errors reach logs
            async_creator=creator(make_url(url)),
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    if backend == "postgresql":
        return create_async_engine(
            url,
            # No ping before each use: a cut connection is an outage like any other, after which
            # the pool makes new ones, and whoever was cut off is served again.
            pool_use_lifo=True,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            hide_parameters=True,
            connect_args={"server_settings": _POSTGRESQL_SETTINGS},
        )
    raise ValueError(f"neither SQLite nor PostgreSQL: {backend}")


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


async def scrub(engine: AsyncEngine) -> None:
    """Purge deleted rows from the files. Raises :class:`TimeoutError` while others are in the way.

    SQLite overwrites what is deleted, but its write-ahead log still has the old pages: the log is
    checkpointed and truncated. PostgreSQL marks the space as reusable; its own logs and backups are
    the operator's to purge.
    """
    async with engine.connect() as connection:
        # The driver's own connection: neither statement may run inside a transaction.
        driver = (await connection.get_raw_connection()).driver_connection
        if driver is None:
            raise TimeoutError("no connection")
        if engine.dialect.name == "postgresql":
            await driver.execute("VACUUM")
            return
        cursor = await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, *_ = await cursor.fetchone()
        await cursor.close()
    if busy:
        raise TimeoutError("the write-ahead log is in use")


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    raw: Any = connection
    raw.isolation_level = None  # or the driver begins transactions of its own, and not IMMEDIATE
    cursor = raw.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("eider_snapshot")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
