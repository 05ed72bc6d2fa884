"""Validation on held-out photos, and the choice of a checkpoint by it.

The loss on photos that were not trained on shows when a LoRA begins to overfit: it falls, reaches
its minimum, and rises again. Likeness grows for a while after that: a face is learned to the last
wrinkle while the rest is memorised already. So the minimum is a floor, not the choice. Without
consent to compare faces, the latest checkpoint is taken whose error is within `MARGIN` of the
minimum; with consent the painted faces decide (`checkpoint_selection`).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from pipeline.families import Base
from pipeline.lora.multi_lora import MultiLoraInjector
from pipeline.models.training_settings import TrainSettings
from pipeline.training.training_data import EncodedPictures, TrainingBatch

TIMES = 8  # per picture, spread evenly over 0..1
MARGIN = 0.02  # of the least error; an overfitted LoRA is soon a tenth above it
SEED = 20_260_401  # the same noise at every checkpoint: differences are the LoRA's


def mean_loss(
    base: Base,
    injector: MultiLoraInjector,
    settings: TrainSettings,
    pictures: EncodedPictures,
    vector: nn.Parameter,
) -> float:
    """Mean loss on pictures with the LoRA `vector`, at fixed times with fixed noise."""
    whole, total = _validation_batch(pictures), 0.0
    device = pictures.mean.device.type
    with torch.no_grad(), injector.training([vector]):
        for start in range(0, len(whole.prompts), settings.batch):
            part = whole.part(slice(start, start + settings.batch))
            with torch.autocast(device, torch.bfloat16, settings.autocast == "bfloat16"):
                errors = base.squared_errors(part.latents, part.prompts, part.noise, part.times)
            total += float((errors * part.weight).mean(dim=(1, 2, 3)).sum())
    return total


def _validation_batch(pictures: EncodedPictures) -> TrainingBatch:
    """Every picture at TIMES times."""
    count = len(pictures.prompts)
    generator = torch.Generator("cpu").manual_seed(SEED)
    mean = pictures.mean.repeat_interleave(TIMES, 0)
    times = ((torch.arange(TIMES) + 0.5) / TIMES).repeat(count)
    return TrainingBatch(
        mean,
        [prompt for prompt in pictures.prompts for _ in range(TIMES)],
        torch.randn(mean.shape, generator=generator).to(mean),
        times.to(mean),
        pictures.loss_weight.repeat_interleave(TIMES, 0) / (count * TIMES),
    )


def candidate_steps(settings: TrainSettings) -> tuple[int, ...]:
    """Steps after which a candidate is kept: spread over the second half, the last one always."""
    steps, count = settings.steps, settings.keep_checkpoints
    parts = range(count + 1, 2 * count + 1)
    return tuple(sorted({max(1, round(steps * part / (2 * count))) for part in parts}))


def select_checkpoint(errors: Sequence[float], held_out: bool) -> int:
    """Index of the checkpoint to start from, by the errors of early to late ones.

    held_out   whether the errors are those of held-out photos; if not, the last one is taken
    """
    last = len(errors) - 1
    if not held_out:
        return last
    enough = min(errors) * (1 + MARGIN)
    return max(index for index, value in enumerate(errors) if value <= enough)
