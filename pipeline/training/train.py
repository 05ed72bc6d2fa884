"""Train LoRAs of people, of one or of several in one batch. Read it from `train` downwards.

Each customer has rows of the batch, LoRA weights, an optimiser, a step counter and checkpoints of
their own, and gets the LoRA that a training alone would give; they share the frozen base, which
costs nearly all of the time. A training that cannot go on ends with an error, the others continue.
Between two steps no LoRA is active, and portraits may be painted.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
import torch

from pipeline.engine.messages import EngineError, EngineStage, Progress, TrainedLora, TrainRequest
from pipeline.families import Base
from pipeline.images import label
from pipeline.lora.cache import LoraCache
from pipeline.lora.multi_lora import MultiLoraInjector
from pipeline.models import compiled
from pipeline.models.memory import is_out_of_memory
from pipeline.models.recipe import Recipe
from pipeline.training import checkpoint_selection, prior_preservation, training_data
from pipeline.training.trainer_state import TrainerState
from pipeline.training.training_data import EncodedPictures
from shop.error_location import where

log = structlog.get_logger()
Result = TrainedLora | EngineError
Report = Callable[[int, Progress], None]  # told the index of the request


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """What all trainings of a batch share; the fields are `train`'s arguments.

    is_compiled   whether the denoiser's blocks are compiled
    """

    base: Base
    injector: MultiLoraInjector
    lora_cache: LoraCache
    recipe: Recipe
    fingerprint: str
    report: Report
    between_steps: Callable[[], None]
    cache: Path
    micro_batches: int
    is_compiled: bool

    def run_between_steps(self) -> None:
        """Let others use the base; no LoRA is in training during the call."""
        with compiled.without_waiting(self.is_compiled):
            self.between_steps()


class StepTimer:
    """The mean time of a step, without what is painted between steps."""

    def __init__(self) -> None:
        self._seconds, self._steps = 0.0, 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Time one step of the batch."""
        began = time.monotonic()
        yield
        self._seconds += time.monotonic() - began
        self._steps += 1

    def seconds_for(self, steps: int) -> float:
        return self._seconds / max(1, self._steps) * steps


def train(
    base: Base,
    injector: MultiLoraInjector,
    lora_cache: LoraCache,
    recipe: Recipe,
    fingerprint: str,
    requests: Sequence[TrainRequest],
    report: Report,
    between_steps: Callable[[], None],
    cache: Path,
    micro_batches: int = 1,
) -> list[Result]:
    """Train a batch of runs, or resume those that bring a checkpoint; one result per request.

    injector        of base.train_denoiser
    lora_cache      of base.inference_denoiser, for the sample and the initial portraits
    fingerprint     of the base's weights; a LoRA is tied to it
    between_steps   called after every step and every photo; it may paint
    cache           folder for what is made once per base and shows no customer
    micro_batches   each step in so many forward and backward passes (gradient accumulation): 2
                    need about half the memory of 1, and differ by rounding alone

    Out of memory raises, and concerns all requests; other errors become the result of their
    request. Whatever happens, no LoRA is left on the base.
    """
    if recipe.train.gradient_checkpointing:
        base.train_denoiser.enable_gradient_checkpointing()
    is_compiled = compiled.compile_blocks(base.train_denoiser, recipe.train, cache)
    context = TrainingContext(
        base, injector, lora_cache, recipe, fingerprint, report, between_steps, cache,
        micro_batches, is_compiled,
    )  # fmt: skip
    results: dict[int, Result] = {}
    try:
        trainers = _prepare_all(context, requests, results)
        timer = StepTimer()
        while trainers:
            with timer.running():
                _train_step([one for one in trainers if not one.is_finished], context, results)
            for trainer in trainers:
                if trainer.index not in results:
                    _after_step(trainer, context, timer, results)
            context.run_between_steps()
            trainers = [trainer for trainer in trainers if trainer.index not in results]
    finally:
        injector.end_training()
    return [results[index] for index in range(len(requests))]


@contextlib.contextmanager
def _errors_become_result(index: int, results: dict[int, Result]) -> Iterator[None]:
    """Work for one request: an error becomes its result, and the others go on."""
    try:
        yield
    except Exception as error:
        results[index] = _to_engine_error(error)


def _to_engine_error(error: Exception) -> EngineError:
    """The error that a request fails with; no text of a library. Out of memory is raised."""
    if is_out_of_memory(error):
        raise error
    if isinstance(error, EngineError):
        return error
    log.error("training_failed", error=type(error).__name__, at=where(error))
    return EngineError(f"training broke: {type(error).__name__}")


def _prepare_all(
    context: TrainingContext, requests: Sequence[TrainRequest], results: dict[int, Result]
) -> list[TrainerState]:
    """Trainers of all requests whose photos are good enough."""
    trainers: list[TrainerState] = []
    priors: dict[str, EncodedPictures | None] = {}
    for index, request in enumerate(requests):
        with _errors_become_result(index, results):
            trainers.append(prepare_trainer(context, index, request, priors))
    return trainers


