"""PostgreSQL as a primary and a streaming standby, without whose word nothing is committed."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import asyncpg
import psutil

from tests.postgres import PostgresServer, new_server

OPTIONS = "-c max_connections=200"
"""Of both, as in deploy/compose.yaml."""


@dataclass(slots=True)
class ReplicatedPostgres:
    """``primary`` is written to; ``standby`` has all that was ever acknowledged."""

    primary: PostgresServer = field(default_factory=new_server)
    standby: PostgresServer | None = None

    async def start(self) -> None:
        await asyncio.to_thread(self._make)
        await self.add_standby()

    async def add_standby(self) -> None:
        """A new one of the primary; from then on every commit waits until it has it."""
        self.standby = await asyncio.to_thread(self._copy)
        await self._set("synchronous_standby_names", "ANY 1 (*)")

    async def fail_over(self) -> None:
        """The primary's machine is gone from one moment to the next, and the standby takes its
        place. Whoever acts between must not reach the old one."""
        assert self.standby is not None
        lost, self.primary, self.standby = self.primary, self.standby, None
        await asyncio.to_thread(_lose, lost)
        await asyncio.to_thread(self.primary.call, "pg_ctl", "promote", "-w")

    async def crash(self) -> None:
        """Every process of the primary is killed, and it starts again on what it had."""
        await asyncio.to_thread(_kill, self.primary)
        await asyncio.to_thread(self.primary.start, OPTIONS)

    def remove(self) -> None:
        for server in (self.primary, self.standby):
            if server is not None:
                server.remove()

    def _make(self) -> None:
        self.primary.call("initdb", "-U", "eider", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.primary.start(OPTIONS)

    def _copy(self) -> PostgresServer:
        copy = new_server()
        where = ("-h", str(self.primary.folder), "-U", "eider")
        copy.call("pg_basebackup", *where, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        copy.start(OPTIONS)
        return copy

    async def _set(self, name: str, value: str) -> None:
        connection = await asyncpg.connect(
            user="eider", database="postgres", host=str(self.primary.folder)
        )
        await connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()


def _kill(server: PostgresServer) -> None:
    """SIGKILL to every process of it, the first one first, so that none is begun anew."""
    postmaster = server.postmaster
    for process in [postmaster, *postmaster.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    postmaster.wait(30)


def _lose(server: PostgresServer) -> None:
    _kill(server)
    (server.folder / "data/postmaster.pid").unlink(missing_ok=True)
    server.remove()
