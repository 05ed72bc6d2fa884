"""A house as an operator runs it: servers of its own, several processes of each kind in production
settings, and between them networks that can be slow or cut. For whoever makes it go wrong."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.crowd import callers
from benchmarks.crowd.postgres import ReplicatedPostgres
from benchmarks.proxy import Proxy, proxied
from bot.container import Container, open_container
from bot.demo.environment import free_port
from bot.process_supervisor import ROOT, ProcessSpec, ProcessSupervisor, supervise
from shop.settings import Settings
from tests.buckets import BucketServer
from tests.keys import MASTER_KEY_BASE64
from tests.redis_server import RedisServer

PUBLIC: Final = "https://eider.example"
"""Where chats and people find it: on this machine, ``House.web``."""
START_SECONDS: Final = 180.0
DATA_MEBIBYTES: Final = 64
MODULES: Final[Mapping[str, tuple[str, ...]]] = {
    "serve": ("bot", "serve"),
    "courier": ("bot", "courier"),
    "check": ("benchmarks.crowd.worker", "check"),
    "studio": ("benchmarks.crowd.worker", "studio"),
}
"""What is run as each role, as ``python -m``."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many processes of each role there are."""

    serve: int = 2
    courier: int = 2
    check: int = 1
    studio: int = 2

    def names(self, role: str) -> list[str]:
        return [f"{role}-{number + 1}" for number in range(getattr(self, role))]


