"""Health and metrics of one process, at an address of its own, where no stranger comes.

``/livez``: the event loop answers, and nothing else is asked; restart a process that fails it.
``/readyz``: everything that the process needs answers; send it no work while it fails that.
``/metrics``: for Prometheus.
"""

import asyncio
import logging
import math
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from redis.asyncio import Redis

from shop import installation
from shop.errors import CannotStart, SchemaUnfit, Unavailable
from shop.listening import listening, require_free_port
from shop.outages import REPEATS, told
from shop.ports import Blobs, Database
from shop.records import FeatureFlag
from shop.settings import Settings

READY_SECONDS: Final = 3.0  # for all that is asked; what takes longer counts as away
FRESH_SECONDS: Final = 1.0  # for which metrics that were read are given again
GIVEN_UP_SECONDS: Final = 10.0  # after which a reading that does not end is waited for no more
_DATABASE_SECONDS: Final = 2.0  # of these, for a question that goes on from the database's answer
_HEAD_SECONDS: Final = 10.0
_PROBE_KEY: Final = "eider:ready"
_NO_TELLING: Final = "the database does not answer, which says whose the blobs are"
_SETTINGS: Final = "EIDER_HEALTH_HOST, EIDER_HEALTH_PORT"

Question = Callable[[], Awaitable[object]]
"""Returns False, or raises, when something is not ready; :class:`NotReady` says why as well."""


class NotReady(Exception):
    """Something is not ready; the text is a sentence for the operator."""


log = structlog.get_logger()


async def _nothing() -> None:
    """For a process that reads nothing to be measured."""


