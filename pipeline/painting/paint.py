"""Paint portraits: candidates of all orders together -> gate -> the best -> retouch -> label.

Orders share their batches and nothing else: a wrong one gets its error, the others their pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import structlog
import torch
from PIL import Image

from pipeline.engine.messages import (
    BadPhotos,
    EngineError,
    EngineStage,
    LabelText,
    NothingDecent,
    PaintedImage,
    PaintRequest,
    Progress,
)
from pipeline.families import Base, SamplingRequest, unheard
from pipeline.images import label, safety
from pipeline.images.faces import Pixels
from pipeline.lora.cache import LoraCache
from pipeline.models.recipe import Recipe
from pipeline.painting import batch_sampler, retouch, selection
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.request_state import (
    Candidate,
    PictureSlot,
    RequestState,
    request_state,
    seeds_of,
)
from pipeline.painting.selection import FaceSimilarity

log = structlog.get_logger()
Report = Callable[[int, Progress], None]


def paint(
    base: Base,
    wardrobe: LoraCache,
    recipe: Recipe,
    orders: Sequence[PaintRequest],
    report: Report,
    mirrors: Sequence[FaceSimilarity | None] | None = None,
) -> list[tuple[PaintedImage, ...] | EngineError]:
    """Of each order, in order: one picture per seed that passed, or its error.

    mirrors   photos to compare with, one per order; of customers who agreed to it
    NothingDecent: no candidate passed, also not painted again.
    """
    mirrors = mirrors or [None] * len(orders)
    results: dict[int, tuple[PaintedImage, ...] | EngineError] = {}
    sittings: list[RequestState] = []
    for place, (order, mirror) in enumerate(zip(orders, mirrors, strict=True)):
        seated = _seated(place, order, recipe, wardrobe, mirror)
        if isinstance(seated, EngineError):
            results[place] = seated
        else:
            sittings.append(seated)
    wardrobe.make_room({sitting.worn.lora for sitting in sittings if sitting.worn})
    easel = _Easel(base, wardrobe, recipe, sittings, report)
    for turn in range(recipe.gate.repaints + 1):
        easel.paint_open(turn)
    easel.retouch()
    results |= {sitting.place: _finished(sitting, recipe) for sitting in sittings}
    return [results[place] for place in range(len(orders))]


def first(
    base: Base,
    wardrobe: LoraCache,
    recipe: Recipe,
    order: PaintRequest,
    lora: bytes,
    photos: Sequence[bytes],
    report: Callable[[Progress], None],
) -> tuple[PaintedImage, ...]:
    """A new avatar's first portraits, ranked by likeness to the photos, which the customer allowed.

    Only pictures above the recipe's bar are returned: fewer than ordered, or none. None also if
    they could not be painted at all: that is no reason to lose a training.
    """
    order = replace(order, lora=lora)
    try:
        mirror = FaceSimilarity.of(photos)
    except BadPhotos:
        return ()

    def heard(place: int, news: Progress) -> None:
        report(news)

    (painted,) = paint(base, wardrobe, recipe, [order], heard, [mirror])
    if isinstance(painted, EngineError):
        log.warning("no first portraits", error=type(painted).__name__)
        return ()
    return painted


def decent(
    base: Base, recipe: Recipe, prompt: str, negative: str, size: tuple[int, int], seed: int,
    adult: bool,
) -> Pixels | None:  # fmt: skip
    """One picture with whatever LoRA is worn now, painted until it passes the gate; None if it
    never does."""
    for turn in range(recipe.gate.repaints + 1):
        (tried,) = seeds_of(seed, turn, 1)
        with torch.no_grad():
            (pixels,) = base.sample([SamplingRequest(prompt, negative, tried)], size, unheard)
        if safety.judge(_enlarged(pixels, recipe), recipe.gate, adult).passed:
            return pixels
    return None


def delivered(pixels: Pixels, recipe: Recipe, text: LabelText, content_id: str) -> PaintedImage:
    """Enlarged, labelled and encoded; the seed is left 0."""
    large = _enlarged(pixels, recipe)
    image = label.labelled_jpeg(large, text, content_id, recipe.paint.quality)
    return PaintedImage(image, 0, large.shape[1], large.shape[0])


class _Easel:
    """Paints for all sittings at once and tells each how far it is."""

    def __init__(
        self, base: Base, wardrobe: LoraCache, recipe: Recipe, sittings: list[RequestState],
        report: Report,
    ) -> None:  # fmt: skip
        self._base, self._wardrobe, self._recipe = base, wardrobe, recipe
        self._sittings = {sitting.place: sitting for sitting in sittings}
        self._report = report

    def paint_open(self, turn: int) -> None:
        """Candidates for every spot that has none yet, judged and compared."""
        wanted = [
            (sitting, spot, seed)
            for sitting in self._sittings.values()
            for spot in sitting.open()
            for seed in seeds_of(spot.seed, turn, self._recipe.paint.candidates)
        ]
        painted = self._brush([sitting.task(seed) for sitting, _, seed in wanted])
        for (sitting, spot, seed), pixels in zip(wanted, painted, strict=True):
            if isinstance(pixels, EngineError):
                sitting.error = pixels
            else:
                self._judge(sitting, spot, seed, pixels)

    def _judge(self, sitting: RequestState, spot: PictureSlot, seed: int, pixels: Pixels) -> None:
        gate = self._recipe.gate
        large = _enlarged(pixels, self._recipe)
        verdict = safety.judge(large, gate, sitting.order.adult)
        if not verdict.passed:
            return
        likeness = sitting.mirror.likeness(large) if sitting.mirror else None
        if likeness is None or likeness >= gate.likeness:
            spot.offer(Candidate(pixels, seed, selection.score(verdict, gate, likeness), likeness))

    def retouch(self) -> None:
        """Every ordered retouch, step after step; one that fails its checks is left out."""
        rounds = max((len(s.order.retouch) for s in self._sittings.values()), default=0)
        for number in range(rounds):
            wanted = [
                (sitting, spot, found)
                for sitting in self._sittings.values()
                if number < len(sitting.order.retouch)
                for spot, best in sitting.filled()
                if (found := retouch.plan(sitting, best, sitting.order.retouch[number]))
            ]
            painted = self._brush([plan.task for _, _, plan in wanted])
            for (sitting, spot, plan), pixels in zip(wanted, painted, strict=True):
                if not isinstance(pixels, EngineError) and spot.best is not None:
                    spot.best = self._better(sitting, spot.best, plan.finish(pixels))

    def _better(self, sitting: RequestState, before: Candidate, pixels: Pixels) -> Candidate:
        """The retouched picture, if it passes the gate again and shows the same person."""
        old, new = (_enlarged(each, self._recipe) for each in (before.pixels, pixels))
        passed = safety.judge(new, self._recipe.gate, sitting.order.adult).passed
        if not passed or selection.alike(old, new) < retouch.LEAST_ALIKE:
            return before
        return replace(before, pixels=pixels)

    def _brush(self, tasks: list[SamplingTask]) -> list[Pixels | EngineError]:
        batch = self._recipe.paint.batch
        return batch_sampler.paint(self._base, self._wardrobe, tasks, batch, self._tell)

    def _tell(self, tasks: Sequence[SamplingTask], step: int) -> None:
        """Each picture of an order counts its own steps; those painted again are not foreseen."""
        plan = self._recipe.paint
        for place in dict.fromkeys(task.order for task in tasks):
            sitting = self._sittings[place]
            sitting.done += sum(task.order == place for task in tasks)
            pictures = len(sitting.spots) * (plan.candidates + len(sitting.order.retouch))
            total = pictures * plan.steps
            self._report(place, Progress(EngineStage.PAINTING, min(sitting.done, total), total))


def _seated(
    place: int,
    order: PaintRequest,
    recipe: Recipe,
    wardrobe: LoraCache,
    mirror: FaceSimilarity | None,
) -> RequestState | EngineError:
    try:
        return request_state(place, order, recipe, wardrobe, mirror)
    except EngineError as error:
        return error
    except (ArithmeticError, ValueError, LookupError, TypeError, RuntimeError, OSError) as error:
        return batch_sampler.failure(error)


def _finished(sitting: RequestState, recipe: Recipe) -> tuple[PaintedImage, ...] | EngineError:
    if sitting.error is not None:
        return sitting.error
    order, pictures = sitting.order, []
    for number, spot in enumerate(sitting.spots):
        if spot.best is None:
            continue
        content_id = f"{order.content_id}-{number}" if number else order.content_id
        picture = delivered(spot.best.pixels, recipe, order.label, content_id)
        pictures.append(replace(picture, seed=spot.best.seed, likeness=spot.best.likeness))
    if not pictures:
        return NothingDecent(f"{len(order.seeds)} seeds, {recipe.gate.repaints} repaints each")
    return tuple(pictures)


def _enlarged(pixels: Pixels, recipe: Recipe) -> Pixels:
    """Lanczos to the delivery size; never smaller than painted."""
    factor = recipe.paint.deliver / min(pixels.shape[:2])
    if factor <= 1:
        return pixels
    size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
