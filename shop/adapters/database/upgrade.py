"""Migrates a database: up to this version's tables, or back down. All of it or nothing; of several
processes that do it at once one does, under a lock, and the others find nothing left to do.
"""

import asyncio
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import structlog
from alembic import command
from alembic.runtime.migration import MigrationContext
from alembic.script import Script
from alembic.util import CommandError
from asyncpg import LockNotAvailableError, PostgresError
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
from shop.adapters.database.schema_contract import (
    RESTORING,
    declared,
    fits_query,
    known_revision,
    migration_config,
    scripts,
    unfit,
)
from shop.errors import CannotStart
from shop.outages import plain_words

R = TypeVar("R")

_QUERY_ERRORS = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
# The last two are what the driver raises for options in the address that it does not know.
_CANNOT = (
    DBAPIError, NoConnection, CommandError, PostgresError, sqlite3.Error, OSError,
    TypeError, ValueError,
)  # fmt: skip

_LOCK_NUMBER = 0x65696465  # "eide": any number will do, as long as it is always the same
_TABLE_WAIT: Final = "5s"  # for a table in use: whoever wants that table waits behind us meanwhile
_IN_USE: Final = "a table stays in use, and nothing was changed: try again when less is going on"
_LOCKED: Final = (
    "another process keeps it locked, and nothing was changed: end that one, if it has stopped, "
    "or try again"
)
_SAID_AFTER: Final = 3.0  # seconds of waiting for a database that another process writes into
_WHO: Final = text(
    "SELECT application_name AS who, pid AS session, xact_start AS since"
    " FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted"
    " AND classid = 0 AND objid = :number AND database ="
    " (SELECT oid FROM pg_database WHERE datname = current_database())"
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """A migration: its number, its subject, what else its author says of it, what is lost with it
    on the way back, and the oldest code that it lives with ("": any that the former one does)."""

    revision: str
    subject: str
    what: str
    lost: str
    oldest_code: str


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """Where a database stands. ``revision``: of its tables, "" without any. ``known``: of this
    code. ``fits``: this code may work on them. ``steps``: what ``up`` would do, in order."""

    revision: str
    known: str
    fits: bool
    steps: tuple[MigrationStep, ...]


class NoWayBack(Exception):
    """A revision to which one cannot go down: there is none such, or the tables are not later."""


async def upgrade(
    url: str, master_keys: Sequence[bytes] | None = None
) -> tuple[MigrationStep, ...]:
    """Create or migrate the tables; what this did, in order. A second time it does nothing, nor
    where they are newer and this code may work on them.

    With ``master_keys`` a database of another key is left as it is: where there is something to
    migrate, :class:`shop.installation.WrongMasterKey` is raised before that. None is for tools that
    have just made the database.

    Raises :class:`shop.errors.SchemaUnfit` for a newer version's tables, which want newer code;
    :class:`shop.errors.CannotStart` for a database that is out of reach or in use.
    """
    return await on_database(url, lambda connection: _up(connection, master_keys))


async def downgrade(
    url: str, master_keys: Sequence[bytes], revision: str
) -> tuple[MigrationStep, ...]:
    """Go back to that revision's tables; what was undone, in order: what it held is lost. Raises as
    :func:`upgrade`, and :class:`NoWayBack`."""
    return await on_database(url, lambda connection: _down(connection, master_keys, revision))


async def plan(url: str) -> MigrationPlan:
    """Where the database stands, and what there is to do; nothing is changed. Raises
    :class:`shop.errors.CannotStart`."""
    return await on_database(url, _plan)


def steps_back(since: str, to: str) -> tuple[MigrationStep, ...]:
    """What :func:`downgrade` from one revision ("": of no tables) to another would undo, in order.
    Raises :class:`NoWayBack`."""
    if to not in {one.revision for one in scripts().walk_revisions()}:
        raise NoWayBack(f"there is no revision {to}")
    if since.startswith(RESTORING):
        raise NoWayBack(str(unfit(since, known_revision())))
    if since > known_revision():
        raise NoWayBack(
            f"the tables are of revision {since}, which this version does not know: the version "
            "that made them takes them back"
        )
    if since <= to:
        raise NoWayBack(f"the tables are of revision {since or 'none'}: no way back to {to}")
    later = scripts().iterate_revisions(since, "base")
    return tuple(_step(one) for one in later if one.revision > to)


async def require_fitting(url: str) -> None:
    """Raises :class:`shop.errors.SchemaUnfit` unless this code may work on the tables; and
    :class:`shop.errors.CannotStart`."""
    found = await plan(url)
    if not found.fits:
        raise unfit(found.revision, found.known)


async def on_database(url: str, work: Callable[[Connection], R], *, reads: bool = False) -> R:
    """What the work gives, in one transaction; with ``reads`` in a snapshot. Raises
    :class:`CannotStart`."""
    location = make_url(url)
    try:
        if location.get_backend_name() == "sqlite" and location.database:
            await asyncio.to_thread(prepare_file, Path(location.database))
        return await _in_transaction(url, work, reads)
    except _CANNOT as error:
        cause = _first_cause(error)
        if isinstance(error, _QUERY_ERRORS) and not isinstance(cause, LockNotAvailableError):
            raise  # a mistake of ours in a migration
        host = f"{location.host}:{location.port or 5432}/" if location.host else ""
        where = f"{host}{location.database or ''}"  # of the address no name and no password
        why = _why_in_use(cause) or plain_words(cause)
        raise CannotStart(f"EIDER_DATABASE_URL: {where} cannot be used: {why}") from error


def _why_in_use(cause: BaseException) -> str:
    """Others are at work in it; "" for any other reason."""
    if isinstance(cause, LockNotAvailableError):
        return _IN_USE
    busy = getattr(cause, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    return _LOCKED if busy else ""


def _first_cause(error: BaseException) -> BaseException:
    """The driver's own error, which SQLAlchemy wraps twice."""
    return _first_cause(error.__cause__) if error.__cause__ else error


async def _in_transaction(url: str, work: Callable[[Connection], R], reads: bool) -> R:
    engine = open_engine(url, reads=reads)
    try:
        async with AsyncExitStack() as stack:
            with _told_while_waiting(engine.dialect.name == "sqlite"):
                connection = await stack.enter_async_context(engine.begin())
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


@contextmanager
def _told_while_waiting(one_writer: bool) -> Iterator[None]:
    """Where there is ``one_writer`` a transaction begins when the other one's has ended."""
    if not one_writer:
        yield
        return
    saying = asyncio.get_running_loop().call_later(_SAID_AFTER, _say_waits)
    try:
        yield
    finally:
        saying.cancel()


def _say_waits(who: str = "", session: int = 0, since: datetime | None = None) -> None:
    """What is waited for, and whom, as far as the database knows."""
    known = {"who": who, "session": session, "since": since and since.isoformat()}
    log.warning(
        "waits_for_another", why="another process migrates or restores this database, or writes "
        "into it: this one goes on when that one has ended; if it has stopped, end it",
        **{name: value for name, value in known.items() if value},
    )  # fmt: skip


def _up(connection: Connection, master_keys: Sequence[bytes] | None) -> tuple[MigrationStep, ...]:
    wait_for_turn(connection)
    found = _plan(connection)
    if found.fits and not found.steps:
        return ()
    if found.revision > found.known:
        raise unfit(found.revision, found.known)
    if master_keys is not None:
        require_key(connection, master_keys)
    if found.revision and any(step.oldest_code for step in found.steps):
        wait_for_transactions(connection)
    migrate_to(connection, "head")
    return found.steps


def _down(
    connection: Connection, master_keys: Sequence[bytes], revision: str
) -> tuple[MigrationStep, ...]:
    wait_for_turn(connection)
    undone = steps_back(revision_of(connection), revision)
    require_key(connection, master_keys)
    wait_for_transactions(connection)
    _migrate(connection, command.downgrade, revision)
    return undone


def migrate_to(connection: Connection, revision: str) -> None:
    """Up to that revision's tables, in the transaction of the connection."""
    _migrate(connection, command.upgrade, revision)


def _migrate(connection: Connection, go: Callable[..., object], to: str) -> None:
    config = migration_config()
    config.attributes["connection"] = connection
    go(config, to)


def wait_for_turn(connection: Connection) -> None:
    """One migrates at a time, however long the one before takes, which is said with its host and
    process; of SQLite's writers there is one anyway."""
    if connection.dialect.name != "postgresql":
        return
    number = {"number": _LOCK_NUMBER}
    if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), number):
        holder = connection.execute(_WHO, number).first()
        _say_waits(**holder._asdict() if holder else {})
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), number)
    connection.execute(text(f"SET LOCAL lock_timeout = '{_TABLE_WAIT}'"))
    name = f"eider {socket.gethostname()}:{os.getpid()}"
    connection.execute(text("SELECT set_config('application_name', :name, true)"), {"name": name})


def wait_for_transactions(connection: Connection) -> None:
    """Every one of the shop's begins by reading that table: those that are open end first, and
    later ones see the new tables, or that these are not theirs."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))


def _plan(connection: Connection) -> MigrationPlan:
    revision, known = revision_of(connection), known_revision()
    if revision > known:
        fits = connection.execute(text(fits_query(known))).first() is not None
        return MigrationPlan(revision, known, fits, ())
    missing = [one for one in scripts().iterate_revisions(known, "base") if one.revision > revision]
    steps = tuple(_step(one) for one in reversed(missing))
    return MigrationPlan(revision, known, not steps, steps)


def revision_of(connection: Connection) -> str:
    """Of the tables; "" where there are none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def _step(script: Script) -> MigrationStep:
    subject, _, what = (script.module.__doc__ or "").strip().partition("\n")
    lost = (script.module.downgrade.__doc__ or "").strip()
    return MigrationStep(
        script.revision, subject.rstrip("."), _line(what), _line(lost), declared(script)
    )


def _line(words: str) -> str:
    return " ".join(words.split())
