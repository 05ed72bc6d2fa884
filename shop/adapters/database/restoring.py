"""A backup is read from a database, and written into an empty one.

What is restored bears a mark instead of its revision until :func:`finish`: whoever was erased since
the backup was made must be erased there too before any process works on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from shop.adapters.database.copying import (
    CopyUnusable,
    Manifest,
    copy_lines,
    go_on_counting,
    read_copy,
    read_manifest,
    table_names,
    write_rows,
)
from shop.adapters.database.key_check import require_key
from shop.adapters.database.schema_contract import (
    RESTORING,
    known_revision,
    oldest_code,
    scripts,
)
from shop.adapters.database.upgrade import migrate_to, on_database, revision_of, wait_for_turn
from shop.errors import CannotStart

_MARK = text("UPDATE alembic_version SET version_num = :revision, oldest_code = :oldest")
_NAME = text("UPDATE installations SET restored_from = :id")


def marked_revision() -> str:
    """What tables bear that this code is restoring."""
    return f"{RESTORING}-{known_revision()}"


async def copy_database(
    url: str, id: str, taken_at: datetime, write: Callable[[Iterator[str]], None], key: bytes
) -> Manifest:
    """Give ``write`` the lines of a copy, all of one moment, authenticated by that key; it blocks,
    and so does this."""

    def copied(connection: Connection) -> Manifest:
        revision = revision_of(connection)
        if not revision or revision.startswith(RESTORING):
            raise CannotStart("EIDER_DATABASE_URL: the database has nothing to back up yet")
        manifest = Manifest(id=id, taken_at=taken_at, revision=revision)
        write(copy_lines(connection, manifest, key))
        return manifest

    return await on_database(url, copied, reads=True)


def check_copy(lines: Iterator[str], key: bytes) -> tuple[Manifest, Mapping[str, int]]:
    """Read all lines: what the copy is, and how many rows each table has. Raises
    :class:`CopyUnusable`."""
    manifest = read_manifest(lines)
    return manifest, read_copy(manifest, lines, lambda *_: None, key)


async def begin(
    url: str, lines: Iterator[str], master_keys: Sequence[bytes], key: bytes
) -> tuple[Manifest, Mapping[str, int]]:
    """Write a copy into the database, which must be empty, migrate it to this version's tables, and
    mark it: all of it or nothing. It blocks. How many rows each table has got.

    Raises :class:`CopyUnusable`, :class:`CannotStart` for a database that is not empty or out of
    reach, and :class:`shop.installation.WrongMasterKey`.
    """

    def restored(connection: Connection) -> tuple[Manifest, Mapping[str, int]]:
        wait_for_turn(connection)
        if table_names(connection):
            raise CannotStart("EIDER_DATABASE_URL: the database is not empty: name an empty one")
        manifest = read_manifest(lines)
        if manifest.revision not in {one.revision for one in scripts().walk_revisions()}:
            raise CopyUnusable(f"has tables of revision {manifest.revision}, of a newer version")
        migrate_to(connection, manifest.revision)
        counts = read_copy(manifest, lines, write_rows(connection), key)
        go_on_counting(connection)
        require_key(connection, master_keys)
        migrate_to(connection, "head")
        mark = {"revision": marked_revision(), "oldest": RESTORING}
        connection.execute(_MARK, mark)
        connection.execute(_NAME, {"id": manifest.id})
        return manifest, counts

    return await on_database(url, restored)


async def is_begun(url: str) -> bool:
    """Whether a restore into the database was begun, and not finished. Raises :class:`CannotStart`
    if it was by another version."""

    def looked(connection: Connection) -> str:
        return revision_of(connection)

    revision = await on_database(url, looked, reads=True)
    if revision.startswith(RESTORING) and revision != marked_revision():
        raise CannotStart(
            "EIDER_DATABASE_URL: another version has begun to restore here: end it with that one"
        )
    return revision == marked_revision()


async def finish(url: str) -> None:
    """The processes may work on it."""
    known = known_revision()

    def marked(connection: Connection) -> None:
        connection.execute(_MARK, {"revision": known, "oldest": oldest_code(known)})

    await on_database(url, marked)
