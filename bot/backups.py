"""``python -m bot backup`` and ``python -m bot restore``: the database, encrypted, away from here,
and back (``docs/backup.md``).
"""

import argparse
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from shop import blob_references, erasure_replay, installation
from shop.adapters.backup_place import BackupPlace, backup_name, is_backup_name, open_place
from shop.adapters.backup_stream import (
    BackupUnreadable,
    new_pair,
    read_encrypted,
    require_keys,
    write_encrypted,
)
from shop.adapters.blob_store import open_blobs
from shop.adapters.database import SqlDatabase, restoring
from shop.adapters.database.copying import CopyUnusable, Manifest, read_manifest
from shop.adapters.database.upgrade import require_fitting
from shop.adapters.machine_clock import utc_now
from shop.encryption import derive_key
from shop.erasure_journal import ErasureJournal, ErasureLine
from shop.errors import CannotStart, NotFound, Unavailable
from shop.jobs import sightings
from shop.ports import Blobs, Database
from shop.records import ErasureKind, new_id
from shop.settings import Settings

DONE: Final = 0
FAILED: Final = 1
REFUSED: Final = 2
_SHOWN: Final = 20  # of missing blobs


class NotAsNamed(CannotStart):
    """The operator must name something else first."""

    status: ClassVar[int] = REFUSED


def add_backup_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``backup``."""
    parser.add_argument("--to", default="", metavar="PLACE", help="left out: EIDER_BACKUP_URL")
    parser.add_argument("--keep", type=_at_least_one, metavar="N", help="remove all but the newest")
    parser.set_defaults(run=back_up)


def add_restore_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``restore``."""
    parser.add_argument("backup", nargs="?", default="", help="a file, or s3://bucket/prefix/name")
    parser.add_argument("--key", type=Path, metavar="FILE", help="with the private key")
    parser.add_argument(
        "--check", action="store_true", help="look whether it is whole, and which blobs are missing"
    )
    parser.add_argument(
        "--without-journal", action="store_true", help="where the journal of erasures is lost"
    )
    parser.set_defaults(run=restore)


def add_backup_key_options(parser: argparse.ArgumentParser) -> None:
    """Declare those of ``backup-key``."""
    parser.add_argument("file", type=Path, help="for the private key: to be taken away")


def make_backup_key(chosen: argparse.Namespace) -> int:
    """Write a private key into a new file, and print its public key. An exit status."""
    file: Path = chosen.file
    private, public = new_pair()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        _say(f"{file} cannot be made: {error.strerror}")
        return REFUSED
    with os.fdopen(handle, "w") as opened:
        opened.write(f"# public key: {public}\n{private}\n")
    _say(f"EIDER_BACKUP_KEY={public}")
    _say(f"Take {file} away from this machine, and keep two copies: without it no backup opens.")
    return DONE


async def back_up(chosen: argparse.Namespace, settings: Settings) -> int:
    """Make a backup and keep it; an exit status. Raises :class:`CannotStart`."""
    where = chosen.to or settings.backup_url
    if not where or not settings.backup_key:
        missing = "EIDER_BACKUP_KEY" if where else "EIDER_BACKUP_URL"
        raise NotAsNamed(f"{missing}: is missing (docs/backup.md)")
    try:
        require_keys(settings.backup_key)
    except BackupUnreadable as wrong:
        raise NotAsNamed(f"EIDER_BACKUP_KEY: {wrong}") from wrong
    place, id, now = open_place(settings, where), new_id(), utc_now()
    async with _opened(settings) as (database, blobs):
        await installation.require_key(
            database, *settings.master_keys, signing_key=settings.signing_key
        )
        await installation.require(database, blobs, *settings.master_keys)
        journal = ErasureJournal(blobs, settings.signing_key)
        await journal.write(database)
        # Before the snapshot: a store that knows of the backup knows of all that follows it.
        await journal.append([ErasureLine(ErasureKind.BACKUP, id, now)], now)
    name = backup_name(now, id)
    with tempfile.TemporaryDirectory(prefix="eider-backup-") as folder:
        draft = Path(folder) / name
        with draft.open("xb") as file:
            write = partial(_encrypt, file, settings.backup_key)
            manifest = await restoring.copy_database(
                settings.database_url, id, now, write, _copy_key(settings)
            )
        size = draft.stat().st_size
        place.save(draft, name)
    _say(f"{name}: {size} bytes, tables of revision {manifest.revision}")
    await _note_made(settings)
    if chosen.keep:
        await _remove_former(journal, place, name, chosen.keep)
    return DONE


