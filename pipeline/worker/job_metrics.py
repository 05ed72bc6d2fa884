"""What is measured of jobs while they are worked at."""

from collections.abc import Sequence

from pipeline.engine.engine import PaintedImage, Progress


class JobMetrics:
    """What is measured of jobs; of a worker that is not measured nothing."""

    def count(self, kind: str, outcome: str) -> None:
        """What became of one job of that kind."""

    def count_failure(self, kind: str, error: Exception) -> None:
        """That error ended a try at one job."""

    def add_busy(self, kind: str, seconds: float) -> None:
        """Jobs of that kind were worked at together for so long."""

    def observe_step(self, stage: str, seconds: float) -> None:
        """One step of that stage took so long."""

    def observe_painted(self, pictures: Sequence[PaintedImage]) -> None:
        """Pictures came of one request."""


class StepClock:
    """Measures steps by the reports of progress of one run: of the first request of a batch, for
    all of a batch take their steps together."""

    def __init__(self, metrics: JobMetrics) -> None:
        self._metrics = metrics
        self._last: tuple[Progress, float] | None = None

    def hear(self, which: int, progress: Progress, at: float) -> None:
        """A report, at ``at`` seconds of a clock that only goes forward."""
        if which:
            return
        if self._last and self._last[0].stage is progress.stage:
            before, since = self._last
            if (steps := progress.step - before.step) > 0:
                self._metrics.observe_step(progress.stage.value, (at - since) / steps)
        self._last = (progress, at)
