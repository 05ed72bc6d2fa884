"""The likeness ladder: between "more beautiful" and "more like me".

Towards beauty a portrait is retouched more after painting (`pipeline/finishing/beauty.py`): skin
and eyes change, the face does not, and neither checkpoint nor weight. Towards likeness the retouch
ends, and checkpoint and weight (LoRA scale) rise together: late and large ones keep more of the
person. A smaller weight than the first would be no flattery but another face, so there is none.
"""

from dataclasses import dataclass
from itertools import count, takewhile
from typing import Final

from shop.records import Avatar

PRECISION: Final = 4  # decimals of a weight: steps of 0.1 must not drift
FIRST_BEAUTY: Final = 0.3
"""Of the first portraits: three parts beauty, seven parts likeness."""
MORE_BEAUTY: Final = (0.65, 1.0)
"""The steps of "more beautiful" from there."""


@dataclass(frozen=True, slots=True)
class LadderRung:
    """``checkpoint`` is an index into the avatar's blobs; ``weight`` and ``beauty`` (0 to 1) are
    the numbers to show."""

    checkpoint: int
    weight: float
    beauty: float


def ladder(avatar: Avatar) -> tuple[LadderRung, ...]:
    """From the most beautiful to the most like its owner: beauty falls, then weights rise.

    The weights go from ``start`` to the ceiling in steps, the last of which may be shorter; the
    later checkpoints are spread over these rungs, so that the last uses the latest. The first step
    towards likeness also ends the retouch; an avatar that starts at its ceiling has that alone.
    """
    start = round(avatar.start, PRECISION)
    up = _weights(avatar) or [start]
    later = len(avatar.blobs) - 1 - avatar.best if up[-1] > start else 0
    above = [
        LadderRung(avatar.best + n * later // len(up), weight, 0.0)
        for n, weight in enumerate(up, start=1)
    ]
    retouched = (*reversed(MORE_BEAUTY), FIRST_BEAUTY)
    return (*(LadderRung(avatar.best, start, beauty) for beauty in retouched), *above)


def neighbour(avatar: Avatar, by: int) -> LadderRung | None:
    """The rung ``by`` steps from the present one; None beyond either end."""
    rungs = ladder(avatar)

    def distance(at: int) -> tuple[float, float]:
        rung = rungs[at]
        return abs(rung.weight - avatar.weight), abs(rung.beauty - avatar.beauty)

    here = min(range(len(rungs)), key=distance)
    return rungs[here + by] if 0 <= here + by < len(rungs) else None


def _weights(avatar: Avatar) -> list[float]:
    """The weights after the start, up to the ceiling itself; none if the start is the ceiling."""
    start, end = round(avatar.start, PRECISION), round(avatar.ceiling, PRECISION)
    if avatar.step <= 0 or end <= start:
        return []
    steps = (round(start + n * avatar.step, PRECISION) for n in count(1))
    return [*takewhile(lambda weight: weight < end, steps), end]
