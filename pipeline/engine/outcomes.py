"""What became of each order of a batch, on the wire: a result, or an error by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engine import messages
from pipeline.engine.messages import EngineError, PaintedImage, Progress, TrainedLora
from pipeline.engine.wire import WireFrame, frame, record


@dataclass(frozen=True, slots=True)
class ProgressMessage:
    """Progress of one order of a batch; `order` is its index."""

    order: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """An EngineError: the name of its class, and its text."""

    error: str
    text: str

    @staticmethod
    def of(error: EngineError) -> ErrorMessage:
        return ErrorMessage(type(error).__name__, str(error))

    def raised(self) -> EngineError:
        """As an exception of this side; an unknown name is a plain EngineError."""
        kind = getattr(messages, self.error, EngineError)
        known = isinstance(kind, type) and issubclass(kind, EngineError)
        return (kind if known else EngineError)(self.text)


@dataclass(frozen=True, slots=True)
class _Training:
    trained: TrainedLora | None = None
    fault: ErrorMessage | None = None


@dataclass(frozen=True, slots=True)
class _Painting:
    pictures: tuple[PaintedImage, ...] = ()
    fault: ErrorMessage | None = None


def trainings(results: Sequence[TrainedLora | EngineError], number: int) -> WireFrame:
    """The answer to a "train" frame."""
    told = tuple(
        _Training(fault=ErrorMessage.of(one)) if isinstance(one, EngineError) else _Training(one)
        for one in results
    )
    return frame("trained", told, number)


def paintings(results: Sequence[tuple[PaintedImage, ...] | EngineError], number: int) -> WireFrame:
    """The answer to a "paint" frame."""
    told = tuple(
        _Painting(fault=ErrorMessage.of(one)) if isinstance(one, EngineError) else _Painting(one)
        for one in results
    )
    return frame("painted", told, number)


def trained(answer: WireFrame) -> tuple[TrainedLora | EngineError, ...]:
    """The mirror of :func:`trainings`. BadFrame: it is none."""
    told = record(tuple[_Training, ...], answer)
    return tuple(one.trained or _fault(one.fault) for one in told)


def painted(answer: WireFrame) -> tuple[tuple[PaintedImage, ...] | EngineError, ...]:
    """The mirror of :func:`paintings`. BadFrame: it is none."""
    told = record(tuple[_Painting, ...], answer)
    return tuple(_fault(one.fault) if one.fault else one.pictures for one in told)


def refusal(error: EngineError, number: int) -> WireFrame:
    """The answer to an order that failed as a whole."""
    return frame("error", ErrorMessage.of(error), number)


def _fault(fault: ErrorMessage | None) -> EngineError:
    return fault.raised() if fault else EngineError("the child told neither a result nor an error")
