"""The composition root of the GPU side: ``python -m pipeline.worker check|studio|train|paint``.

One process with one warm engine child behind it. A studio trains and paints; on a machine of their
own ``train`` and ``paint`` may also stand alone. Photos have a process of their own, ``check``,
which needs no GPU. This module chooses the adapters; nothing else on this side does.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from arq.cron import cron
from arq.worker import Worker

from pipeline.engine.engine import ChildEngine, ChildSettings, Engine, LabelText, Timeouts
from pipeline.models import recipe
from pipeline.models.recipe import Recipe
from pipeline.worker.job_batch import JobHandler, WorkerDependencies
from pipeline.worker.job_handlers import CheckHandler, PaintHandler, TrainHandler, clear_stale
from pipeline.worker.loop import WorkerLoop
from shop import logs
from shop.adapters import wake_up_arq
from shop.adapters.blobs_disk import DiskBlobs
from shop.adapters.database import SqlDatabase, upgrade
from shop.adapters.wake_up_arq import ArqWakeUp, Payload, build_worker
from shop.avatars.portraits import SHOOT_SIZE
from shop.catalog import Catalog
from shop.encryption import EnvelopeCipher
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.scheduler import SchedulingRules
from shop.records import JobQueue
from shop.settings import Settings, SettingsError

log = structlog.get_logger()

ROLES: Final[Mapping[str, tuple[JobQueue, ...]]] = {
    "check": (JobQueue.CHECK,),
    "studio": (JobQueue.TRAIN, JobQueue.PAINT),
    "train": (JobQueue.TRAIN,),
    "paint": (JobQueue.PAINT,),
}
RING_SECONDS: Final = 5.0  # that a ring may take to be heard; nothing is done in it
MARK = "AI生成 AI-generated"


@dataclass(frozen=True, slots=True)
class WorkerContainer:
    """A worker's surroundings, open while it works."""

    deps: WorkerDependencies
    engine: Engine
    settings: Settings


def engine_of(settings: Settings) -> ChildEngine:
    """The engine as the settings want it; its child starts with the first order."""
    child = ChildSettings(
        bases=settings.bases_dir,
        device=settings.device,
        threads=settings.torch_threads,
        cache=settings.data_dir / "cache",
        allow_noncommercial=settings.allow_noncommercial,
    )
    limits = Timeouts(settings.check_timeout, settings.train_timeout, settings.paint_timeout)
    return ChildEngine(child, limits)


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncIterator[WorkerContainer]:
    """Connect everything, and let it go in the end."""
    await upgrade(settings.database_url)
    database = SqlDatabase(settings.database_url)
    redis = await wake_up_arq.connect(settings.redis_url)
    engine = engine_of(settings)
    deps = WorkerDependencies(
        database=database,
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        cipher=EnvelopeCipher(settings.master_key),
        queue=ArqWakeUp(redis),
        clock=lambda: datetime.now(UTC),
    )
    try:
        yield WorkerContainer(deps, engine, settings)
    finally:
        await engine.close()
        await redis.aclose()
        await database.close()


def handler_for(queue: JobQueue, container: WorkerContainer) -> JobHandler[Any, Any]:
    """What this worker's jobs mean."""
    label = LabelText(mark=MARK, producer=container.settings.content_producer)
    if queue is JobQueue.CHECK:
        return CheckHandler(container.deps, container.engine)
    catalog = Catalog.load()
    if queue is JobQueue.PAINT:
        return PaintHandler(container.deps, container.engine, catalog, label)
    workdir = container.settings.data_dir / "checkpoints"
    return TrainHandler(container.deps, container.engine, catalog, label, workdir)


def scheduling_rules(base: Recipe) -> SchedulingRules:
    """How many customers that base serves together: in painting as many as fill one forward."""
    abreast = max(1, base.paint.batch // (SHOOT_SIZE * base.paint.candidates))
    return SchedulingRules(together=base.train.together, abreast=abreast)


async def serve(role: str, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; jobs in hand are handed back."""
    async with open_container(settings) as container:
        working = asyncio.create_task(work(role, container))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, working.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await working
    log.info("worker_left", role=role)


async def work(role: str, container: WorkerContainer) -> None:
    """Do a role's work until cancelled. If a part of it ends, all does: whoever started this
    process starts a fresh one.
    """
    settings, queues = container.settings, ROLES[role]
    base = recipe.load(settings.base, allow_noncommercial=settings.allow_noncommercial)
    name = f"{role}@{socket.gethostname()}:{os.getpid()}"
    spec = WorkerSpec(name, frozenset(queues), settings.lease_seconds, scheduling_rules(base))
    loop = WorkerLoop(
        container.deps, {queue: handler_for(queue, container) for queue in queues}, spec
    )
    rings = wake_up_listeners(loop, container, queues)
    log.info("worker_ready", role=role, base=settings.base)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(loop.run())
            for ring in rings:
                group.create_task(ring.async_run())
    finally:
        for ring in rings:
            await ring.close()


def wake_up_listeners(
    loop: WorkerLoop, container: WorkerContainer, queues: Sequence[JobQueue]
) -> list[Worker]:
    """What hears the rings of these queues and wakes the shift; whoever trains also tidies up."""
    workdir = container.settings.data_dir / "checkpoints"

    async def wake(ctx: dict[str, Any], payload: Payload) -> None:
        loop.bell.set()

    async def tidy(ctx: dict[str, Any]) -> None:
        await clear_stale(container.deps, workdir)

    crons = [cron(tidy, second=30, run_at_startup=True, keep_result=0)]
    return [
        build_worker(
            container.settings.redis_url,
            queue,
            {"work": wake},
            timeout=RING_SECONDS,
            at_once=10,
            crons=crons if queue is JobQueue.TRAIN else (),
            handle_signals=False,
        )
        for queue in queues
    ]


def main() -> int:
    """Parse the role, read the settings, serve."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.worker", description=__doc__)
    parser.add_argument("role", choices=list(ROLES))
    chosen = parser.parse_args().role
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - there is no log to write to yet
        return 2
    logs.configure(settings.log_format)
    asyncio.run(serve(chosen, settings))
    return 0
