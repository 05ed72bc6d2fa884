"""Generate a clip: passes of the base one after the other, the gate, then the labelled file.

Read it from `generate` downwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageOps

from pipeline.animation.together import framed
from pipeline.clips.clip import encode_clip
from pipeline.engine.clip_messages import PaintedClip
from pipeline.engine.messages import (
    EngineStage,
    NothingDecent,
    OrderError,
    Progress,
)
from pipeline.engine.video import GenerateVideoRequest
from pipeline.images import faces, label
from pipeline.images.faces import Pixels
from pipeline.models.video_recipe import Effect, VideoRecipe
from pipeline.video import Frames, VideoPass, gate
from pipeline.video.loading import LoadedVideoBase, activate, load_loras, unload_loras

EFFECT = "effect"  # the adapter of a clip's effect
HEAVIEST = 2.0
LEAST = 256  # pixels of the longer side


def generate(
    loaded: LoadedVideoBase,
    request: GenerateVideoRequest,
    report: Callable[[Progress], None],
    between_steps: Callable[[], None],
) -> PaintedClip:
    """One clip that passed the gate. Both callbacks may raise, which ends it.

    BadLabel, BadPhotos, BadSource, OrderError: the request is wrong. NothingDecent: no try passed
    the gate. BadLora, BaseMissing: the effect's LoRA does not fit, or is not there.
    """
    check(loaded.recipe, request)
    recipe, sampling = loaded.recipe, loaded.recipe.sampling
    size = (sampling.width, sampling.height)
    first: Pixels | None = None
    if request.photo is not None:
        pixels = framed(request.photo, request.second, request.label.mark, request.largest)
        size = sampling.size(pixels.shape[1], pixels.shape[0], request.largest)
        fitted = ImageOps.fit(Image.fromarray(pixels), size, Image.Resampling.LANCZOS)
        first = np.asarray(fitted)
    people = request.people
    if people is None:
        people = 0 if first is None else len(faces.find(first))
    effect = _effect(recipe, request)
    if effect and effect.faces and effect.faces != people:
        raise OrderError(f"the effect needs {effect.faces} people, there are {people}")
    with effect_active(loaded, request):
        run = _ClipRun(loaded, request, first, size, report, between_steps)
        for attempt in range(recipe.gate.repaints + 1):
            frames = run.frames(attempt)
            refused = gate.fault(frames, sampling.fps, recipe.gate, people, request.adult)
            if not refused:
                break
        else:
            raise NothingDecent(f"{recipe.gate.repaints + 1} clips, the last one: {refused}")
    made_whole = label.source_type(filter(None, (request.photo, request.second)))
    made = encode_clip(
        iter(frames), sampling.fps, request.label, request.content_id, made_whole, request.encoder
    )
    return PaintedClip(
        made.mp4, made.poster, made.preview, made.width, made.height, made.frames, made.seconds
    )


def check(recipe: VideoRecipe, request: GenerateVideoRequest) -> None:
    """What can be told before any work. BadLabel, OrderError: the request is wrong."""
    label.check(request.label, request.content_id)
    effect = _effect(recipe, request)
    if request.photo is None and not recipe.text_pipeline:
        raise OrderError("this base needs a picture")
    if not recipe.prompt(request.words, None, request.effect):
        raise OrderError("neither words nor an effect")
    if not 0 < request.seconds <= recipe.sampling.max_seconds:
        raise OrderError(f"not above 0 and at most {recipe.sampling.max_seconds:g} seconds")
    if request.largest < LEAST:
        raise OrderError(f"a longer side below {LEAST} pixels")
    if request.effect_weight is not None and not (
        effect and effect.files and 0 <= request.effect_weight <= HEAVIEST
    ):
        raise OrderError("a weight of no LoRA, or not in 0..2")


def _effect(recipe: VideoRecipe, request: GenerateVideoRequest) -> Effect | None:
    if not request.effect:
        return None
    if request.effect not in recipe.effects:
        raise OrderError("the base has no such effect")
    return recipe.effects[request.effect]


@contextmanager
def effect_active(loaded: LoadedVideoBase, request: GenerateVideoRequest) -> Iterator[None]:
    """Within it the LoRAs of the request's effect are active, by the weight that was asked for;
    afterwards the base is as before."""
    effect = _effect(loaded.recipe, request)
    if effect is None or not effect.files:
        yield
        return
    weight = effect.weight if request.effect_weight is None else request.effect_weight
    try:
        load_loras(loaded, effect.files, EFFECT)
        activate(loaded, {EFFECT: weight})
        yield
    finally:
        unload_loras(loaded, EFFECT)


class _ClipRun:
    """The passes of a clip, with its progress."""

    def __init__(
        self,
        loaded: LoadedVideoBase,
        request: GenerateVideoRequest,
        first: Pixels | None,
        size: tuple[int, int],
        report: Callable[[Progress], None],
        between_steps: Callable[[], None],
    ) -> None:
        self._loaded, self._request, self._first, self._size = loaded, request, first, size
        self._report, self._between_steps = report, between_steps
        self._sampling = loaded.recipe.sampling
        self._passes = self._sampling.passes(request.seconds)
        self._conditioning = loaded.base.encode(
            loaded.recipe.prompt(request.words, request.camera, request.effect)
        )
        self._steps_done, self._spent = 0, 0.0
        self._since = time.monotonic()

    def frames(self, attempt: int) -> Frames:
        """All frames of a try. Each pass but the first begins with the last frame before it, which
        is left out the second time."""
        self._steps_done, self._spent, self._since = 0, 0.0, time.monotonic()
        parts: list[Frames] = []
        for number, count in enumerate(self._passes):
            first = parts[-1][-1] if parts else self._first
            seed = seed_of(self._request.seed, attempt, number)
            wanted = VideoPass(self._conditioning, first, count, self._size, seed)
            part = self._loaded.base.generate(wanted, self._count_step)
            parts.append(part[1:] if parts else part)
        return np.concatenate(parts)[: max(1, round(self._request.seconds * self._sampling.fps))]

    def _count_step(self, step: int) -> None:
        """Tell how far the clip is, then let urgent requests pass, which it is not charged for."""
        self._spent += time.monotonic() - self._since
        self._steps_done += 1
        total = self._sampling.steps * len(self._passes)
        left = self._spent / self._steps_done * (total - self._steps_done)
        self._report(Progress(EngineStage.ANIMATING, self._steps_done, total, seconds_left=left))
        self._between_steps()
        self._since = time.monotonic()


def seed_of(seed: int, attempt: int, number: int) -> int:
    """The seed of a try's pass; the request's own for the first of the first."""
    if not attempt and not number:
        return seed
    return int(np.random.SeedSequence([seed, attempt, number]).generate_state(1)[0])
