"""The torch process: reads orders from its input, writes frames to its output, stays warm.

Started by `engine.py` as `python -m pipeline.child '{"bases": ..., "parent": 123}'`. Heavy modules
are imported by the first order that needs them, so a process that only looks at photos never
loads torch. It dies with its parent: by PR_SET_PDEATHSIG, and at the end of its input.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

import structlog

from pipeline import recipe as recipes
from pipeline.engine import ChildSettings
from pipeline.orders import (
    EngineError,
    OutOfMemory,
    PaintOrder,
    Progress,
    Stage,
    TrainOrder,
)
from pipeline.protocol import Frame, encode, frame, read, record

if TYPE_CHECKING:
    from pipeline.families import Base
    from pipeline.paint import Wardrobe
    from pipeline.recipe import Recipe
    from pipeline.weights import Source

log = structlog.get_logger()
Report = Callable[[Progress], None]


class Studio:
    """What stays warm between orders: one base and the LoRAs that hang on it."""

    def __init__(self, settings: ChildSettings) -> None:
        self._settings = settings
        self._open: tuple[Recipe, Source, Base, Wardrobe] | None = None

    def serve(self, asked: Frame, report: Report) -> Frame:
        """Carry out one order."""
        if asked.kind == "inspect":
            from pipeline.photo import inspect

            return frame("findings", inspect(record(bytes, asked)))
        if asked.kind == "train":
            return self._train(record(TrainOrder, asked), report)
        if asked.kind == "paint":
            return self._paint(record(PaintOrder, asked), report)
        raise EngineError(f"no such order: {asked.kind}")

    def _train(self, order: TrainOrder, report: Report) -> Frame:
        from pipeline.train import train

        recipe, source, base, _ = self._base(order.base, report)
        try:
            trained = train(base, recipe, source.fingerprint, order, report)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            log.warning("out of memory, going on in halves", base=order.base)
            release_memory()
            trained = train(base, recipe, source.fingerprint, order, report, slices=2)
        return frame("trained", trained)

    def _paint(self, order: PaintOrder, report: Report) -> Frame:
        from pipeline.paint import paint

        recipe, _, base, wardrobe = self._base(order.base, report)
        return frame("pictures", paint(base, recipe, wardrobe, order, report))

    def _base(self, name: str, report: Report) -> tuple[Recipe, Source, Base, Wardrobe]:
        """The base called `name`, loaded if another one or none is open."""
        if self._open is None or self._open[0].name != name:
            from pipeline import families, paint, weights

            recipe = recipes.load(
                name,
                self._settings.recipes or recipes.RECIPES,
                self._settings.allow_noncommercial,
            )
            report(Progress(Stage.LOADING, 0, 1))
            self._open = None
            release_memory()
            source = weights.locate(recipe, self._settings.bases)
            base = families.load(recipe, source, self._settings.device)
            wardrobe = paint.Wardrobe(base, self._settings.adapters)
            self._open = recipe, source, base, wardrobe
            report(Progress(Stage.LOADING, 1, 1))
        return self._open


def is_out_of_memory(error: BaseException) -> bool:
    """torch.OutOfMemoryError is a RuntimeError; so is what its CPU allocator raises."""
    words = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in words or "can't allocate memory" in words)
    )


def release_memory() -> None:
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def answer(studio: Studio, asked: Frame, report: Report) -> Frame:
    """The order's result, or its error: the one broad `except` of this process.

    The log tells where it broke, never what was ordered: texts and photos are personal.
    """
    started = time.monotonic()
    try:
        result = studio.serve(asked, report)
    except EngineError as error:
        result = refusal(error)
    except Exception as error:
        log.error("order broke", kind=asked.kind, error=type(error).__name__, at=where(error))
        kind = OutOfMemory if is_out_of_memory(error) else EngineError
        result = refusal(kind(f"{asked.kind} broke: {type(error).__name__}"))
        release_memory()
    seconds = round(time.monotonic() - started, 3)
    log.info("order done", kind=asked.kind, result=result.kind, seconds=seconds)
    return result


def refusal(error: EngineError) -> Frame:
    return Frame("error", {"error": type(error).__name__, "text": str(error)})


def where(error: BaseException) -> list[str]:
    """file:line of each traceback frame; no source lines, no values."""
    lines, trace = [], error.__traceback__
    while trace is not None:
        lines.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    return lines[-6:]


def die_with(parent: int) -> None:
    """Ask Linux for SIGKILL at the parent's death; leave at once if it is already dead."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def claim_output() -> BinaryIO:
    """The pipe to the parent, for frames alone: whatever a library prints goes to stderr."""
    pipe_to_parent = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe_to_parent, "wb")


def listen(orders: queue.SimpleQueue[Frame]) -> None:
    """Read orders in a thread of its own, so that the end of the input ends a busy process too."""
    source = sys.stdin.buffer
    while (asked := read(source)) is not None:
        orders.put(asked)
    os._exit(0)


def settle(settings: ChildSettings) -> None:
    """Logs as JSON on stderr; threads before the first tensor."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> None:
    options: dict[str, Any] = json.loads(sys.argv[1])
    die_with(options.pop("parent"))
    settings = record(ChildSettings, Frame("settings", options))
    out = claim_output()
    settle(settings)
    orders: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(orders,), daemon=True).start()
    studio = Studio(settings)

    def send(message: Frame) -> None:
        out.write(encode(message))
        out.flush()

    while True:
        send(answer(studio, orders.get(), lambda news: send(frame("progress", news))))


if __name__ == "__main__":
    main()
