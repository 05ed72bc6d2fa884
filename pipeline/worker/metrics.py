"""What a worker says of itself to :mod:`shop.health`."""

from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge


class Restarting(Protocol):
    """Something that starts its process again when that has died."""

    @property
    def restarts(self) -> int: ...


class WorkerMetrics:
    """The metrics of one worker process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._jobs = Counter(
            "eider_worker_jobs", "Jobs that this worker ended", ("kind", "outcome"),
            registry=registry,
        )  # fmt: skip
        self._restarts = Gauge(
            "eider_engine_restarts", "Torch processes started after the first", registry=registry
        )
        self._tests = Counter(
            "eider_worker_self_tests", "Self-tests of this worker's host", ("outcome",),
            registry=registry,
        )  # fmt: skip
        self._in_service = Gauge(
            "eider_worker_in_service", "1 while the host is well and jobs are taken",
            registry=registry,
        )  # fmt: skip

    def show_restarts(self, engine: Restarting) -> None:
        """Ask that engine each time the metrics are read."""
        self._restarts.set_function(lambda: engine.restarts)

    def show_service(self, in_service: Callable[[], bool]) -> None:
        """Ask that each time the metrics are read."""
        self._in_service.set_function(in_service)

    def count_test(self, outcome: str) -> None:
        """One self-test: ``passed``, ``unknown`` (no database), or the word for what was found."""
        self._tests.labels(outcome).inc()

    def count(self, kind: str, outcome: str) -> None:
        """One job of that kind: ``done``, ``failed`` (given up), ``retried`` (counted), or
        ``handed_back`` (not counted: the host's fault, or an outage)."""
        self._jobs.labels(kind, outcome).inc()
