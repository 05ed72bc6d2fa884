"""Two versions of the code on one database: what a migration may do under the former one's feet,
how a process tells that the tables are not its own, and who migrates."""

import asyncio
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData, Table, insert, inspect, select, text, update
from structlog.testing import capture_logs

from bot.__main__ import main
from shop.adapters.database import SqlDatabase, engine, restoring, schema_contract
from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import (
    declared,
    known_revision,
    migration_config,
    scripts,
)
from shop.adapters.database.upgrade import downgrade, plan, upgrade, wait_for_turn
from shop.encryption import EnvelopeCipher
from shop.errors import CannotStart, SchemaUnfit
from shop.records import FeatureFlag
from tests.keys import MASTER_KEY, MASTER_KEY_BASE64

RELEASED = "0018"
"""The last release's tables, to be moved with each: what came since must live with its code."""

MIGRATION = """\
\"\"\"{subject}.

{what}
\"\"\"

from alembic import op

revision = "{revision}"
down_revision = "{before}"
{contract}

def upgrade() -> None:
    op.execute("{up}")


def downgrade() -> None:
    \"\"\"What was flagged is lost.\"\"\"
    op.execute("{down}")
"""
FLAG = FeatureFlag("sales", False, "admin", datetime(2026, 3, 14, tzinfo=UTC))


@contextmanager
def next_version(folder: Path, **contracts: str) -> Iterator[str]:
    """Within it the code is a version ahead: for each of ``contracts`` (a subject, and the oldest
    code that lives with it; "" for a migration that only adds) it has a migration more. Gives its
    revision."""
    copy = folder / "migrations"
    shutil.copytree(schema_contract.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = known_revision()
    for subject, oldest in contracts.items():
        number = f"{int(before) + 1:04}"
        one = MIGRATION.format(
            subject=subject, what=f"All about {subject}.", revision=number, before=before,
            contract=f'OLDEST_CODE = "{oldest}"\n' if oldest else "",
            up=f"ALTER TABLE feature_flags ADD COLUMN {subject} TEXT NOT NULL DEFAULT ''",
            down=f"ALTER TABLE feature_flags DROP COLUMN {subject}",
        )  # fmt: skip
        (copy / "versions" / f"{number}_{subject}.py").write_text(one)
        before = number
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema_contract, "MIGRATIONS", copy)
        _forget()
        try:
            yield before
        finally:
            _forget()


def _forget() -> None:
    scripts.cache_clear()
    known_revision.cache_clear()


async def on(url: str, work: Callable[[Connection], Any]) -> Any:
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def go(to: str) -> Callable[[Connection], None]:
    """Up or down to that revision."""

    def work(connection: Connection) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        now = connection.execute(text(schema_contract.REVISION_QUERY)).scalar() or ""
        (command.downgrade if to < now else command.upgrade)(config, to)

    return work


async def write_a_flag(url: str) -> None:
    database = SqlDatabase(url)
    try:
        async with database.begin() as tx:
            await tx.add(FLAG)
            await tx.remove(FeatureFlag, id="sales")
        async with database.snapshot() as tx:
            assert await tx.count(FeatureFlag) == 0
    finally:
        await database.close()


def test_the_known_revision_is_the_latest_migration() -> None:
    assert scripts().get_heads() == [known_revision()]
    assert all(re.fullmatch("[0-9]{4}", one.revision) for one in scripts().walk_revisions())


