"""A throw-away PostgreSQL of Debian's server programs, on a socket in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import make_url


class NoPostgres(Exception):
    """It cannot be had here; the text says why."""


@contextmanager
def throw_away_postgres(*, fsync: bool = False) -> Iterator[str]:
    """The URL of its own, empty database. Raises :class:`NoPostgres`.

    ``fsync`` as in production: for benchmarks. Tests do without.
    """
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    if not programs:
        raise NoPostgres("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="eider-pg-"))
    as_user = _as_user(folder)

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, str(programs[-1] / program), "-D", str(folder / "data"), *arguments],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            timeout=120,
        )

    call("initdb", "-U", "eider", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={folder}"
    options += "" if fsync else " -c fsync=off"
    call("pg_ctl", "start", "-w", "-o", options, "-l", str(folder / "log"))
    try:
        yield f"postgresql+asyncpg://eider@/postgres?host={folder}"
    finally:
        call("pg_ctl", "stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Within the block that server (of :func:`throw_away_postgres`) is stopped by SIGSTOP: its
    socket takes connections and statements, and nothing answers."""
    folder = Path(str(make_url(url).query["host"]))
    postmaster = psutil.Process(int((folder / "data/postmaster.pid").read_text().split()[0]))
    postmaster.suspend()  # first, so that no other process of it is begun
    stopped = [postmaster, *postmaster.children(recursive=True)]
    try:
        for process in stopped:
            process.suspend()
        yield
    finally:
        for process in reversed(stopped):
            process.resume()


def _as_user(folder: Path) -> list[str]:
    """Root must become another user, since PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    user = "postgres" if _exists("postgres") else "nobody"
    shutil.chown(folder, user)
    runuser = shutil.which("runuser", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if runuser is None:
        raise NoPostgres("root cannot become another user here, and PostgreSQL refuses root")
    return [runuser, "-u", user, "--"]


def _exists(user: str) -> bool:
    return subprocess.run(["id", user], capture_output=True, check=False).returncode == 0
