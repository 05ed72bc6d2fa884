"""``python -m shop.adapters.database.revise "what changed"``: write the next migration.

Compares the tables with a scratch database that the migrations so far have made, not with any real
one. Read what it wrote: a new column of an old table needs a value for old rows.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from shop.adapters.database.engine import open_engine
from shop.adapters.database.schema_contract import migration_config
from shop.adapters.database.upgrade import upgrade


def _revise(connection: Connection, message: str) -> None:
    config = migration_config()
    config.attributes["connection"] = connection
    number = 1 + sum(1 for _ in ScriptDirectory.from_config(config).walk_revisions())
    command.revision(config, message=message, rev_id=f"{number:04}", autogenerate=True)


async def revise(message: str) -> None:
    """Write ``migrations/versions/{number}_{message}.py``."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'scratch.sqlite'}"
        await upgrade(url)
        engine = open_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(_revise, message)
        await engine.dispose()


if __name__ == "__main__":
    asyncio.run(revise(" ".join(sys.argv[1:]) or "tables"))
