"""Which code may work on which tables.

The row of ``alembic_version`` names the tables' revision, and beside it ``oldest_code``: the oldest
revision whose code may work on them. A migration that only adds leaves that as it is, so that the
former version goes on beside the new one; one after which earlier code would fail or do harm says
with which it still lives, by a constant of its module: ``OLDEST_CODE = "0021"``.

Every transaction asks in the round trip in which it begins (:mod:`shop.adapters.database.pools`),
and a migration that says so waits for those that are open: none is ever half on other tables.
"""

from functools import cache
from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.script import Script, ScriptDirectory

from shop.errors import SchemaUnfit

MIGRATIONS: Final = Path(__file__).parent / "migrations"
SINCE: Final = "0019"
"""The migration that brought ``oldest_code``. Code from before asks nobody: it must be stopped."""

RESTORING: Final = "restoring"
"""What stands before the revision of tables into which a backup is being restored: later than any,
so that no process works on them before what was erased is erased there too."""

REVISION_QUERY: Final = "SELECT version_num FROM alembic_version"


def migration_config() -> Config:
    """Alembic's settings, without an alembic.ini: the database comes from our own settings."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


@cache
def scripts() -> ScriptDirectory:
    """All migrations that this code knows."""
    return ScriptDirectory.from_config(migration_config())


@cache
def known_revision() -> str:
    """The revision that this code is written for: its latest migration."""
    return scripts().get_current_head() or ""


def oldest_code(revision: str) -> str:
    """The oldest revision whose code may work on the tables of ``revision``, as the migrations up
    to it say."""
    return max(declared(one) for one in scripts().iterate_revisions(revision, "base"))


def declared(migration: Script) -> str:
    """The oldest revision whose code lives with that migration, if it ends earlier code's work, as
    each does up to :data:`SINCE`; else ""."""
    unsaid = SINCE if migration.revision <= SINCE else ""
    return str(getattr(migration.module, "OLDEST_CODE", unsaid))


def fits_query(known: str) -> str:
    """Gives a row if code of the revision ``known`` may work on the tables, else none. It fails on
    tables from before :data:`SINCE`, which do not fit either."""
    return (
        f"SELECT 1 FROM alembic_version WHERE version_num = '{known}'"  # noqa: S608 - digits of ours
        f" OR (version_num > '{known}' AND oldest_code <= '{known}')"
    )


def unfit(revision: str, known: str) -> SchemaUnfit:
    """What is raised where tables of ``revision`` ("" for none) do not fit code of ``known``."""
    if revision.startswith(RESTORING):
        return SchemaUnfit(
            "a backup is being restored into the database, and what was erased since is not erased "
            "there yet: end it with python -m bot restore"
        )
    if revision > known:
        return SchemaUnfit(
            f"the database's tables are of revision {revision}, on which this version, which knows "
            f"{known}, cannot work: install the version that made them"
        )
    have = f"are of revision {revision}" if revision else "are missing"
    return SchemaUnfit(
        f"the database's tables {have}, and this version needs {known}: python -m bot migrate up"
    )
