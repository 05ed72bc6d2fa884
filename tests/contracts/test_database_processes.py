"""Several processes on one database, and processes that die."""

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shop.adapters.database import SqlDatabase, upgrade
from shop.records import Currency, Journal, Photo, PhotoState, SealedKey
from tests.contracts.records import NOON, journal
from tests.contracts.writers import ROUNDS

ROOT = Path(__file__).parents[2]


async def writer(what: str, url: str) -> asyncio.subprocess.Process:
    arguments = ("-m", "tests.contracts.writers", what, url)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def succeed(writers: list[asyncio.subprocess.Process]) -> None:
    for process in writers:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()


@pytest.mark.slow
async def test_processes_write_for_a_person_one_at_a_time(sql_url: str) -> None:
    await succeed([await writer("count", sql_url) for _ in range(3)])
    database = SqlDatabase(sql_url)
    async with database.begin() as tx:
        assert await tx.total("counter", Currency.CREDITS) == 3 * ROUNDS
        assert await tx.count(Journal) == 3 * ROUNDS
    await database.close()


@pytest.mark.slow
async def test_killed_in_mid_transaction_leaves_nothing_and_holds_nobody_up(sql_url: str) -> None:
    process = await writer("hang", sql_url)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"written\n"
    database = SqlDatabase(sql_url)
    waiting = asyncio.create_task(_add(database, "half"))
    await _demand_held_up(sql_url)
    assert not waiting.done()
    process.kill()
    await process.communicate()
    await waiting
    async with database.begin() as tx:
        assert [entry.id for entry in await tx.find(Journal)] == ["half"]
        assert await tx.total("counter", Currency.CREDITS) == 0
    await database.close()


async def _demand_held_up(url: str) -> None:
    """Whoever would write the same has to wait; over PostgreSQL one is seen to."""
    if url.startswith("sqlite"):
        file = url.removeprefix("sqlite+aiosqlite:///")
        locked = pytest.raises(sqlite3.OperationalError, match="locked")
        with closing(sqlite3.connect(file, timeout=0)) as other, locked:
            other.execute("BEGIN IMMEDIATE")
        return
    waiters = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    engine = create_async_engine(url)
    async with asyncio.timeout(20), engine.connect() as other:
        while await other.scalar(waiters) == 0:
            await asyncio.sleep(0.01)
    await engine.dispose()


async def _add(database: SqlDatabase, id: str) -> None:
    async with database.begin() as tx:
        await tx.add(journal(id))


@pytest.mark.slow
async def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'eider.sqlite'}"
    await succeed([await writer("upgrade", url) for _ in range(3)])
    await upgrade(url)
    database = SqlDatabase(url)
    await _add(database, "works")
    await database.close()
    file = tmp_path / "new" / "eider.sqlite"
    assert file.stat().st_mode & 0o077 == 0
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def test_nothing_of_removed_rows_is_left_in_the_files(sqlite_url: str) -> None:
    def traces(of: bytes) -> list[str]:
        folder = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///")).parent
        return sorted(path.name for path in folder.iterdir() if of in path.read_bytes())

    database = SqlDatabase(sqlite_url)
    photo = Photo("p", "o", "u", PhotoState.CHECKING, "b", "planted-hash" * 200, NOON)  # type: ignore[arg-type]
    async with database.begin() as tx:
        await tx.add(SealedKey("k", b"planted-key" * 200, NOON))  # type: ignore[arg-type]
        await tx.add(photo)
    assert traces(b"planted-key")
    async with database.begin() as tx:
        await tx.remove(SealedKey, id="k")
        await tx.remove(Photo, order_id="o")
    assert traces(b"planted-key") == ["eider.sqlite-wal"]
    await database.scrub()
    assert traces(b"planted") == []
    await database.close()


async def test_scrub_says_when_others_are_in_the_way(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "shop.adapters.database.engine.SQLITE_PRAGMAS", ("PRAGMA busy_timeout = 50",)
    )
    database = SqlDatabase(sqlite_url)
    await _add(database, "j")
    reader = sqlite3.connect(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM journals").fetchall()
    with pytest.raises(TimeoutError):
        await database.scrub()
    reader.close()
    await database.scrub()
    await database.close()
