"""The likeness ladder: the LoRA strengths between "more beautiful" and "more like me".

A rung is a checkpoint of the avatar and the weight (LoRA scale) by which it is applied. Early
checkpoints and small weights keep more of the base model's beauty, late and large ones more of the
person. Both rise together along the ladder, which leaves one number to show: the weight.
"""

from dataclasses import dataclass
from itertools import count, takewhile
from typing import Final

from shop.records import Avatar

PRECISION: Final = 4  # decimals of a weight: steps of 0.1 must not drift


@dataclass(frozen=True, slots=True)
class LadderRung:
    """``checkpoint`` is an index into the avatar's blobs; ``weight`` is the number to show."""

    checkpoint: int
    weight: float


def ladder(avatar: Avatar) -> tuple[LadderRung, ...]:
    """From the most beautiful to the most like its owner; weights rise strictly.

    The weights go from ``start`` to both ends in steps, the last of which may be shorter. Rungs
    near the start use the best checkpoint; the earlier and the later ones are spread over the
    rungs towards the ends, so that the outermost use the earliest and the latest.
    """
    up = _weights(avatar, avatar.step, avatar.ceiling)
    down = _weights(avatar, -avatar.step, avatar.floor)
    later = len(avatar.blobs) - 1 - avatar.best
    above = [
        LadderRung(avatar.best + n * later // len(up), weight)
        for n, weight in enumerate(up, start=1)
    ]
    below = [
        LadderRung(avatar.best - n * avatar.best // len(down), weight)
        for n, weight in enumerate(down, start=1)
    ]
    return (*reversed(below), LadderRung(avatar.best, round(avatar.start, PRECISION)), *above)


def neighbour(avatar: Avatar, by: int) -> LadderRung | None:
    """The rung ``by`` steps from the present one; None beyond either end."""
    rungs = ladder(avatar)
    here = min(range(len(rungs)), key=lambda at: abs(rungs[at].weight - avatar.weight))
    return rungs[here + by] if 0 <= here + by < len(rungs) else None


def _weights(avatar: Avatar, step: float, end: float) -> list[float]:
    """The weights after the start, up to the end itself; none if the start is the end."""
    start, end = round(avatar.start, PRECISION), round(end, PRECISION)
    if not step or (end - start) / step <= 0:
        return []
    steps = (round(start + n * step, PRECISION) for n in count(1))
    return [*takewhile(lambda weight: (end - weight) / step > 0, steps), end]
