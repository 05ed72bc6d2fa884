"""What is measured of a running house: its processes, its database, its Valkey, its blobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis.asyncio import Redis
from sqlalchemy import func, literal, select, text, union_all

from benchmarks.crowd.house import House
from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import TABLES
from tests.buckets import BucketServer

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process alone, or of several together: memory of their own in bytes, open files,
    threads."""

    memory: int = 0
    files: int = 0
    threads: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.memory + other.memory, self.files + other.files, self.threads + other.threads
        )


def usage(processes: Iterable[psutil.Process]) -> Usage:
    """Of those together that live. Memory is what no file is behind: pages of programs and
    libraries are shared with whoever runs them beside, and become a process's own when those end.
    """
    total = Usage()
    for process in processes:
        try:
            with process.oneshot():
                one = Usage(_anonymous(process.pid), process.num_fds(), process.num_threads())
        except (psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
            continue
        total += one
    return total


def _anonymous(pid: int) -> int:
    """Bytes that are resident without a file; what forks share is divided among them."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    (line,) = (line for line in rollup.splitlines() if line.startswith("Pss_Anon:"))
    return int(line.split()[1]) * 1024


def cpu_seconds(process: psutil.Process) -> float:
    """That a process and its children have used, user and system; children that have ended are in
    it as well, since they were waited for."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            spent = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total


@dataclass(frozen=True, slots=True)
class Books:
    """What PostgreSQL says of itself: bytes of its log since it was begun, connections of the house
    now. Not its transactions: a new server's autovacuum begins thousands of its own."""

    wal: int
    connections: int


async def rows(database_url: str) -> Mapping[str, int]:
    """How many each of our tables has, by name."""
    counts = [
        select(literal(table.name), func.count()).select_from(table) for table in TABLES.values()
    ]
    engine = open_engine(database_url)
    try:
        async with engine.connect() as connection:
            found = (await connection.execute(union_all(*counts))).all()
    finally:
        await engine.dispose()
    return {name: int(count) for name, count in found}


async def books(database_url: str) -> Books:
    """Of the server, by a connection of its own that is not counted."""
    asked = text(
        "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn,"
        " (SELECT count(*) FROM pg_stat_activity"
        "  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())"
    )
    engine = open_engine(database_url)
    try:
        async with engine.connect() as connection:
            found = (await connection.execute(asked)).one()
    finally:
        await engine.dispose()
    return Books(*map(int, found))


async def keys(redis_url: str) -> int:
    """In Valkey."""
    async with Redis.from_url(redis_url) as redis:
        return int(await redis.dbsize())


async def key_bytes(redis_url: str) -> float:
    """What one key in Valkey takes, on average, by its own word."""
    async with Redis.from_url(redis_url) as redis:
        sizes = [await redis.memory_usage(key) or 0 async for key in redis.scan_iter("*")]
    return sum(sizes) / len(sizes) if sizes else 0.0


def objects(server: BucketServer) -> int:
    """In all buckets."""
    client = server.client
    lister = client.get_paginator("list_objects_v2")
    return sum(
        page["KeyCount"]
        for bucket in client.list_buckets()["Buckets"]
        for page in lister.paginate(Bucket=bucket["Name"])
    )


async def cpu_by_role(house: House) -> dict[str, float]:
    """Seconds of CPU that the house has used: each role without its decoders, and the stores."""
    spent = dict.fromkeys(("web", "decoders", "courier", "check", "studio"), 0.0)
    for name in house.health_ports:
        role = name.partition("-")[0].replace("serve", "web")
        process = house.process(name)
        alone = process.cpu_times()
        spent[role] += alone.user + alone.system
        spent["decoders"] += cpu_seconds(process) - alone.user - alone.system
    spent["PostgreSQL"] = cpu_seconds(house.postgres.primary.postmaster)
    if house.postgres.standby is not None:
        spent["its standby"] = cpu_seconds(house.postgres.standby.postmaster)
    async with Redis.from_url(house.valkey.url) as redis:
        about = await redis.info("cpu")
    spent["Valkey"] = about["used_cpu_user"] + about["used_cpu_sys"]
    return spent
