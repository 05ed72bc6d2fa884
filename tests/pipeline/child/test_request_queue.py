"""Who passes whom in the torch process: strictly by what somebody waits for."""

from __future__ import annotations

import pytest

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
