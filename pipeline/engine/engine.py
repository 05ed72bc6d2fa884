"""The engine: one warm torch process, driven from asyncio.

The parent imports no torch. It spawns `python -m pipeline.child`, sends it orders, several at once,
and passes the progress on (`line.py`). A child that hangs or dies takes its orders with it: they
fail as EngineCrashed, the next order starts a fresh child, and a training then resumes from its
last checkpoint.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.engine import outcomes
from pipeline.engine.connection import EngineConnection, Report
from pipeline.engine.messages import (
    BadLabel,
    BadLora,
    BadPhotos,
    BaseMissing,
    EngineCrashed,
    EngineError,
    EngineStage,
    EngineTimeout,
    InspectionResult,
    KeptCheckpoint,
    LabelText,
    LicenceRefused,
    LoraScaleRange,
    NothingDecent,
    OutOfMemory,
    PaintedImage,
    PaintRequest,
    Progress,
    RecipeError,
    Reference,
    Retouch,
    StyleLora,
    TrainedLora,
    TrainRequest,
    View,
)
from pipeline.engine.wire import HEADER_LIMIT, WireFrame, frame, record

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
    "EngineStage",
    "EngineTimeout",
    "InspectionResult",
    "KeptCheckpoint",
    "LabelText",
    "LicenceRefused",
    "LoraScaleRange",
    "NothingDecent",
    "OutOfMemory",
    "PaintRequest",
    "PaintedImage",
    "Progress",
    "RecipeError",
    "Reference",
    "Report",
    "Retouch",
    "StyleLora",
    "Timeouts",
    "TrainRequest",
    "TrainedLora",
    "View",
]

PASSED_ON = (
    *("PATH", "HOME", "TMPDIR", "LANG", "LC_", "TZ", "LD_LIBRARY_PATH", "PYTHON", "COV_"),
    *("CUDA_", "NVIDIA_", "HF_HOME", "HF_HUB_", "XDG_CACHE_HOME", "TORCH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT"),
)
MOST_THREADS = 4
CHECKOUT = Path(__file__).resolve().parents[2]


async def unheard(order: int, news: Progress) -> None:
    """A report for callers that do not listen."""


class Engine(Protocol):
    """What the worker needs of a painter.

    Every method may raise an EngineError that concerns all its orders; an error of one order is a
    result among the others', in the order of the orders. All may be asked while others are under
    way: photos and portraits pass a training between two of its steps. `report` is told the index
    of the order and its news.
    """

    async def inspect(self, photo: bytes) -> InspectionResult:
        """Look at one photo. BadPhotos: it cannot be decoded."""
        ...

    async def train(
        self, orders: Sequence[TrainRequest], report: Report
    ) -> tuple[TrainedLora | EngineError, ...]:
        """Make LoRAs, several in one batch. Safe to run twice: an interrupted run goes on from its
        checkpoints, with the same company or another."""
        ...

    async def paint(
        self, orders: Sequence[PaintRequest], report: Report
    ) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
        """Paint one picture per seed that passed the gate: at least one, at most len(seeds)."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of its own that an order may take, the loading of a cold base included.

    A training is not charged for the portraits that it lets pass; one of several customers has the
    time of all of them.
    """

    inspect: float = 60.0
    train: float = 3600.0
    paint: float = 600.0


@dataclass(frozen=True, slots=True)
class ChildSettings:
    """How the child runs.

    bases              folder of base weights (the setting EIDER_BASES); None: only what ships
    device             "cpu", "cuda" or "cuda:1"
    threads            torch threads; 0: one for each core that we may use, at most four
    allow_noncommercial  load bases whose licence forbids commercial use
    adapter_bytes      memory for customers' LoRAs that stay loaded; one stays whatever its size
    cache              folder for what is made once per base and holds nobody's face (prior
                       pictures' latents, compiled code); None: ~/.cache/eider
    recipes            folder of recipes; None: those of the project
    """

    bases: Path | None = None
    device: str = "cpu"
    threads: int = 0
    allow_noncommercial: bool = False
    adapter_bytes: int = 1 << 30
    cache: Path | None = None
    recipes: Path | None = None


class ChildEngine(Engine):
    """An Engine in one child process, started by the first order that needs it."""

    def __init__(
        self, settings: ChildSettings | None = None, timeouts: Timeouts | None = None
    ) -> None:
        self._settings = settings or ChildSettings()
        self._timeouts = timeouts or Timeouts()
        self._starting = asyncio.Lock()
        self._line: EngineConnection | None = None

    async def inspect(self, photo: bytes) -> InspectionResult:
        line = await self._living()
        asked = frame("inspect", photo)
        return await line.ask(asked, _findings, unheard, self._timeouts.inspect)

    async def train(
        self, orders: Sequence[TrainRequest], report: Report
    ) -> tuple[TrainedLora | EngineError, ...]:
        line = await self._living()
        asked = frame("train", tuple(orders))
        limit = self._timeouts.train * len(orders)  # in company each step takes longer
        return await line.ask(asked, outcomes.trained, report, limit)

    async def paint(
        self, orders: Sequence[PaintRequest], report: Report
    ) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
        line = await self._living()
        asked = frame("paint", tuple(orders))
        return await line.ask(asked, outcomes.painted, report, self._timeouts.paint)

    async def close(self) -> None:
        """Let the child go. Orders under way fail as EngineCrashed."""
        async with self._starting:
            line, self._line = self._line, None
            if line is not None:
                await line.close()

    @property
    def pid(self) -> int | None:
        """The living child's process id, if there is one."""
        return self._line.pid if self._line else None

    async def _living(self) -> EngineConnection:
        async with self._starting:
            if self._line is None or self._line.pid is None:
                self._line = EngineConnection(await _spawn(self._settings))
            return self._line


def _findings(answer: WireFrame) -> InspectionResult:
    return record(InspectionResult, answer)


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


def cores() -> int:
    """Threads that torch may use if nobody says: a small base is hardly faster with more."""
    ours = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(MOST_THREADS, ours or 1)


def _environment(threads: int) -> dict[str, str]:
    """What a torch process needs to know; tokens, keys and database addresses stay here."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    # The thread counts must stand before torch and onnxruntime are imported. Threads that wait for
    # each other spin only shortly: by OpenMP's own habit they lose a factor of 3 on a busy machine.
    count = str(threads or cores())
    counts = {"OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "GOMP_SPINCOUNT": "2000"}
    quiet = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    return kept | counts | quiet | {"TOKENIZERS_PARALLELISM": "false"}
