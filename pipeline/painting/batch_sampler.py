"""Sample many people's pictures in batches, and split a batch that fails.

Every picture follows from its own request and its own LoRA, whatever else is in the batch. A batch
that fails is tried again in halves: that needs less memory, and a request that breaks its batch is
found and gets the error alone.
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
from pipeline.models import compiled
from pipeline.models.memory import is_out_of_memory, release_memory
from pipeline.painting import style

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SamplingTask:
    """One picture to sample.

    request_index   of the PaintRequest that it belongs to, for the progress
    size            (width, height)
    """

    request_index: int
    sampling: SamplingRequest
    size: tuple[int, int]
    lora: ActiveLora | None
    style: StyleLora | None = None


OnStep = Callable[[Sequence[SamplingTask], int], None]  # the batch, and the steps done in it


def sample(
    base: Base, lora_cache: LoraCache, tasks: Sequence[SamplingTask], batch_size: int,
    on_step: OnStep,
) -> list[Pixels | EngineError]:  # fmt: skip
    """The pictures, or the errors, in the order of the tasks. batch_size: the most at once."""
    done: dict[int, Pixels | EngineError] = {}
    for indices in _batches(tasks, batch_size):
        batch = [tasks[index] for index in indices]
        pictures = _sample_or_split(base, lora_cache, batch, on_step)
        done |= dict(zip(indices, pictures, strict=True))
    return [done[index] for index in range(len(tasks))]


def _batches(tasks: Sequence[SamplingTask], batch_size: int) -> Iterator[list[int]]:
    """Indices of tasks that fit in one forward; those with one LoRA stand together."""
    groups: dict[object, list[int]] = {}
    for index, task in enumerate(tasks):
        groups.setdefault(_batch_key(task), []).append(index)
    for indices in groups.values():
        indices.sort(key=lambda index: _lora_key(tasks[index]))
        for start in range(0, len(indices), batch_size):
            yield indices[start : start + batch_size]


def _lora_key(task: SamplingTask) -> str:
    return task.lora.key if task.lora else ""


def _batch_key(task: SamplingTask) -> object:
    """Equal for tasks that can share a batch."""
    image = task.sampling.initial_image
    kind = None if image is None else (image.strength, image.mask is None)
    return task.size, kind, task.style


def _sample_or_split(
    base: Base, lora_cache: LoraCache, tasks: Sequence[SamplingTask], on_step: OnStep
) -> list[Pixels | EngineError]:
    try:
        return list(_sample_batch(base, lora_cache, tasks, on_step))
    except Exception as error:
        failed = to_engine_error(error)
    if isinstance(failed, OutOfMemory):
        release_memory()  # outside of the handler: its traceback holds the tensors
    if len(tasks) == 1:
        return [failed]
    log.warning("batch_failed_and_split", size=len(tasks), error=type(failed).__name__)
    middle = len(tasks) // 2
    first = _sample_or_split(base, lora_cache, tasks[:middle], on_step)
    return first + _sample_or_split(base, lora_cache, tasks[middle:], on_step)


def to_engine_error(error: Exception) -> EngineError:
    """The error that a request fails with; no text of a library, which may quote a prompt."""
    if isinstance(error, EngineError):
        return error
    if is_out_of_memory(error):
        return OutOfMemory("no memory for one picture")
    return EngineError(f"painting broke: {type(error).__name__}")


def _sample_batch(
    base: Base, lora_cache: LoraCache, tasks: Sequence[SamplingTask], on_step: OnStep
) -> list[Pixels]:
    first = tasks[0]
    requests = [task.sampling for task in tasks]
    loras = [task.lora for task in tasks]
    # A customer must not wait for a compiler: only trainings have their shapes compiled.
    quick = compiled.without_waiting(compiled.is_compiled(base.inference_denoiser))
    with quick, torch.no_grad(), style.activate(base, first.style), lora_cache.activate(loras):
        return base.sample(requests, first.size, lambda step: on_step(tasks, step))
