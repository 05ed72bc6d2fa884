"""A throw-away PostgreSQL of Debian's server programs, on a socket in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
