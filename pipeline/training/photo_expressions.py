"""Tell a customer's photos apart by expression, in memory only.

Twenty photos hold grimaces, shut eyes and open mouths as well. Trained on all alike and told
nothing, an avatar shows them by chance. So each photo's expression goes into its captions, and
those that are not calm count less, or not at all where the calm ones suffice.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Final

from pipeline.engine.expressions import Expression
from pipeline.engine.inspection import View
from pipeline.images import expression
from pipeline.images.expression import FaceMeasure
from pipeline.models.training_settings import DatasetSettings

VIEWS: Final = {Expression.TURNED_LEFT: View.LEFT, Expression.TURNED_RIGHT: View.RIGHT}
CALM: Final = frozenset(
    {Expression.NEUTRAL, Expression.SOFT_SMILE, Expression.SMILE, *VIEWS}
)  # fmt: skip
"""Expressions of a face that somebody would like to see on a portrait."""


def tell_all(measured: Mapping[int, FaceMeasure]) -> dict[int, Expression]:
    """The expression of each photo of one person, by the photo's number.

    How high the brows are at rest is the median of the photos that face the camera.
    """
    facing = [one.brows for one in measured.values() if abs(one.yaw) <= expression.TURNED]
    usual = median(facing) if facing else None
    return {number: expression.tell(one, usual) for number, one in measured.items()}


def preferred(told: Mapping[int, Expression], settings: DatasetSettings) -> set[int]:
    """The numbers of the photos that give all their crops: the calm ones, or all where those do not
    suffice."""
    calm = {number for number, what in told.items() if what in CALM}
    return calm if len(calm) >= settings.min_calm_photos else set(told)


def variants(told: Mapping[int, Expression], settings: DatasetSettings) -> dict[int, int]:
    """How many crops each photo gives, by its number."""
    most = preferred(told, settings)
    return {
        number: settings.variants if number in most else settings.grimace_variants
        for number in told
    }


def view(what: Expression) -> View:
    return VIEWS.get(what, View.FRONT)
