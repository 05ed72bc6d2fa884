"""Which checkpoint the customer starts from.

Two photos that were not trained on tell when a LoRA begins to know its photos by heart: their error
falls, reaches its least, and rises again. Likeness goes on growing for a while after that: a face
is learned to the last wrinkle while the rest is memorised already. So the least error is a floor,
not the choice. Without leave to compare faces, the latest checkpoint is taken whose error is within
`MARGIN` of the least; with leave the painted faces themselves decide.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from pipeline.families import Base
from pipeline.lora.multi_lora import MultiLoraInjector
from pipeline.models.training_settings import TrainSettings
from pipeline.training.training_data import EncodedPictures, TrainingBatch

TIMES = 8  # at which every picture is looked at
MARGIN = 0.02  # of the least error; a LoRA that copies its photos is soon a tenth above it
SEED = 20_260_401  # the same noise at every checkpoint: differences are the LoRA's


def error(
    base: Base,
    rack: MultiLoraInjector,
    plan: TrainSettings,
    pictures: EncodedPictures,
    row: nn.Parameter,
) -> float:
    """Mean loss on pictures with a LoRA, at fixed times with fixed noise."""
    whole, total = _exam(pictures), 0.0
    device = pictures.mean.device.type
    with torch.no_grad(), rack.learning([row]):
        for start in range(0, len(whole.prompts), plan.batch):
            part = whole.part(slice(start, start + plan.batch))
            with torch.autocast(device, torch.bfloat16, plan.autocast == "bfloat16"):
                errors = base.errors(part.latents, part.prompts, part.noise, part.when)
            total += float((errors * part.weight).mean(dim=(1, 2, 3)).sum())
    return total


def _exam(pictures: EncodedPictures) -> TrainingBatch:
    """Every picture at all times."""
    count = len(pictures.prompts)
    dice = torch.Generator("cpu").manual_seed(SEED)
    mean = pictures.mean.repeat_interleave(TIMES, 0)
    when = ((torch.arange(TIMES) + 0.5) / TIMES).repeat(count)
    return TrainingBatch(
        mean,
        [prompt for prompt in pictures.prompts for _ in range(TIMES)],
        torch.randn(mean.shape, generator=dice).to(mean),
        when.to(mean),
        pictures.emphasis.repeat_interleave(TIMES, 0) / (count * TIMES),
    )


def marks(plan: TrainSettings) -> tuple[int, ...]:
    """Steps after which a checkpoint is kept: evenly over the second half, the last one always."""
    parts = range(plan.kept + 1, 2 * plan.kept + 1)
    return tuple(sorted({max(1, round(plan.steps * part / (2 * plan.kept))) for part in parts}))


def chosen(errors: Sequence[float], held_out: bool) -> int:
    """Index of the checkpoint to start from, by errors of early to late ones.

    held_out   whether the errors are those of photos held out; else the last one is taken
    """
    last = len(errors) - 1
    if not held_out:
        return last
    enough = min(errors) * (1 + MARGIN)
    return max(index for index, value in enumerate(errors) if value <= enough)
