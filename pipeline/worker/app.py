"""The composition root of the GPU side: ``python -m pipeline.worker ROLE``.

One process with one warm engine child behind it. A studio does every kind of job that needs the
GPU; on a machine of their own ``train`` and ``paint`` may also stand alone. Photos have a process
of their own, ``check``, which needs no GPU. This module chooses the adapters; nothing else on this
side does.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import structlog
from arq.connections import ArqRedis
from arq.worker import Worker

from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    Engine,
    LabelText,
    Timeouts,
)
from pipeline.models import recipe
from pipeline.models.recipe import Recipe
from pipeline.worker.handler_registry import JOB_HANDLERS, HandlerEntry
from pipeline.worker.host_health import ExaminedHost, HostFault, HostHealth, SelfTest
from pipeline.worker.job_batch import WorkerDependencies
from pipeline.worker.loop import WorkerLoop
from pipeline.worker.metrics import WorkerMetrics
from pipeline.worker.settings_rules import SETTINGS_RULES
from shop import core_dumps, logs, tracing
from shop.adapters import wake_up_arq
from shop.adapters.blob_store import open_blobs
from shop.adapters.database import SqlDatabase
from shop.adapters.database.at_start import wait_for_tables
from shop.adapters.plain_checkpoints import remove_plain_checkpoints
from shop.adapters.wake_up_arq import (
    ArqWakeUp,
    Payload,
    PeerWakeUps,
    answer_signals,
    build_worker,
)
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT, SHOOT_SIZE
from shop.catalog import Catalog
from shop.clips.filming import FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.encryption import EnvelopeCipher
from shop.errors import CannotStart, Unavailable
from shop.health import NotReady, Probes, ask_blobs, ask_stores, open_health, show_disk
from shop.job_kinds import JOB_KINDS
from shop.jobs import sightings, worker_faults
from shop.jobs.dispatch import WorkerSpec
from shop.jobs.jobs import WAKE_UP
from shop.jobs.kinds import JobKind, JobKinds, SchedulingClass, needs_nothing
from shop.jobs.outbox_flusher import OutboxFlusher
from shop.jobs.scheduler import SchedulingRules
from shop.outages import REDIS_AWAY, REPEATS
from shop.photos.comparison import COMPARE
from shop.photos.photos import CHECK
from shop.settings import Settings, SettingsError

log = structlog.get_logger()

STUDIO: Final = "studio"  # the role that does every kind but the immediate ones
LOOKS: Final = CHECK.name  # the role that does these: photos of avatars, and sources of clips
WAKE_UP_SECONDS: Final = 5.0  # that answering a wake-up may take; nothing is worked in it
_NO_LOOK: Final = "no look for work is over: the database is slow, or away"
CPU: Final = "cpu"
MARK = "AI生成 AI-generated"


@dataclass(frozen=True, slots=True)
class WorkerContainer:
    """A worker's dependencies, open while it works. ``metrics`` are those of the process."""

    deps: WorkerDependencies
    engine: Engine
    settings: Settings
    redis: ArqRedis
    catalog: Catalog
    metrics: WorkerMetrics = field(default_factory=WorkerMetrics)

    @property
    def label(self) -> LabelText:
        """The AI label on every picture."""
        return LabelText(mark=MARK, producer=self.settings.content_producer)


def engine_of(settings: Settings) -> ChildEngine:
    """The engine as the settings want it; its child starts with the first request."""
    child = ChildSettings(
        bases=settings.bases_dir,
        device=settings.device,
        threads=settings.torch_threads,
        cache=settings.data_dir / "cache",
        allow_noncommercial=settings.allow_noncommercial,
    )
    limits = Timeouts(
        inspect=CHECK.timeout(settings),
        compare=COMPARE.timeout(settings),
        train=TRAIN.timeout(settings),
        paint=PAINT.timeout(settings),
        prepare=PREPARE.timeout(settings),
        animate=FILM.timeout(settings),
        generate_video=VIDEO.timeout(settings),
    )
    return ChildEngine(child, limits)


