"""The child's messages on the wire: progress, errors by name, and the answer to each request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engine import messages
from pipeline.engine.clip_messages import PaintedClip
from pipeline.engine.messages import (
    EngineError,
    PaintedImage,
    Progress,
    TrainedLora,
)
from pipeline.engine.wire import WireFrame, pack, unpack


@dataclass(frozen=True, slots=True)
class ProgressMessage:
    """Progress of one request of a batch; `index` is its position in the batch."""

    index: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """An EngineError: the name of its class, and its text."""

    error: str
    text: str

    @staticmethod
    def of(error: EngineError) -> ErrorMessage:
        return ErrorMessage(type(error).__name__, str(error))

    def to_exception(self) -> EngineError:
        """An exception of the named class; an unknown name gives a plain EngineError."""
        kind = getattr(messages, self.error, EngineError)
        known = isinstance(kind, type) and issubclass(kind, EngineError)
        return (kind if known else EngineError)(self.text)


@dataclass(frozen=True, slots=True)
class _TrainResult:
    trained: TrainedLora | None = None
    error: ErrorMessage | None = None


@dataclass(frozen=True, slots=True)
class _PaintResult:
    pictures: tuple[PaintedImage, ...] = ()
    error: ErrorMessage | None = None


@dataclass(frozen=True, slots=True)
class _ClipResult:
    clip: PaintedClip | None = None
    error: ErrorMessage | None = None


def train_answer(results: Sequence[TrainedLora | EngineError], id: int) -> WireFrame:
    """The answer to a "train" frame: one result or error per request, in their order."""
    body = tuple(
        _TrainResult(error=ErrorMessage.of(result))
        if isinstance(result, EngineError)
        else _TrainResult(result)
        for result in results
    )
    return pack("trained", body, id)


def paint_answer(results: Sequence[tuple[PaintedImage, ...] | EngineError], id: int) -> WireFrame:
    """The answer to a "paint" frame: pictures or an error per request, in their order."""
    body = tuple(
        _PaintResult(error=ErrorMessage.of(result))
        if isinstance(result, EngineError)
        else _PaintResult(result)
        for result in results
    )
    return pack("painted", body, id)


def animate_answer(results: Sequence[PaintedClip | EngineError], id: int) -> WireFrame:
    """The answer to an "animate" or a "generate_video" frame: one clip or error per request, in
    their order."""
    body = tuple(
        _ClipResult(error=ErrorMessage.of(result))
        if isinstance(result, EngineError)
        else _ClipResult(result)
        for result in results
    )
    return pack("animated", body, id)


def read_train_answer(answer: WireFrame) -> tuple[TrainedLora | EngineError, ...]:
    """The results of :func:`train_answer`. BadWireFrame: the frame is none."""
    results = unpack(tuple[_TrainResult, ...], answer)
    return tuple(result.trained or _exception(result.error) for result in results)


def read_paint_answer(answer: WireFrame) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
    """The results of :func:`paint_answer`. BadWireFrame: the frame is none."""
    results = unpack(tuple[_PaintResult, ...], answer)
    return tuple(_exception(one.error) if one.error else one.pictures for one in results)


def read_animate_answer(answer: WireFrame) -> tuple[PaintedClip | EngineError, ...]:
    """The results of :func:`animate_answer`. BadWireFrame: the frame is none."""
    results = unpack(tuple[_ClipResult, ...], answer)
    return tuple(result.clip or _exception(result.error) for result in results)


def error_answer(error: EngineError, id: int) -> WireFrame:
    """The answer to a frame whose requests all failed for one reason."""
    return pack("error", ErrorMessage.of(error), id)


def _exception(message: ErrorMessage | None) -> EngineError:
    return message.to_exception() if message else EngineError("the child sent no result")
