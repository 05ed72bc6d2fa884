"""The child's desk: orders that came in and wait, and which is next.

A thread reads them in while the main one works, so a training can look between two of its steps
whether somebody waits for a portrait, and whether its own order was taken back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from pipeline.engine.wire import WireFrame

RANKS = {"inspect": 0, "paint": 1}  # the rest, trainings, come last


class Withdrawn(BaseException):
    """The order under way was taken back. Not an Exception: whoever turns one customer's errors
    into a result must let this pass."""


class RequestQueue:
    """Waiting orders; photos and portraits before trainings, else as they came."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._waiting: list[WireFrame] = []
        self._withdrawn: set[int] = set()

    def put(self, asked: WireFrame) -> None:
        """Lay down an order, or the withdrawal of one."""
        with self._news:
            if asked.kind == "withdraw":
                self._withdrawn.add(asked.id)
            else:
                self._waiting.append(asked)
            self._news.notify()

    def take(self) -> WireFrame:
        """The next order; waits for one."""
        with self._news:
            self._news.wait_for(lambda: self._waiting)
            return self._pop(self._waiting)

    def take_if(self, suits: Callable[[WireFrame], bool]) -> WireFrame | None:
        """The next order that suits; None if there is none now."""
        with self._news:
            suitable = [asked for asked in self._waiting if suits(asked)]
            return self._pop(suitable) if suitable else None

    def check(self, number: int) -> None:
        """Raises :class:`Withdrawn` if the order was taken back."""
        with self._news:
            if number in self._withdrawn:
                raise Withdrawn

    def forget(self, number: int) -> None:
        """The order has its answer."""
        with self._news:
            self._withdrawn.discard(number)

    def _pop(self, choice: list[WireFrame]) -> WireFrame:
        chosen = min(choice, key=lambda asked: RANKS.get(asked.kind, len(RANKS)))
        self._waiting.remove(chosen)
        return chosen
