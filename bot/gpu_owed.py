"""GPU-seconds owed, for whoever scales the studios: a gauge for Prometheus, and an answer in JSON
at the health address for KEDA's ``metrics-api`` scaler (docs/kubernetes.md).
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Final

from aiohttp import web
from multidict import MultiMapping
from prometheus_client import Gauge

from bot.container import Container
from shop.errors import Unavailable
from shop.jobs.kinds import JobKind, SchedulingClass, needs_nothing
from shop.jobs.owed import OwedWork, owed_work
from shop.outages import told
from shop.records import Sighting, works_with

PATH: Final = "/gpu-seconds-owed"
NO_BASE: Final = "none"
"""How work that needs no base is asked for."""


class _Refused(Exception):
    """What was asked for is not known; the text says what is."""


class GpuSecondsOwed:
    """What the kinds that a studio does are owed, read from the database at each question."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._kinds = {
            str(kind.name): kind
            for kind in container.kinds.values()
            if kind.scheduling is not SchedulingClass.IMMEDIATE
        }
        catalog = container.catalog
        self._bases = {*catalog.bases, *catalog.video_bases, NO_BASE}
        self._gauge = Gauge(
            "eider_gpu_seconds_owed", "Seconds of one studio's work that are owed",
            ("kind", "base"), registry=container.registry,
        )  # fmt: skip
        self._waited = Gauge(
            "eider_gpu_work_waited_seconds", "For how long the first of it has waited",
            ("kind", "base"), registry=container.registry,
        )  # fmt: skip
        self._seen = Gauge(
            "eider_gpu_work_seen_timestamp_seconds", "When who does such work last was at work",
            ("kind", "base"), registry=container.registry,
        )  # fmt: skip
        base = container.settings.base
        self._told = {  # also before anything is owed: "absent" is no zero
            (name, NO_BASE if kind.needs is needs_nothing else base)
            for name, kind in self._kinds.items()
        }

    def routes(self) -> tuple[web.RouteDef, ...]:
        return (web.get(PATH, self._answer),)

    async def collect(self) -> None:
        """Read the gauges: what was owed once and is no more stays as zero."""
        async with self._container.database.snapshot() as tx:
            found = await owed_work(tx, self._kinds.values(), await tx.now())
            sightings = await tx.find(Sighting)
        owed = {(one.kind, _name(one)): one for one in found}
        self._told |= owed.keys()
        for labels in self._told:
            one = owed.get(labels)
            self._gauge.labels(*labels).set(one.seconds if one else 0.0)
            self._waited.labels(*labels).set(one.waited if one else 0.0)
            self._seen.labels(*labels).set(_last_seen(sightings, *labels))

    async def _answer(self, request: web.Request) -> web.Response:
        """``seconds`` and, of each kind and base, what they are made of. In the query: ``kind`` and
        ``base``, each as often as wanted (all, if never); ``beyond``, seconds that are another
        fleet's and left out, until somebody has waited longer than ``patience``: then that fleet is
        not there. 400 for what is not known, 503 while the database is away."""
        try:
            kinds = _named(request.query, "kind", self._kinds) or self._kinds
            bases = _named(request.query, "base", self._bases)
            beyond = _seconds(request.query, "beyond", 0.0)
            patience = _seconds(request.query, "patience", math.inf)
        except _Refused as why:
            return web.json_response({"error": str(why)}, status=400)
        try:
            owed = [one for one in await self._owed(kinds) if not bases or _name(one) in bases]
        except Unavailable as outage:
            return web.json_response({"error": told(outage)["why"]}, status=503)
        if any(one.waited > patience for one in owed):
            beyond = 0.0
        seconds = max(0.0, sum(one.seconds for one in owed) - beyond)
        parts = [asdict(one) | {"base": _name(one)} for one in owed]
        return web.json_response({"seconds": round(seconds, 1), "owed": parts})

    async def _owed(self, kinds: Iterable[str]) -> list[OwedWork]:
        wanted: list[JobKind] = [self._kinds[name] for name in kinds]
        async with self._container.database.snapshot() as tx:
            return await owed_work(tx, wanted, await tx.now())


def _last_seen(sightings: Iterable[Sighting], kind: str, base: str) -> float:
    """When somebody who does the kind with that base last was at work, in seconds since 1970; 0 if
    nobody ever was."""
    needed = "" if base == NO_BASE else base
    able = (one for one in sightings if kind in one.kinds and works_with(one.bases, needed))
    return max((one.seen_at.timestamp() for one in able), default=0.0)


def _name(owed: OwedWork) -> str:
    return owed.base or NO_BASE


def _named(query: MultiMapping[str], key: str, known: Collection[str]) -> frozenset[str]:
    """What the query names: all of it must be known."""
    named = frozenset(query.getall(key, []))
    if not named <= frozenset(known):
        raise _Refused(f"{key}: must be one of: {', '.join(sorted(known))}")
    return named


def _seconds(query: MultiMapping[str], key: str, default: float) -> float:
    text = query.get(key)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit():
        raise _Refused(f"{key}: must be whole seconds, such as 900")
    return float(text)
