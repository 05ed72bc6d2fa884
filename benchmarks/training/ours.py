"""Our training as a worker runs it: a request over the pipe to a new child process."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import time
from pathlib import Path

import psutil

from benchmarks.training.case import SUBJECT, Given
from benchmarks.training.timing import RunTimes
from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    EngineStage,
    Progress,
    TrainedLora,
    TrainRequest,
)

FILE = "lora.safetensors"


def run(
    given: Given, out: Path, device: str, cache: Path, first: bool = False, warm: bool = False
) -> RunTimes:
    """Train, and write the LoRA into `out`.

    cache   of compiled code; first: it is emptied before, as for a worker's very first start
    warm    the worker has trained somebody else before, which is not timed
    """
    if first:
        shutil.rmtree(cache, ignore_errors=True)
    return asyncio.run(_run(given, out, device, cache, warm))


async def _run(given: Given, out: Path, device: str, cache: Path, warm: bool) -> RunTimes:
    times, began, used = RunTimes(), time.time(), 0.0

    async def report(index: int, progress: Progress) -> None:
        now = time.time() - began
        if progress.stage is EngineStage.LOADING and progress.step:
            times.loaded = now
        if progress.stage is EngineStage.TRAINING and progress.step > len(times.steps):
            times.steps.append(now)

    engine = ChildEngine(
        ChildSettings(
            bases=given.bases,
            device=device,
            threads=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)),  # as the script
            recipes=given.recipes,
            cache=cache,
        )
    )
    try:
        request = TrainRequest(
            avatar="benchmark",
            photos=given.photos,
            subject=SUBJECT,
            base=given.recipe.name,
            seed=given.case.seed,
        )
        if warm:
            other = dataclasses.replace(request, avatar="before", seed=request.seed + 1)
            await engine.train([other], report)
            times, began, used = RunTimes(), time.time(), _cpu_seconds(engine)
        (made,) = await engine.train([request], report)
        if not isinstance(made, TrainedLora):
            raise SystemExit(f"our training failed: {made!r}")
        out.mkdir(parents=True, exist_ok=True)
        (out / FILE).write_bytes(made.kept[made.best].lora)
        times.saved = time.time() - began
        times.cpu = _cpu_seconds(engine) - used
    finally:
        await engine.close()
    return times


def _cpu_seconds(engine: ChildEngine) -> float:
    times = psutil.Process(engine.pid).cpu_times()
    return times.user + times.system
