"""Many people's pictures in one batch, and what to do when a batch breaks.

Every picture follows from its own ask and its own LoRA, whoever is painted beside it. A batch that
breaks is painted in halves: out of memory needs less of it, and one bad ask is found and left alone
with its error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import structlog
import torch

from pipeline.engine.messages import EngineError, OutOfMemory, StyleLora
from pipeline.families import Base, SamplingRequest
from pipeline.images.faces import Pixels
from pipeline.lora.cache import LoraCache
from pipeline.lora.multi_lora import ActiveLora
from pipeline.models.memory import is_out_of_memory, release_memory
from pipeline.painting import style

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SamplingTask:
    """One picture to paint. size: (width, height); order: whose it is, for the progress."""

    order: int
    ask: SamplingRequest
    size: tuple[int, int]
    worn: ActiveLora | None
    style: StyleLora | None = None


OnStep = Callable[[Sequence[SamplingTask], int], None]  # the batch, and the steps done in it


def paint(
    base: Base, wardrobe: LoraCache, tasks: Sequence[SamplingTask], batch: int, on_step: OnStep
) -> list[Pixels | EngineError]:
    """The pictures in the order of the tasks. batch: most of them in one forward."""
    done: dict[int, Pixels | EngineError] = {}
    for places in _alike(tasks, batch):
        some = [tasks[place] for place in places]
        done |= dict(zip(places, _or_halves(base, wardrobe, some, on_step), strict=True))
    return [done[place] for place in range(len(tasks))]


def _alike(tasks: Sequence[SamplingTask], batch: int) -> Iterator[list[int]]:
    """Places of tasks that one forward can paint; one person's stand together."""
    kinds: dict[object, list[int]] = {}
    for place, task in enumerate(tasks):
        kinds.setdefault(_kind(task), []).append(place)
    for places in kinds.values():
        places.sort(key=lambda place: _wearing(tasks[place]))
        for start in range(0, len(places), batch):
            yield places[start : start + batch]


def _wearing(task: SamplingTask) -> str:
    return task.worn.lora if task.worn else ""


def _kind(task: SamplingTask) -> object:
    start = task.ask.start
    picture = None if start is None else (start.strength, start.mask is None)
    return task.size, picture, task.style


def _or_halves(
    base: Base, wardrobe: LoraCache, tasks: Sequence[SamplingTask], on_step: OnStep
) -> list[Pixels | EngineError]:
    try:
        return list(_forward(base, wardrobe, tasks, on_step))
    except Exception as error:
        failed = failure(error)
    if isinstance(failed, OutOfMemory):
        release_memory()  # outside of the handler: its traceback holds the tensors
    if len(tasks) == 1:
        return [failed]
    log.warning("batch broke, going on in halves", size=len(tasks), error=type(failed).__name__)
    middle = len(tasks) // 2
    first = _or_halves(base, wardrobe, tasks[:middle], on_step)
    return first + _or_halves(base, wardrobe, tasks[middle:], on_step)


def failure(error: Exception) -> EngineError:
    """What the order is told; never the words of a library, which may quote a prompt."""
    if isinstance(error, EngineError):
        return error
    if is_out_of_memory(error):
        return OutOfMemory("no memory for one picture")
    return EngineError(f"painting broke: {type(error).__name__}")


def _forward(
    base: Base, wardrobe: LoraCache, tasks: Sequence[SamplingTask], on_step: OnStep
) -> list[Pixels]:
    first = tasks[0]
    asks = [task.ask for task in tasks]
    wearers = [task.worn for task in tasks]
    with torch.no_grad(), style.worn(base, first.style), wardrobe.worn(wearers):
        return base.sample(asks, first.size, lambda step: on_step(tasks, step))
