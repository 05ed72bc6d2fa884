"""A database of which one table is broken: renamed, within a block, under everybody's feet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import METADATA

TABLES = tuple(sorted(METADATA.tables))


@asynccontextmanager
async def broken_table(url: str, name: str) -> AsyncIterator[None]:
    """Whoever asks for that table within the block is told by the database that there is none."""
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f'ALTER TABLE "{name}" RENAME TO "{name}_away"'))
        try:
            yield
        finally:
            async with engine.begin() as connection:
                await connection.execute(text(f'ALTER TABLE "{name}_away" RENAME TO "{name}"'))
    finally:
        await engine.dispose()
