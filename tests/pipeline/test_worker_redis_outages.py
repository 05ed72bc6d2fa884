"""Workers go on through an outage of Redis: stopped, or without memory."""

import asyncio
import base64
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from pipeline.worker import app
from pipeline.worker.app import open_container, work
from shop.adapters.wake_up_arq import ArqWakeUp, answer_signals, connect, queue_name
from shop.jobs.jobs import WAKE_UP
from shop.outages import REPEATS
from shop.photos.photos import CHECK
from shop.settings import Settings
from tests.redis_server import RedisServer

PATIENCE = 60.0


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await true():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("role", ["check", "studio"])
@pytest.mark.parametrize("outage", ["stopped", "full"])
async def test_a_worker_waits_and_hears_signals_again(
    sqlite_url: str, tmp_path: Path, role: str, outage: str
) -> None:
    kind = "check" if role == "check" else "train"
    async with RedisServer(tmp_path) as server:
        settings = Settings.from_env(
            {
                "EIDER_DATA": str(tmp_path),
                "EIDER_DATABASE_URL": sqlite_url,
                "EIDER_REDIS_URL": server.url,
                "EIDER_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
            }
        )
        async with open_container(settings) as container:
            wake_up, redis = ArqWakeUp(container.redis), container.redis

            async def heard() -> bool:
                return not await redis.zcard(queue_name(kind))

            async def signalled(key: str) -> None:
                await wake_up.signal(kind, WAKE_UP, {}, key=key)
                await until(heard)

            with capture_logs() as logged:

                async def waits() -> bool:
                    assert not working.done()
                    return any(one["event"] == "signals_unheard" for one in logged)

                working = asyncio.create_task(work(role, container))
                await signalled("before")
                await (server.stop() if outage == "stopped" else server.fill())
                await until(waits)
                await (server.start() if outage == "stopped" else server.empty())
                await signalled("after")
                assert not working.done()
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
            assert not [one for one in logged if one.get("exc_info")], "no traceback"


class _Late:
    """What is waited for and does not come."""

    def __init__(self, *, took: bool | None = None) -> None:
        self._took = took

    async def wake_up(self, _: str) -> bool:
        return self._took if self._took is not None else await asyncio.Future()

    async def pass_on(self, _: str) -> None:
        await asyncio.Future()


@pytest.mark.parametrize(
    ("loop", "away"), [(_Late(), "database"), (_Late(took=False), "redis does not answer")]
)
async def test_a_wake_up_that_is_answered_late_is_an_outage(
    valkey: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    loop: Any, away: str,
) -> None:  # fmt: skip
    """One line, and nothing of arq's, which writes the traceback of whatever takes too long."""
    monkeypatch.setattr(app, "WAKE_UP_SECONDS", 0.2)
    redis = await connect(valkey)
    container: Any = SimpleNamespace(settings=SimpleNamespace(redis_url=valkey))
    listen = partial(app.wake_up_listener, loop, container, CHECK, _Late())  # type: ignore[arg-type]

    async def heard() -> bool:
        return not await redis.zcard(queue_name(CHECK.name))

    with capture_logs() as logged:
        listening = asyncio.create_task(answer_signals(listen))
        await ArqWakeUp(redis).signal(CHECK.name, WAKE_UP, {}, key="one")
        await until(heard)
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    await redis.aclose()
    [told] = logged
    assert (told["event"], told["log_level"]) == ("wake_up_unanswered", "warning")
    assert away in told["why"]
    assert told[REPEATS] == told["why"]
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
