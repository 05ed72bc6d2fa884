"""The times of one run."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass, field


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
        """The median step."""
        return statistics.median(b - a for a, b in itertools.pairwise(self.steps))
