"""Cold start, measured: ``python -m benchmarks.cold`` writes docs/benchmarks/cold.md."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import hardware, pages
from pipeline.engine.child_environment import cores
from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    EngineError,
    EngineStage,
    LabelText,
    PaintRequest,
    Progress,
    TrainRequest,
)
from pipeline.models import recipe

PAGE = Path("docs/benchmarks/cold.md")
PHOTOS = Path("deploy/demo/customer")
PROMPT = "portrait of {subject}, grey background"
SUBJECT = "woman"

Report = Callable[[int, Progress], Awaitable[None]]


@dataclass(slots=True)
class Phases:
    """Moments in seconds since the start of the process, by name, in order."""

    began: float = field(default_factory=time.monotonic)
    moments: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str) -> None:
        """Only the first time counts."""
        self.moments.setdefault(name, time.monotonic() - self.began)

    def reporter(self, names: dict[EngineStage, str], last: asyncio.Event | None = None) -> Report:
        """A report that marks the first step of each named stage; it sets `last` at the last."""

        async def report(index: int, progress: Progress) -> None:
            if progress.step and progress.stage in names:
                self.mark(names[progress.stage])
                if last is not None and progress.stage is list(names)[-1]:
                    last.set()

        return report


LOADED = "process started, modules imported, base loaded"
PAINT = {EngineStage.LOADING: LOADED, EngineStage.PAINTING: "first sampler step"}
TRAIN = {
    EngineStage.LOADING: LOADED,
    EngineStage.PREPARING: "first photo looked at",
    EngineStage.TRAINING: "first training step",
}
IMPORTS = (
    "import torch, diffusers, pipeline.painting.paint, pipeline.training.train, "
    "pipeline.families.sd"
)
DELIVERED = "portrait painted, judged, labelled"
AGAIN = "the next portrait, warm"


def portrait(base: str, seed: int) -> PaintRequest:
    """Of nobody: a customer's LoRA would have to be trained first, and costs milliseconds."""
    return PaintRequest(
        None, None, 0.0, base, SUBJECT, PROMPT, "", 1, 1, (seed,), "benchmark", LabelText(), True
    )


async def painting(settings: ChildSettings, base: str) -> dict[str, float]:
    engine, phases = ChildEngine(settings), Phases()
    try:
        await _paint(engine, portrait(base, 1), phases.reporter(PAINT))
        phases.mark(DELIVERED)
        await _paint(engine, portrait(base, 2), phases.reporter({}))
        phases.mark(AGAIN)
    finally:
        await engine.close()
    return phases.moments


async def _paint(engine: ChildEngine, request: PaintRequest, report: Report) -> None:
    (painted,) = await engine.paint([request], report)
    if isinstance(painted, EngineError):
        raise SystemExit(f"the portrait failed: {painted!r}")


async def training(settings: ChildSettings, base: str) -> dict[str, float]:
    """Until the first step is done; the rest is not waited for."""
    photos = tuple(path.read_bytes() for path in sorted(PHOTOS.glob("*.jpg")))
    engine, phases, stepped = ChildEngine(settings), Phases(), asyncio.Event()
    request = TrainRequest("benchmark", photos, SUBJECT, base, 1)
    working = asyncio.ensure_future(engine.train([request], phases.reporter(TRAIN, stepped)))
    waiting = asyncio.ensure_future(stepped.wait())
    try:
        await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not stepped.is_set():
            raise SystemExit(f"the training failed: {await working!r}")
    finally:
        for task in (working, waiting):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError, EngineError):
            await working
        await engine.close()
    return phases.moments


def importing() -> float:
    """Seconds of a Python that does nothing but import what a child imports."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, capture_output=True)
    return time.monotonic() - began


def table(runs: Sequence[dict[str, float]]) -> str:
    """Medians of each phase's own seconds, and of the moment at which it ends."""
    rows, before = [], [0.0] * len(runs)
    for name in runs[0]:
        ends = [run[name] for run in runs]
        took = [end - earlier for end, earlier in zip(ends, before, strict=True)]
        rows.append((name, f"{statistics.median(took):.2f}", f"{statistics.median(ends):.2f}"))
        before = ends
    return pages.table(("phase", "seconds", "since the start"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description=__doc__)
    parser.add_argument("--base", default="mini")
    parser.add_argument("--bases", type=Path, help="folder of base weights, as EIDER_BASES")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    plan = recipe.load(chosen.base)
    settings = ChildSettings(bases=chosen.bases, device=chosen.device)
    if chosen.device != "cpu":
        import torch  # noqa: F401  (the page names the GPU where torch is there to ask)
    imports, painted, trained = [], [], []
    for _ in range(chosen.rounds):
        imports.append(importing())
        painted.append(asyncio.run(painting(settings, chosen.base)))
        trained.append(asyncio.run(training(settings, chosen.base)))
    text = f"""\
# Cold: from no process to the first picture and the first step

`{pages.command("benchmarks.cold")}`, {pages.today()}; {hardware.machine()}; \
{cores()} thread(s).

Base `{plan.name}`, {plan.weights.dtype}. A fresh child process for every run, by the worker's own \
engine; files already in the system's memory. A Python that only imports the same modules takes \
{statistics.median(imports):.2f} s. Medians of {chosen.rounds} runs; a worker pays this \
once, and serves warm from then on.

## To the first portrait

{table(painted)}

{plan.paint.steps} sampler steps for each of {plan.paint.candidates} candidate(s).

## To the first training step

{table(trained)}

The last phase holds the looking at {len(list(PHOTOS.glob("*.jpg")))} photos, their latents and \
captions, the validation before the first step, and one step of {plan.train.batch}.
"""
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
