"""What the torch process keeps warm between orders: one base, and the LoRAs that hang on it.

Heavy modules are imported by the first order that needs them, so a process that only looks at
photos never loads torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from pipeline.engine import outcomes
from pipeline.engine.engine import ChildSettings
from pipeline.engine.messages import (
    EngineError,
    EngineStage,
    OutOfMemory,
    PaintedImage,
    PaintRequest,
    Progress,
    TrainedLora,
    TrainRequest,
)
from pipeline.engine.wire import WireFrame, frame, record
from pipeline.models import recipe as recipes
from pipeline.models.memory import is_out_of_memory, release_memory

if TYPE_CHECKING:
    from pipeline.families import Base
    from pipeline.lora.cache import LoraCache
    from pipeline.lora.multi_lora import MultiLoraInjector
    from pipeline.models.recipe import Recipe
    from pipeline.models.weights import WeightsSource

log = structlog.get_logger()
Report = Callable[[int, Progress], None]
Between = Callable[[], None]
T = TypeVar("T")
SLICES = (1, 2, 4)  # pieces of a training's batch: less memory, the same mathematics


@dataclass(frozen=True, slots=True)
class LoadedBase:
    """A loaded base, what customers' LoRAs hang on, and those that hang there."""

    recipe: Recipe
    source: WeightsSource
    base: Base
    injector: MultiLoraInjector
    lora_cache: LoraCache


class WarmModels:
    """What stays warm between orders: one base and the LoRAs that hang on it."""

    def __init__(self, settings: ChildSettings) -> None:
        self._settings = settings
        self._room: LoadedBase | None = None
        self._learning = False  # the room is taken: no other base may be loaded

    def serve(self, asked: WireFrame, report: Report, between: Between) -> WireFrame:
        """Carry out one order. `between` is called between two steps of a training."""
        if asked.kind == "inspect":
            from pipeline.images.photo import inspect

            return frame("findings", inspect(record(bytes, asked)), asked.id)
        if asked.kind == "train":
            trains = record(tuple[TrainRequest, ...], asked)
            return outcomes.trainings(self._train(trains, report, between), asked.id)
        if asked.kind == "paint":
            paints = record(tuple[PaintRequest, ...], asked)
            return outcomes.paintings(self._paint(paints, report), asked.id)
        raise EngineError(f"no such order: {asked.kind}")

    def can_serve(self, asked: WireFrame) -> bool:
        """Whether a training need not be over first: photos, and portraits with the open base."""
        if asked.kind != "paint" or self._room is None:
            return asked.kind == "inspect"
        return all(one.get("base") == self._room.recipe.name for one in asked.body)

    def _train(
        self, orders: Sequence[TrainRequest], report: Report, between: Between
    ) -> list[TrainedLora | EngineError]:
        def train(base: str, some: Sequence[TrainRequest], tell: Report) -> list[Any]:
            room = self._open(base, len(some), tell)
            self._learning = True
            try:
                return self._cohort(room, some, tell, between)
            finally:
                self._learning = False

        return by_base(orders, report, train)

    def _cohort(
        self, room: LoadedBase, orders: Sequence[TrainRequest], report: Report, between: Between
    ) -> list[TrainedLora | EngineError]:
        from pipeline.training.train import train

        cache = self._settings.cache or Path.home() / ".cache" / "eider"
        for slices in SLICES:
            try:
                return train(
                    room.base, room.injector, room.lora_cache, room.recipe, room.source.fingerprint,
                    orders, report, between, cache, slices,
                )  # fmt: skip
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                log.warning("out of memory", base=room.recipe.name, slices=slices)
            release_memory()
        raise OutOfMemory(f"a training of {len(orders)} in {SLICES[-1]} slices")

    def _paint(
        self, orders: Sequence[PaintRequest], report: Report
    ) -> list[tuple[PaintedImage, ...] | EngineError]:
        from pipeline.painting.paint import paint

        def painted(base: str, some: Sequence[PaintRequest], tell: Report) -> list[Any]:
            room = self._open(base, len(some), tell)
            return paint(room.base, room.lora_cache, room.recipe, some, tell)

        return by_base(orders, report, painted)

    def _open(self, name: str, listeners: int, report: Report) -> LoadedBase:
        """The base called `name`, loaded if another one or none is open."""
        if self._room is not None and self._room.recipe.name == name:
            return self._room
        if self._learning:
            raise EngineError("another base is learning")  # never: can_serve() asks first
        recipe = recipes.load(
            name, self._settings.recipes or recipes.RECIPES, self._settings.allow_noncommercial
        )
        for listener in range(listeners):
            report(listener, Progress(EngineStage.LOADING, 0, 1))
        self._room = None
        release_memory()
        self._room = open_loaded_base(recipe, self._settings)
        for listener in range(listeners):
            report(listener, Progress(EngineStage.LOADING, 1, 1))
        return self._room


def open_loaded_base(recipe: Recipe, settings: ChildSettings) -> LoadedBase:
    """Load a base. BaseMissing: it is not there, or not the one that we mean."""
    from pipeline import families
    from pipeline.lora import cache, lora_file, multi_lora
    from pipeline.models import weights

    source = weights.locate(recipe, settings.bases)
    base = families.load(recipe, source, settings.device)
    shape = lora_file.LoraShape.of(recipe.train)
    unguided = recipe.paint.unguided
    learner = multi_lora.MultiLoraInjector(base.trained, shape, unguided)
    same = base.painter is base.trained
    painter = learner if same else multi_lora.MultiLoraInjector(base.painter, shape, unguided)
    hung = cache.LoraCache(painter, settings.adapter_bytes)
    return LoadedBase(recipe, source, base, learner, hung)


def by_base(
    orders: Sequence[Any],
    report: Report,
    work: Callable[[str, Sequence[Any], Report], list[T | EngineError]],
) -> list[T | EngineError]:
    """Work at the orders of each base together; an error of one base is its orders' alone."""
    results: dict[int, T | EngineError] = {}
    for base in dict.fromkeys(order.base for order in orders):
        places = [place for place, order in enumerate(orders) if order.base == base]

        def tell(which: int, news: Progress, places: list[int] = places) -> None:
            report(places[which], news)

        try:
            done = work(base, [orders[place] for place in places], tell)
        except EngineError as error:
            done = [error] * len(places)
        results |= dict(zip(places, done, strict=True))
    return [results[place] for place in range(len(orders))]
