"""Make LoRAs of people, of one or of several in one batch. Read it from `train` downwards.

Everybody has rows of the batch, weights, optimiser, step counter and checkpoint of their own, and
learns what they would have learned alone; they share the frozen base, which costs nearly all of
the time. Whoever cannot go on leaves with an error, the others stay. Between two steps the base is
bare, and portraits may be painted.
"""

from __future__ import annotations

import contextlib
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
from pipeline.traces import where
from pipeline.training import checkpoint_selection, prior_preservation, training_data
from pipeline.training.trainer_state import TrainerState
from pipeline.training.training_data import EncodedPictures

log = structlog.get_logger()
Result = TrainedLora | EngineError
Report = Callable[[int, Progress], None]  # told the index of the order


@dataclass(frozen=True, slots=True)
class TrainingContext:
    """What all pupils share. slices: work each step in so many pieces. quick: compiled blocks."""

    base: Base
    rack: MultiLoraInjector
    wardrobe: LoraCache
    recipe: Recipe
    fingerprint: str
    report: Report
    between: Callable[[], None]
    cache: Path
    slices: int
    quick: bool

    def pause(self) -> None:
        """Nobody learns: others may use the base."""
        with compiled.without_waiting(self.quick):
            self.between()


class StepClock:
    """How long the steps take: what is painted in between does not count."""

    def __init__(self) -> None:
        self._seconds, self._rounds = 0.0, 0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._seconds += time.monotonic() - began
        self._rounds += 1

    def seconds_for(self, steps: int) -> float:
        return self._seconds / max(1, self._rounds) * steps


def train(
    base: Base,
    rack: MultiLoraInjector,
    wardrobe: LoraCache,
    recipe: Recipe,
    fingerprint: str,
    orders: Sequence[TrainRequest],
    report: Report,
    between: Callable[[], None],
    cache: Path,
    slices: int = 1,
) -> list[Result]:
    """Train together, or go on from the checkpoints of interrupted runs of the same orders.

    rack          of base.trained; wardrobe: of base.painter, for the sample and the first portraits
    fingerprint   of the base's weights; a LoRA is tied to it
    between       called after every step and every photo; the rack may be worn in it
    cache         folder for what is made once per base and shows nobody
    slices        2 needs about half the memory of 1: the same mathematics, other roundings
    What becomes of each order stands in its place. Out of memory raises, and concerns all. The base
    is left bare, whatever happens; the checkpoints stay until the caller clears the workdirs.
    """
    if recipe.train.checkpointing:
        base.trained.enable_gradient_checkpointing()
    quick = compiled.compile_blocks(base.trained, recipe.train, cache)
    course = TrainingContext(
        base, rack, wardrobe, recipe, fingerprint, report, between, cache, slices, quick
    )
    results: dict[int, Result] = {}
    try:
        crowd = _enrolled(course, orders, results)
        clock = StepClock()
        while crowd:
            with clock.running():
                _step([pupil for pupil in crowd if not pupil.finished], course, results)
            for pupil in crowd:
                if pupil.number not in results:
                    _after_step(pupil, course, clock, results)
            course.pause()
            crowd = [pupil for pupil in crowd if pupil.number not in results]
    finally:
        rack.leave()
    return [results[number] for number in range(len(orders))]


@contextlib.contextmanager
def _at_own_risk(number: int, results: dict[int, Result]) -> Iterator[None]:
    """Work for one customer: what breaks in it becomes their result, and nobody else's."""
    try:
        yield
    except Exception as error:
        results[number] = _failure(error)


def _failure(error: Exception) -> EngineError:
    """What the order is told; no words of a library. Out of memory concerns all, and is raised."""
    if is_out_of_memory(error):
        raise error
    if isinstance(error, EngineError):
        return error
    log.error("training broke", error=type(error).__name__, at=where(error))
    return EngineError(f"training broke: {type(error).__name__}")


def _enrolled(
    course: TrainingContext, orders: Sequence[TrainRequest], results: dict[int, Result]
) -> list[TrainerState]:
    """Everybody whose photos are good enough."""
    pupils: list[TrainerState] = []
    priors: dict[str, EncodedPictures | None] = {}
    for number, order in enumerate(orders):
        with _at_own_risk(number, results):
            pupils.append(_enrol(course, number, order, priors))
    return pupils


