"""The engine: one warm torch process, driven from asyncio.

The parent imports no torch. It spawns `python -m pipeline.child`, sends one order at a time, passes
the progress on, and kills the whole process group when an order runs too long or is cancelled. The
next order starts a fresh child; a training then resumes from its last checkpoint.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from pipeline import orders
from pipeline.orders import (
    BadLabel,
    BadLora,
    BadPhotos,
    BaseMissing,
    EngineCrashed,
    EngineError,
    EngineTimeout,
    Findings,
    LabelText,
    LicenceRefused,
    Likeness,
    NothingDecent,
    OutOfMemory,
    PaintOrder,
    Picture,
    Progress,
    RecipeError,
    Stage,
    Trained,
    TrainOrder,
    View,
)
from pipeline.protocol import HEADER_LIMIT, BadFrame, Frame, encode, frame, receive, record

__all__ = [
    "BadLabel",
    "BadLora",
    "BadPhotos",
    "BaseMissing",
    "ChildEngine",
    "ChildSettings",
    "Engine",
    "EngineCrashed",
    "EngineError",
    "EngineTimeout",
    "Findings",
    "LabelText",
    "LicenceRefused",
    "Likeness",
    "NothingDecent",
    "OutOfMemory",
    "PaintOrder",
    "Picture",
    "Progress",
    "RecipeError",
    "Report",
    "Stage",
    "Timeouts",
    "TrainOrder",
    "Trained",
    "View",
]

Report = Callable[[Progress], Awaitable[None]]
T = TypeVar("T")

PASSED_ON = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_", "TZ", "LD_LIBRARY_PATH", "PYTHON", "COV_"),
    *("CUDA_", "NVIDIA_", "HF_HOME", "HF_HUB_", "XDG_CACHE_HOME", "TORCH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT"),
)
CHECKOUT = Path(__file__).resolve().parent.parent


async def unheard(news: Progress) -> None:
    """A report for callers that do not listen."""


class Engine(Protocol):
    """What the worker needs of a painter. Every method may raise an EngineError."""

    async def inspect(self, photo: bytes) -> Findings:
        """Look at one photo. BadPhotos: it cannot be decoded."""
        ...

    async def train(self, order: TrainOrder, report: Report) -> Trained:
        """Make a LoRA. Safe to run twice: an interrupted run goes on from its checkpoint."""
        ...

    async def paint(self, order: PaintOrder, report: Report) -> tuple[Picture, ...]:
        """Paint one picture per seed that passed the gate: at least one, at most len(seeds)."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that an order may take, the loading of a cold base included."""

    inspect: float = 60.0
    train: float = 3600.0
    paint: float = 600.0


@dataclass(frozen=True, slots=True)
class ChildSettings:
    """How the child runs.

    bases              folder of base weights (the setting EIDER_BASES); None: only what ships
    device             "cpu", "cuda" or "cuda:1"
    threads            torch threads; two threads on a busy core spin-wait and lose a factor of 20
    allow_noncommercial  load bases whose licence forbids commercial use
    adapters           customers' LoRAs kept loaded
    recipes            folder of recipes; None: those of the project
    """

    bases: Path | None = None
    device: str = "cpu"
    threads: int = 1
    allow_noncommercial: bool = False
    adapters: int = 8
    recipes: Path | None = None


class ChildEngine(Engine):
    """An Engine in one child process; orders wait for each other."""

    def __init__(
        self, settings: ChildSettings | None = None, timeouts: Timeouts | None = None
    ) -> None:
        self._settings = settings or ChildSettings()
        self._timeouts = timeouts or Timeouts()
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def inspect(self, photo: bytes) -> Findings:
        asked = frame("inspect", photo)
        return record(Findings, await self._ask(asked, unheard, self._timeouts.inspect))

    async def train(self, order: TrainOrder, report: Report) -> Trained:
        asked = frame("train", order)
        return record(Trained, await self._ask(asked, report, self._timeouts.train))

    async def paint(self, order: PaintOrder, report: Report) -> tuple[Picture, ...]:
        asked = frame("paint", order)
        answer = await self._ask(asked, report, self._timeouts.paint)
        return record(tuple[Picture, ...], answer)

    async def close(self) -> None:
        """Let the child go; it leaves at the end of its input, or is killed after 5 s."""
        async with self._turn:
            child, self._child = self._child, None
            if child is None or child.stdin is None:
                return
            child.stdin.close()
            try:
                await asyncio.wait_for(child.wait(), 5.0)
            except TimeoutError:
                await _kill(child)

    @property
    def pid(self) -> int | None:
        """The living child's process id, if there is one."""
        alive = self._child is not None and self._child.returncode is None
        return self._child.pid if self._child is not None and alive else None

    async def _ask(self, asked: Frame, report: Report, seconds: float) -> Frame:
        """Send one order and return its answer. Whatever else goes wrong, no child is left busy."""
        async with self._turn:
            child = await self._living_child()
            try:
                async with asyncio.timeout(seconds) as limit:
                    answer = await _converse(child, asked, report)
            except TimeoutError as error:
                await self._drop(child)
                if not limit.expired():
                    raise  # the report's own
                raise EngineTimeout(f"{asked.kind} took over {seconds:g} s") from error
            except (asyncio.IncompleteReadError, ConnectionError, BadFrame) as error:
                await self._drop(child)
                raise EngineCrashed(f"{asked.kind}: child ended with {child.returncode}") from error
            except BaseException:
                await self._drop(child)
                raise
        if answer.kind == "error":
            raise _error(answer)
        return answer

    async def _living_child(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await _spawn(self._settings)
        return self._child

    async def _drop(self, child: asyncio.subprocess.Process) -> None:
        self._child = None
        await _kill(child)


async def _converse(child: asyncio.subprocess.Process, asked: Frame, report: Report) -> Frame:
    to_child, from_child = _pipes(child)
    to_child.write(encode(asked))
    await to_child.drain()
    while True:
        answer = await receive(from_child)
        if answer.kind != "progress":
            return answer
        await report(record(Progress, answer))


def _pipes(
    child: asyncio.subprocess.Process,
) -> tuple[asyncio.StreamWriter, asyncio.StreamReader]:
    if child.stdin is None or child.stdout is None:
        raise BadFrame("a child without pipes")  # never: _spawn asks for both
    return child.stdin, child.stdout


def _error(answer: Frame) -> EngineError:
    """The child's error as an exception of this side; an unknown name is a plain EngineError."""
    kind = getattr(orders, str(answer.body["error"]), EngineError)
    known = isinstance(kind, type) and issubclass(kind, EngineError)
    return (kind if known else EngineError)(str(answer.body["text"]))


async def _spawn(settings: ChildSettings) -> asyncio.subprocess.Process:
    options = frame("settings", settings).body | {"parent": os.getpid()}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pipeline.child", json.dumps(options)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
        env=_environment(settings.threads),
        start_new_session=True,
        limit=HEADER_LIMIT,
    )


def _environment(threads: int) -> dict[str, str]:
    """What a torch process needs to know; tokens, keys and database addresses stay here."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    # The thread counts must stand before torch and onnxruntime are imported.
    counts = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
    quiet = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return kept | counts | quiet | {"TOKENIZERS_PARALLELISM": "false"}


async def _kill(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.wait()
