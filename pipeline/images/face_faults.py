"""What is wrong with a painted face's eyes and mouth, and whether it does what was asked.

The limits are a base's own (`GateSettings`): a soft base smears more than a large one.
"""

from __future__ import annotations

from typing import Final

from pipeline.engine.expressions import Expression
from pipeline.images import expression
from pipeline.images.expression import FaceMeasure
from pipeline.models.painting_settings import GateSettings

SMILES: Final = frozenset({Expression.SOFT_SMILE, Expression.SMILE})


def fault(face: FaceMeasure, gate: GateSettings, asked: Expression | None = None) -> str:
    """The first thing wrong with it, in one or two words; "" if nothing is.

    asked   what the template wants (one of `shop.catalog.entries.EXPRESSIONS`); nothing that
            belongs to it is a fault. None: a calm face, which may be turned aside
    """
    if abs(face.yaw) > expression.TURNED:
        # What lies on the far side of a face cannot be compared.
        return "" if asked is None else "turned"
    winks = asked is Expression.WINK
    wrong = {
        "eye shut": not winks and max(face.shut) >= expression.SHUT,
        "eyes differ": not winks and face.eyes_alike < gate.eyes_alike,
        "brows differ": not winks and face.brows_alike < gate.brows_alike,
        "staring": asked is not Expression.SURPRISE and face.staring > expression.STARING,
        "crooked mouth": face.mouth_tilt > gate.mouth_tilt or face.mouth_alike < gate.mouth_alike,
        "smeared mouth": face.mouth_detail < gate.mouth_detail,
    }
    return next((name for name, is_so in wrong.items() if is_so), "")


def met(face: FaceMeasure, asked: Expression) -> float:
    """How well a face does what was asked: 1, 0.7 for the other kind of smile, or 0."""
    told = expression.tell(face)
    if told is asked:
        return 1.0
    return 0.7 if told in SMILES and asked in SMILES else 0.0
