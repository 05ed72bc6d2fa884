"""The child process: warm, killable, dying with its parent, without secrets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.engine.engine import (
    ChildEngine,
    EngineKilled,
    EngineTimeout,
    Timeouts,
)

pytestmark = pytest.mark.slow  # each test starts a real child

CHECKOUT = Path(__file__).parents[3]
MakeEngine = Callable[..., ChildEngine]


def alive(pid: int) -> bool:
    """Running; a zombie that nobody has waited for yet is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for_death(pid: int) -> None:
    """Return when the process has ended; the test's timeout is the limit."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            select.select([descriptor], [], [])
        finally:
            os.close(descriptor)


async def test_a_library_that_prints_does_not_break_the_frames(
    make_engine: MakeEngine,
    photos: tuple[bytes, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    noisy = (
        "import os\nprint('printed', flush=True)\n"
        "os.write(1, b'written\\n')\nos.system('echo echoed')\n"
    )
    (tmp_path / "imagehash.py").write_text(
        noisy + "def phash(p, side): print('more', flush=True); return '0' * 64\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert (await make_engine().inspect(photos[0])).phash == "0" * 64
    heard = capfd.readouterr().err
    assert all(word in heard for word in ("printed", "written", "echoed", "more"))


async def test_a_killed_child_is_replaced(
    make_engine: MakeEngine, photos: tuple[bytes, ...]
) -> None:
    engine = make_engine()
    await engine.inspect(photos[0])
    first = engine.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)  # so that it cannot answer before it dies
    asked = asyncio.create_task(engine.inspect(photos[0]))
    await asyncio.sleep(0)  # the loop turns once, and the request is under way
    os.kill(first, signal.SIGKILL)
    with pytest.raises(EngineKilled):
        await asked
    assert (await engine.inspect(photos[0])).faces == 1
    assert engine.pid not in (None, first)


async def test_a_request_that_takes_too_long_kills_the_child(
    make_engine: MakeEngine, photos: tuple[bytes, ...]
) -> None:
    engine = make_engine(Timeouts(inspect=20))
    await engine.inspect(photos[0])
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    engine.timeouts = Timeouts(inspect=0.2)
    with pytest.raises(EngineTimeout):
        await engine.inspect(photos[0])
    assert not alive(pid)
    assert engine.pid is None


async def test_a_cancelled_request_kills_the_child(
    make_engine: MakeEngine, photos: tuple[bytes, ...]
) -> None:
    engine = make_engine()
    await engine.inspect(photos[0])
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    asked = asyncio.create_task(engine.inspect(photos[0]))
    await asyncio.sleep(0)  # the loop turns once, and the request is under way
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not alive(pid)


async def test_no_secret_reaches_the_child(
    make_engine: MakeEngine, photos: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EIDER_TELEGRAM_TOKEN", "12345:secret")
    engine = make_engine()
    await engine.inspect(photos[0])
    assert b"secret" not in Path(f"/proc/{engine.pid}/environ").read_bytes()


async def test_a_child_that_crashes_leaves_no_core_dump(
    make_engine: MakeEngine, photos: tuple[bytes, ...]
) -> None:
    """Neither a file nor, which a limit of zero would allow, one piped to a collector."""
    engine = make_engine()
    await engine.inspect(photos[0])
    limits = Path(f"/proc/{engine.pid}/limits").read_text("utf-8")
    (line,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] in (["1", "1"], ["0", "0"])  # zero where the system forbids any


async def test_a_crash_fails_all_that_was_under_way(
    make_engine: MakeEngine, photos: tuple[bytes, ...]
) -> None:
    engine = make_engine()
    await engine.inspect(photos[0])
    pid = engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    asked = [asyncio.create_task(engine.inspect(photos[0])) for _ in range(3)]
    await asyncio.sleep(0)  # the loop turns once, and the request is under way
    os.kill(pid, signal.SIGKILL)
    for task in asked:
        with pytest.raises(EngineKilled):
            await task
    assert (await engine.inspect(photos[0])).faces == 1


PARENT = """
import asyncio, sys
from pathlib import Path
from pipeline.engine.engine import ChildEngine, ChildSettings, EngineStage, TrainRequest

async def main(bases, recipes, *photos):
    engine = ChildEngine(ChildSettings(bases=Path(bases), recipes=Path(recipes)))
    photos = tuple(Path(p).read_bytes() for p in photos)
    async def report(index, news):
        if news.stage is EngineStage.TRAINING and news.step == 2:
            print(engine.pid, flush=True)
    await engine.train([TrainRequest("a", photos, "man", "mini", 1)], report)

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_child_dies_with_its_parent(
    bases: Path, recipe_dir: Callable[..., Path], good_photos: tuple[Path, ...], tmp_path: Path
) -> None:
    recipes = recipe_dir(steps=100_000, sample_at=0)
    photos = [str(path) for path in good_photos[:3]]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(bases), str(recipes), *photos],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.kill()
    parent.wait()
    wait_for_death(child)


def test_the_end_of_the_input_ends_a_child_even_without_the_kernels_help() -> None:
    """As on a system without PR_SET_PDEATHSIG."""
    options = json.dumps(
        {
            **{"bases": None, "device": "cpu", "threads": 1, "allow_noncommercial": False},
            **{"adapter_bytes": 1, "cache": None, "recipes": None, "parent": os.getpid()},
        }
    )
    child = subprocess.Popen(
        [sys.executable, "-m", "pipeline.child", options], cwd=CHECKOUT, stdin=subprocess.PIPE
    )
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait() == 0


def test_a_child_whose_parent_is_already_dead_leaves() -> None:
    options = json.dumps({"parent": 1})
    done = subprocess.run(
        [sys.executable, "-m", "pipeline.child", options], cwd=CHECKOUT, check=False
    )
    assert done.returncode == 1
