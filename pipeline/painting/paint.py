"""Paint portraits: sample candidates, gate, choose the best, retouch, finish, label.

Requests share their batches and nothing else: one that is wrong gets its error, the others their
pictures.
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
from pipeline.families import Base, SamplingRequest, ignore_step
from pipeline.finishing.finish import Finishing
from pipeline.images import label, safety
from pipeline.images.faces import Pixels
from pipeline.lora.cache import LoraCache
from pipeline.models.recipe import Recipe
from pipeline.painting import batch_sampler, request_state, retouch, selection
from pipeline.painting.batch_sampler import SamplingTask
from pipeline.painting.request_state import (
    Candidate,
    PictureSlot,
    RequestState,
    seeds_of_round,
)
from pipeline.painting.selection import FaceSimilarity

log = structlog.get_logger()
Report = Callable[[int, Progress], None]  # told the index of the request


def paint(
    base: Base,
    lora_cache: LoraCache,
    recipe: Recipe,
    requests: Sequence[PaintRequest],
    report: Report,
    similarities: Sequence[FaceSimilarity | None] | None = None,
) -> list[tuple[PaintedImage, ...] | EngineError]:
    """For each request one picture per seed that passed the gate, or the request's error.

    similarities   one per request, of customers who agreed to be compared with their photos
    NothingDecent: no candidate passed, also not when painted again.
    """
    similarities = similarities or [None] * len(requests)
    results: dict[int, tuple[PaintedImage, ...] | EngineError] = {}
    states: list[RequestState] = []
    for index, (request, similarity) in enumerate(zip(requests, similarities, strict=True)):
        state = _prepare(index, request, recipe, lora_cache, similarity)
        if isinstance(state, EngineError):
            results[index] = state
        else:
            states.append(state)
    lora_cache.evict({state.lora.key for state in states if state.lora})
    run = _PaintRun(base, lora_cache, recipe, states, report)
    for number in range(recipe.gate.repaints + 1):
        run.paint_round(number)
    run.retouch()
    results |= {state.index: _result(state, recipe) for state in states}
    return [results[index] for index in range(len(requests))]


def paint_initial_portraits(
    base: Base,
    lora_cache: LoraCache,
    recipe: Recipe,
    request: PaintRequest,
    lora: bytes,
    photos: Sequence[bytes],
    report: Callable[[Progress], None],
) -> tuple[PaintedImage, ...]:
    """A new avatar's initial portraits, chosen by similarity to the photos, with consent only.

    Only pictures with the recipe's `min_similarity` are returned: fewer than requested, or none.
    None also if they could not be painted: that is no reason to lose a training.
    """
    request = replace(request, lora=lora)
    try:
        similarity = FaceSimilarity.from_photos(photos)
    except BadPhotos:
        return ()

    def report_alone(index: int, progress: Progress) -> None:
        report(progress)

    (painted,) = paint(base, lora_cache, recipe, [request], report_alone, [similarity])
    if isinstance(painted, EngineError):
        log.warning("no_initial_portraits", error=type(painted).__name__)
        return ()
    return painted


def paint_until_passed(
    base: Base, recipe: Recipe, prompt: str, negative: str, size: tuple[int, int], seed: int,
    adult: bool,
) -> Pixels | None:  # fmt: skip
    """One picture with the LoRA that is active now, painted until it passes the gate.

    None: no attempt passed.
    """
    for number in range(recipe.gate.repaints + 1):
        (attempt_seed,) = seeds_of_round(seed, number, 1)
        request = SamplingRequest(prompt, negative, attempt_seed)
        with torch.no_grad():
            (pixels,) = base.sample([request], size, ignore_step)
        if safety.judge(_upscaled(pixels, recipe), recipe.gate, adult).passed:
            return pixels
    return None


def finish(
    pixels: Pixels, recipe: Recipe, text: LabelText, content_id: str,
    finishing: Finishing | None = None,
) -> PaintedImage:  # fmt: skip
    """Upscale to the delivery size, finish, label and encode; the seed is left 0."""
    large = _upscaled(pixels, recipe)
    if finishing is not None:
        large = finishing.apply(large)
    image = label.labelled_jpeg(large, text, content_id, recipe.paint.quality)
    return PaintedImage(image, 0, large.shape[1], large.shape[0])


class _PaintRun:
    """Paints all requests together and reports each one's progress."""

    def __init__(
        self, base: Base, lora_cache: LoraCache, recipe: Recipe, states: list[RequestState],
        report: Report,
    ) -> None:  # fmt: skip
        self._base, self._lora_cache, self._recipe = base, lora_cache, recipe
        self._states = {state.index: state for state in states}
        self._report = report

    def paint_round(self, number: int) -> None:
        """Candidates for every slot that has none yet, judged and compared."""
        wanted = [
            (state, slot, seed)
            for state in self._states.values()
            for slot in state.empty_slots()
            for seed in seeds_of_round(slot.seed, number, self._recipe.paint.candidates)
        ]
        painted = self._sample([state.task(slot, seed) for state, slot, seed in wanted])
        for (state, slot, seed), pixels in zip(wanted, painted, strict=True):
            if isinstance(pixels, EngineError):
                state.error = pixels
            else:
                self._judge(state, slot, seed, pixels)

    def _judge(self, state: RequestState, slot: PictureSlot, seed: int, pixels: Pixels) -> None:
        gate = self._recipe.gate
        large = _upscaled(pixels, self._recipe)
        asked = state.request.expression
        verdict = safety.judge(large, gate, state.request.adult, asked)
        if not verdict.passed:
            slot.refused += 1
            return
        similarity = state.similarity.likeness(large) if state.similarity else None
        if similarity is None or similarity >= gate.min_similarity:
            score = selection.score(verdict, gate, similarity, asked)
            slot.offer(Candidate(pixels, seed, score, similarity))

    def retouch(self) -> None:
        """Every requested retouch, step after step; one that fails its checks is left out."""
        rounds = max((len(s.request.retouch) for s in self._states.values()), default=0)
        for number in range(rounds):
            wanted = [
                (state, slot, found)
                for state in self._states.values()
                if number < len(state.request.retouch)
                for slot, best in state.filled_slots()
                if (found := retouch.plan(state, slot, best, state.request.retouch[number]))
            ]
            painted = self._sample([plan.task for _, _, plan in wanted])
            for (state, slot, plan), pixels in zip(wanted, painted, strict=True):
                if not isinstance(pixels, EngineError) and slot.best is not None:
                    slot.best = self._accepted(state, slot.best, plan.finish(pixels))

    def _accepted(self, state: RequestState, before: Candidate, pixels: Pixels) -> Candidate:
        """The retouched picture, if it passes the gate again and shows the same person."""
        old, new = (_upscaled(each, self._recipe) for each in (before.pixels, pixels))
        request = state.request
        passed = safety.judge(new, self._recipe.gate, request.adult, request.expression).passed
        if not passed or selection.shading_correlation(old, new) < retouch.MIN_SHADING_CORRELATION:
            return before
        return replace(before, pixels=pixels)

    def _sample(self, tasks: list[SamplingTask]) -> list[Pixels | EngineError]:
        batch_size = self._recipe.paint.batch
        return batch_sampler.sample(
            self._base, self._lora_cache, tasks, batch_size, self._report_step
        )

    def _report_step(self, tasks: Sequence[SamplingTask], step: int) -> None:
        """Each picture of a request counts its own steps; repaints are not in the total."""
        settings = self._recipe.paint
        for index in dict.fromkeys(task.request_index for task in tasks):
            state = self._states[index]
            state.steps_done += sum(task.request_index == index for task in tasks)
            pictures = len(state.slots) * (settings.candidates + len(state.request.retouch))
            total = pictures * settings.steps
            done = min(state.steps_done, total)
            self._report(index, Progress(EngineStage.PAINTING, done, total))


