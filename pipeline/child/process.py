"""The torch process: reads orders from its input, writes frames to its output, stays warm.

Started by `engine.py` as `python -m pipeline.child '{"bases": ..., "parent": 123}'`. Heavy modules
are imported by the first order that needs them, so a process that only looks at photos never
loads torch. It dies with its parent: by PR_SET_PDEATHSIG, and at the end of its input.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import structlog

from pipeline.child.request_queue import RequestQueue, Withdrawn
from pipeline.child.warm_models import Between, Report, WarmModels
from pipeline.engine import outcomes
from pipeline.engine.engine import ChildSettings
from pipeline.engine.messages import EngineError, OutOfMemory, Progress
from pipeline.engine.outcomes import ProgressMessage
from pipeline.engine.wire import WireFrame, encode, frame, read, record
from pipeline.models.memory import is_out_of_memory, release_memory
from pipeline.traces import where

log = structlog.get_logger()


class RequestLoop:
    """Takes orders from the desk, has them carried out, and sends what there is to tell."""

    def __init__(
        self, studio: WarmModels, desk: RequestQueue, send: Callable[[WireFrame], None]
    ) -> None:
        self._studio, self._desk, self._send = studio, desk, send

    def work(self) -> None:
        """One order after another, for ever."""
        while True:
            self.serve(self._desk.take())

    def serve(self, asked: WireFrame) -> None:
        """Carry out one order, or tell its error: the one broad `except` of this process.

        The log tells where it broke, never what was ordered: texts and photos are personal.
        """
        started = time.monotonic()
        self._send(WireFrame("begun", id=asked.id))
        try:
            self._desk.check(asked.id)
            result = self._studio.serve(asked, self._reporter(asked), self._gap(asked))
        except EngineError as error:
            result = outcomes.refusal(error, asked.id)
        except Withdrawn:
            result = outcomes.refusal(EngineError("withdrawn"), asked.id)
        except Exception as error:
            log.error("order broke", kind=asked.kind, error=type(error).__name__, at=where(error))
            result = outcomes.refusal(broken(error, asked.kind), asked.id)
            release_memory()
        self._desk.forget(asked.id)
        seconds = round(time.monotonic() - started, 3)
        log.info("order done", kind=asked.kind, result=result.kind, seconds=seconds)
        self._send(result)

    def _reporter(self, asked: WireFrame) -> Report:
        def report(order: int, news: Progress) -> None:
            self._desk.check(asked.id)
            self._send(frame("progress", ProgressMessage(order, news), asked.id))

        return report

    def _gap(self, asked: WireFrame) -> Between:
        """Whoever can be served at once is, before the training goes on."""

        def between() -> None:
            self._desk.check(asked.id)
            while (urgent := self._desk.take_if(self._studio.can_serve)) is not None:
                self.serve(urgent)

        return between


def broken(error: Exception, kind: str) -> EngineError:
    """What the parent is told of an error that is no EngineError."""
    name = OutOfMemory if is_out_of_memory(error) else EngineError
    return name(f"{kind} broke: {type(error).__name__}")


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


def listen(desk: RequestQueue) -> None:
    """Read orders in a thread of its own, so that the end of the input ends a busy process too."""
    source = sys.stdin.buffer
    while (asked := read(source)) is not None:
        desk.put(asked)
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
    settings = record(ChildSettings, WireFrame("settings", options))
    out = claim_output()
    settle(settings)
    desk = RequestQueue()
    threading.Thread(target=listen, args=(desk,), daemon=True).start()

    def send(message: WireFrame) -> None:
        out.write(encode(message))
        out.flush()

    RequestLoop(WarmModels(settings), desk, send).work()