def prepare_trainer(
    context: TrainingContext,
    index: int,
    request: TrainRequest,
    priors: dict[str, EncodedPictures | None],
) -> TrainerState:
    """Encode a request's photos, and start its run or resume it from its checkpoint.

    priors   prior pictures by subject, filled here: requests for one subject share them
    """
    label.check(request.label, label.new_content_id())
    recipe, steps = context.recipe, len(request.photos) + 1

    def report_photos(done: int) -> None:
        context.report(index, Progress(EngineStage.PREPARING, done, steps))
        context.run_between_steps()

    if request.subject not in priors:
        priors[request.subject] = prior_preservation.load_or_paint(
            context.base, recipe, context.fingerprint, request.subject, context.cache,
            lambda _: report_photos(0),
        )  # fmt: skip
    prior = priors[request.subject]
    data = training_data.prepare(context.base, recipe, request, prior, report_photos)
    trainer = TrainerState(index, request, recipe, context.fingerprint, context.injector, data)
    report_photos(steps)
    return trainer


def _train_step(
    trainers: list[TrainerState], context: TrainingContext, results: dict[int, Result]
) -> None:
    """One optimiser step of every run. If it fails for all, halves are tried, so that only those
    runs end for which it fails."""
    if not trainers:
        return
    try:
        groups = list(_groups(trainers, context))
        losses = [loss for group in groups for loss in forward_backward(group, context)]
    except Exception as error:
        failed = _to_engine_error(error)
        if len(trainers) == 1:
            results[trainers[0].index] = failed
        else:
            middle = len(trainers) // 2
            _train_step(trainers[:middle], context, results)
            _train_step(trainers[middle:], context, results)
        return
    for trainer, loss in zip(itertools.chain.from_iterable(groups), losses, strict=True):
        with _errors_become_result(trainer.index, results):
            trainer.optimizer_step(loss)


def forward_backward(trainers: list[TrainerState], context: TrainingContext) -> list[float]:
    """Each run's loss on its next batch; the gradients are left in `lora_params.grad` of each."""
    base, settings = context.base, context.recipe.train
    batches = [trainer.next_batch() for trainer in trainers]
    total = torch.zeros(len(trainers), device=context.injector.device)
    with context.injector.training([trainer.lora_params for trainer in trainers]):
        for rows in _micro_batches(settings.batch, context.micro_batches):
            batch = training_data.concat([one.part(rows) for one in batches])
            with torch.autocast(total.device.type, torch.bfloat16, settings.autocast == "bfloat16"):
                errors = base.squared_errors(batch.latents, batch.prompts, batch.noise, batch.times)
            weighted = (errors * batch.weight).mean(dim=(1, 2, 3))
            losses = weighted.view(len(trainers), -1).sum(dim=1)
            losses.sum().backward()
            total += losses.detach()
    losses_of: list[float] = total.tolist()
    return losses_of


def _after_step(
    trainer: TrainerState, context: TrainingContext, timer: StepTimer, results: dict[int, Result]
) -> None:
    """Report progress and checkpoints, paint the sample; after the last step the result.

    A checkpoint goes out before anything is painted, so that a crash there loses no step.
    """
    settings, done = context.recipe.train, trainer.steps
    left = timer.seconds_for(settings.steps - done)
    with (
        _errors_become_result(trainer.index, results),
        compiled.without_waiting(context.is_compiled),
    ):
        files = trainer.checkpoint_files(context.base)
        loss, picture = trainer.losses[-1], None
        if done == settings.sample_at:
            progress = Progress(
                EngineStage.SAMPLING, done, settings.steps, loss, left, checkpoint=files
            )
            context.report(trainer.index, progress)
            files = ()
            picture = checkpoint_selection.paint_sample(
                context.base, context.lora_cache, context.recipe, trainer
            )
        progress = Progress(EngineStage.TRAINING, done, settings.steps, loss, left, picture, files)
        context.report(trainer.index, progress)
        if trainer.is_finished:
            results[trainer.index] = checkpoint_selection.finish_training(
                context.base, context.lora_cache, context.recipe, trainer,
                lambda progress: context.report(trainer.index, progress),
            )  # fmt: skip


def _micro_batches(rows: int, count: int) -> Iterator[slice]:
    size = -(-rows // min(count, rows))
    return (slice(start, start + size) for start in range(0, rows, size))


def _groups(trainers: list[TrainerState], context: TrainingContext) -> Iterator[list[TrainerState]]:
    """The runs that share one forward: all whose pictures have one size, unless a batch has fewer
    rows than micro-batches."""
    pieces = -(-context.micro_batches // context.recipe.train.batch)
    for wide in (False, True):
        alike = [trainer for trainer in trainers if trainer.is_wide_next == wide]
        size = max(1, -(-len(alike) // pieces))
        yield from (alike[start : start + size] for start in range(0, len(alike), size))
