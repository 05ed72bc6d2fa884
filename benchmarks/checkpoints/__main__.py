"""The run: ``python -m benchmarks.checkpoints``; writes docs/benchmarks/checkpoints.md."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks import customers, hardware, pages, recipes
from pipeline.engine.connection import EngineConnection
from pipeline.engine.engine import ChildEngine, ChildSettings, EngineStage, Progress, TrainedLora
from pipeline.engine.wire import HEADER_LIMIT, WireFrame
from pipeline.worker.checkpoint_store import CheckpointWriter
from pipeline.worker.job_batch import WorkerDependencies
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.memory import MemoryWakeUp
from shop.avatars import avatars
from shop.encryption import EnvelopeCipher
from shop.job_kinds import JOB_KINDS
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.records import Avatar, AvatarId, AvatarState, OrderId, Subject, UserId

PAGE = Path("docs/benchmarks/checkpoints.md")
MEGABYTE = 1 << 20
TICK = 0.001  # seconds
AVATAR = AvatarId("a" * 32)


def now() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def worker(folder: Path) -> AsyncIterator[WorkerDependencies]:
    """A worker's dependencies with SQLite and a disk, and one avatar in the making."""
    url = f"sqlite+aiosqlite:///{folder}/eider.db"
    await upgrade(url)
    database = SqlDatabase(url)
    flusher = OutboxFlusher(database, MemoryWakeUp())
    deps = WorkerDependencies(
        database, DiskBlobs(folder / "blobs"), EnvelopeCipher(os.urandom(32)), JOB_KINDS, flusher
    )  # fmt: skip
    async with database.begin() as tx:
        await tx.add(
            Avatar(
                AVATAR, UserId("u"), OrderId("o"), AvatarState.WAITING, "mini", Subject.WOMAN, 1,
                now(), None,
            )
        )  # fmt: skip
        await avatars.begin_training(tx, deps.cipher, AVATAR, now())
    yield deps
    await flusher.close()
    await database.close()


@dataclass
class LoopWatch:
    """The longest time that the event loop did not turn, in seconds."""

    longest: float = 0.0

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        task = asyncio.create_task(self._tick())
        yield
        task.cancel()

    async def _tick(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(TICK)
            self.longest = max(self.longest, time.perf_counter() - last - TICK)
            last = time.perf_counter()


async def of_size(deps: WorkerDependencies, megabytes: int, count: int, folder: Path) -> list[str]:
    """A row of the table: milliseconds of the child, of the worker, and of a plain file."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.checkpoints.sender"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=HEADER_LIMIT,
        start_new_session=True,
    )  # fmt: skip
    connection, watch, kept = EngineConnection(child), LoopWatch(), []

    async def report(index: int, progress: Progress) -> None:
        began, writer = time.perf_counter(), CheckpointWriter(deps, AVATAR)
        writer.put(progress.checkpoint)
        await writer.close()
        kept.append(time.perf_counter() - began)

    frame = WireFrame("send", [megabytes * MEGABYTE, count, str(folder)])
    with watch.watching():
        sent, written = await connection.ask(frame, lambda answer: answer.body, report, 600)
    await connection.close()
    return [
        f"{1000 * seconds:.0f}"
        for seconds in (sent, written, statistics.median(kept), watch.longest)
    ]


async def trained(deps: WorkerDependencies, every: int, steps: int, place: Path) -> float:
    """CPU seconds of a training on the embedded base, of child and worker, from its first step to
    its last: on a busy machine wall time tells of the others."""
    name = f"mini-{every}"
    changes = {"steps": steps, "checkpoint_every": every, "sample_at": 0, "keep_checkpoints": 1}
    recipes.write(recipes.changed("mini", name, train=changes), place / "recipes")
    engine = ChildEngine(ChildSettings(recipes=place / "recipes", cache=place / "cache"))
    times: list[float] = []
    writer = CheckpointWriter(deps, AVATAR)

    async def report(index: int, progress: Progress) -> None:
        writer.put(progress.checkpoint)
        if progress.stage is EngineStage.TRAINING:
            times.append(cpu(engine))

    (made,) = await engine.train(customers.train_requests(1, name, 8), report)
    await writer.close()
    times.append(cpu(engine))
    await engine.close()
    if not isinstance(made, TrainedLora):
        raise SystemExit(f"a training failed: {made!r}")
    return times[-1] - times[0]


def cpu(engine: ChildEngine) -> float:
    return time.process_time() + sum(psutil.Process(engine.pid).cpu_times()[:2])


async def measure(sizes: list[int], count: int, rounds: int, steps: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        async with worker(place) as deps:
            rows = [[str(size), *await of_size(deps, size, count, place)] for size in sizes]
            often, seldom = [], []
            for _ in range(rounds):
                often.append(await trained(deps, 1, steps, place))
                seldom.append(await trained(deps, 10, steps, place))
    each = (statistics.median(often) - statistics.median(seldom)) / (0.9 * (steps - 1))
    share = each / (10 * statistics.median(seldom) / (steps - 1) - each)
    head = (
        "state, MiB", "training stands still, ms", "for a plain file, ms", "sealed and kept, ms",
        "worker's loop, longest stop, ms",
    )  # fmt: skip
    return f"""\
# Checkpoints: what sealing them costs

`{pages.command("benchmarks.checkpoints")}`, {pages.today()}; {hardware.machine()}.

{pages.table(head, rows)}

Medians of {count} checkpoints of random bytes, from a child through the pipe to a worker that \
seals them and writes them to the disk (with fsync), while the child goes on. The plain file is \
what the training itself wrote before (without fsync). The longest stop is that of all.

A training of {steps} steps on the embedded base, CPU time of child and worker together, medians \
of {rounds} by turns: {statistics.median(often):.1f} s with a checkpoint every step, \
{statistics.median(seldom):.1f} s with one every ten. So one costs {1000 * each:.0f} ms; every ten \
steps, as the recipes have it, they are {100 * share:.1f} % of the training.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.checkpoints", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 70, 270], help="MiB")
    parser.add_argument("--count", type=int, default=7, help="checkpoints of each size")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=41, help="of each training")
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    text = asyncio.run(measure(chosen.sizes, chosen.count, chosen.rounds, chosen.steps))
    pages.write(chosen.out, text)
    print(text)


if __name__ == "__main__":
    main()