@dataclass(slots=True)
class House:
    """``env`` are the variables of every process; those of one are beside them. The proxies stand
    before the web processes and between all and the stores."""

    folder: Path
    fleet: Fleet
    postgres: ReplicatedPostgres
    valkey: RedisServer
    bucket: BucketServer
    database_line: Proxy
    redis_line: Proxy
    bucket_line: Proxy
    web: Proxy
    env: dict[str, str] = field(repr=False)
    supervisors: dict[str, ProcessSupervisor] = field(default_factory=dict)
    health_ports: dict[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> Path:
        """Of who begins transactions."""
        return self.folder / "callers"

    def process(self, name: str) -> psutil.Process:
        """As it runs now, such as ``studio-1``; it is started again when it ends. Raises
        :class:`psutil.NoSuchProcess` between the two."""
        return psutil.Process(self.supervisors[name].pids[name])

    def kill(self, name: str) -> None:
        """With -9, and what it started: as when its container ends."""
        process = self.process(name)
        for one in [process, *process.children(recursive=True)]:
            one.kill()

    def terminate(self, name: str) -> None:
        """As a roll-out does, or a node that is drained."""
        self.process(name).send_signal(signal.SIGTERM)

    async def fail_over(self) -> None:
        """To the standby, and a new standby beside it."""
        await self.database_line.close()
        await self.postgres.fail_over()
        self.database_line.targets = (self.postgres.primary.socket,)
        await self.database_line.open()
        await self.postgres.add_standby()

    async def restart_valkey(self) -> None:
        await self.valkey.stop()
        await self.valkey.start()

    def fill_disk(self) -> bool:
        """Leave no byte on the disk that the data folders share; False where that is the machine's
        own, and so cannot be filled."""
        if not os.path.ismount(self.folder / "data"):
            return False
        with (self.folder / "data/filler").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                return True

    def empty_disk(self) -> None:
        (self.folder / "data/filler").unlink(missing_ok=True)

    @asynccontextmanager
    async def look_inside(self) -> AsyncIterator[Container]:
        """A container on its stores, past the proxies."""
        async with open_container(Settings.from_env(self.env | self._stores())) as container:
            yield container

    def _stores(self) -> dict[str, str]:
        return {
            "EIDER_DATABASE_URL": self.postgres.primary.url,
            "EIDER_REDIS_URL": self.valkey.url,
            "EIDER_BLOBS_ENDPOINT": self.bucket.url,
        }


@asynccontextmanager
async def open_house(
    folder: Path,
    env: Mapping[str, str],
    fleet: Fleet = Fleet(),
    web_port: int = 0,
    *,
    notes: bool = False,
) -> AsyncIterator[House]:
    """Its servers and processes, which are ready when this is; ``env`` are the variables of its
    chats and tills, whose addresses are this machine's. ``web_port`` is where :data:`PUBLIC` is;
    with ``notes`` it is noted who begins transactions (:mod:`benchmarks.crowd.callers`).

    Raises :class:`tests.postgres.NoPostgres`.
    """
    async with AsyncExitStack() as stack:
        postgres = ReplicatedPostgres()
        stack.callback(postgres.remove)
        await postgres.start()
        valkey = await stack.enter_async_context(RedisServer(folder / "valkey"))
        bucket = await _open_bucket(stack, folder)
        lines = [
            await stack.enter_async_context(proxied(target))
            for target in (
                postgres.primary.socket, Path(valkey.url.removeprefix("unix://").partition("?")[0]),
                int(bucket.url.rpartition(":")[2]),
            )
        ]  # fmt: skip
        web_ports = [free_port(0) for _ in fleet.names("serve")]
        web = Proxy(*web_ports)
        web.port = web_port
        await web.open()
        stack.push_async_callback(web.close)
        _mount(stack, folder / "data")
        variables = _variables(folder, bucket, lines) | env
        house = House(folder, fleet, postgres, valkey, bucket, *lines, web, variables)
        await asyncio.to_thread(_prepare, house)
        await _start(stack, house, web_ports, notes)
        yield house


def _variables(folder: Path, bucket: BucketServer, lines: Sequence[Proxy]) -> dict[str, str]:
    database, redis, blobs = lines
    plain = {name: value for name, value in os.environ.items() if not name.startswith("EIDER_")}
    stores = bucket.env(f"s3://{bucket.new_bucket()}/eider")
    stores["EIDER_BLOBS_ENDPOINT"] = f"http://127.0.0.1:{blobs.port}"
    return plain | stores | {
        "EIDER_DATA": str(folder / "data/by-hand"),
        "EIDER_MASTER_KEY": MASTER_KEY_BASE64,
        "EIDER_LABEL_KEYS": str(folder / "labels"),
        "EIDER_DATABASE_URL": f"postgresql://eider@127.0.0.1:{database.port}/postgres?sslmode=disable",
        "EIDER_REDIS_URL": f"redis://127.0.0.1:{redis.port}",
        "EIDER_PUBLIC_URL": PUBLIC,
        "EIDER_LOG_FORMAT": "json",
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip


def _prepare(house: House) -> None:
    """What an operator does once: keys of the labels, and the tables."""
    root = ("--root", str(house.folder / "root"))
    for command in (("keys", str(house.folder / "labels"), *root), ("migrate", "up")):
        subprocess.run(
            [sys.executable, "-m", "bot", *command],
            check=True, cwd=ROOT, env=house.env, stdout=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip


async def _start(
    stack: AsyncExitStack, house: House, web_ports: Sequence[int], notes: bool
) -> None:
    """The chat side first: it writes down whose the blobs are."""
    for roles in (("serve", "courier"), ("check", "studio")):
        names = [(role, *each) for role in roles for each in enumerate(house.fleet.names(role))]
        for role, number, name in names:
            house.health_ports[name] = free_port(0)
            its = {
                "EIDER_DATA": str(house.folder / "data" / name),
                "EIDER_HEALTH_PORT": str(house.health_ports[name]),
                "EIDER_PORT": str(web_ports[number] if role == "serve" else 0),
            }
            supervisor = supervise(house.env | its, house.folder / "logs")
            house.supervisors[name] = await stack.enter_async_context(supervisor)
            through = callers.through(house.notes, role) if notes else ()
            house.supervisors[name].start([ProcessSpec(name, (*through, *MODULES[role]))])
        await asyncio.gather(*(_ready(house, name) for _, _, name in names))


async def _ready(house: House, name: str) -> None:
    """Wait until it says that it is. Raises TimeoutError with the end of its log."""
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await is_ready(house.health_ports[name]):
                await asyncio.sleep(0.2)
    except TimeoutError:
        log = (house.folder / "logs" / f"{name}.log").read_text()
        raise TimeoutError(
            f"{name} was not ready within {START_SECONDS:g} s: {log[-2000:]}"
        ) from None


async def is_ready(port: int) -> bool:
    """What the process at that health port answers to ``/readyz``."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
    except OSError:
        return False
    return b" 200 " in answer.partition(b"\r\n")[0]


async def _open_bucket(stack: AsyncExitStack, folder: Path) -> BucketServer:
    """An S3 server, in a process of its own."""
    port = free_port(0)
    arguments = ("moto.server", "-H", "127.0.0.1", "-p", str(port))
    supervisor = await stack.enter_async_context(supervise(os.environ, folder / "logs"))
    supervisor.start([ProcessSpec("bucket", arguments)])
    server = BucketServer(f"http://127.0.0.1:{port}")
    async with asyncio.timeout(START_SECONDS):
        while True:
            try:
                await asyncio.to_thread(server.client.list_buckets)
                return server
            except (BotoCoreError, ClientError):
                await asyncio.sleep(0.2)


def _mount(stack: AsyncExitStack, data: Path) -> None:
    """A small disk of its own for the data folders, where that is allowed here."""
    data.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", f"size={DATA_MEBIBYTES}m,mode=700", "eider-crowd", data)
    if os.geteuid() == 0 and not subprocess.run(mount, capture_output=True, check=False).returncode:
        stack.callback(partial(subprocess.run, ("umount", "-l", data), check=False))


@asynccontextmanager
async def house_folder() -> AsyncIterator[Path]:
    """A folder that is away afterwards; its path is short, for it holds sockets."""
    with tempfile.TemporaryDirectory(prefix="eider-crowd-") as folder:
        yield Path(folder)
