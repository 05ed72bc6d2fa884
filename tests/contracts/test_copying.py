"""A copy of a database, restored into the other kind of database: the same records."""

import io
import itertools
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from shop.adapters.backup_stream import new_pair, read_encrypted, write_encrypted
from shop.adapters.database import SqlDatabase, restoring
from shop.adapters.database.copying import CopyUnusable
from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import migration_config
from shop.encryption import EnvelopeCipher
from shop.errors import CannotStart, Duplicate, SchemaUnfit
from shop.installation import WrongMasterKey
from shop.ports import Database
from shop.records import RECORDS, Installation, SealedKey, new_id
from tests.contracts.records import any_record
from tests.keys import MASTER_KEY

PRIVATE, PUBLIC = new_pair()
KEY = bytes(32)


async def copy_of(url: str) -> bytes:
    out = io.BytesIO()
    now = datetime.now(UTC)
    await restoring.copy_database(
        url, new_id(), now, lambda lines: write_encrypted(lines, out, [PUBLIC]), KEY
    )
    return out.getvalue()


def lines_of(copy: bytes):
    return read_encrypted(io.BytesIO(copy), PRIVATE)


async def everything(database: Database) -> dict[type, list]:
    async with database.snapshot() as tx:
        return {kind: await tx.find(kind) for kind in RECORDS}


async def on(url: str, work) -> None:
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(work)
    await engine.dispose()


@pytest.fixture
def new_database(request, sql_url: str, tmp_path: Path) -> Callable[[], Awaitable[str]]:
    """Makes an empty database of the other kind."""
    count = itertools.count()

    async def made() -> str:
        name = f"restored_{next(count)}_{new_id()}"
        if sql_url.startswith("postgresql"):
            return f"sqlite+aiosqlite:///{tmp_path / name}.sqlite"
        server = make_url(request.getfixturevalue("postgres_server"))
        engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        return server.set(database=name).render_as_string(hide_password=False)

    return made


@pytest.mark.postgres
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
async def test_a_copy_is_the_same_in_the_other_kind(sql_url, new_database, data) -> None:
    source, url = SqlDatabase(sql_url), await new_database()
    async with source.begin() as tx:
        for kind in set(RECORDS) - {Installation, SealedKey}:
            for record in data.draw(st.lists(any_record(kind), max_size=3)):
                with suppress(Duplicate):
                    await tx.add(record)
        await EnvelopeCipher(MASTER_KEY).new_key(tx, datetime.now(UTC))
    copy = await copy_of(sql_url)
    _, counts = await restoring.begin(url, lines_of(copy), [MASTER_KEY], KEY)
    with pytest.raises(CannotStart, match="not empty"):
        await restoring.begin(url, lines_of(copy), [MASTER_KEY], KEY)
    assert await restoring.is_begun(url)
    with pytest.raises(CannotStart, match="nothing to back up"):
        await copy_of(url)  # it is not what it will be
    restored = SqlDatabase(url)
    with pytest.raises(SchemaUnfit):
        await everything(restored)
    await restoring.finish(url)
    assert await everything(restored) == await everything(source)
    assert sum(counts.values()) == sum(map(len, (await everything(source)).values()))
    async with restored.begin() as tx:  # which goes on counting where the copy ends
        await EnvelopeCipher(MASTER_KEY).new_key(tx, datetime.now(UTC))
    for database in (source, restored):
        await database.close()


@pytest.mark.postgres
async def test_an_earlier_versions_copy_is_migrated_and_a_later_ones_is_not(
    sql_url, new_database
) -> None:
    async with aclosing(SqlDatabase(sql_url)) as source, source.begin() as tx:
        key = await EnvelopeCipher(MASTER_KEY).new_key(tx, datetime.now(UTC))
    await on(sql_url, lambda it: _migrate(it, command.downgrade, "0019"))
    copy = list(lines_of(await copy_of(sql_url)))
    await on(sql_url, lambda it: _migrate(it, command.upgrade, "head"))

    later = [copy[0].replace('"0019"', '"9999"'), *copy[1:]]
    other = [copy[0].replace('"0019"', '"0018"'), *copy[1:]]
    short = [*copy[:-1]]
    fewer = [line for line in copy if key not in line]
    url = await new_database()
    for lines, why in (
        (later, "newer version"), (other, "was made or altered"), (short, "was made or altered"),
        (fewer, "is not whole"), ([], "no backup"), (["{}\n"], "no backup"),
        ([copy[0], "x\n"], "is not whole"),
    ):  # fmt: skip
        with pytest.raises(CopyUnusable, match=why):
            await restoring.begin(url, iter(lines), [MASTER_KEY], KEY)
    with pytest.raises(CopyUnusable, match="by somebody without this EIDER_SIGNING_KEY"):
        await restoring.begin(url, iter(copy), [MASTER_KEY], bytes(range(32)))
    with pytest.raises(WrongMasterKey):
        await restoring.begin(url, iter(copy), [bytes(range(32))], KEY)
    await restoring.begin(url, iter(copy), [MASTER_KEY], KEY)
    await restoring.finish(url)
    async with aclosing(SqlDatabase(url)) as restored, restored.snapshot() as tx:
        assert (await tx.get(SealedKey, key)).master == ""
        await EnvelopeCipher(MASTER_KEY).data_key(tx, key)


def _migrate(connection: Connection, go, to: str) -> None:
    config = migration_config()
    config.attributes["connection"] = connection
    go(config, to)


@asynccontextmanager
async def aclosing(database: SqlDatabase):
    yield database
    await database.close()