@dataclass(frozen=True, slots=True)
class Probes:
    """What a process says of itself. ``ready`` are its questions by what they ask after;
    ``collect`` brings the registry's gauges up to date before they are read; ``more`` are routes
    of the process's own."""

    ready: Mapping[str, Question]
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    collect: Callable[[], Awaitable[None]] = _nothing
    more: tuple[web.RouteDef, ...] = ()

    def routes(self) -> list[web.RouteDef]:
        metrics = SharedReading(self._metrics)

        async def answer(request: web.Request) -> web.Response:
            headers = {"Content-Type": CONTENT_TYPE_LATEST}
            return web.Response(body=await metrics.get(), headers=headers)

        return [
            web.get("/livez", self._live),
            web.get("/readyz", self._ready),
            web.get("/metrics", answer),
            *self.more,
        ]

    async def _live(self, request: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def _ready(self, request: web.Request) -> web.Response:
        """200 when every question is answered with yes, 503 when one is not; ``why`` has the
        sentences that are known."""
        why: dict[str, str] = {}
        questions = [_answers(what, ask, why) for what, ask in self.ready.items()]
        answers = dict(zip(self.ready, await asyncio.gather(*questions), strict=True))
        ready = all(answers.values())
        body: dict[str, object] = {"ready": ready, **answers}
        return web.json_response(body | {"why": why} if why else body, status=200 if ready else 503)

    async def _metrics(self) -> bytes:
        """What could not be collected is missing from no page: the old numbers stand, and
        ``/readyz`` says what is away."""
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self.collect()
        except Exception as error:  # boundary: the process's own counters are still true
            log.warning("metrics_stale", **told(error))
        page: bytes = generate_latest(self.registry)
        return page


class SharedReading:
    """What is read once for all who ask while it is read, and given again until it is
    :data:`FRESH_SECONDS` old, so that many askers keep a process from nothing else."""

    def __init__(self, read: Callable[[], Awaitable[bytes]]) -> None:
        self._read = read
        self._reading: asyncio.Future[bytes] | None = None
        self._began = 0.0

    async def get(self) -> bytes:
        """Raises what reading raises, to all who share it. An asker who leaves ends nobody's."""
        now, latest = asyncio.get_running_loop().time(), self._reading
        if latest is None or self._is_over(latest, now):
            latest = self._reading = asyncio.ensure_future(self._read())
            self._began = now
        return await asyncio.shield(latest)

    def _is_over(self, latest: "asyncio.Future[bytes]", now: float) -> bool:
        """Whether another is due: the last one is old, failed, or does not come."""
        if not latest.done():
            return now - self._began > GIVEN_UP_SECONDS
        failed = latest.cancelled() or latest.exception() is not None
        return failed or now - self._began > FRESH_SECONDS


def show_disk(registry: CollectorRegistry, folder: Path) -> None:
    """Gauges of the disk of that folder, read with the metrics; nothing while it is not there."""

    def read(which: str) -> float:
        try:
            return float(getattr(shutil.disk_usage(folder), which))
        except OSError:
            return math.nan

    free = Gauge("eider_disk_free_bytes", "Free on the disk of the data folder", registry=registry)
    size = Gauge("eider_disk_size_bytes", "Size of that disk", registry=registry)
    free.set_function(partial(read, "free"))
    size.set_function(partial(read, "total"))


def ask_stores(database: Database, redis: Redis) -> dict[str, Question]:
    """The questions that every process has."""

    async def ask_database() -> None:
        try:
            async with database.snapshot() as tx:
                await tx.count(FeatureFlag)
        except SchemaUnfit as unfit:
            raise NotReady(str(unfit)) from unfit

    async def ask_redis() -> None:
        # A write: one that is full, or a replica, still answers a ping.
        await redis.set(_PROBE_KEY, "", px=int(READY_SECONDS * 1000))

    return {"database": ask_database, "redis": ask_redis}


def ask_blobs(database: Database, blobs: Blobs, *master_keys: bytes) -> Question:
    """Whether the blob store is still the database's, and can be written."""

    async def ask() -> None:
        try:
            try:
                async with asyncio.timeout(_DATABASE_SECONDS):
                    known = await installation.registered(database, *master_keys)
            except TimeoutError as late:
                raise NotReady(_NO_TELLING) from late
            await installation.require_store(blobs, known)
            await installation.require_writable(blobs)
        except CannotStart as wrong:
            raise NotReady(str(wrong)) from wrong

    return ask


@asynccontextmanager
async def open_health(settings: Settings, probes: Probes) -> AsyncIterator[None]:
    """Answer on the settings' health port within the block; nowhere if that is 0. Raises
    :class:`shop.errors.CannotStart` if something else listens there."""
    if not settings.health_port:
        yield
        return
    app = web.Application()
    app.add_routes(probes.routes())
    runner = web.AppRunner(
        app,
        access_log=None,
        logger=_SILENT,
        keepalive_timeout=_HEAD_SECONDS,
        shutdown_timeout=1.0,
    )
    await runner.setup()
    try:
        with listening(_SETTINGS, settings.health_host, settings.health_port):
            await web.TCPSite(runner, settings.health_host, settings.health_port).start()
        log.info("health_ready", port=settings.health_port)
        yield
    finally:
        await runner.cleanup()


async def require_health_port(host: str, port: int) -> None:
    """Raises :class:`shop.errors.CannotStart` if :func:`open_health` could not listen there now."""
    if port:
        await require_free_port(_SETTINGS, host, port)


async def _answers(what: str, ask: Question, why: dict[str, str]) -> bool:
    try:
        async with asyncio.timeout(READY_SECONDS):
            answer = await ask()
    except NotReady as reason:
        why[what] = str(reason)
        return _not_ready(what, why[what])
    except Unavailable as outage:
        return _not_ready(what, str(outage), error=type(outage).__name__)
    except Exception as error:  # whatever it is, it is no answer
        return _not_ready(what, f"{what} does not answer", error=type(error).__name__)
    return answer is not False or _not_ready(what, f"{what}: not yet, or not any more")


def _not_ready(what: str, why: str, **values: str) -> bool:
    """False, after a line in the log: one a minute of each thing and reason."""
    log.warning("not_ready", what=what, why=why, **values, **{REPEATS: f"{what}: {why}"})
    return False


_SILENT: Final = logging.getLogger("eider.health")  # aiohttp's own log quotes malformed requests
_SILENT.disabled = True
