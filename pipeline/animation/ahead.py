"""Frames made ahead, in a thread: a second core makes them while the first encodes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from contextlib import suppress
from typing import Final, TypeVar

T = TypeVar("T")
MOST: Final = 4  # frames that wait to be taken
_PATIENCE: Final = 0.1  # seconds until a thread whose frames nobody takes looks whether to end


def ahead(made: Iterable[T]) -> Generator[T, None, None]:
    """The same, in the same order, with the error that ended it, if any. Whoever stops early closes
    the iterator, or drops it: then the thread ends."""
    waiting: queue.Queue[tuple[T | None, BaseException | None]] = queue.Queue(MOST)
    over = threading.Event()

    def put(one: tuple[T | None, BaseException | None]) -> None:
        while not over.is_set():
            with suppress(queue.Full):
                waiting.put(one, timeout=_PATIENCE)
                return

    def make() -> None:
        try:
            for one in made:
                put((one, None))
                if over.is_set():
                    return
            put((None, StopIteration()))
        except BaseException as error:  # handed to whoever takes the frames
            put((None, error))

    worker = threading.Thread(target=make, name="frames-ahead", daemon=True)
    worker.start()
    try:
        while True:
            one, error = waiting.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield one  # type: ignore[misc]  # a frame, where there is no error
    finally:
        over.set()
        worker.join()
