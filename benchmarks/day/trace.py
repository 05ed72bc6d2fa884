"""What customers leave on one day, and how much work each of it is.

People come as they do in a chat: few at night, most in the evening. Some buy an avatar; others have
one and ask for sets, mostly a few in a row. One in a hundred asks for fifty at once. Others bring
pictures alive, or want clips that a video base generates. How long a job
works is drawn once, so that every policy meets the same day.
"""

import bisect
import itertools
import math
import random
from dataclasses import dataclass
from typing import Final

from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.jobs.kinds import JobKind

DAY: Final = 24 * 3600.0
HOURS: Final = (2, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4, 5, 6, 5, 4, 4, 4, 5, 6, 8, 9, 9, 7, 4)
"""How many come in each hour of the day, as parts of all."""
ALBUM: Final = 50


@dataclass(frozen=True, slots=True)
class Durations:
    """What a worker is assumed to need: seconds of a training, of a set of four portraits, of one
    training step, of loading an adapter that is not warm, of a clip by the embedded animator, of a
    generated one, and of one step of that.
    """

    training: float
    shoot: float
    step: float
    load: float
    film: float = 5.0
    video: float = 60.0
    video_step: float = 2.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job that is left: when (seconds of the day), by whom, and how long it will work."""

    id: str
    at: float
    kind: JobKind
    user: str
    avatar: str
    work: float


def day(
    jobs: int, durations: Durations, seed: int, films: int = 0, videos: int = 0
) -> list[Arrival]:
    """That many jobs in the order in which they come; one in five is a training. So many clips
    come beside them: nobody else's day changes with them."""
    clips = random.Random(f"{seed} clips")
    asked = [
        (moment(clips), kind, f"{kind.name}-{number}")
        for kind, count in ((FILM, films), (VIDEO, videos))
        for number in range(count)
    ]
    moving = [
        Arrival(f"{kind.name}{n:06}", at, kind, who, "", _work(kind, durations, clips))
        for n, (at, kind, who) in enumerate(sorted(asked, key=lambda one: (one[0], one[2])))
    ]
    return sorted((*_portraits(jobs, durations, seed), *moving), key=lambda one: (one.at, one.id))


def _portraits(jobs: int, durations: Durations, seed: int) -> list[Arrival]:
    rng = random.Random(seed)
    numbers = itertools.count()
    asked = [(moment(rng), TRAIN, f"new-{next(numbers)}") for _ in range(jobs // 5)]
    while len(asked) < jobs:
        at, who = moment(rng), f"known-{next(numbers)}"
        if rng.random() < 0.01:
            asked += [(at, PAINT, who)] * ALBUM
            continue
        while rng.random() < 0.75:
            asked.append((at, PAINT, who))
            at += rng.expovariate(1 / 60)
    asked = sorted(asked[:jobs])
    return [
        Arrival(f"{n:06}", at, kind, who, who, _work(kind, durations, rng))
        for n, (at, kind, who) in enumerate(asked)
    ]


def moment(rng: random.Random) -> float:
    """Of the day, in seconds: few at night, most in the evening."""
    sums = list(itertools.accumulate(HOURS))
    hour = bisect.bisect_right(sums, rng.random() * sums[-1])
    return (hour + rng.random()) * DAY / len(HOURS)


def _work(kind: JobKind, durations: Durations, rng: random.Random) -> float:
    """Trainings have fixed steps and vary little. A set has pictures that do not pass the gate and
    are painted again: each in ten once more.
    """
    if kind is TRAIN:
        return durations.training * math.exp(rng.gauss(0, 0.05))
    if kind is FILM:
        return durations.film * math.exp(rng.gauss(0, 0.2))  # motions differ in length
    if kind is VIDEO:
        return durations.video * math.exp(rng.gauss(0, 0.05))
    again = sum(rng.random() < 0.1 for _ in range(4))
    return durations.shoot * (1 + again / 4) * math.exp(rng.gauss(0, 0.05))
