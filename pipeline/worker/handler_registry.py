"""The handler registry: what a worker makes for each job kind, by the kind's name.

A new kind is one more entry in :data:`JOB_HANDLERS`, beside its record in :mod:`shop.job_kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.worker.clip_handlers import FilmHandler, PrepareHandler
from pipeline.worker.compare_handler import CompareHandler
from pipeline.worker.job_batch import JobHandler
from pipeline.worker.job_handlers import CheckHandler, PaintHandler, TrainHandler
from pipeline.worker.video_handler import VideoHandler
from shop.avatars.avatars import TRAIN
from shop.avatars.portraits import PAINT
from shop.clips.filming import FILM, VIDEO
from shop.clips.sources import PREPARE
from shop.photos.comparison import COMPARE
from shop.photos.photos import CHECK
from shop.records.clip_encoders import ClipEncoder

if TYPE_CHECKING:
    from pipeline.worker.app import WorkerContainer


@dataclass(frozen=True, slots=True)
class HandlerEntry:
    """How a worker makes the handler of a kind.

    ``engine_enforces_timeout``: the engine ends a request that takes too long, so that a training
    is not charged for the portraits that pass it; else the worker ends a run after the kind's own
    timeout.
    """

    make: Callable[[WorkerContainer], JobHandler[Any, Any]]
    engine_enforces_timeout: bool = False


def _check(container: WorkerContainer) -> CheckHandler:
    return CheckHandler(container.deps, container.engine)


def _compare(container: WorkerContainer) -> CompareHandler:
    return CompareHandler(container.deps, container.engine)


def _train(container: WorkerContainer) -> TrainHandler:
    return TrainHandler(container.deps, container.engine, container.catalog, container.label)


def _paint(container: WorkerContainer) -> PaintHandler:
    return PaintHandler(container.deps, container.engine, container.catalog, container.label)


def _prepare(container: WorkerContainer) -> PrepareHandler:
    return PrepareHandler(container.deps, container.engine, container.label)


def _film(container: WorkerContainer) -> FilmHandler:
    encoder = ClipEncoder(container.settings.clip_encoder)
    return FilmHandler(
        container.deps, container.engine, container.catalog, container.label, encoder
    )


def _video(container: WorkerContainer) -> VideoHandler:
    encoder = ClipEncoder(container.settings.clip_encoder)
    return VideoHandler(
        container.deps, container.engine, container.catalog, container.label, encoder
    )


JOB_HANDLERS: Final[Mapping[str, HandlerEntry]] = {
    CHECK.name: HandlerEntry(_check, engine_enforces_timeout=True),
    COMPARE.name: HandlerEntry(_compare, engine_enforces_timeout=True),
    TRAIN.name: HandlerEntry(_train, engine_enforces_timeout=True),
    PAINT.name: HandlerEntry(_paint, engine_enforces_timeout=True),
    PREPARE.name: HandlerEntry(_prepare, engine_enforces_timeout=True),
    FILM.name: HandlerEntry(_film, engine_enforces_timeout=True),
    VIDEO.name: HandlerEntry(_video, engine_enforces_timeout=True),
}
