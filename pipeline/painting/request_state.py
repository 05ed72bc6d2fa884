"""One order on the way to its pictures: what to paint, and what has been painted so far."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.engine.messages import EngineError, PaintRequest, Retouch
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
    likeness: float | None


@dataclass(slots=True)
class PictureSlot:
    """One ordered picture and the best candidate for it."""

    seed: int
    best: Candidate | None = None

    def offer(self, candidate: Candidate) -> None:
        if self.best is None or candidate.score > self.best.score:
            self.best = candidate


@dataclass(slots=True)
class RequestState:
    """An order while it is painted. place: its index in the batch; done: denoising steps so far."""

    place: int
    order: PaintRequest
    prompt: str
    size: tuple[int, int]
    worn: ActiveLora | None
    start: InitialImage | None
    mirror: FaceSimilarity | None
    spots: list[PictureSlot] = field(default_factory=list)
    error: EngineError | None = None
    done: int = 0

    def open(self) -> list[PictureSlot]:
        """What is still to be painted; nothing once the order has failed."""
        return [] if self.error else [spot for spot in self.spots if spot.best is None]

    def filled(self) -> list[tuple[PictureSlot, Candidate]]:
        found = [] if self.error else [(spot, spot.best) for spot in self.spots]
        return [(spot, best) for spot, best in found if best is not None]

    def task(self, seed: int) -> SamplingTask:
        ask = SamplingRequest(self.prompt, self.order.negative, seed, self.start)
        return SamplingTask(self.place, ask, self.size, self.worn, self.order.style)


def request_state(
    place: int,
    order: PaintRequest,
    recipe: Recipe,
    wardrobe: LoraCache,
    mirror: FaceSimilarity | None,
) -> RequestState:
    """Make an order ready, its LoRA loaded. BadLora, BadLabel, EngineError: it is wrong."""
    label.check(order.label, order.content_id)
    if Retouch.BACKGROUND in order.retouch:
        style.colour(order.background)
    size = recipe.size(order.width, order.height)
    worn: ActiveLora | None = None
    if order.lora is not None and order.weight > 0:
        worn = ActiveLora(wardrobe.fetch(order.lora), order.weight * recipe.paint.lora_scale)
    return RequestState(
        place=place,
        order=order,
        prompt=recipe.prompt(order.prompt, order.subject, worn is not None),
        size=size,
        worn=worn,
        start=style.start_of(order.reference, size) if order.reference else None,
        mirror=mirror,
        spots=[PictureSlot(seed) for seed in order.seeds],
    )


def seeds_of(seed: int, turn: int, candidates: int) -> Iterator[int]:
    """The seeds of one turn of painting; the very first is the ordered one."""
    for attempt in range(turn * candidates, (turn + 1) * candidates):
        yield seed if attempt == 0 else repaint_seed(seed, attempt)


def repaint_seed(seed: int, attempt: int) -> int:
    """The seed of a further try: fixed, so that an order run twice gives the same pictures."""
    return int.from_bytes(hashlib.sha256(f"{seed}+{attempt}".encode()).digest()[:4], "big")
