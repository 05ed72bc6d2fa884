"""Blobs as files under one folder. Their bytes are encrypted by the caller."""

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

from shop.adapters.blob_paths import checked
from shop.errors import NotFound

_TRIES = 10


class DiskBlobs:
    """A :class:`shop.ports.Blobs` in the folder ``root``, which is created by the first write.

    Files and folders are their owner's alone (0600, 0700). A path that could lead out of ``root``
    raises :class:`ValueError`.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, path: str, data: bytes) -> None:
        await asyncio.to_thread(self._put, self._root / checked(path), data)

    async def get(self, path: str) -> bytes:
        return await asyncio.to_thread(_read, self._root / checked(path))

    async def remove(self, prefix: str) -> int:
        return await asyncio.to_thread(self._remove, self._root / checked(prefix))

    async def walk(self, prefix: str) -> AsyncIterator[str]:
        start = self._root / checked(prefix) if prefix else self._root
        for path in await asyncio.to_thread(lambda: sorted(self._found(start))):
            yield path

    async def remove_drafts(self, age: timedelta) -> int:
        return await asyncio.to_thread(self._remove_drafts, age.total_seconds())

    def _remove_drafts(self, age: float) -> int:
        if not self._root.is_dir():
            return 0
        before = self._now() - age
        count = 0
        for folder, _, names in os.walk(self._root):
            for draft in (Path(folder) / name for name in names if name.startswith(".")):
                with contextlib.suppress(FileNotFoundError):  # its writer was quicker
                    if draft.stat().st_mtime < before:
                        draft.unlink()
                        self._tidy(draft.parent)
                        count += 1
        return count

    def _now(self) -> float:
        """The time by which the file system, perhaps another host's, dates what is written."""
        with tempfile.TemporaryFile(dir=self._root) as file:
            return os.fstat(file.fileno()).st_mtime

    def _put(self, path: Path, data: bytes) -> None:
        draft = self._draft(path)
        try:
            with open(draft, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _draft(self, path: Path) -> Path:
        """A new file beside ``path``, named so that ``walk`` skips it and ``remove`` finds it."""
        for _ in range(_TRIES):
            self._make_folder(path.parent)
            with contextlib.suppress(FileNotFoundError):  # another process removed it, being empty
                handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
                os.close(handle)
                return path.parent / name
        raise OSError("the folder of a blob is removed as often as it is made")

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        if folder != self._root:
            self._make_folder(folder.parent)
        folder.mkdir(mode=0o700, parents=folder == self._root, exist_ok=True)
        _sync(folder.parent)

    def _remove(self, path: Path) -> int:
        count = sum(1 for _ in self._found(path))
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
        for draft in path.parent.glob(f".{path.name}.*"):  # of a writer that was killed
            draft.unlink(missing_ok=True)
        self._tidy(path.parent)
        return count

    def _tidy(self, folder: Path) -> None:
        """Remove the folders that are empty now, and make the removal last."""
        while folder != self._root:
            with contextlib.suppress(FileNotFoundError):
                try:
                    folder.rmdir()
                except OSError:  # not empty
                    break
            folder = folder.parent
        if folder.is_dir():
            _sync(folder)

    def _found(self, start: Path) -> Iterator[str]:
        if start.is_file():
            yield start.relative_to(self._root).as_posix()
        for folder, _, names in os.walk(start):
            for name in names:
                if not name.startswith("."):
                    yield (Path(folder) / name).relative_to(self._root).as_posix()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFound from None


def _sync(folder: Path) -> None:
    """A new or removed name lasts only once its folder is synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
