"""A training's data: latents and text embeddings, encoded once, kept in memory.

photos -> captioned crops -> latents (mean and deviation) and embeddings. The VAE and the text
encoders never run inside the loop (26 % of the FLOPs of diffusers' SDXL script). This module
writes nothing made of a customer's photos to a disk.

Every random number of step n comes from (seed, n) alone. So a run that was killed and resumed
draws what the undisturbed run drew, and on a CPU ends with the same bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
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
    loss_weight       (n, 1, h, w), 1 on the average of each picture
    """

    mean: Tensor
    deviation: Tensor
    prompts: list[Prompt]
    loss_weight: Tensor


@dataclass(frozen=True, slots=True)
class TrainingData:
    """The encoded pictures of one training.

    own               crops of most photos
    wide              larger crops of the same photos, if the recipe has any (`WideSettings`)
    held_out          of the others, for validation; `held_out_photos` are these photos' indices
    prior             other people, for prior preservation
    """

    own: EncodedPictures
    held_out: EncodedPictures | None
    held_out_photos: tuple[int, ...]
    prior: EncodedPictures | None
    wide: EncodedPictures | None = None


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """Arguments of `Base.squared_errors`, and the weight of each error in the loss."""

    latents: Tensor
    prompts: list[Prompt]
    noise: Tensor
    times: Tensor
    weight: Tensor

    def part(self, rows: slice) -> TrainingBatch:
        return TrainingBatch(
            self.latents[rows],
            self.prompts[rows],
            self.noise[rows],
            self.times[rows],
            self.weight[rows],
        )


def concat(batches: Sequence[TrainingBatch]) -> TrainingBatch:
    """One batch of all rows, in the order of the batches."""
    if len(batches) == 1:
        return batches[0]
    return TrainingBatch(
        torch.cat([batch.latents for batch in batches]),
        [prompt for batch in batches for prompt in batch.prompts],
        torch.cat([batch.noise for batch in batches]),
        torch.cat([batch.times for batch in batches]),
        torch.cat([batch.weight for batch in batches]),
    )


def prepare(
    base: Base,
    recipe: Recipe,
    request: TrainRequest,
    prior: EncodedPictures | None,
    on_photo: Callable[[int], None],
) -> TrainingData:
    """Crop, caption and encode a customer's photos. BadPhotos: too few are usable.

    on_photo   told the number of photos done
    """
    subject = recipe.subject_words(request.subject, known=True)
    made = dataset.build_examples(
        request.photos,
        recipe.dataset,
        subject,
        request.seed,
        on_photo,
        recipe.train.validation_photos,
    )
    weights = LossWeights(recipe.train.face_weight, recipe.dataset.backdrop_weight)
    held_out = encode_examples(base, made.validation, weights) if made.validation else None
    held_out_photos = tuple(example.photo for example in made.validation)
    own = encode_examples(base, made.training, weights)
    wide = None
    if recipe.train.wide_every:
        larger = dataset.build_examples(
            request.photos, recipe.dataset.widened(), subject, request.seed,
            held_out=recipe.train.validation_photos,
        )  # fmt: skip
        wide = encode_examples(base, larger.training, weights)
    return TrainingData(own, held_out, held_out_photos, prior, wide)


@dataclass(frozen=True, slots=True)
class LossWeights:
    """How much cells of a picture weigh in the loss, beside the person's body: the face's, and
    those of a background that no caption names. What lies outside the photo weighs nothing.
    """

    face: float
    backdrop: float

    def of(self, example: dataset.Example, side: int) -> NDArray[np.float32]:
        """The weights of one picture, (side, side), 1 on the average."""
        weight = 1 + (self.face - 1) * example.face.coverage(side)
        if example.person is not None:
            person = cv2.resize(example.person, (side, side), interpolation=cv2.INTER_AREA)
            weight = weight * (self.backdrop + (1 - self.backdrop) * person)
        # A mirrored edge is no part of the picture: learned, it becomes a second hairline.
        weight = weight * _cells(example.inside, side)
        return np.asarray(weight / weight.mean(), np.float32)


def encode_examples(
    base: Base, examples: Sequence[dataset.Example], weights: LossWeights
) -> EncodedPictures:
    """Encode pictures one by one: so one picture's memory is enough."""
    with torch.no_grad():
        pairs = [base.encode_images(_to_tensor(example)) for example in examples]
        captions = sorted({example.caption for example in examples})
        prompts = dict(zip(captions, base.encode_prompts(captions), strict=True))
    mean, deviation = (torch.cat(list(values)) for values in zip(*pairs, strict=True))
    cells = np.stack([weights.of(example, mean.shape[-1]) for example in examples])
    weight = torch.from_numpy(cells).unsqueeze(1).to(mean)
    return EncodedPictures(
        mean, deviation, [prompts[example.caption] for example in examples], weight
    )


def _cells(inside: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """1 for the cells of a (side, side) grid that lie inside altogether, 0 for the others."""
    share = cv2.resize(inside, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(share > 0.999, np.float32)


def _to_tensor(example: dataset.Example) -> Tensor:
    """(1, 3, h, w) float32 in -1..1"""
    pixels = torch.from_numpy(np.ascontiguousarray(example.pixels))
    return pixels.permute(2, 0, 1)[None].float() / 127.5 - 1


def draw_batch(data: TrainingData, settings: TrainSettings, seed: int, step: int) -> TrainingBatch:
    """The batch of one step: own pictures and the recipe's share of prior pictures; larger pictures
    come alone, for a batch has one size."""
    generator = torch.Generator("cpu").manual_seed(_step_seed(seed, step))
    if data.wide and is_wide(settings, step):
        return _draw(data.wide, settings.batch, 1 / settings.batch, generator)
    prior_count = _prior_count(settings, step) if data.prior else 0
    parts = []
    if prior_count < settings.batch:
        own_count = settings.batch - prior_count
        parts.append(_draw(data.own, own_count, 1 / settings.batch, generator))
    if data.prior and prior_count:
        weight = settings.prior_weight / settings.batch
        parts.append(_draw(data.prior, prior_count, weight, generator))
    return concat(parts)


def is_wide(settings: TrainSettings, step: int) -> bool:
    """Whether a step trains on the larger pictures."""
    return bool(settings.wide_every) and step % settings.wide_every == settings.wide_every - 1


def _prior_count(settings: TrainSettings, step: int) -> int:
    """Prior pictures in this step; a share below one picture falls on every n-th step."""
    each = settings.prior_share * settings.batch
    return int((step + 1) * each + 1e-9) - int(step * each + 1e-9)


def _draw(
    pictures: EncodedPictures, count: int, weight: float, generator: torch.Generator
) -> TrainingBatch:
    """`count` pictures with new noise; none is drawn twice before all were drawn once."""
    total = len(pictures.prompts)
    picks = torch.randperm(total, generator=generator).repeat(-(-count // total))[:count]
    mean, deviation = pictures.mean[picks], pictures.deviation[picks]
    latents = mean + deviation * torch.randn(mean.shape, generator=generator).to(mean)
    noise = torch.randn(mean.shape, generator=generator).to(mean)
    # Stratified times: every batch has early and late ones, so the loss varies less.
    times = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    prompts = [pictures.prompts[pick] for pick in picks.tolist()]
    return TrainingBatch(
        latents, prompts, noise, times.to(mean), weight * pictures.loss_weight[picks]
    )


def _step_seed(seed: int, step: int) -> int:
    """A hash of both: generators with neighbouring seeds give related numbers."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{step}".encode()).digest()[:8], "big") >> 1
