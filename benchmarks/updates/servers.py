"""The servers under test, each a process of its own on the first core."""

import asyncio
import base64
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from redis.asyncio import Redis
from sqlalchemy import func, select

from benchmarks.updates.cloud import Cloud
from benchmarks.updates.echo import TOKEN
from benchmarks.updates.load import SECRET
from benchmarks.updates.people import MASTER_KEY
from bot.demo.environment import free_port
from shop.adapters.database.engine import open_engine
from shop.adapters.database.tables import TABLES
from shop.adapters.embedded import embedded_valkey
from shop.records import OutboxMessage, ProcessedEvent
from tests.postgres import throw_away_postgres

CORE: Final = "0"
START_SECONDS: Final = 60.0
TELEGRAM: Final = {
    "EIDER_TELEGRAM_TOKEN": TOKEN,
    "EIDER_TELEGRAM_API_URL": "{api}",
    "EIDER_TELEGRAM_WEBHOOK_SECRET": SECRET,
    # The echoes do not keep Telegram's limit over all; each chat's own is kept all the same.
    "EIDER_TELEGRAM_PER_SECOND": "10000",
}


@dataclass(frozen=True, slots=True)
class Server:
    """A running one. ``database`` is "" for those that store nothing."""

    name: str
    port: int
    process: psutil.Process
    database: str = ""
    queue: str = ""  # the outbox message that stores what is done later

    def memory(self) -> float:
        """Resident MiB."""
        return float(self.process.memory_info().rss) / 2**20

    async def stored(self) -> int:
        """How many updates have had their effect, by the database itself."""
        engine = open_engine(self.database)
        async with engine.connect() as connection:
            query = select(func.count()).select_from(TABLES[ProcessedEvent])
            count = (await connection.execute(query)).scalar_one()
            rows = TABLES[OutboxMessage]
            later = select(func.count()).select_from(rows).where(rows.c.name == self.queue)
            count += (await connection.execute(later)).scalar_one()
        await engine.dispose()
        return int(count)


@asynccontextmanager
async def echo(which: str, cloud: Cloud) -> AsyncIterator[Server]:
    """A bare echo: ``ptb``, ``aiogram`` or ``wechatpy``."""
    port = free_port()
    module = ("benchmarks.updates.echo", which, str(port), cloud.url)
    if which == "wechatpy":
        module = ("benchmarks.updates.wechat_echo", str(port))
    with _process(module, {}) as process:
        await _listening(port)
        yield Server(which, port, process)


@asynccontextmanager
async def eider(
    backend: str, cloud: Cloud, more: Mapping[str, str] = TELEGRAM, queue: str = ""
) -> AsyncIterator[Server]:
    """``python -m bot serve`` over ``sqlite`` or ``postgresql``, with a Valkey of its own.
    ``more``: the variables of its chat."""
    folder, port = Path(tempfile.mkdtemp(prefix="eider-bench-")), free_port()
    database = f"sqlite+aiosqlite:///{folder / 'eider.sqlite'}"
    with _postgres(backend == "postgresql") as other:
        async with embedded_valkey(folder) as redis_url:
            env = _environment(folder, port, other or database, redis_url)
            env |= {name: value.format(api=cloud.url) for name, value in more.items()}
            with _process(("bot", "serve", "--alone"), env) as process:
                await _listening(port)
                yield Server(backend, port, process, other or database, queue)
            async with Redis.from_url(redis_url) as redis:
                await redis.flushall()
    shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, port: int, database: str, redis_url: str) -> dict[str, str]:
    return {
        "EIDER_DATA": str(folder),
        "EIDER_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "EIDER_TILL": "sandbox",
        "EIDER_DATABASE_URL": database,
        "EIDER_MIGRATE_AT_START": "yes",
        "EIDER_REDIS_URL": redis_url,
        "EIDER_PORT": str(port),
        "EIDER_PHOTOS_MAXIMUM": "200",
        # Counted like everybody's updates, and never over a limit.
        "EIDER_LIMIT_PERCENT": "100000",
        "EIDER_SALES_NEED": "none",
        "EIDER_LOG_FORMAT": "json",
    }


@contextmanager
def _postgres(wanted: bool) -> Iterator[str]:
    if not wanted:
        yield ""
        return
    with throw_away_postgres(fsync=True) as url:
        yield url


@contextmanager
def _process(module: Sequence[str], env: dict[str, str]) -> Iterator[psutil.Process]:
    pinned = ["taskset", "-c", CORE, sys.executable, "-m", *module]
    process = subprocess.Popen(
        pinned, env=os.environ | env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                writer.close()
                return