async def _remove_former(journal: ErasureJournal, place: BackupPlace, name: str, keep: int) -> None:
    """Those that the journal knows: a file that somebody else has put there moves none out."""
    try:
        known = [line async for line in journal.read() if line.kind is ErasureKind.BACKUP]
    except (CannotStart, NotFound, Unavailable) as why:
        _say(f"No former backup was removed: {why or 'the journal is being merged'}")
        return
    ours = {backup_name(line.at, line.subject) for line in known}
    former = [one for one in place.names() if one < name and one in ours]
    for old in former[keep - 1 :]:
        place.remove(old)
        _say(f"{old}: removed")


async def _note_made(settings: Settings) -> None:
    """For the doctor and the alerts. Where it fails, the backup is there all the same."""
    database = SqlDatabase(settings.database_url)
    try:
        async with database.begin() as tx:
            await sightings.note(tx, sightings.BACKUP, (), await tx.now())
    except Unavailable as outage:
        _say(f"That it was made could not be noted: {outage}")
    finally:
        await database.close()


async def restore(chosen: argparse.Namespace, settings: Settings) -> int:
    """Restore a backup, or look at one; an exit status. Raises :class:`CannotStart`."""
    try:
        if chosen.check:
            return await _check(chosen, settings)
        if not await restoring.is_begun(settings.database_url):
            await _begin(chosen, settings)
        else:
            await _go_on(chosen, settings)
        return await _finish(chosen, settings)
    except (CopyUnusable, BackupUnreadable) as unusable:
        raise NotAsNamed(f"{chosen.backup}: {unusable}. Nothing was changed.") from unusable


async def _check(chosen: argparse.Namespace, settings: Settings) -> int:
    """Whether the backup that is named is whole; else which blobs the database lacks."""
    if chosen.backup:
        with _fetched(chosen, settings) as lines:
            manifest, counts = _checked(chosen, settings, lines())
        _say(f"{chosen.backup} is whole: {_told(manifest, counts)}")
        return DONE
    async with _opened(settings) as (database, blobs):
        await installation.require(database, blobs, *settings.master_keys)
        missing = await blob_references.missing(database, blobs)
    _tell_missing(missing)
    return FAILED if missing else DONE


async def _begin(chosen: argparse.Namespace, settings: Settings) -> None:
    """The rows, all or none of them. The backup is read twice: nothing is done before it is known
    to be whole, and what was erased since it was made to be known."""
    if not chosen.backup:
        raise NotAsNamed("name a backup: a file, or s3://bucket/prefix/name")
    with _fetched(chosen, settings) as lines:
        manifest, _ = _checked(chosen, settings, lines())
        if not chosen.without_journal:
            await _require_journal(open_blobs(settings), settings, manifest.id)
        _, counts = await restoring.begin(
            settings.database_url, lines(), settings.master_keys, _copy_key(settings)
        )
    _say(_told(manifest, counts))


def _checked(
    chosen: argparse.Namespace, settings: Settings, lines: Iterator[str]
) -> tuple[Manifest, Mapping[str, int]]:
    """Raises :class:`CopyUnusable`, also for another backup under the name of one of ours."""
    manifest, counts = restoring.check_copy(lines, _copy_key(settings))
    name, own = Path(chosen.backup).name, backup_name(manifest.taken_at, manifest.id)
    if is_backup_name(name) and name != own:
        raise CopyUnusable(f"is another backup, which was named {own}")
    return manifest, counts


async def _go_on(chosen: argparse.Namespace, settings: Settings) -> None:
    """Raises :class:`NotAsNamed` for another backup than the one whose rows are there."""
    if chosen.backup:
        with _fetched(chosen, settings) as lines:
            named = read_manifest(lines()).id
        async with _opened(settings, restoring.marked_revision()) as (database, _):
            known = await installation.registered(database, *settings.master_keys)
        if named != known.restored_from:
            raise NotAsNamed(
                f"{chosen.backup}: another backup's rows are there, and its restore was cut off: "
                "end it with python -m bot restore, or name an empty database"
            )
    _say("A restore that was cut off goes on: the rows are there.")


