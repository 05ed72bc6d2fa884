"""Alembic's entry point: works on the connection that ``upgrade`` or ``revise`` gives it.

From Alembic's own command line it opens the database of the settings; no alembic.ini has a secret.
"""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator

from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import METADATA
from shop.settings import Settings


def render(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Write a migration with SQLAlchemy's own types: ours may change, a migration must not."""
    if kind != "type":
        return False
    shown = repr(item.impl_instance if isinstance(item, TypeDecorator) else item)
    if shown.startswith(("Text", "TEXT")):
        return "TEXT"
    return "NUMBER" if item._variant_mapping else f"sa.{shown}"


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        render_item=render,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_own() -> None:
    engine = open_engine(Settings.from_env().database_url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    asyncio.run(migrate_own())
else:
    migrate(given)
