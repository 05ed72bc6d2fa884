"""The composition root of the GPU side: ``python -m pipeline.worker check|train|paint``.

One process per queue, with one warm engine child behind it: a photo check must not wait behind a
training. This module chooses the adapters; nothing else on this side does.
"""

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from arq.cron import cron

from pipeline import recipe
from pipeline.duties import Check, Paint, Train, clear_stale
from pipeline.engine import ChildEngine, ChildSettings, Engine, LabelText, Timeouts
from pipeline.shift import Duty, House, Shift
from shop import logs
from shop.adapters import queue_arq
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.queue_arq import ArqQueue, Payload, build_worker
from shop.catalog import Catalog
from shop.records import JobId, JobQueue
from shop.settings import Settings, SettingsError
from shop.vault import Vault

log = structlog.get_logger()

QUEUES = (JobQueue.CHECK, JobQueue.TRAIN, JobQueue.PAINT)
GRACE = 60.0  # seconds that arq waits beyond the engine's own limits, so that ours speak first
MARK = "AI生成 AI-generated"


@dataclass(frozen=True, slots=True)
class Bench:
    """A worker's surroundings, open while it works."""

    house: House
    engine: Engine
    settings: Settings


def engine_of(settings: Settings) -> ChildEngine:
    """The engine as the settings want it; its child starts with the first order."""
    child = ChildSettings(
        bases=settings.bases_dir,
        device=settings.device,
        threads=settings.torch_threads,
        allow_noncommercial=settings.allow_noncommercial,
    )
    limits = Timeouts(settings.check_timeout, settings.train_timeout, settings.paint_timeout)
    return ChildEngine(child, limits)


@asynccontextmanager
async def open_bench(settings: Settings) -> AsyncIterator[Bench]:
    """Connect everything, and let it go in the end."""
    await upgrade(settings.database_url)
    database = SqlDatabase(settings.database_url)
    redis = await queue_arq.connect(settings.redis_url)
    engine = engine_of(settings)
    house = House(
        database=database,
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        vault=Vault(settings.master_key),
        queue=ArqQueue(redis),
        clock=lambda: datetime.now(UTC),
    )
    try:
        yield Bench(house, engine, settings)
    finally:
        await engine.close()
        await redis.aclose()
        await database.close()


def duty_of(queue: JobQueue, bench: Bench) -> Duty:
    """What this worker's jobs mean."""
    label = LabelText(mark=MARK, producer=bench.settings.content_producer)
    if queue is JobQueue.CHECK:
        return Check(bench.house, bench.engine)
    catalog = Catalog.load()
    if queue is JobQueue.PAINT:
        return Paint(bench.house, bench.engine, catalog, label)
    workdir = bench.settings.data_dir / "checkpoints"
    return Train(bench.house, bench.engine, catalog, label, workdir)


def limit_of(queue: JobQueue, settings: Settings) -> float:
    """Seconds after which arq cancels a job of that queue."""
    limits = {
        JobQueue.CHECK: settings.check_timeout,
        JobQueue.TRAIN: settings.train_timeout,
        JobQueue.PAINT: settings.paint_timeout,
    }
    return limits[queue] + GRACE


async def serve(queue: JobQueue, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; a job in hand is handed back."""
    recipe.load(settings.base, allow_noncommercial=settings.allow_noncommercial)
    async with open_bench(settings) as bench:
        name = f"{socket.gethostname()}:{os.getpid()}"
        shift = Shift(bench.house, duty_of(queue, bench), name, settings.lease_seconds)

        async def work(ctx: dict[str, Any], payload: Payload) -> None:
            await shift.work(JobId(str(payload["job"])))

        async def tidy(ctx: dict[str, Any]) -> None:
            await clear_stale(bench.house, settings.data_dir / "checkpoints")

        crons = [cron(tidy, second=30, run_at_startup=True, keep_result=0)]
        worker = build_worker(
            settings.redis_url,
            queue,
            {"work": work},
            timeout=limit_of(queue, settings),
            crons=crons if queue is JobQueue.TRAIN else (),
            handle_signals=False,
        )
        running = asyncio.ensure_future(worker.async_run())
        _stop_on_signals(running)
        log.info("worker_ready", queue=queue.value, base=settings.base)
        try:
            await running
        except asyncio.CancelledError:
            log.info("worker_leaves", queue=queue.value)
        finally:
            await worker.close()


def _stop_on_signals(running: "asyncio.Future[None]") -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)


def main() -> int:
    """Parse the queue's name, read the settings, serve."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.worker", description=__doc__)
    parser.add_argument("queue", choices=[queue.value for queue in QUEUES])
    chosen = JobQueue(parser.parse_args().queue)
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log to write to yet
        return 2
    logs.configure(settings.log_format)
    asyncio.run(serve(chosen, settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
