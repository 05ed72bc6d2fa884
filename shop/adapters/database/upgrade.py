"""Migrates a database to this version's tables, at every start. Several processes may do it at
once: one migrates under a lock, and the others then find nothing left to do.
"""

import asyncio
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from asyncpg import PostgresError
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnection

from shop.adapters.database.engine import open_engine, prepare_file
from shop.adapters.database.key_check import require_key
from shop.errors import CannotStart

_QUERY_ERRORS = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
# The last two are what the driver raises for options in the address that it does not know.
_CANNOT = (
    DBAPIError, NoConnection, CommandError, PostgresError, sqlite3.Error, OSError,
    TypeError, ValueError,
)  # fmt: skip

_LOCK_NUMBER = 0x65696465  # "eide": any number will do, as long as it is always the same

MIGRATIONS = Path(__file__).parent / "migrations"


def migration_config() -> Config:
    """Alembic's settings, without an alembic.ini: the database comes from our own settings."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


async def upgrade(url: str, master_key: bytes | None = None) -> None:
    """Create or migrate the tables, all of it or nothing. A second time it does nothing.

    With ``master_key`` a database of another key is left as it is: where there is something to
    migrate, :class:`shop.installation.WrongMasterKey` is raised before that. None is for tools that
    have just made the database.

    Raises :class:`shop.errors.CannotStart` for a database that is out of reach, or newer than
    this version.
    """
    location = make_url(url)
    try:
        if location.get_backend_name() == "sqlite" and location.database:
            await asyncio.to_thread(prepare_file, Path(location.database))
        await _upgrade(url, master_key)
    except _QUERY_ERRORS:
        raise  # a mistake of ours in a migration
    except _CANNOT as error:
        host = f"{location.host}:{location.port or 5432}/" if location.host else ""
        where = f"{host}{location.database or ''}"  # of the address no name and no password
        why = type(_first_cause(error)).__name__
        raise CannotStart(f"EIDER_DATABASE_URL: {where} cannot be used: {why}") from error


def _first_cause(error: BaseException) -> BaseException:
    """The driver's own error, which SQLAlchemy wraps twice."""
    return _first_cause(error.__cause__) if error.__cause__ else error


async def _upgrade(url: str, master_key: bytes | None) -> None:
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate, master_key)
    finally:
        await engine.dispose()


def _migrate(connection: Connection, master_key: bytes | None) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
    config = migration_config()
    if master_key is not None and _is_behind(connection, config):
        require_key(connection, master_key)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is_behind(connection: Connection, config: Config) -> bool:
    """Whether there is anything to migrate."""
    heads = ScriptDirectory.from_config(config).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) != set(heads)
