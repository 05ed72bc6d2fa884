"""Migrates a database to this version's tables, at every start. Several processes may do it at
once: the transaction that each begins lets one migrate, and the others find nothing left to do.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, make_url

from shop.adapters.database.engine import open_engine, prepare_file

MIGRATIONS = Path(__file__).parent / "migrations"


def migration_config() -> Config:
    """Alembic's settings, without an alembic.ini: the database comes from our own settings."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


async def upgrade(url: str) -> None:
    """Create or migrate the tables, all of it or nothing. A second time it does nothing."""
    location = make_url(url)
    if location.get_backend_name() == "sqlite" and location.database:
        await asyncio.to_thread(prepare_file, Path(location.database))
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


def _migrate(connection: Connection) -> None:
    config = migration_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
