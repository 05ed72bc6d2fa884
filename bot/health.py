"""What a process of the chat side says of itself and of the house, for :mod:`shop.health`."""

from collections import defaultdict
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from prometheus_client import Gauge

from bot.container import Container
from bot.gpu_owed import GpuSecondsOwed
from shop import health
from shop.health import Probes, show_disk
from shop.jobs import outbox
from shop.orders import discrepancies, openings, sales_guard
from shop.orders.sales_guard import Capacity
from shop.ports import Below, Tx
from shop.records import CHAT, Currency, Job, JobState, Order, OrderState, OutboxMessage, Sighting


def open_health(
    container: Container, *, takes_photos: bool = False
) -> AbstractAsyncContextManager[None]:
    """Answer at the settings' health address within the block."""
    return health.open_health(container.settings, probes(container, takes_photos=takes_photos))


def probes(container: Container, *, takes_photos: bool = False) -> Probes:
    """Ready: the database and Redis answer, the blob store is still the database's and can be
    written, and, where photos are taken, they can be decoded. Measured: the container's own
    registry, and the house's records, which every process of the chat side reads alike."""
    show_disk(container.registry, container.settings.data_dir)
    house, owed = HouseMetrics(container), GpuSecondsOwed(container)
    keys = container.settings.master_keys
    ready = health.ask_stores(container.database, container.redis)
    ready["blobs"] = health.ask_blobs(container.database, container.blobs, *keys)
    if takes_photos:
        ready["decoder"] = container.decoder.ready

    async def collect() -> None:
        await house.collect()
        await owed.collect()

    return Probes(ready, container.registry, collect, owed.routes())


class HouseMetrics:
    """Gauges of what the database holds, over all processes."""

    def __init__(self, container: Container) -> None:
        self._container = container
        registry = container.registry
        self._jobs = Gauge("eider_jobs", "Jobs owed", ("kind", "state"), registry=registry)
        self._job_age = Gauge(
            "eider_jobs_oldest_seconds", "Age of the oldest job that waits", ("kind",),
            registry=registry,
        )  # fmt: skip
        self._orders = Gauge("eider_orders", "Orders", ("state",), registry=registry)
        self._ledger_sum = Gauge(
            "eider_ledger_sum", "Sum of all postings, which is zero", ("currency",),
            registry=registry,
        )  # fmt: skip
        self._stuck = Gauge(
            "eider_outbox_stuck", "Outbox messages that were given up", registry=registry
        )
        self._outbox_age = Gauge(
            "eider_outbox_oldest_seconds", "Age of the oldest outbox message that is not done",
            registry=registry,
        )  # fmt: skip
        self._differences = Gauge(
            "eider_till_differences", "Differences of statement and ledger, at the last look",
            ("till",), registry=registry,
        )  # fmt: skip
        self._reconciled = Gauge(
            "eider_till_reconciled_seconds", "When that look was, since 1970", ("till",),
            registry=registry,
        )  # fmt: skip

        self._seen = Gauge(
            "eider_role_seen_timestamp_seconds", "When a process of the role last was at work",
            ("role",), registry=registry,
        )  # fmt: skip
        self._selling = Gauge(
            "eider_sales_open", "1 while an avatar could be bought", registry=registry
        )
        self._waiting = Gauge(
            "eider_people_awaiting_opening", "People to be told when orders are taken again",
            registry=registry,
        )  # fmt: skip

    async def collect(self) -> None:
        """Read them all."""
        async with self._container.database.snapshot() as tx:
            now = await tx.now()
            for kind in self._container.kinds:
                for state in (JobState.WAITING, JobState.RUNNING):
                    count = await tx.count(Job, kind=kind, state=state)
                    self._jobs.labels(kind, state.value).set(count)
                self._job_age.labels(kind).set(await _job_age(tx, kind, now))
            seen: defaultdict[str, float] = defaultdict(float)
            for role in await tx.find(Sighting):
                seen[role.role] = max(seen[role.role], role.seen_at.timestamp())
            for name, at in seen.items():
                self._seen.labels(name).set(at)
            capacity = Capacity.of(self._container.settings)
            self._selling.set(await sales_guard.is_open(tx, capacity, now))
            self._waiting.set(await openings.count_waiting(tx))
            for order in OrderState:
                self._orders.labels(order.value).set(await tx.count(Order, state=order))
            totals = await tx.totals()
            for currency in Currency:  # also before its first posting: "absent" is no zero
                self._ledger_sum.labels(currency.value).set(totals.get(currency, 0))
            for look in reversed(await discrepancies.latest_runs(tx)):
                self._differences.labels(look.till).set(look.found)
                self._reconciled.labels(look.till).set(look.at.timestamp())
            self._outbox_age.set(await _outbox_age(tx, now))
        self._stuck.set(await self._container.outbox_handlers.stuck())


async def _job_age(tx: Tx, kind: str, now: datetime) -> float:
    """Seconds for which the oldest of the kind waits, or one whose worker ended was left alone; 0
    without any."""
    waiting = await tx.find(Job, kind=kind, state=JobState.WAITING, order="created_at", limit=1)
    left = await tx.find(
        Job, kind=kind, state=JobState.RUNNING, lease_until=Below(now),
        order="lease_until", limit=1,
    )  # fmt: skip
    since = [job.created_at for job in waiting] + [job.lease_until or now for job in left]
    return max((now - each).total_seconds() for each in [*since, now])


async def _outbox_age(tx: Tx, now: datetime) -> float:
    """Seconds since the oldest message for the outbox worker was created that is not done; 0
    without any. What was given up, or is kept for somebody who blocked us, waits for nobody."""
    found = await tx.find(
        OutboxMessage, queue=CHAT, state=outbox.PENDING, order="created_at", limit=1
    )
    return (now - found[0].created_at).total_seconds() if found else 0.0