async def _finish(chosen: argparse.Namespace, settings: Settings) -> int:
    async with _opened(settings, restoring.marked_revision()) as (database, blobs):
        known = await installation.registered(database, *settings.master_keys)
        await installation.require_store(blobs, known)
        if not chosen.without_journal:
            await _require_journal(blobs, settings, known.restored_from)
            journal = ErasureJournal(blobs, settings.signing_key)
            counts = await erasure_replay.replay(database, journal.read())
            again = ", ".join(_counted(count, kind) for kind, count in counts.items())
            _say(f"Erased again, by the journal: {again or 'nothing'}.")
        missing = await blob_references.missing(database, blobs)
    await restoring.finish(settings.database_url)
    _tell_missing(missing)
    _say("Next: python -m bot reconcile, for money that moved since. Then start the processes.")
    return DONE


async def _require_journal(blobs: Blobs, settings: Settings, backup: str) -> None:
    """Raises :class:`NotAsNamed` unless the journal has what was erased since that backup, and
    :class:`CannotStart` unless the whole of it can be read."""
    known = False
    async for line in ErasureJournal(blobs, settings.signing_key).read():
        known |= line.kind is ErasureKind.BACKUP and line.subject == backup
    if not known:
        raise NotAsNamed(
            f"{blobs.place.setting}: the journal of erasures there does not know this "
            "backup: it is another store's, a copy from before the backup, or no longer kept. Find "
            "the right one; if it is lost, --without-journal brings back whoever was erased since "
            "the backup was made"
        )


@asynccontextmanager
async def _opened(settings: Settings, revision: str = "") -> AsyncIterator[tuple[Database, Blobs]]:
    database = SqlDatabase(settings.database_url, revision=revision)
    try:
        if not revision:
            await require_fitting(settings.database_url)
        yield database, open_blobs(settings)
    except Unavailable as outage:
        raise CannotStart(str(outage)) from outage
    finally:
        await database.close()


@contextmanager
def _fetched(
    chosen: argparse.Namespace, settings: Settings
) -> Iterator[Callable[[], Iterator[str]]]:
    """What gives the lines of the backup, each time from the first one; a file in the bucket is
    fetched before that, encrypted as it is."""
    if chosen.key is None:
        raise NotAsNamed("--key FILE is missing: the private key of the backup")
    key = _private_key(chosen.key)
    folder, _, name = chosen.backup.rpartition("/")
    with tempfile.TemporaryFile() if chosen.backup.startswith("s3://") else _file(chosen) as file:
        if chosen.backup.startswith("s3://"):
            open_place(settings, folder).fetch(name, file)

        def lines() -> Iterator[str]:
            file.seek(0)
            return read_encrypted(file, key)

        yield lines


def _copy_key(settings: Settings) -> bytes:
    """What a backup is authenticated by."""
    return derive_key(settings.signing_key, "backup/1")


def _file(chosen: argparse.Namespace) -> BinaryIO:
    try:
        return Path(chosen.backup).open("rb")
    except OSError as error:
        raise NotAsNamed(f"{chosen.backup}: {error.strerror}") from error


def _private_key(file: Path) -> str:
    """The first line that is no comment, as age-keygen writes it."""
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        raise NotAsNamed(f"{file}: cannot be read") from None
    return next((line for line in lines if line and not line.startswith("#")), "")


def _encrypt(file: BinaryIO, keys: Sequence[str], lines: Iterator[str]) -> None:
    try:
        write_encrypted(lines, file, keys)
        file.flush()
    except OSError as error:
        why = error.strerror or error
        raise CannotStart(f"TMPDIR: the backup cannot be written in {file.name}: {why}") from error


def _told(manifest: Manifest, counts: Mapping[str, int]) -> str:
    rows = f"{sum(counts.values())} rows in {len(counts)} tables of revision {manifest.revision}"
    return f"{rows}, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC."


def _counted(count: int, kind: ErasureKind) -> str:
    several = {ErasureKind.PERSON: "people", ErasureKind.ADDRESS: "addresses"}
    return f"{count} {kind if count == 1 else several.get(kind, f'{kind}s')}"


def _tell_missing(missing: Sequence[str]) -> None:
    if not missing:
        _say("No blob is missing.")
        return
    _say("1 blob is missing:" if len(missing) == 1 else f"{len(missing)} blobs are missing:")
    for path in missing[:_SHOWN]:
        _say(f"  {path}")


def _at_least_one(given: str) -> int:
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise argparse.ArgumentTypeError("must be a number from 1 on")
    return int(given)


def _say(words: str) -> None:
    print(words)  # noqa: T201 - the answer to whoever typed the command
