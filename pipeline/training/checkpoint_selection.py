"""What a customer sees of their training: a sample on the way, and in the end the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from pipeline.engine.messages import BadPhotos, KeptCheckpoint, PaintedImage, Progress, TrainedLora
from pipeline.families import Base, SamplingRequest
from pipeline.lora.cache import LoraCache
from pipeline.lora.multi_lora import ActiveLora
from pipeline.models.recipe import Recipe
from pipeline.painting import batch_sampler, paint
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.selection import FaceSimilarity
from pipeline.training import validation
from pipeline.training.trainer_state import TrainerState

log = structlog.get_logger()
SAMPLES = 2  # painted of each checkpoint, with the same seeds, to compare them
LEAST_GAIN = 0.02  # of likeness, for which an earlier checkpoint is taken: less is chance


def sample(base: Base, wardrobe: LoraCache, recipe: Recipe, pupil: TrainerState) -> bytes | None:
    """A labelled picture with the half-trained LoRA, or None if no candidate passed the gate."""
    order, rack = pupil.order, wardrobe.rack
    key = rack.load(pupil.file())
    try:
        with rack.worn([ActiveLora(key, recipe.likeness.default * recipe.paint.lora_scale)]):
            painted = paint.decent(
                base, recipe, _wish(recipe, order.subject), "", recipe.size(1, 1), order.seed,
                order.adult,
            )  # fmt: skip
    finally:
        rack.drop(key)
    if painted is None:
        return None
    return paint.delivered(painted, recipe, order.label, "sample").image


def trained(
    base: Base,
    wardrobe: LoraCache,
    recipe: Recipe,
    pupil: TrainerState,
    report: Callable[[Progress], None],
) -> TrainedLora:
    """The checkpoints, the one to start from, and the first portraits if they were ordered."""
    order, kept = pupil.order, pupil.kept()
    best = validation.chosen(
        [one.error for one in kept], held_out=pupil.lessons.held_out is not None
    )
    first: tuple[PaintedImage, ...] = ()
    if order.first is not None:
        best = likeliest(base, wardrobe, recipe, pupil, kept, best)
        first = paint.first(
            base, wardrobe, recipe, order.first, kept[best].lora, order.photos, report
        )
    loss_first, loss_last = pupil.mean_losses()
    return TrainedLora(
        kept=kept,
        best=best,
        steps=recipe.train.steps,
        seconds=time.monotonic() - pupil.started,
        loss_first=loss_first,
        loss_last=loss_last,
        likeness=recipe.likeness,
        first=first,
    )


def likeliest(
    base: Base,
    wardrobe: LoraCache,
    recipe: Recipe,
    pupil: TrainerState,
    kept: tuple[KeptCheckpoint, ...],
    otherwise: int,
) -> int:
    """The checkpoint whose painted faces are most like the photos; of customers who allowed it.

    Compared with photos that were not trained on, where there are enough of them: a LoRA that knows
    its photos by heart must not win by copying them. `otherwise`: if no face can be compared.
    """
    if len(kept) == 1:
        return otherwise
    try:
        mirror = FaceSimilarity.of(pupil.unseen_photos())
    except BadPhotos:
        return otherwise
    keys = [wardrobe.rack.load(one.lora) for one in kept]
    try:
        wish, size = _wish(recipe, pupil.order.subject), recipe.size(1, 1)
        weight = recipe.likeness.default * recipe.paint.lora_scale
        tasks = [
            SamplingTask(
                0,
                SamplingRequest(wish, "", pupil.order.seed + number),
                size,
                ActiveLora(key, weight),
            )
            for key in keys
            for number in range(SAMPLES)
        ]
        painted = batch_sampler.paint(base, wardrobe, tasks, recipe.paint.batch, _unheard)
    finally:
        for key in keys:
            wardrobe.rack.drop(key)
    alike = [mirror.likeness(one) if not isinstance(one, Exception) else -1.0 for one in painted]
    means = [
        sum(alike[start : start + SAMPLES]) / SAMPLES for start in range(0, len(alike), SAMPLES)
    ]
    if max(means) <= 0:
        return otherwise
    return max(index for index, mean in enumerate(means) if mean >= max(means) - LEAST_GAIN)


def _unheard(tasks: Sequence[SamplingTask], step: int) -> None:
    """Nobody waits for these pictures."""


def _wish(recipe: Recipe, subject: str) -> str:
    words = recipe.subject_words(subject, known=True)
    return recipe.train.sample_prompt.replace("{subject}", words)
