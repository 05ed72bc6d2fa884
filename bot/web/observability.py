"""Health and metrics: ``/healthz`` for restarts, ``/metrics`` for Prometheus."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from redis.asyncio import Redis

from shop.job_kinds import JOB_KINDS
from shop.orders import discrepancies
from shop.ports import Database
from shop.records import FeatureFlag, Job, JobState, Order, OrderState

HEALTH_SECONDS = 3.0

log = structlog.get_logger()


class Observability:
    """Counts requests as they pass, and reads the records when ``/metrics`` is asked for."""

    def __init__(
        self, database: Database, redis: Redis, stuck: Callable[[], Awaitable[int]]
    ) -> None:
        """``stuck`` counts the outbox messages that were given up."""
        self._database = database
        self._redis = redis
        self._stuck = stuck
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "eider_http_requests", "Answers", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "eider_http_seconds", "Seconds to an answer", ("route",), registry=self.registry
        )
        self._jobs = Gauge("eider_jobs", "Jobs owed", ("kind", "state"), registry=self.registry)
        self._orders = Gauge("eider_orders", "Orders", ("state",), registry=self.registry)
        self._ledger_sum = Gauge(
            "eider_ledger_sum", "Sum of all postings, which is zero", ("currency",),
            registry=self.registry,
        )  # fmt: skip
        self._stuck_messages = Gauge(
            "eider_outbox_stuck", "Outbox messages that were given up", registry=self.registry
        )

        self._differences = Gauge(
            "eider_till_differences", "Differences of statement and ledger, at the last look",
            ("till",), registry=self.registry,
        )  # fmt: skip
        self._reconciled = Gauge(
            "eider_till_reconciled_seconds", "When that look was, since 1970", ("till",),
            registry=self.registry,
        )  # fmt: skip

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/healthz", self._health), web.get("/metrics", self._metrics)]

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware: every answer is counted under its route, never under its path."""
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "unknown"
        began, status = time.monotonic(), 500
        try:
            answer = await handler(request)
            status = answer.status
        except web.HTTPException as refusal:
            status = refusal.status
            raise
        finally:
            self._requests.labels(route, request.method, str(status)).inc()
            self._seconds.labels(route).observe(time.monotonic() - began)
        return answer

    async def _health(self, request: web.Request) -> web.Response:
        """200 when the database and Redis answer, 503 when one does not."""
        checks = {"database": self._ask_database(), "redis": self._ask_redis()}
        answers = dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))
        status = 200 if all(answers.values()) else 503
        return web.json_response({"healthy": status == 200, **answers}, status=status)

    async def _ask_database(self) -> bool:
        async def ask() -> None:
            async with self._database.begin() as tx:
                await tx.count(FeatureFlag)

        return await _answers("database", ask())

    async def _ask_redis(self) -> bool:
        async def ask() -> None:
            await self._redis.ping()

        return await _answers("redis", ask())

    async def _metrics(self, request: web.Request) -> web.Response:
        async with self._database.begin() as tx:
            for kind in JOB_KINDS:
                for state in (JobState.WAITING, JobState.RUNNING):
                    count = await tx.count(Job, kind=kind, state=state)
                    self._jobs.labels(kind, state.value).set(count)
            for order in OrderState:
                self._orders.labels(order.value).set(await tx.count(Order, state=order))
            for currency, total in (await tx.totals()).items():
                self._ledger_sum.labels(currency.value).set(total)
            for look in reversed(await discrepancies.latest_runs(tx)):
                self._differences.labels(look.till).set(look.found)
                self._reconciled.labels(look.till).set(look.at.timestamp())
        self._stuck_messages.set(await self._stuck())
        body = generate_latest(self.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _answers(what: str, question: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await question
    except Exception as error:  # whatever it is, it is no answer
        log.warning("unhealthy", what=what, error=type(error).__name__)
        return False
    return True
