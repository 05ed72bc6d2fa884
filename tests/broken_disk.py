"""A disk that breaks below one folder: system calls on its paths fail as the kernel fails them.

Works as root too, whom no permission stops, and without mounting anything.
"""

import builtins
import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

READING = ("stat", "scandir", "listdir")
ADDING = ("mkdir", "replace")
REMOVING = ("unlink", "rmdir")

BROKEN = {
    errno.ENOSPC: ADDING,
    errno.EROFS: ADDING + REMOVING,
    errno.EACCES: READING + ADDING + REMOVING,
    errno.EIO: READING + ADDING + REMOVING,
}
"""Which calls fail beside opening files to write (and, where reading fails, to read), by the
error's number."""


@contextmanager
def broken_disk(root: Path, number: int) -> Iterator[None]:
    """Within the block the disk of ``root`` is full (ENOSPC), read-only (EROFS), forbidden (EACCES)
    or failing (EIO)."""
    failing = BROKEN[number]
    reads_fail = set(READING) <= set(failing)

    def fails(path: Any, *, writes: bool) -> bool:
        if not isinstance(path, str | os.PathLike) or not (writes or reads_fail):
            return False
        return Path(path).is_relative_to(root)

    def check(path: Any, *, writes: bool) -> None:
        if fails(path, writes=writes):
            raise OSError(number, os.strerror(number), str(path))

    def broken(name: str) -> Callable[..., Any]:
        real: Callable[..., Any] = getattr(os, name)

        def call(path: Any = ".", *args: Any, **kwargs: Any) -> Any:
            check(path, writes=name not in READING)
            return real(path, *args, **kwargs)

        return call

    real_open, real_os_open = builtins.open, os.open

    def opened(path: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        check(path, writes=bool(set(mode) & set("wax+")))
        return real_open(path, mode, *args, **kwargs)

    def os_opened(path: Any, flags: int, *args: Any, **kwargs: Any) -> int:
        check(path, writes=bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)))
        return real_os_open(path, flags, *args, **kwargs)

    with (
        mock.patch.multiple(os, open=os_opened, **{name: broken(name) for name in failing}),
        mock.patch.object(builtins, "open", opened),
        mock.patch.object(io, "open", opened),
    ):
        yield
