"""Wake-up signals: the same promises over memory and over arq with a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any, Protocol

import pytest
from arq.connections import ArqRedis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from shop.adapters import wake_up_arq
from shop.adapters.memory import MemoryWakeUp
from shop.adapters.wake_up_arq import ArqWakeUp, Payload, PeerWakeUps, build_worker, connect
from shop.errors import Unavailable
from shop.ports import WakeUp
from tests.redis_server import RedisServer

Heard = list[tuple[str, dict[str, Any]]]


class Stand(Protocol):
    """Signals, and somebody who answers them until nothing is due."""

    @property
    def wake_up(self) -> WakeUp: ...

    async def answer(self, queue: str) -> Heard: ...


class MemoryStand:
    def __init__(self) -> None:
        self.wake_up = MemoryWakeUp()

    async def answer(self, queue: str) -> Heard:
        return [(one.name, dict(one.payload)) for one in self.wake_up.take(queue)]


class ArqStand:
    def __init__(self, url: str, wake_up: ArqWakeUp) -> None:
        self.url, self.wake_up = url, wake_up

    async def answer(self, queue: str) -> Heard:
        heard: Heard = []

        def hears(name: str) -> Callable[[Any, Payload], Coroutine[Any, Any, None]]:
            async def hear(_: dict[str, Any], payload: Payload) -> None:
                heard.append((name, dict(payload)))

            return hear

        work = {name: hears(name) for name in ("work", "notice")}
        worker = build_worker(
            self.url, queue, work, timeout=5, poll_delay=0.01, handle_signals=False
        )
        worker.burst = True
        await worker.async_run()
        await worker.close()
        return heard


@pytest.fixture(params=["memory", "arq"])
def queue_url(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "memory" else request.getfixturevalue("valkey")


@pytest.fixture
async def stand(queue_url: str) -> AsyncIterator[Stand]:
    if not queue_url:
        yield MemoryStand()
        return
    redis = await connect(queue_url)
    yield ArqStand(queue_url, ArqWakeUp(redis))
    await redis.aclose()


async def test_a_signal_is_heard_once_with_its_payload(stand: Stand) -> None:
    payload: Payload = {"job": "绒鸭", "step": 3, "share": 0.5}
    await stand.wake_up.signal("check", "work", payload, key="j1")
    assert await stand.answer("check") == [("work", payload)]
    assert await stand.answer("check") == []


async def test_one_key_is_one_signal_while_it_waits(stand: Stand) -> None:
    for n in range(3):
        await stand.wake_up.signal("chat", "notice", {"n": n}, key="tally:o1")
    await stand.wake_up.signal("chat", "notice", {"n": 9}, key="tally:o2")
    assert await stand.answer("chat") == [("notice", {"n": 0}), ("notice", {"n": 9})]


async def test_a_key_signals_again_once_it_was_heard(stand: Stand) -> None:
    for _ in range(3):
        await stand.wake_up.signal("chat", "notice", {}, key="k")
        assert await stand.answer("chat") == [("notice", {})]


async def test_queues_do_not_hear_each_other(stand: Stand) -> None:
    await stand.wake_up.signal("train", "work", {"job": "t"}, key="same")
    await stand.wake_up.signal("paint", "work", {"job": "p"}, key="same")
    assert await stand.answer("paint") == [("work", {"job": "p"})]
    assert await stand.answer("train") == [("work", {"job": "t"})]


async def test_a_delayed_signal_is_heard_later(valkey: str) -> None:
    redis = await connect(valkey)
    stand = ArqStand(valkey, ArqWakeUp(redis))
    loop = asyncio.get_running_loop()
    start = loop.time()
    await stand.wake_up.signal("chat", "notice", {"late": 1}, key="late", delay=0.4)
    await stand.wake_up.signal("chat", "notice", {"late": 0}, key="now")
    assert [payload["late"] for _, payload in await stand.answer("chat")] == [0, 1]
    assert loop.time() - start >= 0.4
    await redis.aclose()


async def test_a_signal_during_the_work_of_the_first_is_not_lost(valkey: str) -> None:
    """What changed after the work had looked must be looked at again. Bare arq drops it."""
    redis = await connect(valkey)
    wake_up = ArqWakeUp(redis)
    heard: list[int] = []

    async def notice(_: dict[str, Any], payload: Payload) -> None:
        heard.append(int(payload["n"]))
        if len(heard) == 1:
            await wake_up.signal("chat", "notice", {"n": 2}, key="tally")
            await wake_up.signal("chat", "notice", {"n": 3}, key="tally")

    await wake_up.signal("chat", "notice", {"n": 1}, key="tally")
    worker = build_worker(
        valkey, "chat", {"notice": notice}, timeout=5, poll_delay=0.01, handle_signals=False
    )
    worker.burst = True
    await worker.async_run()
    await worker.close()
    await redis.aclose()
    assert heard == [1, 2]


async def test_a_signal_for_a_killed_workers_job_is_heard_at_once(valkey: str) -> None:
    """arq believes for the whole timeout that the job of a killed worker still runs."""
    redis = await connect(valkey)
    stand = ArqStand(valkey, ArqWakeUp(redis))
    await stand.wake_up.signal("train", "work", {"job": "j"}, key="j")
    await redis.psetex("arq:in-progress:train:j", 3_600_000, b"1")
    await stand.wake_up.signal("train", "work", {"job": "j"}, key="j")
    heard: list[Payload] = []

    async def work(_: dict[str, Any], payload: Payload) -> None:
        heard.append(payload)

    worker = build_worker(
        valkey, "train", {"work": work}, timeout=5, poll_delay=0.01, handle_signals=False
    )
    running = asyncio.create_task(worker.async_run())
    async with asyncio.timeout(20):
        while not heard:
            await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.wait({running})
    await worker.close()
    await redis.aclose()
    assert heard == [{"job": "j"}]


async def test_a_failed_signal_is_over_and_tells_nothing(
    valkey: str, caplog: pytest.LogCaptureFixture
) -> None:
    redis = await connect(valkey)
    wake_up = ArqWakeUp(redis)
    tries: list[int] = []

    async def work(_: dict[str, Any], payload: Payload) -> None:
        tries.append(1)
        raise RuntimeError("poisoned")

    await wake_up.signal("paint", "work", {"job": "j"}, key="j")
    worker = build_worker(
        valkey, "paint", {"work": work}, timeout=5, poll_delay=0.01, handle_signals=False
    )
    worker.burst = True
    await worker.async_run()
    await worker.close()
    assert tries == [1]
    assert [key async for key in redis.scan_iter("arq:*")] == []
    assert "error serializing" not in caplog.text
    await redis.aclose()


async def test_a_signal_is_passed_on_to_every_other_worker_and_not_to_oneself(valkey: str) -> None:
    redis = await connect(valkey)
    workers = {name: PeerWakeUps(redis, name) for name in ("w1", "w2", "w3")}
    heard: asyncio.Queue[str] = asyncio.Queue()

    def hears(name: str) -> Callable[[str], Coroutine[Any, Any, None]]:
        async def hear(queue: str) -> None:
            await heard.put(f"{name} {queue}")

        return hear

    listening = [
        asyncio.create_task(one.listen(["train"], hears(name))) for name, one in workers.items()
    ]
    async with asyncio.timeout(20):
        while await subscribers(redis, "eider:peers:train") < len(workers):
            await asyncio.sleep(0.01)
        await workers["w1"].pass_on("paint")
        await workers["w1"].pass_on("train")
        assert {await heard.get(), await heard.get()} == {"w2 train", "w3 train"}
    for task in listening:
        task.cancel()
    await asyncio.wait(listening)
    await redis.aclose()
    assert heard.empty()


async def subscribers(redis: ArqRedis, channel: str) -> int:
    [(_, count)] = await redis.pubsub_numsub(channel)
    return int(count)


class TestAFrozenServer:
    """It takes what is sent, and answers nothing."""

    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(wake_up_arq, "REDIS_SECONDS", 0.3)

    async def test_nobody_waits_for_it_for_ever_and_no_question_is_put_twice(self, tmp_path: Path):
        async with RedisServer(tmp_path) as server:
            redis = await connect(server.url)
            assert await redis.incr("asked") == 1
            await server.freeze()
            try:
                with pytest.raises(RedisError):
                    await redis.incr("asked")
                with pytest.raises(RedisError):  # over a connection of its own
                    await redis.incr("asked")
                with pytest.raises(Unavailable):
                    await ArqWakeUp(redis).signal("chat", "work", {}, key="a")
                worker = build_worker(server.url, "chat", {"work": _nothing}, timeout=5)
                with pytest.raises(RedisError):
                    await worker.async_run()
            finally:
                server.thaw()
            await worker.close()
            assert int(await redis.get("asked")) == 2, "the first was taken, the second never sent"
            await redis.aclose()

    async def test_silence_of_a_server_that_answers_is_no_outage(self, valkey: str):
        redis, heard = await connect(valkey), asyncio.Event()

        async def hear(_: str) -> None:
            heard.set()

        with capture_logs() as logged:
            listener = asyncio.create_task(PeerWakeUps(redis, "a").listen(["check"], hear))
            await asyncio.sleep(1.0)  # three of its time-outs
            while not heard.is_set():
                await PeerWakeUps(redis, "b").pass_on("check")
                await asyncio.sleep(0.01)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        await redis.aclose()
        assert not [one for one in logged if one["event"] == "signals_unheard"]


async def _nothing(_: dict[str, Any], payload: Payload) -> None:
    """Nobody comes so far."""