async def test_code_goes_on_beside_a_version_that_only_adds(sql_url: str, tmp_path: Path) -> None:
    """And not on tables that want newer code, nor on older ones; it does again when they fit."""
    try:
        with next_version(tmp_path / "one", expand=""):
            await upgrade(sql_url, [MASTER_KEY])
        await write_a_flag(sql_url)
        await upgrade(sql_url, [MASTER_KEY])  # changes nothing
        assert (await plan(sql_url)).fits
        ahead = f"{int(known_revision()) + 1:04}"
        with next_version(tmp_path / "two", expand="", contract=ahead) as newest:
            await upgrade(sql_url, [MASTER_KEY])
            await write_a_flag(sql_url)
        for refused in (write_a_flag(sql_url), upgrade(sql_url, [MASTER_KEY])):
            with pytest.raises(SchemaUnfit, match=f"of revision {newest}, on which this version"):
                await refused
        assert not (await plan(sql_url)).fits
        with next_version(tmp_path / "three", expand="", contract=ahead):
            await downgrade(sql_url, [MASTER_KEY], ahead)
        await write_a_flag(sql_url)
    finally:
        with next_version(tmp_path / "last", expand="", contract="9999"):
            await on(sql_url, go(RELEASED))
    with pytest.raises(SchemaUnfit, match=f"of revision {RELEASED}, and this version needs"):
        await write_a_flag(sql_url)
    await upgrade(sql_url, [MASTER_KEY])
    await write_a_flag(sql_url)


async def test_a_database_without_tables_is_unfit(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.sqlite'}"
    (tmp_path / "new.sqlite").touch()
    with pytest.raises(SchemaUnfit, match="tables are missing, and this version needs"):
        await write_a_flag(url)


@pytest.mark.postgres
async def test_a_migration_that_ends_earlier_code_waits_for_open_transactions(
    postgres_url: str, tmp_path: Path
) -> None:
    """And those that begin meanwhile wait for it, and then know; two migrations at once are one."""
    database = SqlDatabase(postgres_url)
    try:
        async with AsyncExitStack() as transaction:
            tx = await transaction.enter_async_context(database.begin())
            await tx.add(FLAG)
            with next_version(tmp_path / "two", contract="9999"):
                at_once = [
                    asyncio.create_task(upgrade(postgres_url, [MASTER_KEY])) for _ in range(2)
                ]
                await _waiting(postgres_url, 2)
                assert not any(one.done() for one in at_once)
                await transaction.aclose()
                await asyncio.gather(*at_once)
        with pytest.raises(SchemaUnfit):
            async with database.begin() as tx:
                await tx.put(FLAG)
    finally:
        await database.close()
        here = known_revision()
        with next_version(tmp_path / "back", contract="9999"):
            await on(postgres_url, go(here))


async def _waiting(url: str, count: int) -> None:
    """Until so many wait for a lock."""
    waiters = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with asyncio.timeout(20):
        while await on(url, lambda it: it.execute(text(waiters)).scalar()) < count:
            await asyncio.sleep(0.02)


@pytest.mark.postgres
async def test_a_table_in_use_is_not_waited_for_without_end(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[upgrade.__module__], "_TABLE_WAIT", "100ms")
    database = SqlDatabase(postgres_url)
    async with database.begin() as tx:
        await tx.count(FeatureFlag)
        in_use = pytest.raises(CannotStart, match="a table stays in use, and nothing was changed")
        with next_version(tmp_path / "two", expand=""), in_use:
            await upgrade(postgres_url, [MASTER_KEY])
    await database.close()
    await write_a_flag(postgres_url)


async def test_whoever_waits_for_another_says_so(sql_url: str, monkeypatch) -> None:
    """A restore beside one that stands still; in PostgreSQL with its host and process. Where the
    wait has an end, it is refused in words."""
    monkeypatch.setattr(sys.modules[upgrade.__module__], "_SAID_AFTER", 0.1)
    first = open_engine(sql_url)
    with capture_logs() as logged:
        async with first.begin() as connection:
            await connection.run_sync(wait_for_turn)
            second = asyncio.create_task(restoring.begin(sql_url, iter(()), [MASTER_KEY], b"key"))
            async with asyncio.timeout(20):
                while not logged:
                    await asyncio.sleep(0.02)
            assert not second.done()
            if first.dialect.name == "sqlite":
                monkeypatch.setattr(engine, "SQLITE_PRAGMAS", ("PRAGMA busy_timeout = 200",))
                with pytest.raises(CannotStart, match="keeps it locked, and nothing was changed"):
                    await upgrade(sql_url, [MASTER_KEY])
        with pytest.raises(CannotStart, match="not empty"):
            await second
    await first.dispose()
    assert {one["event"] for one in logged} == {"waits_for_another"}
    who = f"eider {socket.gethostname()}:{os.getpid()}"
    assert logged[0].get("who") == (None if first.dialect.name == "sqlite" else who)


def tables_of(connection: Connection) -> dict[str, Table]:
    found = MetaData()
    found.reflect(connection)
    return {name: table for name, table in found.tables.items() if name != "alembic_version"}


def not_only_added(before: dict[str, Table], after: dict[str, Table]) -> list[str]:
    """What code of before would stumble over."""
    wrong = [f"{name}: gone" for name in before if name not in after]
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        wrong += [f"{name}.{column.name}: gone" for column in old.c if column.name not in new.c]
        for column in new.c:
            was = old.c.get(column.name)
            if was is None:
                if not column.nullable and column.server_default is None:
                    wrong.append(f"{name}.{column.name}: must be given")
            elif was.nullable and not column.nullable:
                wrong.append(f"{name}.{column.name}: may not be left out any more")
            elif str(was.type) != str(column.type):
                wrong.append(f"{name}.{column.name}: is {column.type}, was {was.type}")
        unique = {tuple(index.columns.keys()) for index in old.indexes if index.unique}
        wrong += [
            f"{name}: unique {', '.join(index.columns.keys())}"
            for index in new.indexes
            if index.unique and tuple(index.columns.keys()) not in unique
        ]
    return wrong


async def test_migrations_since_the_last_release_only_add_unless_they_say_so(sql_url: str) -> None:
    await on(sql_url, go(RELEASED))
    since = [one for one in scripts().walk_revisions() if one.revision > RELEASED]
    assert since
    for one in reversed(since):
        before = await on(sql_url, tables_of)
        await on(sql_url, go(one.revision))
        if not declared(one):
            assert not_only_added(before, await on(sql_url, tables_of)) == [], one.revision


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TABLE prompts", "prompts: gone"),
        ("ALTER TABLE orders DROP COLUMN complete", "orders.complete: gone"),
        ("ALTER TABLE users RENAME COLUMN language TO tongue", "users.language: gone"),
        ("CREATE UNIQUE INDEX one ON jobs (ref)", "jobs: unique ref"),
    ],
)
async def test_what_does_more_than_add_is_found(sqlite_url: str, change: str, said: str) -> None:
    before = await on(sqlite_url, tables_of)
    await on(sqlite_url, lambda it: it.execute(text(change)))
    assert said in not_only_added(before, await on(sqlite_url, tables_of))


