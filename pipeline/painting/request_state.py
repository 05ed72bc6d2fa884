"""The state of one paint request: what is to be painted, and what has been painted so far."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.engine.messages import EngineError, PaintRequest, Retouch
from pipeline.engine.shots import shot_of
from pipeline.families import InitialImage, SamplingRequest
from pipeline.images import label
from pipeline.images.faces import Pixels
from pipeline.lora.cache import LoraCache
from pipeline.lora.multi_lora import ActiveLora
from pipeline.models.recipe import Recipe
from pipeline.painting import style
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.selection import FaceSimilarity


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that passed the gate, RGB uint8 as the base painted it."""

    pixels: Pixels
    seed: int
    score: float
    similarity: float | None


@dataclass(slots=True)
class PictureSlot:
    """One picture of a request, by its seed, and the best candidate for it.

    size      (width, height) that is painted
    refused   candidates that did not pass the gate
    """

    seed: int
    prompt: str
    size: tuple[int, int]
    initial_image: InitialImage | None = None
    best: Candidate | None = None
    refused: int = 0

    def offer(self, candidate: Candidate) -> None:
        """Keep the candidate if its score is the highest so far."""
        if self.best is None or candidate.score > self.best.score:
            self.best = candidate


@dataclass(slots=True)
class RequestState:
    """A paint request in progress.

    index        of the request among those that are painted together
    similarity   to compare with the customer's photos; None without their consent
    error        set when the request has failed
    steps_done   denoising steps so far, over all of its pictures
    """

    index: int
    request: PaintRequest
    lora: ActiveLora | None
    similarity: FaceSimilarity | None
    slots: list[PictureSlot] = field(default_factory=list)
    error: EngineError | None = None
    steps_done: int = 0

    def empty_slots(self) -> list[PictureSlot]:
        """The slots without a candidate; none once the request has failed."""
        return [] if self.error else [slot for slot in self.slots if slot.best is None]

    def filled_slots(self) -> list[tuple[PictureSlot, Candidate]]:
        """The slots with their candidates; none once the request has failed."""
        found = [] if self.error else [(slot, slot.best) for slot in self.slots]
        return [(slot, best) for slot, best in found if best is not None]

    def task(self, slot: PictureSlot, seed: int) -> SamplingTask:
        """The task to sample the slot's picture from a seed."""
        sampling = SamplingRequest(slot.prompt, self.request.negative, seed, slot.initial_image)
        return SamplingTask(self.index, sampling, slot.size, self.lora, self.request.style)


def prepare(
    index: int,
    request: PaintRequest,
    recipe: Recipe,
    lora_cache: LoraCache,
    similarity: FaceSimilarity | None,
) -> RequestState:
    """Check a request and load its LoRA. BadLora, BadLabel, EngineError: it is wrong."""
    label.check(request.label, request.content_id)
    if Retouch.BACKGROUND in request.retouch:
        style.parse_colour(request.background)
    if not 0 <= request.beauty <= 1:
        raise EngineError("beauty is not in 0..1")
    lora: ActiveLora | None = None
    if request.lora is not None and request.weight > 0:
        lora = ActiveLora(lora_cache.fetch(request.lora), request.weight * recipe.paint.lora_scale)
    return RequestState(
        index=index,
        request=request,
        lora=lora,
        similarity=similarity,
        slots=[
            _slot(request, recipe, place, lora is not None) for place in range(len(request.seeds))
        ],
    )


def _slot(request: PaintRequest, recipe: Recipe, place: int, known: bool) -> PictureSlot:
    shot = shot_of(request.shots, request.framing, place)
    wish = f"{request.prompt}, {shot.words}" if shot.words else request.prompt
    size = recipe.size(request.width, request.height, shot.framing)
    return PictureSlot(
        request.seeds[place],
        recipe.prompt(wish, request.subject, known, request.expression, shot.framing),
        size,
        style.initial_image(request.reference, size) if request.reference else None,
    )


def seeds_of_round(seed: int, number: int, candidates: int) -> Iterator[int]:
    """The seeds of one round of painting; the first one of round 0 is the requested seed."""
    for attempt in range(number * candidates, (number + 1) * candidates):
        yield seed if attempt == 0 else repaint_seed(seed, attempt)


def repaint_seed(seed: int, attempt: int) -> int:
    """The seed of a further attempt: fixed, so that equal requests give equal pictures."""
    return int.from_bytes(hashlib.sha256(f"{seed}+{attempt}".encode()).digest()[:4], "big")
