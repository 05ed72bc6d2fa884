"""Fixtures that every room's tests may use: time, stores in memory, and real servers."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import structlog
from hypothesis import settings
from redis.asyncio import Redis
from sqlalchemy import text

from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import METADATA
from shop.adapters.embedded import embedded_valkey
from shop.adapters.memory import MemoryBlobs, MemoryDatabase, MemoryWakeUp
from shop.ports import Blobs, Database, Tx
from tests.buckets import BucketServer, NoS3rver, moto_server, s3rver_server
from tests.postgres import NoPostgres, throw_away_postgres

settings.register_profile("no clock", deadline=None)  # nothing fails for being slow
settings.load_profile("no clock")


class SetClock:
    """A :data:`shop.ports.Clock` that stands still until it is told to move."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> datetime:
        """Move on by ``timedelta(**amount)``, and say what time it is then."""
        self.now += timedelta(**amount)
        return self.now


@pytest.fixture(autouse=True)
def _logs_of_one_test_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that is called in a test configures logs; a logger that is first used then would
    keep that for all later tests, whose captures would find nothing."""
    configure = structlog.configure

    def uncached(**values: Any) -> None:
        configure(**values | {"cache_logger_on_first_use": False})

    monkeypatch.setattr(structlog, "configure", uncached)
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> SetClock:
    return SetClock(now)


@pytest.fixture
def memory_database(clock: SetClock) -> MemoryDatabase:
    """Its time is ``clock``'s."""
    return MemoryDatabase(clock)


@pytest.fixture
async def tx(memory_database: MemoryDatabase) -> AsyncIterator[Tx]:
    """One open transaction over memory, for rules that take one."""
    async with memory_database.begin() as tx:
        yield tx


@pytest.fixture
def memory_blobs() -> MemoryBlobs:
    return MemoryBlobs()


@pytest.fixture
def memory_queue() -> MemoryWakeUp:
    return MemoryWakeUp()


@pytest.fixture(scope="session")
def moto() -> Iterator[BucketServer]:
    with moto_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3rver() -> Iterator[BucketServer]:
    try:
        with s3rver_server() as server:
            yield server
    except NoS3rver as missing:
        pytest.skip(str(missing))


@pytest.fixture(params=["memory", "disk", "moto", "s3rver"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """An empty store of each kind."""
    match request.param:
        case "memory":
            return MemoryBlobs()
        case "disk":
            return DiskBlobs(tmp_path / "blobs")
        case double:
            server: BucketServer = request.getfixturevalue(double)
            return server.empty_store()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "eider.sqlite"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite database of the test's own."""
    shutil.copy(migrated_sqlite, tmp_path / "eider.sqlite")
    return f"sqlite+aiosqlite:///{tmp_path / 'eider.sqlite'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a throw-away PostgreSQL's own database."""
    try:
        with throw_away_postgres() as url:
            yield url
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    asyncio.run(upgrade(postgres_server))
    return postgres_server


@pytest.fixture
async def postgres_url(migrated_postgres: str) -> str:
    """A migrated, empty PostgreSQL database, of this test alone while it runs."""
    engine = open_engine(migrated_postgres)
    async with engine.begin() as connection:
        names = ", ".join(table.name for table in METADATA.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names}"))
    await engine.dispose()
    return migrated_postgres


EVERY_SQL = (
    pytest.param("sqlite_url", id="sqlite"),
    pytest.param("postgres_url", id="postgres", marks=pytest.mark.postgres),
)


@pytest.fixture(params=EVERY_SQL)
def sql_url(request: pytest.FixtureRequest) -> str:
    """The same, in each of the two kinds of database."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=(pytest.param("", id="memory"), *EVERY_SQL))
def any_database_url(request: pytest.FixtureRequest) -> str:
    """Of one of the databases; "" for memory."""
    return request.getfixturevalue(request.param) if request.param else ""


@pytest.fixture
async def database(any_database_url: str, clock: SetClock) -> AsyncIterator[Database]:
    """An empty database, whose time is ``clock``'s: a test that takes it runs over memory, SQLite
    and PostgreSQL."""
    in_memory = MemoryDatabase(clock)
    opened = SqlDatabase(any_database_url, clock) if any_database_url else in_memory
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def valkey_server() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="eider-") as folder:
        async with embedded_valkey(Path(folder)) as url:
            yield url


@pytest.fixture
async def valkey(valkey_server: str) -> str:
    """The URL of a real, empty server."""
    async with Redis.from_url(valkey_server) as redis:
        await redis.flushall()
    return valkey_server
