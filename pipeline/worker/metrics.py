"""What a worker says of itself to :mod:`shop.health`."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from pipeline.engine import messages
from pipeline.engine.messages import EngineError, PaintedImage
from pipeline.worker.gpu_memory import gpu_memory
from pipeline.worker.job_metrics import JobMetrics
from shop.errors import Unavailable

STEP_SECONDS: Final = (0.01, 0.03, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
LIKENESS: Final = (0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
CROWD: Final = 5
"""Customers whose first portraits are counted together: of one alone a bucket would be theirs."""


class Restarting(Protocol):
    """Something that starts its process again when that has died."""

    @property
    def restarts(self) -> int: ...


class WorkerMetrics(JobMetrics):
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

        self._failures = Counter(
            "eider_worker_job_failures", "Tries at jobs that ended in an error", ("kind", "cause"),
            registry=registry,
        )  # fmt: skip
        self._busy = Counter(
            "eider_worker_busy_seconds", "Seconds in which jobs of a kind were worked at",
            ("kind",), registry=registry,
        )  # fmt: skip
        self._steps = Histogram(
            "eider_worker_step_seconds", "Seconds of a step of the engine", ("stage",),
            buckets=STEP_SECONDS, registry=registry,
        )  # fmt: skip
        self._pictures = Counter(
            "eider_worker_pictures", "Portraits that were delivered", registry=registry
        )
        self._refused = Counter(
            "eider_worker_gate_refusals", "Candidates for them that the gate refused",
            registry=registry,
        )  # fmt: skip
        self._likeness = Histogram(
            "eider_initial_likeness",
            "Likeness of first portraits to the photos, of customers who agreed to the comparison",
            buckets=LIKENESS, registry=registry,
        )  # fmt: skip
        self._uncrowded: list[tuple[float, ...]] = []

    def show_gpu(self, device: str) -> None:
        """Ask the driver for that device's memory each time the metrics are read; not of a CPU."""
        read = gpu_memory(device)
        if read is None:
            return
        gauge = Gauge(
            "eider_worker_gpu_memory_bytes", "Memory of this worker's GPU", ("state",),
            registry=self.registry,
        )  # fmt: skip
        for state in ("used", "total"):
            gauge.labels(state).set_function(partial(read, state))

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

    def count_failure(self, kind: str, error: Exception) -> None:
        """By the engine's own kinds of errors; ``outage`` of a store, ``other`` for a mistake."""
        known = getattr(messages, type(error).__name__, None) is type(error)
        cause = type(error).__name__ if isinstance(error, EngineError) and known else "other"
        self._failures.labels(kind, "outage" if isinstance(error, Unavailable) else cause).inc()

    def add_busy(self, kind: str, seconds: float) -> None:
        self._busy.labels(kind).inc(seconds)

    def observe_step(self, stage: str, seconds: float) -> None:
        self._steps.labels(stage).observe(seconds)

    def observe_painted(self, pictures: Sequence[PaintedImage]) -> None:
        """Likeness is held back until :data:`CROWD` customers' are there, and lost with the
        process until then."""
        self._pictures.inc(len(pictures))
        self._refused.inc(sum(picture.refused for picture in pictures))
        alike = tuple(one.similarity for one in pictures if one.similarity is not None)
        if not alike:
            return
        self._uncrowded.append(alike)
        if len(self._uncrowded) >= CROWD:
            for likeness in sorted(one for crowd in self._uncrowded for one in crowd):
                self._likeness.observe(likeness)
            self._uncrowded.clear()
