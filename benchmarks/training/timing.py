"""The times of one run."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass, field

WARM_UP = 5  # steps, in which kernels are chosen and blocks compiled


@dataclass(slots=True)
class RunTimes:
    """Moments of one run, in seconds since its process was started.

    loaded   the base is in memory; saved: the LoRA lies on the disk
    steps    the end of each step
    cpu      CPU seconds of the whole process
    """

    loaded: float = 0.0
    saved: float = 0.0
    steps: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def training(self) -> float:
        """From the loaded base to the saved LoRA: pictures, latents, all steps, the file."""
        return self.saved - self.loaded

    @property
    def step(self) -> float:
        """The median step after the warm-up, or of all where there are few."""
        warm = self.steps[WARM_UP:] if len(self.steps) > 2 * WARM_UP else self.steps
        return statistics.median(b - a for a, b in itertools.pairwise(warm))
