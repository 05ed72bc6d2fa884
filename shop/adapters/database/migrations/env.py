"""Alembic's entry point: works on the connection that ``upgrade`` or ``revise`` gives it.

From Alembic's own command line it opens the database of the settings; no alembic.ini has a secret.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Literal

from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import Connection, TypeDecorator, text

from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import SINCE, oldest_code
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


def note_oldest_code(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """After each step: which code may work on the tables as they are now."""
    now = max(heads, default="")
    if now >= SINCE and ctx.connection is not None:
        noted = text("UPDATE alembic_version SET oldest_code = :oldest")
        ctx.connection.execute(noted, {"oldest": oldest_code(now)})


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        render_item=render,
        on_version_apply=note_oldest_code,
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