def _prepare(
    index: int,
    request: PaintRequest,
    recipe: Recipe,
    lora_cache: LoraCache,
    similarity: FaceSimilarity | None,
) -> RequestState | EngineError:
    try:
        return request_state.prepare(index, request, recipe, lora_cache, similarity)
    except EngineError as error:
        return error
    except (ArithmeticError, ValueError, LookupError, TypeError, RuntimeError, OSError) as error:
        return batch_sampler.to_engine_error(error)


def _result(state: RequestState, recipe: Recipe) -> tuple[PaintedImage, ...] | EngineError:
    if state.error is not None:
        return state.error
    request = state.request
    pictures: list[PaintedImage] = []
    in_vain = sum(slot.refused for slot in state.slots if slot.best is None)
    for number, slot in enumerate(state.slots):
        if slot.best is None:
            continue
        content_id = f"{request.content_id}-{number}" if number else request.content_id
        finishing = Finishing(request.beauty, request.grade, slot.best.seed)
        picture = finish(slot.best.pixels, recipe, request.label, content_id, finishing)
        best, refused = slot.best, slot.refused + (0 if pictures else in_vain)
        pictures.append(
            replace(picture, seed=best.seed, similarity=best.similarity, refused=refused)
        )
    if not pictures:
        return NothingDecent(f"{len(request.seeds)} seeds, {recipe.gate.repaints} repaints each")
    return tuple(pictures)


def _upscaled(pixels: Pixels, recipe: Recipe) -> Pixels:
    """Lanczos to the delivery size; never smaller than painted."""
    factor = recipe.paint.output_short_side / min(pixels.shape[:2])
    if factor <= 1:
        return pixels
    size = round(pixels.shape[1] * factor), round(pixels.shape[0] * factor)
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))
