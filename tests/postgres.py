"""A throw-away PostgreSQL of Debian's server programs, on a socket in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import make_url


class NoPostgres(Exception):
    """It cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server's folder, on whose socket it listens while it runs."""

    folder: Path
    _programs: Path
    _as_user: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://eider@/postgres?host={self.folder}"

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.5432"

    @property
    def postmaster(self) -> psutil.Process:
        return psutil.Process(int((self.folder / "data/postmaster.pid").read_text().split()[0]))

    def call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's own programs on its data."""
        subprocess.run(
            [*self._as_user, str(self._programs / program), "-D", str(self.folder / "data"),
             *arguments],
            check=True, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    def start(self, options: str = "") -> None:
        """``options`` as ``postgres`` takes them."""
        here = f"-c listen_addresses= -c unix_socket_directories={self.folder} {options}"
        self.call("pg_ctl", "start", "-w", "-o", here, "-l", str(self.folder / "log"))

    def remove(self) -> None:
        """Stop it, if it runs, and throw its data away."""
        if (self.folder / "data/postmaster.pid").exists():
            self.call("pg_ctl", "stop", "-m", "immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def new_server() -> PostgresServer:
    """One without data yet. Raises :class:`NoPostgres`."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    if not programs:
        raise NoPostgres("PostgreSQL's server programs are not installed")
    folder = Path(tempfile.mkdtemp(prefix="eider-pg-"))
    return PostgresServer(folder, programs[-1], tuple(_as_user(folder)))


@contextmanager
def throw_away_postgres(*, fsync: bool = False) -> Iterator[str]:
    """The URL of its own, empty database. Raises :class:`NoPostgres`.

    ``fsync`` as in production: for benchmarks. Tests do without.
    """
    server = new_server()
    try:
        server.call("initdb", "-U", "eider", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start("" if fsync else "-c fsync=off")
        yield server.url
    finally:
        server.remove()


@contextmanager
def frozen(url: str) -> Iterator[None]:
    """Within the block that server (of :func:`throw_away_postgres`) is stopped by SIGSTOP: its
    socket takes connections and statements, and nothing answers."""
    postmaster = PostgresServer(Path(str(make_url(url).query["host"])), Path(), ()).postmaster
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
