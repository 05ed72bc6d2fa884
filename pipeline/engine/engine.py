"""The engine: one warm torch process, driven from asyncio.

The parent imports no torch. It spawns `python -m pipeline.child`, sends it requests, several at
once, and passes the progress on (`connection.py`). If a child hangs or dies, its requests fail as
EngineTimeout or EngineCrashed, and the next one starts a fresh child. A child writes nothing of a
person to a disk: a training's checkpoints come with its progress, and go back with its request.
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

from pipeline.engine import answers
from pipeline.engine.child_environment import child_environment
from pipeline.engine.clip_messages import (
    AnimateRequest,
    PaintedClip,
    PreparedSource,
    PrepareRequest,
)
from pipeline.engine.comparison import CompareRequest, ComparisonResult
from pipeline.engine.connection import EngineConnection, Report
from pipeline.engine.expressions import Expression
from pipeline.engine.inspection import InspectionResult, View
from pipeline.engine.messages import (
    BadLabel,
    BadLora,
    BadPhotos,
    BadSource,
    BaseBroken,
    BaseMissing,
    CheckpointFile,
    DeviceMissing,
    EngineClosed,
    EngineCrashed,
    EngineError,
    EngineKilled,
    EngineStage,
    EngineTimeout,
    FolderNotWritable,
    HostError,
    KeptCheckpoint,
    LabelText,
    LicenceRefused,
    LoraScaleRange,
    NothingDecent,
    OrderError,
    OutOfMemory,
    PaintedImage,
    PaintRequest,
    Progress,
    RecipeError,
    Reference,
    Retouch,
    SelfTestRequest,
    StyleLora,
    TrainedLora,
    TrainRequest,
)
from pipeline.engine.shots import Framing, Shot
from pipeline.engine.video import GenerateVideoRequest
from pipeline.engine.wire import HEADER_LIMIT, WireFrame, pack, unpack

__all__ = [
    "AnimateRequest",
    "BadLabel",
    "BadLora",
    "BadPhotos",
    "BadSource",
    "BaseBroken",
    "BaseMissing",
    "CheckpointFile",
    "ChildEngine",
    "ChildSettings",
    "ComparisonResult",
    "DeviceMissing",
    "Engine",
    "EngineClosed",
    "EngineCrashed",
    "EngineError",
    "EngineKilled",
    "EngineStage",
    "EngineTimeout",
    "Expression",
    "FolderNotWritable",
    "Framing",
    "GenerateVideoRequest",
    "HostError",
    "InspectionResult",
    "KeptCheckpoint",
    "LabelText",
    "LicenceRefused",
    "LoraScaleRange",
    "NothingDecent",
    "OrderError",
    "OutOfMemory",
    "PaintRequest",
    "PaintedClip",
    "PaintedImage",
    "PrepareRequest",
    "PreparedSource",
    "Progress",
    "RecipeError",
    "Reference",
    "Report",
    "Retouch",
    "Shot",
    "StyleLora",
    "Timeouts",
    "TrainRequest",
    "TrainedLora",
    "View",
]

CHECKOUT = Path(__file__).resolve().parents[2]


async def ignore_progress(index: int, progress: Progress) -> None:
    """A report for callers that do not want progress."""


class Engine(Protocol):
    """The port through which the worker inspects photos, trains LoRAs and paints.

    A method raises an EngineError that concerns all its requests; an error of one request stands
    in its place among the results, which are in the requests' order. Methods may be called while
    others are under way: photos and portraits pass a training between two of its steps. `report`
    is awaited with the index of a request and its progress.
    """

    async def inspect(self, photo: bytes) -> InspectionResult:
        """Measure one photo. BadPhotos: it cannot be decoded."""
        ...

    async def compare(self, photos: Sequence[bytes]) -> ComparisonResult:
        """Find the photos unlike the rest. BadPhotos: one cannot be decoded."""
        ...

    async def train(
        self, requests: Sequence[TrainRequest], report: Report
    ) -> tuple[TrainedLora | EngineError, ...]:
        """Train LoRAs, several in one batch. Safe to run twice: an interrupted run goes on from
        the checkpoint in its request, in the same batch or another, here or elsewhere."""
        ...

    async def paint(
        self, requests: Sequence[PaintRequest], report: Report
    ) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
        """Paint one picture per seed that passed the gate: at least one, at most len(seeds)."""
        ...

    async def prepare_source(self, request: PrepareRequest) -> PreparedSource:
        """Look at a picture that is to come alive, and restore it. BadPhotos: it cannot be
        decoded."""
        ...

    async def animate(
        self, requests: Sequence[AnimateRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        """Make clips by the embedded animator. BadSource: that picture cannot move so;
        NothingDecent: a frame did not pass the gate."""
        ...

    async def generate_video(
        self, requests: Sequence[GenerateVideoRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        """Make clips by a video base. BadPhotos, OrderError: the request is wrong; NothingDecent:
        no try passed the gate."""
        ...

    async def self_test(self, base: str, label: LabelText) -> None:
        """Do what every request needs, one step of the base among it ("": nothing but what photos
        need). HostError: this host cannot; any other EngineError: the test did not come to its end.
        """
        ...

    async def close(self) -> None:
        """Let the process exit; the next request starts a fresh one. What is under way fails as
        EngineClosed."""
        ...


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that a request may take, the loading of a cold base included.

    What lets others pass is not charged for them; `train` is multiplied by the number of customers
    in the batch, `animate` and `generate_video` by that of the clips.
    """

    inspect: float = 60.0
    compare: float = 120.0
    train: float = 3600.0
    paint: float = 600.0
    prepare: float = 60.0
    animate: float = 300.0
    generate_video: float = 3600.0


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
    """An Engine in one child process, started by the first request."""

    def __init__(
        self, settings: ChildSettings | None = None, timeouts: Timeouts | None = None
    ) -> None:
        self._settings = settings or ChildSettings()
        self.timeouts = timeouts or Timeouts()
        """Of the requests from now on."""
        self._starting = asyncio.Lock()
        self._connection: EngineConnection | None = None
        self.starts = 0
        """How many children it has had."""

    @property
    def restarts(self) -> int:
        """How often a child had to be started in place of another."""
        return max(0, self.starts - 1)

    async def inspect(self, photo: bytes) -> InspectionResult:
        connection = await self._connected()
        frame = pack("inspect", photo)
        return await connection.ask(frame, _read_inspection, ignore_progress, self.timeouts.inspect)

    async def compare(self, photos: Sequence[bytes]) -> ComparisonResult:
        connection = await self._connected()
        frame = pack("compare", CompareRequest(tuple(photos)))
        return await connection.ask(frame, _read_compared, ignore_progress, self.timeouts.compare)

    async def train(
        self, requests: Sequence[TrainRequest], report: Report
    ) -> tuple[TrainedLora | EngineError, ...]:
        connection = await self._connected()
        frame = pack("train", tuple(requests))
        limit = self.timeouts.train * len(requests)  # each step of a batch takes longer
        return await connection.ask(frame, answers.read_train_answer, report, limit)

    async def paint(
        self, requests: Sequence[PaintRequest], report: Report
    ) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
        connection = await self._connected()
        frame = pack("paint", tuple(requests))
        return await connection.ask(frame, answers.read_paint_answer, report, self.timeouts.paint)

    async def prepare_source(self, request: PrepareRequest) -> PreparedSource:
        connection = await self._connected()
        frame = pack("prepare", request)
        return await connection.ask(frame, _read_prepared, ignore_progress, self.timeouts.prepare)

    async def animate(
        self, requests: Sequence[AnimateRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        connection = await self._connected()
        frame = pack("animate", tuple(requests))
        limit = self.timeouts.animate * len(requests)
        return await connection.ask(frame, answers.read_animate_answer, report, limit)

    async def generate_video(
        self, requests: Sequence[GenerateVideoRequest], report: Report
    ) -> tuple[PaintedClip | EngineError, ...]:
        connection = await self._connected()
        frame = pack("generate_video", tuple(requests))
        limit = self.timeouts.generate_video * len(requests)
        return await connection.ask(frame, answers.read_animate_answer, report, limit)

    async def self_test(self, base: str, label: LabelText) -> None:
        connection = await self._connected()
        frame = pack("self_test", SelfTestRequest(base, label))
        limit = self.timeouts.paint if base else self.timeouts.inspect
        await connection.ask(frame, _read_nothing, ignore_progress, limit)

    async def close(self) -> None:
        """Let the child exit. Requests under way fail as EngineClosed."""
        async with self._starting:
            connection, self._connection = self._connection, None
            if connection is not None:
                await connection.close()

    @property
    def pid(self) -> int | None:
        """The living child's process id, if there is one."""
        return self._connection.pid if self._connection else None

    async def _connected(self) -> EngineConnection:
        async with self._starting:
            if self._connection is None or self._connection.pid is None:
                self._connection = EngineConnection(await _spawn(self._settings))
                self.starts += 1
            return self._connection


def _read_nothing(answer: WireFrame) -> None:
    """That it came is all that it says."""


def _read_inspection(answer: WireFrame) -> InspectionResult:
    return unpack(InspectionResult, answer)


def _read_compared(answer: WireFrame) -> ComparisonResult:
    return unpack(ComparisonResult, answer)


def _read_prepared(answer: WireFrame) -> PreparedSource:
    return unpack(PreparedSource, answer)


async def _spawn(settings: ChildSettings) -> asyncio.subprocess.Process:
    options = pack("settings", settings).body | {"parent": os.getpid()}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pipeline.child", json.dumps(options)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
        env=child_environment(settings.threads),
        start_new_session=True,
        limit=HEADER_LIMIT,
    )
