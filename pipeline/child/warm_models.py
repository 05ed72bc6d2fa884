"""The models that stay loaded between requests: one base, and a cache of LoRAs.

Heavy modules are imported by the first request that needs them, so a process that only inspects
photos never loads torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog

from pipeline.child.warm_video import WarmVideoBase
from pipeline.engine import answers
from pipeline.engine.clip_messages import AnimateRequest, PaintedClip, PrepareRequest
from pipeline.engine.comparison import CompareRequest
from pipeline.engine.engine import ChildSettings
from pipeline.engine.messages import (
    EngineError,
    EngineStage,
    OutOfMemory,
    PaintedImage,
    PaintRequest,
    Progress,
    SelfTestRequest,
    TrainedLora,
    TrainRequest,
)
from pipeline.engine.video import GenerateVideoRequest
from pipeline.engine.wire import Blob, WireFrame, pack, unpack
from pipeline.models import recipe as recipes
from pipeline.models.memory import is_out_of_memory, release_memory

if TYPE_CHECKING:
    from pipeline.families import Base
    from pipeline.lora.cache import LoraCache
    from pipeline.lora.multi_lora import MultiLoraInjector
    from pipeline.models.recipe import Recipe
    from pipeline.models.weights import WeightsSource
    from pipeline.video.loading import LoadedVideoBase

log = structlog.get_logger()
Report = Callable[[int, Progress], None]
"""Called with the index of a request in its batch, and its progress."""
BetweenSteps = Callable[[], None]
T = TypeVar("T")
R = TypeVar("R", TrainRequest, PaintRequest)
MICRO_BATCHES = (1, 2, 4)  # parts of a training's batch: less memory, the same mathematics


@dataclass(frozen=True, slots=True)
class LoadedBase:
    """A loaded base, the injector of the LoRAs in training, and the cache of finished ones."""

    recipe: Recipe
    source: WeightsSource
    base: Base
    injector: MultiLoraInjector
    lora_cache: LoraCache


class WarmModels:
    """Carries out requests with the loaded base; loads another one when a request names it."""

    def __init__(self, settings: ChildSettings) -> None:
        self._settings = settings
        self._loaded: LoadedBase | None = None
        self._training = False  # meanwhile no other base may be loaded
        self._video = WarmVideoBase(settings, self._free)

    def serve(self, request: WireFrame, report: Report, between_steps: BetweenSteps) -> WireFrame:
        """Carry out one frame. `between_steps` is called between two steps of a training, two
        frames of a clip, and two photos that are compared.

        Raises EngineError, and whatever breaks in the libraries below.
        """
        if request.kind in ("inspect", "compare", "prepare"):
            return _look(request, between_steps)
        if request.kind in ("animate", "generate_video"):
            return answers.animate_answer(self._clips(request, report, between_steps), request.id)
        if request.kind == "train":
            trainings = unpack(tuple[TrainRequest, ...], request)
            return answers.train_answer(self._train(trainings, report, between_steps), request.id)
        if request.kind == "paint":
            paintings = unpack(tuple[PaintRequest, ...], request)
            return answers.paint_answer(self._paint(paintings, report), request.id)
        if request.kind == "self_test":
            self._self_test(unpack(SelfTestRequest, request))
            return pack("passed", None, request.id)
        raise EngineError(f"no such request: {request.kind}")

    def _clips(
        self, request: WireFrame, report: Report, between_steps: BetweenSteps
    ) -> list[PaintedClip | EngineError]:
        if request.kind == "generate_video":
            wanted = unpack(tuple[GenerateVideoRequest, ...], request)
            return self._video.generate(wanted, report, between_steps)
        return _animate(unpack(tuple[AnimateRequest, ...], request), report, between_steps)

    def can_serve(self, request: WireFrame) -> bool:
        """Whether a frame can be served between the steps of what is under way: while a training
        holds its base, no other may be loaded."""
        if request.kind == "self_test":
            return self._may_load(request.body.get("base"))
        if request.kind == "paint":
            return all(self._may_load(one.get("base")) for one in request.body)
        return request.kind in ("inspect", "compare", "prepare", "animate")

    def _may_load(self, base: str) -> bool:
        loaded = self._loaded.recipe.name if self._loaded else ""
        if base in ("", loaded):
            return True
        return not self._training and not self._video.is_known(base)

    def _self_test(self, request: SelfTestRequest) -> None:
        from pipeline.child import self_test

        def load(base: str) -> LoadedBase:
            return self._load(base, 0, _report_nothing)

        if self._video.is_known(request.base):
            self_test.run_video(request, self._settings.device, self._load_video)
            return
        self_test.run(request, self._settings.device, self._cache, load)

    def _load_video(self, base: str) -> LoadedVideoBase:
        return self._video.load(base, partial(_report_nothing, 0))

    @property
    def _cache(self) -> Path:
        return self._settings.cache or Path.home() / ".cache" / "eider"

    def _train(
        self, requests: Sequence[TrainRequest], report: Report, between_steps: BetweenSteps
    ) -> list[TrainedLora | EngineError]:
        def train(
            base: str, batch: Sequence[TrainRequest], report: Report
        ) -> list[TrainedLora | EngineError]:
            loaded = self._load(base, len(batch), report)
            self._training = True
            try:
                return self._train_batch(loaded, batch, report, between_steps)
            finally:
                self._training = False

        return by_base(requests, report, train)

    def _train_batch(
        self,
        loaded: LoadedBase,
        batch: Sequence[TrainRequest],
        report: Report,
        between_steps: BetweenSteps,
    ) -> list[TrainedLora | EngineError]:
        from pipeline.training.train import train

        kept = KeptCheckpoints(batch, report)
        for parts in MICRO_BATCHES:
            try:
                return train(
                    loaded.base, loaded.injector, loaded.lora_cache, loaded.recipe,
                    loaded.source.fingerprint, kept.requests(), kept.report, between_steps,
                    self._cache, parts,
                )  # fmt: skip
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                log.warning("out_of_memory", base=loaded.recipe.name, micro_batches=parts)
            release_memory()
        raise OutOfMemory(f"a training of {len(batch)} in {MICRO_BATCHES[-1]} micro-batches")

    def _paint(
        self, requests: Sequence[PaintRequest], report: Report
    ) -> list[tuple[PaintedImage, ...] | EngineError]:
        from pipeline.painting.paint import paint

        def paint_batch(
            base: str, batch: Sequence[PaintRequest], report: Report
        ) -> list[tuple[PaintedImage, ...] | EngineError]:
            loaded = self._load(base, len(batch), report)
            return paint(loaded.base, loaded.lora_cache, loaded.recipe, batch, report)

        return by_base(requests, report, paint_batch)

    def _load(self, name: str, waiting: int, report: Report) -> LoadedBase:
        """The base called `name`, loaded unless it is already; `waiting` requests are told."""
        if self._loaded is not None and self._loaded.recipe.name == name:
            return self._loaded
        if self._training:
            raise EngineError("another base is in training")  # never: can_serve() asks first
        recipe = recipes.load(
            name, self._settings.recipes or recipes.RECIPES, self._settings.allow_noncommercial
        )
        for index in range(waiting):
            report(index, Progress(EngineStage.LOADING, 0, 1))
        self._free()
        self._video.make_room()
        self._loaded = open_loaded_base(recipe, self._settings)
        for index in range(waiting):
            report(index, Progress(EngineStage.LOADING, 1, 1))
        return self._loaded

    def _free(self) -> None:
        """Take the picture base off the device."""
        self._loaded = None
        release_memory()


class KeptCheckpoints:
    """The newest checkpoint of each training of a batch, in memory: a batch that ran out of memory
    goes on from there in smaller parts."""

    def __init__(self, batch: Sequence[TrainRequest], report: Report) -> None:
        self._batch, self._report = batch, report
        self._files = [{file.name: file for file in request.checkpoint} for request in batch]

    def report(self, index: int, progress: Progress) -> None:
        """Pass a progress on, and keep the checkpoint that comes with it."""
        self._files[index] |= {file.name: file for file in progress.checkpoint}
        self._report(index, progress)

    def requests(self) -> list[TrainRequest]:
        """The requests of the batch, to go on from what was kept."""
        return [
            replace(request, checkpoint=tuple(files.values()))
            for request, files in zip(self._batch, self._files, strict=True)
        ]


def open_loaded_base(recipe: Recipe, settings: ChildSettings) -> LoadedBase:
    """Load a base. BaseMissing: its weights are absent, or not the pinned ones."""
    from pipeline import families
    from pipeline.lora import cache, lora_file, multi_lora
    from pipeline.models import weights

    source = weights.locate(recipe, settings.bases)
    base = families.load(recipe, source, settings.device)
    shape = lora_file.LoraShape.of(recipe.train)
    uncond = recipe.paint.uncond_lora_scale
    injector = multi_lora.MultiLoraInjector(base.train_denoiser, shape, uncond)
    painter = (
        injector
        if base.inference_denoiser is base.train_denoiser
        else multi_lora.MultiLoraInjector(base.inference_denoiser, shape, uncond)
    )
    lora_cache = cache.LoraCache(painter, settings.adapter_bytes)
    return LoadedBase(recipe, source, base, injector, lora_cache)


def by_base(
    requests: Sequence[R],
    report: Report,
    work: Callable[[str, Sequence[R], Report], list[T | EngineError]],
) -> list[T | EngineError]:
    """Group requests by base, and run `work` on each group; results in the requests' order.

    An EngineError of a group is the result of each of its requests.
    """
    results: dict[int, T | EngineError] = {}
    for base in dict.fromkeys(request.base for request in requests):
        indices = [index for index, request in enumerate(requests) if request.base == base]
        group = [requests[index] for index in indices]
        try:
            done = work(base, group, _renumbered(report, indices))
        except EngineError as error:
            done = [error] * len(indices)
        results |= dict(zip(indices, done, strict=True))
    return [results[index] for index in range(len(requests))]


def _look(request: WireFrame, between_photos: BetweenSteps) -> WireFrame:
    """What is looked at at once, without a base: a photo, several, a clip's source."""
    if request.kind == "inspect":
        from pipeline.images.photo import inspect

        return pack("inspected", inspect(unpack(Blob, request)), request.id)
    if request.kind == "compare":
        from pipeline.images.unlike import compare

        photos = unpack(CompareRequest, request).photos
        return pack("compared", compare(photos, between_photos), request.id)
    from pipeline.filming.source import prepare

    return pack("prepared", prepare(unpack(PrepareRequest, request)), request.id)


def _animate(
    requests: Sequence[AnimateRequest], report: Report, between_frames: BetweenSteps
) -> list[PaintedClip | EngineError]:
    from pipeline.filming.film import film

    def animate(index: int, request: AnimateRequest) -> PaintedClip | EngineError:
        try:
            return film(request, lambda progress: report(index, progress), between_frames)
        except EngineError as error:
            return error

    return [animate(index, request) for index, request in enumerate(requests)]


def _report_nothing(index: int, progress: Progress) -> None:
    """Nobody waits for it."""


def _renumbered(report: Report, indices: Sequence[int]) -> Report:
    """A report for a group of requests: its index n is `indices[n]` of the whole batch."""
    return lambda index, progress: report(indices[index], progress)
