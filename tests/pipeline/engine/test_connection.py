"""The connection to a child: who is charged, what is cancelled, what fails together.

The child is scripted, without torch: the real one is in test_engine.py.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.engine.connection import EngineConnection
from pipeline.engine.messages import (
    EngineCrashed,
    EngineError,
    EngineStage,
    EngineTimeout,
    Progress,
)
from pipeline.engine.wire import HEADER_LIMIT, WireFrame, pack

pytestmark = pytest.mark.slow  # each test starts a process

CHECKOUT = Path(__file__).parents[3]
SCRIPTED_CHILD = """
import sys, time
from pipeline.engine.messages import *
from pipeline.engine.answers import *
from pipeline.engine.wire import encode, pack, read

def send(kind, id, body=None):
    sys.stdout.buffer.write(encode(pack(kind, body, id)))
    sys.stdout.buffer.flush()

def receive():
    return read(sys.stdin.buffer)

send("done", receive().id)  # the first request only shows that the child runs
"""


@pytest.fixture
async def connections() -> AsyncIterator[list[EngineConnection]]:
    made: list[EngineConnection] = []
    yield made
    for connection in made:
        await connection.end()


async def connect(connections: list[EngineConnection], script: str) -> EngineConnection:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SCRIPTED_CHILD + script),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
        start_new_session=True,
        limit=HEADER_LIMIT,
    )
    connections.append(EngineConnection(child))
    assert await ask(connections[-1], "hello", 30) == "done"
    return connections[-1]


async def ask(
    connection: EngineConnection,
    kind: str,
    seconds: float,
    news: asyncio.Queue[Progress] | None = None,
) -> str:
    async def report(index: int, progress: Progress) -> None:
        if news is not None:
            news.put_nowait(progress)

    return await connection.ask(pack(kind), lambda answer: answer.kind, report, seconds)


async def test_a_training_does_not_pay_for_the_portraits_it_lets_pass(
    connections: list[EngineConnection],
) -> None:
    connection = await connect(
        connections,
        """
training = receive().id; send("begun", training)
send("progress", training, ProgressMessage(0, Progress(EngineStage.TRAINING, 1, 2)))
portrait = receive().id; send("begun", portrait); time.sleep(2.2); send("painted", portrait)
send("trained", training); receive()
""",
    )
    news: asyncio.Queue[Progress] = asyncio.Queue()
    training = asyncio.create_task(ask(connection, "train", 1.8, news))
    assert await news.get() == Progress(EngineStage.TRAINING, 1, 2)
    assert await ask(connection, "paint", 30) == "painted"
    assert await training == "trained"
    assert news.empty()


async def test_who_hangs_times_out_and_the_others_may_try_again(
    connections: list[EngineConnection],
) -> None:
    connection = await connect(
        connections, 'send("begun", receive().id); receive(); time.sleep(60)'
    )
    training = asyncio.create_task(ask(connection, "train", 0.6))
    waiting = asyncio.create_task(ask(connection, "paint", 0.1))  # not begun: it is not charged
    with pytest.raises(EngineTimeout):
        await training
    with pytest.raises(EngineCrashed):
        await waiting
    assert connection.pid is None


async def test_a_request_is_cancelled_without_harm_to_the_others(
    connections: list[EngineConnection],
) -> None:
    connection = await connect(
        connections,
        """
training = receive().id; send("begun", training)
photo = receive()
send("progress", training, ProgressMessage(0, Progress(EngineStage.TRAINING, 1, 2)))
back = receive(); assert (back.kind, back.id) == ("cancel", photo.id)
send("error", photo.id, ErrorMessage("EngineError", "cancelled"))
send("trained", training); receive()
""",
    )
    news: asyncio.Queue[Progress] = asyncio.Queue()
    training = asyncio.create_task(ask(connection, "train", 30, news))
    photo = asyncio.create_task(ask(connection, "inspect", 30))
    await news.get()  # the child has the photo
    photo.cancel()
    with pytest.raises(asyncio.CancelledError):
        await photo
    assert await training == "trained"
    assert connection.pid is not None


async def test_a_report_that_fails_is_the_callers_own(connections: list[EngineConnection]) -> None:
    connection = await connect(
        connections,
        "n = receive().id; news = Progress(EngineStage.LOADING, 0, 1);"
        'send("progress", n, ProgressMessage(0, news)); time.sleep(60)',
    )

    async def failing_report(index: int, progress: Progress) -> None:
        raise TimeoutError("the database")

    with pytest.raises(TimeoutError, match="the database"):
        await connection.ask(pack("train"), lambda answer: answer.kind, failing_report, 30)
    assert connection.pid is None, "nobody wants the request, and the child works on"


@pytest.mark.parametrize(
    "nonsense", ['send("painted", 99)', 'sys.stdout.buffer.write(b"hello\\n"); sys.stdout.flush()']
)
async def test_a_child_that_breaks_the_protocol_is_killed(
    connections: list[EngineConnection], nonsense: str
) -> None:
    connection = await connect(connections, f"receive(); {nonsense}; time.sleep(60)")
    with pytest.raises(EngineCrashed):
        await ask(connection, "inspect", 30)
    assert connection.pid is None


async def test_an_answer_of_another_kind_breaks_the_protocol(
    connections: list[EngineConnection],
) -> None:
    from pipeline.engine import answers

    connection = await connect(
        connections, 'send("painted", receive().id, {"a": 1}); time.sleep(60)'
    )
    with pytest.raises(EngineCrashed):
        await connection.ask(WireFrame("paint"), answers.read_paint_answer, None, 30)  # type: ignore[arg-type]
    assert connection.pid is None


async def test_errors_keep_their_kind(connections: list[EngineConnection]) -> None:
    connection = await connect(
        connections,
        'send("error", receive().id, ErrorMessage("BadLabel", "no"));'
        'send("inspected", receive().id)',
    )
    with pytest.raises(EngineError, match="no") as caught:
        await ask(connection, "paint", 30)
    assert type(caught.value).__name__ == "BadLabel"
    assert await ask(connection, "inspect", 30) == "inspected", "a request's error ended the child"
