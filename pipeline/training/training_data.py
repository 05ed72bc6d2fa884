"""What a customer's training looks at: latents and text embeddings, made once, kept in memory.

photos -> captioned crops -> latents (mean and deviation) and embeddings. The VAE and the text
encoders never run inside the loop (26 % of the FLOPs of diffusers' SDXL script), and nothing made
of the photos is ever written to a disk.

Every random number of step n comes from (seed, n) alone. So a run that was killed and resumed
draws what the undisturbed run drew, and on a CPU ends with the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.engine.messages import TrainRequest
from pipeline.families import Base, Prompt
from pipeline.models.recipe import Recipe
from pipeline.models.training_settings import TrainSettings
from pipeline.training import dataset


@dataclass(frozen=True, slots=True)
class EncodedPictures:
    """Encoded pictures on the base's device, float32.

    mean, deviation   (n, c, h, w)
    emphasis          (n, 1, h, w) weights of the loss, 1 on the average of each picture
    """

    mean: Tensor
    deviation: Tensor
    prompts: list[Prompt]
    emphasis: Tensor


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a customer learns from.

    own        crops of most photos
    held_out   of the others, for validation; `unseen` are these photos' numbers
    prior      other people
    """

    own: EncodedPictures
    held_out: EncodedPictures | None
    unseen: tuple[int, ...]
    prior: EncodedPictures | None


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Arguments of `Base.errors`, and the weight of each error in the loss."""

    latents: Tensor
    prompts: list[Prompt]
    noise: Tensor
    when: Tensor
    weight: Tensor

    def part(self, rows: slice) -> TrainingBatch:
        return TrainingBatch(
            self.latents[rows],
            self.prompts[rows],
            self.noise[rows],
            self.when[rows],
            self.weight[rows],
        )


def joined(batches: Sequence[TrainingBatch]) -> TrainingBatch:
    """One batch; rows in the order of the batches."""
    if len(batches) == 1:
        return batches[0]
    return TrainingBatch(
        torch.cat([batch.latents for batch in batches]),
        [prompt for batch in batches for prompt in batch.prompts],
        torch.cat([batch.noise for batch in batches]),
        torch.cat([batch.when for batch in batches]),
        torch.cat([batch.weight for batch in batches]),
    )


def prepare(
    base: Base,
    recipe: Recipe,
    order: TrainRequest,
    prior: EncodedPictures | None,
    seen: Callable[[int], None],
) -> TrainingData:
    """Look at a customer's photos. BadPhotos: too few are usable. `seen` counts the photos."""
    subject = recipe.subject_words(order.subject, known=True)
    made = dataset.examples(
        order.photos, recipe.dataset, subject, order.seed, seen, recipe.train.validation
    )
    face = recipe.train.face_weight
    held_out = encoded(base, made.validation, face) if made.validation else None
    unseen = tuple(example.photo for example in made.validation)
    return TrainingData(encoded(base, made.training, face), held_out, unseen, prior)


def encoded(base: Base, made: Sequence[dataset.Example], face_weight: float) -> EncodedPictures:
    """Encode pictures one by one: so one picture's memory is enough."""
    with torch.no_grad():
        pairs = [base.encode_images(_as_tensor(example)) for example in made]
        captions = sorted({example.caption for example in made})
        prompts = dict(zip(captions, base.encode_prompts(captions), strict=True))
    mean, deviation = (torch.cat(list(values)) for values in zip(*pairs, strict=True))
    cover = np.stack([example.face.cover(mean.shape[-1]) for example in made])
    emphasis = 1 + (face_weight - 1) * torch.from_numpy(cover).unsqueeze(1).to(mean)
    emphasis = emphasis / emphasis.mean(dim=(2, 3), keepdim=True)
    return EncodedPictures(
        mean, deviation, [prompts[example.caption] for example in made], emphasis
    )


def _as_tensor(example: dataset.Example) -> Tensor:
    """(1, 3, h, w) float32 in -1..1"""
    pixels = torch.from_numpy(np.ascontiguousarray(example.pixels))
    return pixels.permute(2, 0, 1)[None].float() / 127.5 - 1


def drawn(lessons: TrainingData, plan: TrainSettings, seed: int, step: int) -> TrainingBatch:
    """The batch of one step: own pictures, and among them the recipe's share of other people."""
    dice = torch.Generator("cpu").manual_seed(_derived(seed, step))
    others = _due(plan, step) if lessons.prior else 0
    parts = []
    if others < plan.batch:
        parts.append(_some(lessons.own, plan.batch - others, 1 / plan.batch, dice))
    if lessons.prior and others:
        parts.append(_some(lessons.prior, others, plan.prior_weight / plan.batch, dice))
    return joined(parts)


def _due(plan: TrainSettings, step: int) -> int:
    """Prior pictures in this step: shares of a small batch come round by turns."""
    each = plan.prior_share * plan.batch
    return int((step + 1) * each + 1e-9) - int(step * each + 1e-9)


def _some(
    pictures: EncodedPictures, count: int, weight: float, dice: torch.Generator
) -> TrainingBatch:
    """`count` pictures, noised anew; none comes twice before all came once."""
    there = len(pictures.prompts)
    picks = torch.randperm(there, generator=dice).repeat(-(-count // there))[:count]
    mean, deviation = pictures.mean[picks], pictures.deviation[picks]
    resampled = mean + deviation * torch.randn(mean.shape, generator=dice).to(mean)
    noise = torch.randn(mean.shape, generator=dice).to(mean)
    # Stratified times: every batch sees early and late ones, so the loss jumps less.
    when = (torch.arange(count) + torch.rand(count, generator=dice)) / count
    prompts = [pictures.prompts[pick] for pick in picks.tolist()]
    return TrainingBatch(
        resampled, prompts, noise, when.to(mean), weight * pictures.emphasis[picks]
    )


def _derived(seed: int, step: int) -> int:
    """Neighbouring seeds of a generator are related; a hash makes them strangers."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{step}".encode()).digest()[:8], "big") >> 1
