"""What a worker says of itself to :mod:`shop.health`."""

from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge


class Restarting(Protocol):
    """Something that starts its process again when that has died."""

    @property
    def restarts(self) -> int: ...


class WorkerMetrics:
    """The metrics of one worker process, in a registry."""

    def __init__(self, registry: CollectorRegistry, engine: Restarting) -> None:
        self._jobs = Counter(
            "eider_worker_jobs", "Jobs that this worker ended", ("kind", "outcome"),
            registry=registry,
        )  # fmt: skip
        restarts = Gauge(
            "eider_engine_restarts", "Torch processes started after the first", registry=registry
        )
        restarts.set_function(lambda: engine.restarts)

    def count(self, kind: str, outcome: str) -> None:
        """One job of that kind: ``done``, ``failed`` (given up) or ``retried`` (handed back)."""
        self._jobs.labels(kind, outcome).inc()
