"""Our training as a worker has it done: orders down the pipe to a fresh child process."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.training.case import SUBJECT, Given
from benchmarks.training.timing import Marks
from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    EngineStage,
    Progress,
    TrainedLora,
    TrainRequest,
)

FILE = "lora.safetensors"


def run(given: Given, out: Path, device: str) -> Marks:
    """Train, and write the LoRA into `out`."""
    return asyncio.run(_run(given, out, device))


async def _run(given: Given, out: Path, device: str) -> Marks:
    marks, began = Marks(), time.time()

    async def hear(order: int, news: Progress) -> None:
        now = time.time() - began
        if news.stage is EngineStage.LOADING and news.step:
            marks.loaded = now
        if news.stage is EngineStage.TRAINING and news.step > len(marks.steps):
            marks.steps.append(now)

    engine = ChildEngine(
        ChildSettings(
            bases=given.bases,
            device=device,
            threads=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)),  # as the script
            recipes=given.recipes,
            cache=out / "cache",
        )
    )
    try:
        with tempfile.TemporaryDirectory() as workdir:
            order = TrainRequest(
                avatar="benchmark",
                photos=given.photos,
                subject=SUBJECT,
                base=given.recipe.name,
                seed=given.case.seed,
                workdir=Path(workdir),
            )
            (made,) = await engine.train([order], hear)
        if not isinstance(made, TrainedLora):
            raise SystemExit(f"our training failed: {made!r}")
        out.mkdir(parents=True, exist_ok=True)
        (out / FILE).write_bytes(made.kept[made.best].lora)
        marks.saved = time.time() - began
        marks.cpu = sum(psutil.Process(engine.pid).cpu_times()[:2])
    finally:
        await engine.close()
    return marks
