"""What painted pictures reached, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.likeness import copying
from benchmarks.likeness.albums import Albums, Scale, Vectors, scale
from benchmarks.likeness.copying import CopyScore

SHARE, STYLED, STYLES = 0.85, 0.70, 6
NEAREST, DEVIATIONS, STRANGE = 0.95, 4.0, 2.0


@dataclass(frozen=True, slots=True)
class Score:
    """What one way of painting reached; cosines of -1..1, larger is more alike.

    share        of the way from strangers to the person's own photos
    deviations   above strangers, in their standard deviations
    nearest      pictures that are nearest to the right one of all people
    """

    person: str
    painted: str
    portraits: int
    likeness: float
    least: float
    nearest: int
    share: float
    deviations: float
    to_nearest_photo: float
    copying: CopyScore


def score(person: str, painted: str, portraits: Vectors, albums: Albums) -> Score:
    """Compare portraits (n, 128) with everybody's held-out photos."""
    here, album = scale(person, albums), albums[person]
    if not len(portraits):  # the gate refused them all
        nothing = copying.score(portraits, album)
        return Score(person, painted, 0, *[math.nan] * 2, 0, *[math.nan] * 3, nothing)
    alike = (portraits @ album.held_out_vectors.T).mean(axis=1)
    to_all = [(portraits @ one.held_out_vectors.T).mean(axis=1) for one in albums.values()]
    nearest = np.argmax(np.stack(to_all), axis=0) == list(albums).index(person)
    likeness = float(alike.mean())
    return Score(
        person=person,
        painted=painted,
        portraits=len(portraits),
        likeness=likeness,
        least=float(alike.min()),
        nearest=int(nearest.sum()),
        share=(likeness - here.strangers) / (here.own - here.strangers),
        deviations=(likeness - here.strangers) / here.spread,
        to_nearest_photo=float((portraits @ album.trained_vectors.T).max(axis=1).mean()),
        copying=copying.score(portraits, album),
    )


def cells(line: Score, here: Scale) -> list[str]:
    """One row of the table."""
    return [
        line.person,
        line.painted,
        str(line.portraits),
        f"{line.likeness:.2f} ({line.least:.2f})",
        f"{here.strangers:.2f} / {here.own:.2f}",
        f"{line.nearest} of {line.portraits}",
        f"{100 * line.share:.0f} %",
        f"{line.deviations:.1f}",
        f"{line.to_nearest_photo:.2f} / {here.among_photos:.2f}",
        f"{line.copying.sim_gt:.2f} / {line.copying.sim_ref:.2f}",
        f"{line.copying.copy_paste:.2f} ({line.copying.nearest:.2f})",
    ]


HEAD = (
    "person",
    "painted",
    "portraits",
    "likeness (least)",
    "strangers / own photos",
    "right person nearest",
    "of the way",
    "deviations",
    "to nearest training photo / photos among themselves",
    "Sim(GT) / Sim(Ref)",
    "copy-paste rate (to the nearest photo)",
)


@dataclass(frozen=True, slots=True)
class Goal:
    """One of the issue's goals: what is asked, what was reached by each person."""

    asked: str
    reached: str
    met: bool


def goals(
    plain: Sequence[Score], styled: Sequence[Sequence[Score]], wrong: Sequence[Score],
    scales: Sequence[Scale],
) -> list[Goal]:  # fmt: skip
    """Judge the plain portraits, each person's styles, and everybody's pictures as another's."""
    nearest = sum(s.nearest for s in plain) / max(1, sum(s.portraits for s in plain))
    held = [sum(s.share >= STYLED for s in ours) for ours in styled]
    copies = [
        s.to_nearest_photo <= here.among_photos for s, here in zip(plain, scales, strict=True)
    ]
    return [
        Goal(
            f"at least {100 * SHARE:.0f} % of the way",
            ", ".join(f"{100 * s.share:.0f} %" for s in plain),
            all(s.share >= SHARE for s in plain),
        ),
        Goal(
            f"{DEVIATIONS:.0f} deviations above strangers",
            ", ".join(f"{s.deviations:.1f}" for s in plain),
            all(s.deviations >= DEVIATIONS for s in plain),
        ),
        Goal(
            f"right person nearest for {100 * NEAREST:.0f} %",
            f"{100 * nearest:.0f} %",
            nearest >= NEAREST,
        ),
        Goal(
            f"another's LoRA is no nearer than a stranger (at most {STRANGE:.0f} deviations)",
            ", ".join(f"{s.deviations:.1f}" for s in wrong),
            all(s.deviations <= STRANGE for s in wrong),
        ),
        Goal(
            f"{STYLES} styles at {100 * STYLED:.0f} % or more",
            ", ".join(map(str, held)),
            all(count >= STYLES for count in held),
        ),
        Goal(
            "no copies: no nearer to a training photo than those to each other",
            ", ".join(f"{s.to_nearest_photo:.2f}" for s in plain),
            all(copies),
        ),
        Goal(
            f"copy-paste rate at most {copying.COPY_PASTE} (MultiID-Bench)",
            ", ".join(f"{s.copying.copy_paste:.2f}" for s in plain),
            all(s.copying.copy_paste <= copying.COPY_PASTE for s in plain),
        ),
    ]
