"""The torch process: reads requests from its input, writes frames to its output, keeps models warm.

Started by `engine.py` as `python -m pipeline.child '{"bases": ..., "parent": 123}'`. Heavy modules
are imported by the first request that needs them, so a process that only inspects photos never
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

from pipeline.child.request_queue import RequestCancelled, RequestQueue
from pipeline.child.warm_models import BetweenSteps, Report, WarmModels
from pipeline.engine import answers
from pipeline.engine.answers import ProgressMessage
from pipeline.engine.engine import ChildSettings
from pipeline.engine.messages import EngineError, OutOfMemory, Progress
from pipeline.engine.wire import WireFrame, pack, pieces, read, unpack
from pipeline.models.memory import is_out_of_memory, release_memory
from shop import core_dumps
from shop.error_location import where

PATIENCE = 30.0  # seconds
FIRST_TO_WAIT = "paint"  # the most urgent kind that is more than a look

log = structlog.get_logger()


class RequestLoop:
    """Serves requests from the queue one at a time, and sends their progress and answers."""

    def __init__(
        self, models: WarmModels, queue: RequestQueue, send: Callable[[WireFrame], None]
    ) -> None:
        self._models, self._queue, self._send = models, queue, send

    def run(self) -> None:
        """Serve requests for ever."""
        while True:
            self.serve(self._queue.get())

    def serve(self, request: WireFrame) -> None:
        """Carry out one request, or send its error: the one broad `except` of this process.

        The log says where it failed, never what was asked: texts and photos are personal.
        """
        started = time.monotonic()
        self._send(WireFrame("begun", id=request.id))
        try:
            self._queue.raise_if_cancelled(request.id)
            answer = self._models.serve(
                request, self._reporter(request.id), self._between_steps(request)
            )
        except EngineError as error:
            answer = answers.error_answer(error, request.id)
        except RequestCancelled:
            answer = answers.error_answer(EngineError("cancelled"), request.id)
        except Exception as error:
            name = type(error).__name__
            log.error("request_failed", kind=request.kind, error=name, at=where(error))
            answer = answers.error_answer(engine_error(error, request.kind), request.id)
            release_memory()
        self._queue.finish(request.id)
        seconds = round(time.monotonic() - started, 3)
        log.info("request_done", kind=request.kind, answer=answer.kind, seconds=seconds)
        self._send(answer)

    def _reporter(self, id: int) -> Report:
        def report(index: int, progress: Progress) -> None:
            self._queue.raise_if_cancelled(id)
            self._send(pack("progress", ProgressMessage(index, progress), id))

        return report

    def _between_steps(self, running: WireFrame) -> BetweenSteps:
        """Between two steps of a training, or two frames of a clip: stop if it was cancelled, else
        serve what goes before it. A clip that was passed for PATIENCE seconds is passed by what is
        looked at alone: fifty sets for one person must not keep another from a clip of five."""
        passed = 0.0

        def between_steps() -> None:
            nonlocal passed
            self._queue.raise_if_cancelled(running.id)
            can_serve = self._models.can_serve
            while True:
                spent = running.kind == "animate" and passed >= PATIENCE
                before = FIRST_TO_WAIT if spent else running.kind
                urgent = self._queue.get_before(before, can_serve)
                if urgent is None:
                    return
                begun = time.monotonic()
                self.serve(urgent)
                passed += time.monotonic() - begun

        return between_steps


def engine_error(error: Exception, kind: str) -> EngineError:
    """An unexpected error as an EngineError: the name of its class, and nothing of its text."""
    cls = OutOfMemory if is_out_of_memory(error) else EngineError
    return cls(f"{kind} failed: {type(error).__name__}")


def die_with(parent: int) -> None:
    """Ask Linux for SIGKILL at the parent's death; exit at once if it is already dead."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def claim_output() -> BinaryIO:
    """The pipe to the parent, kept for frames: what a library prints to stdout goes to stderr."""
    pipe_to_parent = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe_to_parent, "wb")


def read_requests(queue: RequestQueue) -> None:
    """Fill the queue from stdin; exit the process at its end.

    Runs in a thread of its own, so that the end of the input ends a busy process too.
    """
    while (request := read(sys.stdin.buffer)) is not None:
        queue.put(request)
    os._exit(0)


def configure_logs() -> None:
    """Logs as JSON on stderr."""
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
    core_dumps.refuse()
    settings = unpack(ChildSettings, WireFrame("settings", options))
    out = claim_output()
    configure_logs()
    queue = RequestQueue()
    threading.Thread(target=read_requests, args=(queue,), daemon=True).start()

    def send(frame: WireFrame) -> None:
        out.writelines(pieces(frame))  # a checkpoint may be hundreds of megabytes: no copy
        out.flush()

    RequestLoop(WarmModels(settings), queue, send).run()