@asynccontextmanager
async def open_container(
    settings: Settings, kinds: JobKinds = JOB_KINDS
) -> AsyncIterator[WorkerContainer]:
    """Connect everything, and close it in the end. Raises :class:`shop.errors.CannotStart`."""
    await remove_plain_checkpoints(settings.data_dir)
    database = SqlDatabase(settings.database_url)
    redis = await wake_up_arq.connect(settings.redis_url)
    engine, metrics = engine_of(settings), WorkerMetrics()
    metrics.show_restarts(engine)
    metrics.show_gpu(settings.device)
    show_disk(metrics.registry, settings.data_dir)
    flusher = OutboxFlusher(database, ArqWakeUp(redis))
    deps = WorkerDependencies(
        database=database,
        blobs=open_blobs(settings),
        cipher=EnvelopeCipher(*settings.master_keys),
        kinds=kinds,
        flusher=flusher,
        metrics=metrics,
    )
    try:
        yield WorkerContainer(deps, engine, settings, redis, Catalog.load(), metrics)
    finally:
        await engine.close()
        await flusher.close()
        await redis.aclose()
        await database.close()


def roles(kinds: JobKinds = JOB_KINDS) -> dict[str, tuple[JobKind, ...]]:
    """What a worker may be told to do: one kind by its name, all that is looked at at once, or all
    that needs the GPU."""
    alone = {name: (kind,) for name, kind in kinds.items()}
    immediate = SchedulingClass.IMMEDIATE
    looks = tuple(kind for kind in kinds.values() if kind.scheduling is immediate)
    studio = tuple(kind for kind in kinds.values() if kind.scheduling is not immediate)
    return {**alone, STUDIO: studio, LOOKS: looks}


