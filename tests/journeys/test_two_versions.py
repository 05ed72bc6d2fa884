"""This version's whole journey on a database that a newer version has added to: they run beside
each other while it is rolled out, and this one stays the way back."""

import pytest
from sqlalchemy import text

from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import METADATA
from tests.journeys.conftest import agree, pay, send_photos, sets


@pytest.fixture
async def expanded(sqlite_url: str) -> str:
    """Every table has columns that we know nothing of, and there is a newer revision."""
    engine = open_engine(sqlite_url)
    async with engine.begin() as connection:
        for table in METADATA.sorted_tables:
            for column in ("later TEXT", "filled TEXT NOT NULL DEFAULT 'x'"):
                await connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column}"))
        await connection.execute(text("CREATE TABLE laters (nr INTEGER PRIMARY KEY)"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await engine.dispose()
    return sqlite_url


async def test_a_journey_on_a_newer_versions_tables(expanded, open_studio) -> None:
    async with open_studio(EIDER_DATABASE_URL=expanded) as studio, studio.enter() as chat:
        await agree(chat)
        await send_photos(chat)
        await pay(chat)
        await chat.wait(lambda _: bool(sets(chat)))
        await chat.press("more:")
        await chat.wait(lambda _: len(sets(chat)) == 2)
        await chat.say("/erase")
        await chat.press("erase:yes-")
        async with studio.container.database.snapshot() as tx:
            totals = await tx.totals()
    assert set(totals.values()) == {0}