def _enrol(
    course: TrainingContext,
    number: int,
    order: TrainRequest,
    priors: dict[str, EncodedPictures | None],
) -> TrainerState:
    label.check(order.label, "sample")
    recipe, steps = course.recipe, len(order.photos) + 1

    def seen(done: int) -> None:
        course.report(number, Progress(EngineStage.PREPARING, done, steps))
        course.pause()

    if order.subject not in priors:
        priors[order.subject] = prior_preservation.pictures(
            course.base, recipe, course.fingerprint, order.subject, course.cache,
            lambda _: seen(0),
        )  # fmt: skip
    made = training_data.prepare(course.base, recipe, order, priors[order.subject], seen)
    pupil = TrainerState(number, order, recipe, course.fingerprint, course.rack, made)
    seen(steps)
    return pupil


def _step(crowd: list[TrainerState], course: TrainingContext, results: dict[int, Result]) -> None:
    """One optimiser step of everybody. What breaks for all together is tried in halves, so that
    only those leave for whom it breaks."""
    if not crowd:
        return
    try:
        losses = [loss for group in _groups(crowd, course) for loss in _losses(group, course)]
    except Exception as error:
        failed = _failure(error)
        if len(crowd) == 1:
            results[crowd[0].number] = failed
        else:
            _step(crowd[: len(crowd) // 2], course, results)
            _step(crowd[len(crowd) // 2 :], course, results)
        return
    for pupil, loss in zip(crowd, losses, strict=True):
        with _at_own_risk(pupil.number, results):
            pupil.advance(loss)


def _losses(crowd: list[TrainerState], course: TrainingContext) -> list[float]:
    """Everybody's loss on a batch of theirs; the gradients lie in the pupils' rows."""
    base, plan = course.base, course.recipe.train
    batches = [pupil.batch() for pupil in crowd]
    total = torch.zeros(len(crowd), device=course.rack.device)
    with course.rack.learning([pupil.row for pupil in crowd]):
        for rows in _parts(plan.batch, course.slices):
            batch = training_data.joined([one.part(rows) for one in batches])
            with torch.autocast(total.device.type, torch.bfloat16, plan.autocast == "bfloat16"):
                errors = base.errors(batch.latents, batch.prompts, batch.noise, batch.when)
            weighted = (errors * batch.weight).mean(dim=(1, 2, 3))
            losses = weighted.view(len(crowd), -1).sum(dim=1)
            losses.sum().backward()
            total += losses.detach()
    losses_of: list[float] = total.tolist()
    return losses_of


def _after_step(
    pupil: TrainerState, course: TrainingContext, clock: StepClock, results: dict[int, Result]
) -> None:
    """Keep, save and tell what the step brought; after the last one the result."""
    plan, done = course.recipe.train, pupil.steps
    left = clock.seconds_for(plan.steps - done)
    with _at_own_risk(pupil.number, results), compiled.without_waiting(course.quick):
        pupil.keep(course.base)
        loss, picture = pupil.losses[-1], None
        if done == plan.sample_at:
            course.report(
                pupil.number, Progress(EngineStage.SAMPLING, done, plan.steps, loss, left)
            )
            picture = checkpoint_selection.sample(
                course.base, course.wardrobe, course.recipe, pupil
            )
        news = Progress(EngineStage.TRAINING, done, plan.steps, loss, left, picture)
        course.report(pupil.number, news)
        if pupil.finished:
            results[pupil.number] = checkpoint_selection.trained(
                course.base, course.wardrobe, course.recipe, pupil,
                lambda told: course.report(pupil.number, told),
            )  # fmt: skip


def _parts(count: int, slices: int) -> Iterator[slice]:
    size = -(-count // min(slices, count))
    return (slice(start, start + size) for start in range(0, count, size))


def _groups(crowd: list[TrainerState], course: TrainingContext) -> Iterator[list[TrainerState]]:
    """Those who step in one forward: all, unless a batch has fewer rows than slices are needed."""
    pieces = -(-course.slices // course.recipe.train.batch)
    size = -(-len(crowd) // pieces)
    return (crowd[start : start + size] for start in range(0, len(crowd), size))
