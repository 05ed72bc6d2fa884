"""The child's queue of waiting requests, by priority, and the cancellations.

A thread fills it while the main one works, so a training can look between two of its steps whether
somebody waits for a portrait, and whether it was itself cancelled.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from pipeline.engine.wire import WireFrame

PRIORITIES = {
    "inspect": 0,
    "compare": 0,
    "prepare": 0,
    "self_test": 0,
    "paint": 1,
    "animate": 2,
}  # lowest first; the rest, trainings and generated clips, come last


class RequestCancelled(BaseException):
    """The request under way was cancelled. Not an Exception: code that turns one customer's errors
    into a result must let this pass."""


class RequestQueue:
    """Waiting requests by priority, else first in, first out."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[WireFrame] = []
        self._cancelled: set[int] = set()

    def put(self, request: WireFrame) -> None:
        """Add a request, or the cancellation of one."""
        with self._changed:
            if request.kind == "cancel":
                self._cancelled.add(request.id)
            else:
                self._waiting.append(request)
            self._changed.notify()

    def get(self) -> WireFrame:
        """Remove and return the next request; blocks until there is one."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            return self._pop(self._waiting)

    def get_before(self, running: str, accept: Callable[[WireFrame], bool]) -> WireFrame | None:
        """Remove and return the next request that goes before one of the kind `running`, and that
        `accept` is true of; None if there is none."""
        with self._changed:
            ahead = [one for one in self._waiting if _priority(one.kind) < _priority(running)]
            accepted = [request for request in ahead if accept(request)]
            return self._pop(accepted) if accepted else None

    def raise_if_cancelled(self, id: int) -> None:
        """Raises :class:`RequestCancelled` if that request was cancelled."""
        with self._changed:
            if id in self._cancelled:
                raise RequestCancelled

    def finish(self, id: int) -> None:
        """Forget the cancellation of a request that has its answer."""
        with self._changed:
            self._cancelled.discard(id)

    def _pop(self, candidates: list[WireFrame]) -> WireFrame:
        request = min(candidates, key=lambda one: _priority(one.kind))
        self._waiting.remove(request)
        return request


def _priority(kind: str) -> int:
    return PRIORITIES.get(kind, len(PRIORITIES))
