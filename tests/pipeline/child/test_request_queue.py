"""Who passes whom in the torch process: strictly by what somebody waits for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from pipeline.child.process import RequestLoop
from pipeline.child.request_queue import RequestQueue
from pipeline.engine.wire import WireFrame

ORDER = ("inspect", "paint", "animate", "train")
"""Each goes before all that stand behind it."""


def anything(request: WireFrame) -> bool:
    return True


def test_the_most_urgent_is_next_and_equals_as_they_came() -> None:
    queue = RequestQueue()
    kinds = ("generate_video", "train", "animate", "paint", "animate", "prepare", "inspect")
    for id, kind in enumerate(kinds):
        queue.put(WireFrame(kind, id=id))
    got = [queue.get() for _ in kinds]
    assert [one.id for one in got] == [5, 6, 3, 2, 4, 0, 1]


@pytest.mark.parametrize("running", [*ORDER, "generate_video"])
def test_only_what_is_more_urgent_passes_what_runs(running: str) -> None:
    """No clip passes a clip: whoever came first would wait for all that come."""
    place = ORDER.index(running) if running in ORDER else len(ORDER) - 1
    for kind in (*ORDER, "generate_video"):
        queue = RequestQueue()
        queue.put(WireFrame(kind, id=1))
        passes = kind in ORDER[:place]
        assert (queue.get_before(running, anything) is not None) == passes, kind
    queue = RequestQueue()
    queue.put(WireFrame("inspect", id=1))
    assert queue.get_before("train", lambda request: False) is None


class Models:
    """Serves at once; a clip has ``frames``, before each of which something may pass."""

    def __init__(self, queue: RequestQueue, frames: int, coming: Sequence[str] = ()) -> None:
        self.queue, self.frames = queue, frames
        self.coming = list(coming)  # a request for each frame, which comes before it
        self.served: list[str] = []

    def serve(
        self, request: WireFrame, report: object, between_steps: Callable[[], None]
    ) -> WireFrame:
        for number in range(self.frames if request.kind == "animate" else 0):
            if self.coming:
                self.queue.put(WireFrame(self.coming.pop(0), id=10 + number))
            between_steps()
            self.served.append("frame")
        self.served.append(request.kind)
        return WireFrame("done", id=request.id)

    def can_serve(self, request: WireFrame) -> bool:
        return True


def served(frames: int, *coming: str) -> list[str]:
    queue = RequestQueue()
    models = Models(queue, frames, coming)
    RequestLoop(models, queue, lambda frame: None).serve(WireFrame("animate", id=1))  # type: ignore[arg-type]
    return models.served


def test_portraits_and_looks_pass_a_clip_between_two_frames() -> None:
    assert served(3, "paint", "inspect", "animate") == [
        "paint", "frame", "inspect", "frame", "frame", "animate",
    ]  # fmt: skip


def test_a_clip_that_was_passed_for_long_is_passed_by_looks_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.child.process.PATIENCE", 0.0)
    assert served(3, "paint", "inspect", "paint") == [
        "frame", "inspect", "frame", "frame", "animate",
    ]  # fmt: skip


def test_a_cancelled_clip_is_told_so_and_makes_no_further_frame() -> None:
    queue, told = RequestQueue(), []
    models = Models(queue, 3)
    queue.put(WireFrame("cancel", id=1))
    RequestLoop(models, queue, told.append).serve(WireFrame("animate", id=1))  # type: ignore[arg-type]
    assert [one.kind for one in told] == ["begun", "error"]
    assert models.served == []
