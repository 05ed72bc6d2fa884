"""The blind rating of painted pairs, and how well the measure agrees with it.

``faces-ratings.tsv`` has a line for each pair: what the rater saw (left, right or no difference),
who rated, and what was measured of both pictures. Pictures are not kept; their prompts, seeds and
LoRA are named. The rater saw sheets without any number.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.engine.expressions import Expression
from pipeline.images import face_faults
from pipeline.images.expression import FaceMeasure
from pipeline.models.painting_settings import GateSettings

NAME = "faces-ratings.tsv"
FIELDS = (
    *("pair", "left", "right", "rater", "preferred"),
    *("left_fault", "right_fault", "left_score", "right_score"),
)


@dataclass(frozen=True, slots=True)
class RatedPair:
    """One line. ``preferred``: "left", "right" or "" where the rater saw no difference."""

    preferred: str
    faults: tuple[str, str]
    scores: tuple[float, float]

    @property
    def measured(self) -> str:
        """What the measure prefers: a face without a fault, else the higher score."""
        right = [not fault for fault in self.faults]
        if right[0] != right[1]:
            return "left" if right[0] else "right"
        return "left" if self.scores[0] > self.scores[1] else "right"

    @property
    def gate_decides(self) -> bool:
        return bool(self.faults[0]) != bool(self.faults[1])


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the pairs in which the rater saw a difference: where the measure prefers the same."""

    pairs: int
    different: int
    alike: int
    decided_by_gate: int
    alike_by_gate: int


def score(face: FaceMeasure) -> float:
    """Eyes and mouth alone: what the rater was asked about."""
    eyes = max(0.0, face.eyes_alike) * (1 - max(face.shut))
    return eyes + 0.5 * max(0.0, face.mouth_alike) - 0.02 * face.mouth_tilt


def fault(face: FaceMeasure, gate: GateSettings) -> str:
    return face_faults.fault(face, gate, Expression.NEUTRAL)


def read(path: Path) -> list[RatedPair]:
    """The rated pairs; none if nobody has rated."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            RatedPair(
                row["preferred"],
                (row["left_fault"], row["right_fault"]),
                (float(row["left_score"]), float(row["right_score"])),
            )
            for row in csv.DictReader(file, delimiter="\t")
        ]


def agreement(pairs: Sequence[RatedPair]) -> Agreement:
    different = [one for one in pairs if one.preferred]
    gate = [one for one in different if one.gate_decides]
    return Agreement(
        pairs=len(pairs),
        different=len(different),
        alike=sum(one.measured == one.preferred for one in different),
        decided_by_gate=len(gate),
        alike_by_gate=sum(one.measured == one.preferred for one in gate),
    )
