"""The conversation with a child: whose clock runs, what is taken back, who falls with whom.

A child that only plays a part, without torch: the real one is in test_engine.py.
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
from pipeline.engine.wire import HEADER_LIMIT, WireFrame, frame

pytestmark = pytest.mark.slow  # each test starts a process

CHECKOUT = Path(__file__).parents[2]
ACTOR = """
import sys, time
from pipeline.engine.messages import *
from pipeline.engine.outcomes import *
from pipeline.engine.wire import *

def say(kind, number, body=None):
    sys.stdout.buffer.write(encode(frame(kind, body, number)))
    sys.stdout.buffer.flush()

def hear():
    return read(sys.stdin.buffer)

say("done", hear().id)  # the first order only shows that the actor is on the stage
"""


@pytest.fixture
async def stage() -> AsyncIterator[list[EngineConnection]]:
    lines: list[EngineConnection] = []
    yield lines
    for line in lines:
        await line.end()


async def play(stage: list[EngineConnection], part: str) -> EngineConnection:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ACTOR + part),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=CHECKOUT,
        start_new_session=True,
        limit=HEADER_LIMIT,
    )
    stage.append(EngineConnection(child))
    assert await ask(stage[-1], "hello", 30) == "done"
    return stage[-1]


async def ask(
    line: EngineConnection, kind: str, seconds: float, news: list[Progress] | None = None
) -> str:
    async def report(order: int, one: Progress) -> None:
        if news is not None:
            news.append(one)

    return await line.ask(frame(kind), lambda answer: answer.kind, report, seconds)


async def begun(news: list[Progress]) -> None:
    while not news:
        await asyncio.sleep(0.01)


async def test_a_training_does_not_pay_for_the_portraits_it_lets_pass(
    stage: list[EngineConnection],
) -> None:
    line = await play(
        stage,
        """
training = hear().id; say("begun", training)
say("progress", training, ProgressMessage(0, Progress(EngineStage.TRAINING, 1, 2)))
portrait = hear().id; say("begun", portrait); time.sleep(2.2); say("painted", portrait)
say("trained", training); hear()
""",
    )
    news: list[Progress] = []
    training = asyncio.create_task(ask(line, "train", 1.8, news))
    await begun(news)
    assert await ask(line, "paint", 30) == "painted"
    assert await training == "trained"
    assert news == [Progress(EngineStage.TRAINING, 1, 2)]


async def test_who_hangs_times_out_and_the_others_may_try_again(
    stage: list[EngineConnection],
) -> None:
    line = await play(stage, 'say("begun", hear().id); hear(); time.sleep(60)')
    training = asyncio.create_task(ask(line, "train", 0.6))
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(ask(line, "paint", 0.1))  # it has not begun: its clock stands
    with pytest.raises(EngineTimeout):
        await training
    with pytest.raises(EngineCrashed) as caught:
        await waiting
    assert caught.value.retryable
    assert line.pid is None


async def test_an_order_is_taken_back_without_harm_to_the_others(
    stage: list[EngineConnection],
) -> None:
    line = await play(
        stage,
        """
training = hear().id; say("begun", training)
photo = hear(); back = hear(); assert (back.kind, back.id) == ("withdraw", photo.id)
say("error", photo.id, ErrorMessage("EngineError", "withdrawn"))
say("trained", training); hear()
""",
    )
    training = asyncio.create_task(ask(line, "train", 30))
    await asyncio.sleep(0.1)
    photo = asyncio.create_task(ask(line, "inspect", 30))
    await asyncio.sleep(0.1)
    photo.cancel()
    with pytest.raises(asyncio.CancelledError):
        await photo
    assert await training == "trained"
    assert line.pid is not None


async def test_a_report_that_fails_is_the_callers_own(stage: list[EngineConnection]) -> None:
    line = await play(
        stage,
        "n = hear().id; news = Progress(EngineStage.LOADING, 0, 1);"
        'say("progress", n, ProgressMessage(0, news)); time.sleep(60)',
    )

    async def full(order: int, news: Progress) -> None:
        raise TimeoutError("the database")

    with pytest.raises(TimeoutError, match="the database"):
        await line.ask(frame("train"), lambda answer: answer.kind, full, 30)
    assert line.pid is None, "nobody wants the order, and the child works on"


@pytest.mark.parametrize(
    "nonsense", ['say("painted", 99)', 'sys.stdout.buffer.write(b"hello\\n"); sys.stdout.flush()']
)
async def test_a_child_that_speaks_nonsense_is_not_listened_to(
    stage: list[EngineConnection], nonsense: str
) -> None:
    line = await play(stage, f"hear(); {nonsense}; time.sleep(60)")
    with pytest.raises(EngineCrashed):
        await ask(line, "inspect", 30)
    assert line.pid is None


async def test_an_answer_of_another_kind_is_nonsense_too(stage: list[EngineConnection]) -> None:
    from pipeline.engine import outcomes

    line = await play(stage, 'say("painted", hear().id, {"a": 1}); time.sleep(60)')
    with pytest.raises(EngineCrashed):
        await line.ask(WireFrame("paint"), outcomes.painted, None, 30)  # type: ignore[arg-type]
    assert line.pid is None


async def test_errors_keep_their_kind(stage: list[EngineConnection]) -> None:
    line = await play(
        stage,
        'say("error", hear().id, ErrorMessage("BadLabel", "no")); say("inspected", hear().id)',
    )
    with pytest.raises(EngineError, match="no") as caught:
        await ask(line, "paint", 30)
    assert type(caught.value).__name__ == "BadLabel"
    assert await ask(line, "inspect", 30) == "inspected", "an order's error ended the child"