async def test_the_last_releases_rows_are_taken_in_by_its_columns_alone(sql_url: str) -> None:
    """Written, changed and read back in the present tables, as its statements name them: each by
    the columns that it knew."""

    def value(column: Any) -> Any:
        kind = column.type.python_type
        made = {str: "x", int: 1, float: 1.0, bool: True, bytes: b"x", object: {}}
        return datetime(2026, 3, 14, tzinfo=UTC) if kind is datetime else made[kind]

    await on(sql_url, go(RELEASED))
    old = await on(sql_url, tables_of)
    await on(sql_url, go("head"))
    assert len(old) > 20

    def write(connection: Connection) -> None:
        for table in old.values():
            row = {one.name: value(one) for one in table.c if one.name != "nr"}
            connection.execute(insert(table).values(row))
            connection.execute(update(table).values(id="y"))
            (found,) = connection.execute(select(table)).mappings()
            kept = {name: row[name] for name in row if isinstance(row[name], str | int | float)}
            assert {name: found[name] for name in kept} == kept | {"id": "y"}, table.name
            connection.execute(table.delete())

    await on(sql_url, write)


@pytest.fixture
def operator(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of an operator's shell."""
    for name, value in {
        "EIDER_DATABASE_URL": sqlite_url, "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_DATA": str(tmp_path), "EIDER_PLAYGROUND": "yes", "EIDER_TILL": "sandbox",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)


def test_an_operator_migrates_step_by_step(
    sqlite_url: str, operator: None, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    """``plan``, ``up``, and ``down`` only with the word that says what it costs."""

    def said(*words: str) -> tuple[int, str]:
        return main(["migrate", *words]), "".join(capsys.readouterr())

    async def in_use(*_: Any) -> None:
        raise CannotStart("a table stays in use")

    here = known_revision()
    assert said("plan") == (
        0, f"the database has tables of revision {here}, this version knows {here}: nothing to do\n"
    )  # fmt: skip
    with next_version(tmp_path / "next", expand="", contract=here) as newest:
        status, words = said("plan")
        assert status == 1
        assert f"the database has tables of revision {here}, this version knows {newest}\n" in words
        assert "expand (the former version goes on beside it). All about expand.\n" in words
        assert f"contract (ends code before {here}). All about contract.\n" in words
        status, words = said("up")
        assert (status, words.count(": done\n")) == (0, 2)
        assert said("plan")[0] == 0
        status, words = said("down", here)
        assert (status, words.count(": would be undone. What was flagged is lost.")) == (2, 2)
        assert "nothing was changed: stop every process, back up, and say --lose-data" in words
        assert said("plan")[0] == 0
        with monkeypatch.context() as patch:
            patch.setattr("bot.migrations.downgrade", in_use)
            status, words = said("down", here, "--lose-data")
        assert (status, words.count(": undone")) == (1, 0)
        status, words = said("down", here, "--lose-data")
        assert (status, words.count(": undone. What was flagged is lost.")) == (0, 2)
        for words in (("down", "17", "--lose-data"), ("down", "17")):
            assert said(*words) == (2, "there is no revision 17\n")
        for words in (("down", here, "--lose-data"), ("down", here)):
            assert said(*words) == (
                2,
                f"the tables are of revision {here}: no way back to {here}\n",
            )
        assert said("up")[0] == 0
        asyncio.run(on(sqlite_url, lambda it: it.execute(
            text("UPDATE alembic_version SET oldest_code = '9999'")
        )))  # fmt: skip
    status, words = said("up")
    assert status == 1
    assert "this version" in words.splitlines()[-1]
    assert "install the version that made them" in words.splitlines()[-1]
    assert said("down", here) == (
        2, f"the tables are of revision {newest}, which this version does not know: "
        "the version that made them takes them back\n"
    )  # fmt: skip


def test_a_plan_says_whose_work_each_step_ends(
    sqlite_url: str, operator: None, capsys: Any, monkeypatch: Any
) -> None:
    """Of an empty database nobody's; code before 0019 asks no tables, so it must be stopped."""

    def planned() -> list[str]:
        assert main(["migrate", "plan"]) == 1
        return capsys.readouterr().out.splitlines()[1:]

    asyncio.run(on(sqlite_url, go(RELEASED)))
    assert [("(ends code before 0019)" in one) for one in planned()][:2] == [True, False]
    asyncio.run(on(sqlite_url, go("0005")))
    assert all("(ends code before 0019)" in one for one in planned()[:14])
    monkeypatch.setenv("EIDER_DATABASE_URL", sqlite_url.replace(".sqlite", "-new.sqlite"))
    empty = planned()
    assert len(empty) == int(known_revision())
    assert not any("code before" in one or "goes on beside" in one for one in empty)


async def test_another_keys_database_does_not_go_down_either(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    async with database.begin() as tx:
        await EnvelopeCipher(MASTER_KEY).new_key(tx, datetime(2026, 3, 14, tzinfo=UTC))
    await database.close()
    with pytest.raises(CannotStart, match="EIDER_MASTER_KEY"):
        await downgrade(sqlite_url, [bytes(range(32))], RELEASED)
    assert (await plan(sqlite_url)).revision == known_revision()


def test_reflection_sees_what_it_must(sqlite_url: str) -> None:
    """The comparison above would be blind without types, defaults and indexes."""
    found = asyncio.run(on(sqlite_url, lambda it: inspect(it).get_columns("orders")))
    assert {one["name"]: one["default"] for one in found}["complete"] is not None
