"""The results of a training: a sample picture on the way, and at the end the best checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from pipeline.engine.messages import BadPhotos, KeptCheckpoint, PaintedImage, Progress, TrainedLora
from pipeline.families import Base, SamplingRequest
from pipeline.images import label
from pipeline.lora.cache import LoraCache
from pipeline.lora.multi_lora import ActiveLora
from pipeline.models.recipe import Recipe
from pipeline.painting import batch_sampler, paint
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.selection import FaceSimilarity
from pipeline.training import validation
from pipeline.training.trainer_state import TrainerState

log = structlog.get_logger()
SAMPLES = 2  # painted with each checkpoint, from the same seeds, to compare them
MIN_SIMILARITY_GAIN = 0.02  # for which an earlier checkpoint is taken: less is chance


def paint_sample(
    base: Base, lora_cache: LoraCache, recipe: Recipe, trainer: TrainerState
) -> bytes | None:
    """A labelled picture with the half-trained LoRA, or None if no attempt passed the gate.

    The ProduceID of its hidden label is its own alone.
    """
    request, injector = trainer.request, lora_cache.injector
    key = injector.load(trainer.lora_file())
    try:
        with injector.activate(
            [ActiveLora(key, recipe.likeness.default * recipe.paint.lora_scale)]
        ):
            painted = paint.paint_until_passed(
                base, recipe, _sample_prompt(recipe, request.subject), "", recipe.size(1, 1),
                request.seed, request.adult,
            )  # fmt: skip
    finally:
        injector.unload(key)
    if painted is None:
        return None
    return paint.finish(painted, recipe, request.label, label.new_content_id()).image


def finish_training(
    base: Base,
    lora_cache: LoraCache,
    recipe: Recipe,
    trainer: TrainerState,
    report: Callable[[Progress], None],
) -> TrainedLora:
    """The kept checkpoints, the best of them, and the initial portraits if they were requested."""
    request, kept = trainer.request, trainer.kept_checkpoints()
    best = validation.select_checkpoint(
        [checkpoint.error for checkpoint in kept],
        held_out=trainer.data.held_out is not None,
    )
    initial_portraits: tuple[PaintedImage, ...] = ()
    if request.initial_portraits is not None:
        best = most_similar_checkpoint(base, lora_cache, recipe, trainer, kept, best)
        initial_portraits = paint.paint_initial_portraits(
            base,
            lora_cache,
            recipe,
            request.initial_portraits,
            kept[best].lora,
            request.photos,
            report,
        )
    loss_first, loss_last = trainer.mean_losses()
    return TrainedLora(
        kept=kept,
        best=best,
        steps=recipe.train.steps,
        seconds=time.monotonic() - trainer.started,
        loss_first=loss_first,
        loss_last=loss_last,
        lora_scales=recipe.likeness,
        initial_portraits=initial_portraits,
    )


def most_similar_checkpoint(
    base: Base,
    lora_cache: LoraCache,
    recipe: Recipe,
    trainer: TrainerState,
    kept: tuple[KeptCheckpoint, ...],
    default: int,
) -> int:
    """Index of the checkpoint whose painted faces are most similar to the photos.

    Only for customers who agreed to be compared. Compared with photos that were not trained on,
    where there are enough of them: a LoRA that has memorised its photos must not win by copying
    them. `default`: if no face can be compared.
    """
    if len(kept) == 1:
        return default
    try:
        similarity = FaceSimilarity.from_photos(trainer.photos_to_compare())
    except BadPhotos:
        return default
    keys = [lora_cache.injector.load(checkpoint.lora) for checkpoint in kept]
    try:
        prompt, size = _sample_prompt(recipe, trainer.request.subject), recipe.size(1, 1)
        scale = recipe.likeness.default * recipe.paint.lora_scale
        tasks = [
            SamplingTask(
                0,
                SamplingRequest(prompt, "", trainer.request.seed + number),
                size,
                ActiveLora(key, scale),
            )
            for key in keys
            for number in range(SAMPLES)
        ]
        painted = batch_sampler.sample(base, lora_cache, tasks, recipe.paint.batch, _ignore_step)
    finally:
        for key in keys:
            lora_cache.injector.unload(key)
    similarities = [
        -1.0 if isinstance(picture, Exception) else similarity.likeness(picture)
        for picture in painted
    ]
    means = [
        sum(similarities[start : start + SAMPLES]) / SAMPLES
        for start in range(0, len(similarities), SAMPLES)
    ]
    if max(means) <= 0:
        return default
    enough = max(means) - MIN_SIMILARITY_GAIN
    return max(index for index, mean in enumerate(means) if mean >= enough)


def _ignore_step(tasks: Sequence[SamplingTask], step: int) -> None:
    """The steps of these pictures are reported to nobody."""


def _sample_prompt(recipe: Recipe, subject: str) -> str:
    words = recipe.subject_words(subject, known=True)
    return recipe.train.sample_prompt.replace("{subject}", words)
