"""A database whose tables become another version's, under everybody's feet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from sqlalchemy import Connection, text

from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import known_revision, migration_config

FORMER = "0018"
_NOTE = text("UPDATE alembic_version SET version_num = :revision, oldest_code = :oldest")


async def make_former(url: str) -> None:
    """Bring the tables back to an earlier version's, as before an upgrade."""

    def go(connection: Connection) -> None:
        config = migration_config()
        config.attributes["connection"] = connection
        command.downgrade(config, FORMER)

    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(go)
    await engine.dispose()


@asynccontextmanager
async def newer_tables(url: str) -> AsyncIterator[None]:
    """Within the block the tables want a newer version's code."""
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(_NOTE, {"revision": "9999", "oldest": "9999"})
        yield
        async with engine.begin() as connection:
            await connection.execute(_NOTE, {"revision": known_revision(), "oldest": FORMER})
    finally:
        await engine.dispose()
