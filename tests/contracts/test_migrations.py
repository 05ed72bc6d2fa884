"""The migrations make exactly the tables that the records want."""

import base64
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import METADATA, TABLES
from shop.adapters.database.upgrade import migration_config
from shop.records import RECORDS
from shop.settings import Settings


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


async def test_migrations_make_the_tables(sql_url: str) -> None:
    engine = open_engine(sql_url)
    async with engine.begin() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == [], 'write one: python -m shop.adapters.database.revise "what changed"'


async def test_they_go_back_and_forth(sqlite_url: str) -> None:
    def go_back(connection: Connection) -> list[str]:
        config = migration_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        return inspect(connection).get_table_names()

    engine = open_engine(sqlite_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(go_back) == ["alembic_version"]
    await upgrade(sqlite_url)
    async with engine.begin() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


def test_every_record_has_its_table() -> None:
    assert set(TABLES) == set(RECORDS)
    assert len({table.name for table in TABLES.values()}) == len(RECORDS)


async def test_a_data_folder_may_have_any_name(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(32)).decode()
    data = tmp_path / "my 绒鸭 100%20? #1"
    settings = Settings.from_env({"EIDER_DATA": str(data), "EIDER_MASTER_KEY": key})
    await upgrade(settings.database_url)
    assert (data / "eider.sqlite").is_file()
    database = SqlDatabase(settings.database_url)
    async with database.begin() as tx:
        assert await tx.totals() == {}
    await database.close()
    assert [path.name for path in tmp_path.iterdir()] == [data.name]
