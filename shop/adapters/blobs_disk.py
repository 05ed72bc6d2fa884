"""Blobs as files under one folder. Their bytes are encrypted by the caller.

A disk that is full, read-only, broken, forbidden or not mounted is an outage: every ``OSError`` of
an operation is raised as :class:`shop.errors.Unavailable`, whose text names the operation and the
error's number, and no path. Nothing is taken for absent, removed or empty that could not be read.
"""

import asyncio
import contextlib
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, TypeVar

from shop.adapters.blob_paths import checked
from shop.errors import Duplicate, NotFound, Unavailable
from shop.ports import BlobPlace

_TRIES: Final = 10
_NOT_EMPTY: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY})  # busy: a mount point

PLACE: Final = BlobPlace(
    "EIDER_DATA",
    restore="mount the disk, or set EIDER_DATA to the folder that the database was made with",
    repair="make room, mount the disk again, or let this user read and write there",
)

T = TypeVar("T")


class DiskBlobs:
    """A :class:`shop.ports.Blobs` in the folder ``root``, which is created by the first write;
    should it be gone later, its disk was taken away, and that is an outage as well. An unmounted
    disk leaves an empty folder behind: :meth:`bind` tells that one from an empty store.

    Files and folders are their owner's alone (0600, 0700). A path that could lead out of ``root``
    raises :class:`ValueError`.
    """

    place = PLACE

    def __init__(self, root: Path) -> None:
        self._root = root
        self._was_there = False
        self._mark: tuple[Path, bytes] | None = None

    def bind(self, path: str, mark: bytes) -> None:
        self._mark = (self._root / checked(path), mark)

    async def put(self, path: str, data: bytes) -> None:
        target = self._root / checked(path)
        await self._done("put", lambda: self._put(target, data))

    async def create(self, path: str, data: bytes) -> None:
        target = self._root / checked(path)
        await self._done("create", lambda: self._put(target, data, replace=False))

    async def get(self, path: str) -> bytes:
        target = self._root / checked(path)
        return await self._done("get", lambda: self._get(target))

    async def remove(self, prefix: str) -> int:
        target = self._root / checked(prefix)
        return await self._done("remove", lambda: self._remove(target))

    async def walk(self, prefix: str) -> AsyncIterator[str]:
        start = self._root / checked(prefix) if prefix else self._root
        for path in await self._done("walk", lambda: sorted(self._found(start))):
            yield path

    async def remove_drafts(self, age: timedelta) -> int:
        return await self._done("remove_drafts", lambda: self._remove_drafts(age.total_seconds()))

    async def _done(self, operation: str, work: Callable[[], T]) -> T:
        """What the work gives, in a thread. Raises :class:`Unavailable` for any OSError."""

        def do() -> T:
            if not self._root.is_dir() and (self._was_there or self._is_no_folder()):
                raise _error(errno.ENOTDIR)
            self._require_own()
            try:
                return work()
            finally:
                # It may have been taken away meanwhile: then nothing was stored or is absent.
                self._require_own()
                self._was_there = self._was_there or self._root.is_dir()

        try:
            return await asyncio.to_thread(do)
        except OSError as error:
            number = errno.errorcode.get(error.errno or 0, "unknown")
            raise Unavailable(f"the blob store fails: {operation}, {number}") from error

    def _is_no_folder(self) -> bool:
        """Whether something else has its name; it may just be being made."""
        return self._root.exists() and not self._root.is_dir()

    def _require_own(self) -> None:
        """Raises OSError where another store, or none, is in this one's place."""
        if self._mark is None:
            return
        path, mark = self._mark
        try:
            own = path.read_bytes().strip() == mark
        except (FileNotFoundError, NotADirectoryError):
            own = False
        if not own:
            raise _error(errno.ENODEV)

    def _remove_drafts(self, age: float) -> int:
        if not self._root.is_dir():
            return 0
        drafts = [
            Path(folder) / name
            for folder, _, names in _walk(self._root)
            for name in names
            if name.startswith(".")
        ]
        before = self._now() - age if drafts else 0.0
        count = 0
        for draft in drafts:
            with contextlib.suppress(FileNotFoundError):  # its writer was quicker
                if draft.stat().st_mtime < before:
                    draft.unlink()
                    self._tidy(draft.parent)
                    count += 1
        return count

    def _now(self) -> float:
        """The time by which the file system, perhaps another host's, dates what is written."""
        try:
            with tempfile.TemporaryFile(dir=self._root) as file:
                return os.fstat(file.fileno()).st_mtime
        except OSError:  # a full disk has room for no file, and still dates a folder
            os.utime(self._root)
            return self._root.stat().st_mtime

    def _put(self, path: Path, data: bytes, *, replace: bool = True) -> None:
        draft = self._draft(path)
        try:
            with open(draft, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if replace:
                os.replace(draft, path)
            else:
                _name(draft, path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync(path.parent)

    def _get(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            if self._was_there and not self._root.is_dir():
                raise  # it was taken away this moment: nothing is known to be absent
            raise NotFound from None

    def _draft(self, path: Path) -> Path:
        """A new file beside ``path``, named so that ``walk`` skips it and ``remove`` finds it."""
        for _ in range(_TRIES):
            self._make_folder(path.parent)
            with contextlib.suppress(FileNotFoundError):  # another process removed it, being empty
                handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
                os.close(handle)
                return path.parent / name
        raise _error(errno.ENOENT)  # it is removed as often as it is made

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
            _remove_tree(path)
        else:
            with contextlib.suppress(NotADirectoryError):  # a part of its path is a blob
                path.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for name in os.listdir(path.parent):
                if name.startswith(f".{path.name}."):  # of a writer that was killed
                    (path.parent / name).unlink(missing_ok=True)
        self._tidy(path.parent)
        return count

    def _tidy(self, folder: Path) -> None:
        """Remove the folders that are empty now, and make the removal last."""
        while folder != self._root:
            with contextlib.suppress(NotADirectoryError):
                if not _remove_empty(folder):
                    break
            folder = folder.parent
        if folder.is_dir():
            _sync(folder)

    def _found(self, start: Path) -> Iterator[str]:
        if start.is_file():
            yield start.relative_to(self._root).as_posix()
        for folder, _, names in _walk(start):
            for name in names:
                if not name.startswith("."):
                    yield (Path(folder) / name).relative_to(self._root).as_posix()


def _name(draft: Path, path: Path) -> None:
    """Give a finished draft its name. Raises :class:`Duplicate` where something has it."""
    try:
        os.link(draft, path)
    except FileExistsError:
        raise Duplicate from None
    draft.unlink()


def _error(number: int) -> OSError:
    """Without a path."""
    return OSError(number, os.strerror(number))


def _walk(start: Path, *, topdown: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """:func:`os.walk`, which by itself passes over what it cannot read: then an erasure would find
    nothing to erase. Only what others remove meanwhile is passed over here."""

    def failed(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise error

    return os.walk(start, topdown=topdown, onerror=failed)


def _remove_tree(path: Path) -> None:
    """Remove a folder with all that is in it, drafts too; what others write into it meanwhile is
    removed in another round."""
    for _ in range(_TRIES):
        for folder, folders, names in _walk(path, topdown=False):
            for name in names:
                Path(folder, name).unlink(missing_ok=True)
            for name in folders:
                _remove_empty(Path(folder, name))
        if _remove_empty(path):
            return
    raise _error(errno.ENOTEMPTY)


def _remove_empty(folder: Path) -> bool:
    """Remove it if it is empty. False: something is in it."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno not in _NOT_EMPTY:
            raise
        return False
    return True


def _sync(folder: Path) -> None:
    """A new or removed name lasts only once its folder is synced."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
