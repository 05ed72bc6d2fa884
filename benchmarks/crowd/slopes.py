"""How fast something grows over a run: least squares over its samples, once all is warm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import linear_regression
from typing import Final

HOUR: Final = 3600.0
THOUSAND: Final = 1000.0
LEAST: Final = 4
"""Samples that make a slope."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured ``at`` so many seconds of the run, after so many updates."""

    at: float
    updates: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Growth:
    """Of one value. ``late``: an hour's growth by the second half of the samples alone; what only
    warms up grows less there than over all."""

    first: float
    last: float
    most: float
    per_hour: float
    per_thousand: float
    late: float


def growth(samples: Sequence[Sample], name: str, warm: float = 0.0) -> Growth:
    """Of the value called ``name``, by the samples from ``warm`` seconds on that have it.

    Raises :class:`ValueError` for fewer than :data:`LEAST` of those."""
    warmed = [sample for sample in samples if sample.at >= warm and name in sample.values]
    if len(warmed) < LEAST:
        raise ValueError(f"{len(warmed)} samples of {name} after {warm:g} s")
    values = [sample.values[name] for sample in warmed]
    times = [sample.at / HOUR for sample in warmed]
    half = len(warmed) // 2
    return Growth(
        first=values[0],
        last=values[-1],
        most=max(values),
        per_hour=slope(times, values),
        per_thousand=slope([sample.updates / THOUSAND for sample in warmed], values),
        late=slope(times[half:], values[half:]),
    )


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Of the line with the least squares; 0 where nothing moves along ``xs``."""
    return linear_regression(xs, ys).slope if min(xs) < max(xs) else 0.0
