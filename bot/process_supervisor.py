"""Starts and restarts all processes on one machine: for the demo, and to try the whole.

A process that ends is started again, after a pause that grows; whatever it was doing is taken up by
lease and outbox. When this process ends, however it ends, the others do too. In production each
is a service of its own (``deploy/``), and nobody starts this.
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shop.redis_client import open_client

ROOT: Final = Path(__file__).parent.parent
GRACE_SECONDS: Final = 20.0
START_SECONDS: Final = 20.0
_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_STEADY_SECONDS: Final = 30.0
_SET_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG of Linux's prctl(2)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """A process to keep running: ``python -m`` and what follows. Its health port is the settings'
    and ``health_offset``, for they share one environment."""

    name: str
    module: tuple[str, ...]
    health_offset: int = 0


STORE: Final = ProcessSpec("store", ("bot", "store"))  # serves no health
WEB: Final = ProcessSpec("web", ("bot", "serve", "--alone"), 0)
POLL: Final = ProcessSpec("poll", ("bot", "poll", "--alone"), 1)
COURIER: Final = ProcessSpec("courier", ("bot", "courier"), 2)
WORKERS: Final = tuple(
    ProcessSpec(role, ("pipeline.worker", role), offset)
    for offset, role in enumerate(("check", "studio"), start=3)
)
_HEALTH_PORT: Final = "EIDER_HEALTH_PORT"


class ProcessSupervisor:
    """Keeps processes running. Made by :func:`supervise`."""

    def __init__(self, env: Mapping[str, str], logs: Path) -> None:
        self._env = env
        self._logs = logs
        self._keepers: list[asyncio.Task[None]] = []
        self._processes: dict[str, Process] = {}
        self._ended: dict[str, int] = {}

    @property
    def pids(self) -> Mapping[str, int]:
        """The process id of each name, as they run now."""
        return {name: process.pid for name, process in self._processes.items()}

    @property
    def unsteady(self) -> Mapping[str, int]:
        """The last exit status of each that ended before it had run for long, by its name."""
        return dict(self._ended)

    def start(self, specs: Sequence[ProcessSpec]) -> None:
        """Start these, and start each again when it ends."""
        self._keepers += [asyncio.create_task(self._keep(spec)) for spec in specs]

    async def open(self, specs: Sequence[ProcessSpec], redis_url: str) -> None:
        """Start the store, then the others once it answers. Raises TimeoutError."""
        self.start([STORE])
        async with asyncio.timeout(START_SECONDS), open_client(redis_url) as redis:
            while not await answers(redis):
                await asyncio.sleep(0.05)
        self.start(specs)

    async def stop(self) -> None:
        """End all processes, the store last: what the others hand back goes there."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        store = self._processes.pop(STORE.name, None)
        await asyncio.gather(*(_end(process) for process in self._processes.values()))
        if store:
            await _end(store)

    async def _keep(self, spec: ProcessSpec) -> None:
        failures = 0
        while True:
            began = asyncio.get_running_loop().time()
            process = self._processes[spec.name] = await self._start(spec)
            code = await process.wait()
            steady = asyncio.get_running_loop().time() - began > _STEADY_SECONDS
            failures = 0 if steady else failures + 1
            if not steady:
                self._ended[spec.name] = code
            log.warning("process_ended", process=spec.name, code=code)
            await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES)) - 1])

    async def _start(self, spec: ProcessSpec) -> Process:
        with open(self._logs / f"{spec.name}.log", "ab") as file:  # noqa: ASYNC230 - once a start
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *spec.module,
                cwd=ROOT,
                env=environment_of(spec, self._env),
                stdin=DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # Ctrl-C is ours: we end the others in order
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )


def environment_of(spec: ProcessSpec, env: Mapping[str, str]) -> dict[str, str]:
    """What the process gets of an environment that has been found usable."""
    port = health_port_of(spec, int(env.get(_HEALTH_PORT, "").strip() or 0))
    return {**env, _HEALTH_PORT: str(port)}


def health_port_of(spec: ProcessSpec, base: int) -> int:
    """Where the process tells its health, if the settings' port is ``base``; 0: nowhere."""
    return base + spec.health_offset if base else 0


@asynccontextmanager
async def supervise(env: Mapping[str, str], logs: Path) -> AsyncIterator[ProcessSupervisor]:
    """A supervisor whose processes get ``env`` and write their logs into the folder ``logs``."""
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = ProcessSupervisor(env, logs)
    try:
        yield supervisor
    finally:
        await supervisor.stop()


async def answers(redis: Redis) -> bool:
    """Whether the server is there."""
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False


def stopped() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set from now on."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def nap(stop: asyncio.Event, seconds: float) -> bool:
    """Sleep so long, or until ``stop`` is set: then True."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _die_with_parent() -> None:
    """In the child, before it becomes its program: have the kernel end it with us, even when we
    are killed. (On other systems than Linux a killed supervisor leaves its processes behind.)
    """
    ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() == 1:
        os.kill(os.getpid(), signal.SIGTERM)
