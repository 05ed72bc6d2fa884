"""The embedded Valkey: reachable by its socket alone, and not lost by kill -9."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from redis.asyncio import Redis

from shop.adapters.embedded import embedded_valkey, scrub
from shop.adapters.wake_up_arq import ArqWakeUp, connect

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Short, as a socket's path must be; with any letters, as a home may have."""
    with tempfile.TemporaryDirectory(prefix="绒鸭 %20?#") as folder:
        yield Path(folder)


async def pid_of(url: str) -> int:
    async with Redis.from_url(url) as redis:
        return int((await redis.info("server"))["process_id"])


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def dies(pid: int) -> None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # gone between two looks
        while lives(pid) and "zombie" not in Path(f"/proc/{pid}/status").read_text():
            await asyncio.sleep(0.01)


async def test_it_starts_and_stops_and_is_not_on_the_network(data_dir: Path) -> None:
    async with embedded_valkey(data_dir) as url:
        assert url == f"unix://{quote(str(data_dir))}/valkey.sock"
        pid = await pid_of(url)
        async with Redis.from_url(url) as redis:
            assert (await redis.config_get("port"))["port"] == "0"
        assert (data_dir / "valkey.sock").stat().st_mode & 0o077 == 0
    assert not lives(pid)
    assert not (data_dir / "valkey.sock").exists()


async def test_a_second_process_uses_the_first_ones_server(data_dir: Path) -> None:
    async with embedded_valkey(data_dir) as url:
        pid = await pid_of(url)
        async with embedded_valkey(data_dir) as same:
            assert same == url
            assert await pid_of(same) == pid
        assert await pid_of(url) == pid


async def test_two_at_once_start_one(data_dir: Path) -> None:
    pids: list[int] = []
    met = asyncio.Barrier(2)

    async def process() -> None:
        async with embedded_valkey(data_dir) as url:
            pids.append(await pid_of(url))
            await met.wait()

    await asyncio.gather(process(), process())
    assert pids[0] == pids[1]


async def test_queued_signals_outlive_a_killed_server(data_dir: Path) -> None:
    async with embedded_valkey(data_dir) as url:
        redis = await connect(url)
        for n in range(50):
            await ArqWakeUp(redis).signal("train", "work", {"job": n}, key=f"j{n}")
        pid = await pid_of(url)
        os.kill(pid, signal.SIGKILL)
        await dies(pid)
        await redis.connection_pool.disconnect()
    assert (data_dir / "valkey.sock").exists()  # stale
    async with embedded_valkey(data_dir) as url:
        redis = await connect(url)
        assert await redis.zcard("eider:train") == 50
        assert len(await redis.queued_jobs(queue_name="eider:train")) == 50
        await redis.aclose()


async def test_a_server_that_outlived_its_owner_is_taken_over_and_stopped(data_dir: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from shop.adapters.embedded import embedded_valkey\n"
        "async def main():\n"
        "    async with embedded_valkey(pathlib.Path(sys.argv[1])) as url:\n"
        "        print(url, flush=True)\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(data_dir), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert owner.stdout is not None
    url = (await owner.stdout.readline()).decode().strip()
    pid = await pid_of(url)
    owner.kill()
    await owner.wait()
    assert lives(pid)
    async with embedded_valkey(data_dir) as url:
        assert await pid_of(url) == pid
    await dies(pid)
    assert not (data_dir / "valkey.sock").exists()


async def test_scrub_leaves_no_trace_of_what_was_deleted(data_dir: Path) -> None:
    def tells(path: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):  # the server renames what it has rewritten
            return path.is_file() and b"planted-name" in path.read_bytes()
        return False

    def traces() -> list[Path]:
        return [path for path in (data_dir / "valkey").rglob("*") if tells(path)]

    async with embedded_valkey(data_dir) as url, Redis.from_url(url) as redis:
        await redis.set("session", "planted-name")
        await redis.delete("session")
        assert traces()
        await scrub(url)
        while traces():
            await asyncio.sleep(0.05)


async def test_a_data_folder_may_lie_deep(data_dir: Path) -> None:
    deep = data_dir / ("x" * 60) / ("y" * 60)
    async with embedded_valkey(deep) as url:
        assert await pid_of(url) > 0
        async with Redis.from_url(url) as redis:
            await redis.set("kept", "1")
    async with embedded_valkey(deep) as url, Redis.from_url(url) as redis:
        assert await redis.get("kept") == b"1"