def scheduling_rules(base: Recipe) -> SchedulingRules:
    """How many customers that base serves together: in painting as many as fill one forward."""
    interactive = max(1, base.paint.batch // (SHOOT_SIZE * base.paint.candidates))
    return SchedulingRules(
        background_batch=base.train.max_batch_customers, interactive_batch=interactive
    )


async def serve(role: str, settings: Settings) -> None:
    """Work until SIGTERM or SIGINT; leased jobs are handed back."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if not await wait_for_tables(settings, stop):
        return
    async with open_container(settings) as container:
        working = asyncio.create_task(work(role, container))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, working.cancel)
        if stop.is_set():
            working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    log.info("worker_left", role=role)


async def work(
    role: str, container: WorkerContainer, handlers: Mapping[str, HandlerEntry] = JOB_HANDLERS
) -> None:
    """Do a role's jobs until cancelled. If a part of it ends, all does: whoever started this
    process starts a fresh one.
    """
    settings = container.settings
    kinds = [
        kind
        for kind in roles(container.deps.kinds)[role]
        if settings.video_base or not kind.one_base
    ]
    if not kinds:
        raise CannotStart(f"EIDER_VIDEO_BASE: a worker that does {role} alone needs one")
    base = recipe.load(settings.base, allow_noncommercial=settings.allow_noncommercial)
    name = f"{role}@{socket.gethostname()}:{os.getpid()}"
    names = [str(kind.name) for kind in kinds]
    spec = WorkerSpec(
        name, frozenset(kinds), settings.lease_seconds, scheduling_rules(base),
        settings.studio_bases,
    )  # fmt: skip
    bases = spec.bases if any(kind.needs is not needs_nothing for kind in kinds) else frozenset()
    entries = {str(kind.name): handlers[kind.name] for kind in kinds}
    timeouts = {
        str(kind.name): kind.timeout(settings)
        for kind in kinds
        if not entries[kind.name].engine_enforces_timeout
    }
    made = {name: entry.make(container) for name, entry in entries.items()}
    host = tested_host(container, kinds, name_for_admins(role, settings))
    loop = WorkerLoop(container.deps, made, spec, timeouts, host)
    peers = PeerWakeUps(container.redis, name)
    listeners = [partial(wake_up_listener, loop, container, kind, peers) for kind in kinds]
    log.info("worker_started", role=role, base=settings.base)
    async with (
        open_health(settings, probes(container, loop, host)),
        sightings.kept(container.deps.database, role, names, lambda: loop.is_looking, bases),
        asyncio.TaskGroup() as group,
    ):
        group.create_task(loop.run())
        group.create_task(peers.listen([kind.name for kind in kinds], loop.wake_up))
        for listener in listeners:
            group.create_task(answer_signals(listener))


def name_for_admins(role: str, settings: Settings) -> str:
    """``studio@host``, and what tells it from others of that role on that host: the device and the
    health port, which are still the same after a restart; where neither does, the process id."""
    device = settings.device if settings.device != CPU else ""
    port = f"EIDER_HEALTH_PORT={settings.health_port}" if settings.health_port else ""
    marks = ", ".join(filter(None, (device, port))) or f"pid {os.getpid()}"
    return f"{role}@{socket.gethostname()} ({marks})"


def tested_host(container: WorkerContainer, kinds: Sequence[JobKind], name: str) -> ExaminedHost:
    """The host of a worker that does these kinds; ``name`` is how admins are told of it."""
    deps, settings, metrics = container.deps, container.settings, container.metrics
    base = settings.base if any(kind.needs is not needs_nothing for kind in kinds) else ""
    if all(kind.one_base for kind in kinds):
        base = settings.video_base
    test = SelfTest(
        deps.database, deps.blobs, settings.master_keys, container.engine, base, container.label
    )

    async def tell(fault: HostFault) -> None:
        async with deps.database.begin() as tx:
            await worker_faults.report(tx, name, fault.what, settings.admins, await tx.now())
        await deps.flusher.flush()

    host = ExaminedHost(base, test.run, tell, metrics.count_test)
    metrics.show_service(lambda: host.fault is None)
    return host


def probes(container: WorkerContainer, loop: WorkerLoop, host: HostHealth) -> Probes:
    """Ready to take jobs: the database and Redis answer, the blob store is still the database's
    and can be written, the host has passed its self-test, and the loop has looked for work."""

    async def looks() -> bool:
        return loop.is_looking

    async def is_well() -> bool:
        if host.fault is not None:
            raise NotReady(host.fault.why)
        return True

    deps = container.deps
    ready = ask_stores(deps.database, container.redis)
    ready["blobs"] = ask_blobs(deps.database, deps.blobs, *container.settings.master_keys)
    return Probes(ready | {"host": is_well, "jobs": looks}, container.metrics.registry)


def wake_up_listener(
    loop: WorkerLoop, container: WorkerContainer, kind: JobKind, peers: PeerWakeUps
) -> Worker:
    """What hears the wake-ups of a kind: the loop looks at once, and if it takes nothing the other
    workers are woken up.
    """

    async def wake(ctx: dict[str, Any], payload: Payload) -> None:
        away = _NO_LOOK
        try:
            async with asyncio.timeout(WAKE_UP_SECONDS):
                took = await loop.wake_up(kind.name)
                away = REDIS_AWAY
                if not took:
                    with contextlib.suppress(Unavailable):  # the others look by themselves
                        await peers.pass_on(kind.name)
        except TimeoutError:  # it looks as soon as it can, and so do the others
            log.warning("wake_up_unanswered", why=away, **{REPEATS: away})

    return build_worker(
        container.settings.redis_url,
        kind.name,
        {WAKE_UP: wake},
        timeout=2 * WAKE_UP_SECONDS,  # never reached
        at_once=10,
        handle_signals=False,
    )


def main() -> int:
    """Parse the role, read the settings, serve; the exit status, as that of ``python -m bot``."""
    parser = argparse.ArgumentParser(prog="python -m pipeline.worker", description=__doc__)
    parser.add_argument(
        "role", choices=list(roles()),
        help=f"{LOOKS}: all looks at pictures; {STUDIO}: all the rest; or one kind of job alone",
    )  # fmt: skip
    chosen = parser.parse_args().role
    try:
        settings = Settings.from_env(rules=SETTINGS_RULES)
    except SettingsError as error:
        logs.tell_refusal(error, 2, os.environ)
        return 2
    logs.configure(settings.log_format)
    tracing.configure(settings.traces_url, chosen)
    core_dumps.refuse()
    try:
        asyncio.run(serve(chosen, settings))
    except CannotStart as error:
        logs.tell_refusal(error, error.status, os.environ)
        return error.status
    return 0
