"""Where backups lie: a folder, or a prefix of a bucket. Their names tell when they were made."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from shop.adapters.blobs_s3 import PART_BYTES, open_bucket
from shop.errors import CannotStart
from shop.settings import Settings

_NAME: Final = re.compile(r"eider-[0-9]{8}T[0-9]{12}Z-[0-9a-f]{8}\.age")


class BackupPlace(Protocol):
    """All of it blocks, and raises :class:`shop.errors.CannotStart` where the place fails."""

    def save(self, draft: Path, name: str) -> None:
        """Keep a copy of a finished file under that name; it is there whole, or not at all."""

    def names(self) -> list[str]:
        """Of all backups that are there, the newest first."""

    def fetch(self, name: str, target: BinaryIO) -> None:
        """Write a backup's bytes to a file of ours."""

    def remove(self, name: str) -> None: ...


def backup_name(taken_at: datetime, id: str) -> str:
    """Sorts by the time at which it was made."""
    return f"eider-{taken_at:%Y%m%dT%H%M%S%fZ}-{id[:8]}.age"


def is_backup_name(name: str) -> bool:
    """Whether it has the form of :func:`backup_name`."""
    return _NAME.fullmatch(name) is not None


def open_place(settings: Settings, where: str) -> BackupPlace:
    """A folder, or ``s3://bucket/prefix`` of the service that the settings name for blobs."""
    if not where.startswith("s3://"):
        return FolderPlace(Path(where))
    return BucketPlace(
        open_bucket(
            where,
            endpoint=settings.blobs_endpoint,
            region=settings.blobs_region,
            key_id=settings.blobs_key_id,
            secret_key=settings.blobs_secret_key,
        )
    )


class FolderPlace:
    """A :class:`BackupPlace` in a folder, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, draft: Path, name: str) -> None:
        with _told(f"{self._folder} cannot be written"):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(prefix=f".{name}.", dir=self._folder)
            try:
                with draft.open("rb") as source, os.fdopen(handle, "wb") as target:
                    while piece := source.read(PART_BYTES):
                        target.write(piece)
                    target.flush()
                    os.fsync(target.fileno())
                Path(part).rename(self._folder / name)
            finally:
                Path(part).unlink(missing_ok=True)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def names(self) -> list[str]:
        with _told(f"{self._folder} cannot be read"):
            there = os.listdir(self._folder) if self._folder.is_dir() else []
        return sorted(filter(_NAME.fullmatch, there), reverse=True)

    def fetch(self, name: str, target: BinaryIO) -> None:
        with _told(f"{self._folder / name} cannot be read"), (self._folder / name).open("rb") as it:
            while piece := it.read(PART_BYTES):
                target.write(piece)

    def remove(self, name: str) -> None:
        with _told(f"{self._folder / name} cannot be removed"):
            (self._folder / name).unlink(missing_ok=True)


class BucketPlace:
    """A :class:`BackupPlace` below a prefix of a bucket."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def save(self, draft: Path, name: str) -> None:
        with _told("the bucket of the backups cannot be written"):
            obstore.put(self._store, name, draft, chunk_size=PART_BYTES)

    def names(self) -> list[str]:
        with _told("the bucket of the backups cannot be listed"):
            pages = list(obstore.list(self._store))
        there = [one["path"] for page in pages for one in page]
        return sorted(filter(_NAME.fullmatch, there), reverse=True)

    def fetch(self, name: str, target: BinaryIO) -> None:
        with _told(f"the bucket's {name} cannot be read"):
            target.writelines(obstore.get(self._store, name).stream(min_chunk_size=PART_BYTES))

    def remove(self, name: str) -> None:
        with _told(f"the bucket's {name} cannot be removed"):
            obstore.delete(self._store, name)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except (OSError, BaseError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise CannotStart(f"{what}: {why}") from error
