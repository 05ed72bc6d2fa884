"""Medians and tails of what took how long."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch


class Stopwatch:
    """Seconds of wall time and of this process's CPUs, run by run."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """One run; on a GPU until it has done all that it was given."""
        settle()
        began, used = time.perf_counter(), time.process_time()
        yield
        settle()
        self.wall.append(time.perf_counter() - began)
        self.cpu.append(time.process_time() - used)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)


def settle() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def race(sides: dict[str, Callable[[], None]], rounds: int) -> dict[str, Stopwatch]:
    """Run every side once a round, alternately: slow minutes of the machine are shared."""
    watches = {name: Stopwatch() for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            with watches[name].running():
                run()
    return watches
