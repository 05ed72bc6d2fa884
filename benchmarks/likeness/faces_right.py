"""Whether eyes, mouth and expression of delivered portraits are right, by the gate's own measure.

The limits are fixed here, at what is seen by eye, and not read from the recipe: a gate that asks
for less must not make its own portraits look better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from benchmarks.likeness.scores import Goal
from pipeline.engine.engine import Expression
from pipeline.images import expression, faces
from pipeline.images.photo import decode
from pipeline.models.training_settings import ExpressionWords
from shop.catalog.entries import OFFERED_EXPRESSIONS

EYES, MOUTHS, EXPRESSIONS = 0.95, 0.95, 0.80
EYES_ALIKE, MOUTH_ALIKE, MOUTH_TILT, MOUTH_DETAIL = 0.75, 0.75, 3.0, 0.5

HEAD = ("person", "painted", "portraits", "eyes open and alike", "mouth right", "expression met")


@dataclass(frozen=True, slots=True)
class FaceScore:
    """Of the portraits of one person, painted one way: how many are right. ``asked`` counts those
    for which an expression was asked for."""

    person: str
    painted: str
    portraits: int
    eyes: int
    mouths: int
    asked: int
    met: int


def is_met(told: Expression, asked: Expression, words: ExpressionWords) -> bool:
    """Whether a face does exactly what was asked; of two expressions for which the base has one
    word, either."""
    return told is asked or words.of(told) == words.of(asked) != ""


def one_word(words: ExpressionWords) -> str:
    """How "expression met" is counted, for the reader: strictly, and what counts as one."""
    pairs = [
        f"{one} and {other} ({words.of(Expression(one))})".replace("_", " ")
        for one, other in combinations(OFFERED_EXPRESSIONS, 2)
        if words.of(Expression(one)) == words.of(Expression(other))
    ]
    if not pairs:
        return "An expression is met if the face does exactly what was asked, of smiles the kind."
    return (
        "An expression is met if the face does exactly what was asked, save that this base has one "
        f"word for {', for '.join(pairs)}: there either counts for the other."
    )


def score(
    person: str,
    painted: str,
    pictures: Sequence[tuple[bytes, Expression | None]],
    words: ExpressionWords,
) -> FaceScore:
    """Look at each delivered picture, and whether it does what was asked (:func:`is_met`)."""
    eyes = mouths = met = 0
    for picture, asked in pictures:
        pixels = decode(picture)
        found = faces.find(pixels)
        if not found:
            continue
        face = expression.measure(pixels, found[0])
        facing = abs(face.yaw) <= expression.TURNED
        eyes += facing and max(face.shut) < expression.SHUT and face.eyes_alike >= EYES_ALIKE
        mouths += (
            facing
            and face.mouth_alike >= MOUTH_ALIKE
            and face.mouth_tilt <= MOUTH_TILT
            and face.mouth_detail >= MOUTH_DETAIL
        )
        met += asked is not None and is_met(expression.tell(face), asked, words)
    wished = sum(asked is not None for _, asked in pictures)
    return FaceScore(person, painted, len(pictures), int(eyes), int(mouths), wished, met)


def cells(line: FaceScore) -> list[str]:
    """One row of the table."""
    of = line.portraits
    met = f"{line.met} of {line.asked}" if line.asked else "-"
    return [
        line.person, line.painted, str(of), f"{line.eyes} of {of}", f"{line.mouths} of {of}", met,
    ]  # fmt: skip


def goals(lines: Sequence[FaceScore]) -> list[Goal]:
    """Judged on all portraits of these lines together."""
    asked = (
        (EYES, "both eyes open and alike", sum(s.eyes for s in lines), False),
        (MOUTHS, "mouths right", sum(s.mouths for s in lines), False),
        (EXPRESSIONS, "the expression that was asked for", sum(s.met for s in lines), True),
    )
    rows = []
    for bar, what, right, of_asked in asked:
        of = sum(s.asked if of_asked else s.portraits for s in lines)
        share = right / max(1, of)
        rows.append(Goal(f"{what}: {100 * bar:.0f} %", f"{100 * share:.0f} %", share >= bar))
    return rows
