"""The child process: warm, killable, dying with its parent, keeping photos off the disk."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pipeline.engine.engine import (
    BadPhotos,
    BaseMissing,
    ChildEngine,
    ChildSettings,
    EngineCrashed,
    EngineError,
    EngineStage,
    EngineTimeout,
    PaintedImage,
    PaintRequest,
    Progress,
    RecipeError,
    Report,
    Timeouts,
    TrainedLora,
    TrainRequest,
    View,
)
from pipeline.images import faces
from pipeline.images.photo import decode

pytestmark = pytest.mark.slow  # each test starts a real child

CHECKOUT = Path(__file__).parents[2]
MakeEngine = Callable[..., ChildEngine]


@pytest.fixture
async def make_engine(
    bases: Path, recipe_dir: Callable[..., Path]
) -> AsyncIterator[Callable[..., ChildEngine]]:
    made: list[ChildEngine] = []

    def make(timeouts: Timeouts | None = None, **changes: object) -> ChildEngine:
        settings = ChildSettings(bases=bases, recipes=recipe_dir(**changes))
        made.append(ChildEngine(settings, timeouts))
        return made[-1]

    yield make
    for engine in made:
        await engine.close()


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


def freeze(pid: int) -> None:
    """Stop a process, and wait until it is stopped."""
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "tTZ":
        time.sleep(0.001)


async def silent(index: int, news: Progress) -> None:
    pass


async def train(engine: ChildEngine, request: TrainRequest, report: Report = silent) -> TrainedLora:
    (result,) = await engine.train((request,), report)
    assert isinstance(result, TrainedLora), result
    return result


async def paint(engine: ChildEngine, request: PaintRequest) -> tuple[PaintedImage, ...]:
    (result,) = await engine.paint((request,), silent)
    assert isinstance(result, tuple), result
    return result


async def test_looks_at_a_photo(make_engine: MakeEngine, photos: tuple[bytes, ...]) -> None:
    engine = make_engine()
    found = await engine.inspect(photos[2])
    assert found.faces == 1
    assert found.view is View.FRONT
    pid = engine.pid
    assert await engine.inspect(photos[2]) == found
    assert engine.pid == pid, "the child did not stay warm"
    maps = Path(f"/proc/{pid}/maps").read_text()
    assert "libtorch" not in maps, "looking at photos loaded torch"


async def test_refuses_what_is_no_photo(make_engine: MakeEngine) -> None:
    engine = make_engine()
    with pytest.raises(BadPhotos) as caught:
        await engine.inspect(b"GIF89a, or so it says")
    assert not caught.value.retryable
    with pytest.raises(BadPhotos):
        await engine.inspect(b"")
    assert engine.pid is not None, "an error of the request killed the child"


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
    with pytest.raises(EngineCrashed) as caught:
        await asked
    assert caught.value.retryable
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


async def test_errors_keep_their_kind(
    make_engine: MakeEngine,
    train_request: Callable[..., TrainRequest],
    paint_request: Callable[..., PaintRequest],
    photos: tuple[bytes, ...],
) -> None:
    """Each request has its own end; two of them share a base that cannot be loaded."""
    engine = make_engine()
    results = await engine.paint(
        [paint_request(name) for name in ("nonesuch", "../../secret", "nonesuch")]
        + [paint_request(height=0), paint_request()],
        silent,
    )
    first, second, third, flat, good = results
    for refused in (first, second, third):
        assert isinstance(refused, RecipeError)
    assert "no recipe named 'nonesuch'" in str(first)
    assert isinstance(flat, EngineError)
    assert "ZeroDivisionError" in str(flat)
    assert isinstance(good, tuple)
    bad, fine = await engine.train(
        [train_request(photos=(photos[0], b"x"), avatar="bad"), train_request()], silent
    )
    assert isinstance(bad, BadPhotos)
    assert "1 of 2 photos" in str(bad)
    assert isinstance(fine, TrainedLora)


async def test_a_base_without_weights_says_what_to_do(
    recipe_dir: Callable[..., Path], paint_request: Callable[..., PaintRequest], tmp_path: Path
) -> None:
    recipes = recipe_dir(folder='"elsewhere"')
    engine = ChildEngine(ChildSettings(bases=tmp_path, recipes=recipes))
    (missing,) = await engine.paint((paint_request("mini"),), silent)
    assert isinstance(missing, BaseMissing)
    assert re.search(r"put a diffusers folder at .*elsewhere", str(missing))
    await engine.close()


async def test_no_secret_reaches_the_child(
    make_engine: MakeEngine, photos: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EIDER_TELEGRAM_TOKEN", "12345:secret")
    engine = make_engine()
    await engine.inspect(photos[0])
    assert b"secret" not in Path(f"/proc/{engine.pid}/environ").read_bytes()


async def test_logs_tell_no_texts(
    make_engine: MakeEngine,
    paint_request: Callable[..., PaintRequest],
    capfd: pytest.CaptureFixture[str],
) -> None:
    engine = make_engine()
    private = "my dear friend Zebulon " * 30  # long enough for a warning about truncation
    await paint(engine, paint_request("sd15", prompt=private))
    await paint(engine, paint_request("mini", prompt=private))
    (refused,) = await engine.paint((paint_request("mini", prompt=private, height=0),), silent)
    assert isinstance(refused, EngineError)
    heard = capfd.readouterr().err
    assert "Zebulon" not in heard
    logs = [json.loads(line) for line in heard.splitlines() if line.startswith("{")]
    assert [log["event"] for log in logs].count("request_done") == 3


async def test_portraits_and_photos_pass_a_training_between_two_steps(
    make_engine: MakeEngine,
    train_request: Callable[..., TrainRequest],
    paint_request: Callable[..., PaintRequest],
    photos: tuple[bytes, ...],
    tmp_path: Path,
) -> None:
    """They do not wait for its end, and it ends in the same LoRA as undisturbed."""
    engine = make_engine(steps=250, checkpoint_every=10)
    whole = await train(engine, train_request(workdir=tmp_path / "undisturbed"))
    portrait = paint_request(lora=whole.kept[0].lora)
    before = await paint(engine, portrait)
    asked: list[asyncio.Task[object]] = []
    passed_at: list[int] = []

    async def disturb(index: int, news: Progress) -> None:
        if news.stage is EngineStage.TRAINING and not asked:
            asked.append(asyncio.create_task(paint(engine, portrait)))
            asked.append(asyncio.create_task(engine.inspect(photos[0])))
            asked.append(asyncio.create_task(paint(engine, paint_request("sd15"))))
        if asked and all(task.done() for task in asked[:2]):
            passed_at.append(news.step)

    again = await train(engine, train_request(), disturb)
    assert passed_at, "a portrait waited for the whole training"
    assert again.kept == whole.kept
    assert await asked[0] == before
    assert await asked[2], "another base's portrait was lost"


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
        with pytest.raises(EngineCrashed) as caught:
            await task
        assert caught.value.retryable
    assert (await engine.inspect(photos[0])).faces == 1


async def test_a_training_killed_midway_ends_bit_equal(
    make_engine: MakeEngine,
    train_request: Callable[..., TrainRequest],
    tmp_path: Path,
) -> None:
    engine = make_engine(steps=9)
    whole = await train(engine, train_request(workdir=tmp_path / "undisturbed"))
    seen: list[int] = []

    async def kill_at_six(index: int, news: Progress) -> None:
        if news.stage is EngineStage.TRAINING:
            seen.append(news.step)
            if news.step == 6:
                assert engine.pid is not None
                os.kill(engine.pid, signal.SIGKILL)

    with pytest.raises(EngineCrashed):
        await train(engine, train_request(), kill_at_six)
    left = list(train_request().workdir.iterdir())
    assert left, "no checkpoint"
    for path in left:
        assert path.stat().st_mode & 0o077 == 0, "others may read a customer's checkpoint"

    async def listen(index: int, news: Progress) -> None:
        if news.stage is EngineStage.TRAINING:
            seen.append(news.step)

    seen.clear()
    resumed = await train(engine, train_request(), listen)
    assert seen[0] in (5, 7, 9), "did not go on from a checkpoint"
    assert resumed.kept == whole.kept
    assert (resumed.loss_first, resumed.loss_last) == (whole.loss_first, whole.loss_last)


async def test_photos_and_vectors_never_touch_the_disk(
    make_engine: MakeEngine,
    train_request: Callable[..., TrainRequest],
    paint_request: Callable[..., PaintRequest],
    photos: tuple[bytes, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """From the first photo to the first portraits, which are compared with the photos."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("HOME", str(temporary))
    engine = make_engine(likeness=-1)
    request = train_request(first=paint_request(seeds=(1, 2)))
    planted = [photo[len(photo) // 2 :][:64] for photo in photos[:3]]
    for photo in photos[:3]:
        vector = faces.embedding(decode(photo))
        assert vector is not None
        planted.append(vector.tobytes()[:64])
    looked_at = 0

    async def scan(index: int, news: Progress) -> None:
        nonlocal looked_at
        looked_at += 1
        assert engine.pid is not None
        freeze(engine.pid)  # else a file may vanish between the listing and the reading
        files = [p for root in (temporary, request.workdir) for p in root.rglob("*") if p.is_file()]
        # Also what is open and already unlinked.
        for link in Path(f"/proc/{engine.pid}/fd").iterdir():
            target = os.readlink(link)
            if target.endswith("(deleted)") and "/dev/" not in target:
                files.append(link)
        for file in files:
            data = file.read_bytes()
            assert not any(piece in data for piece in planted), f"a photo lies in {file}"
        os.kill(engine.pid, signal.SIGCONT)

    trained = await train(engine, request, scan)
    assert looked_at > len(photos)
    for picture in trained.first:  # of an untrained base: no face, so the least likeness
        assert picture.likeness == -1
    assert len(trained.first) == 2
    assert "likeness" not in capfd.readouterr().err
    left = [path for path in temporary.rglob("*") if path.is_file()]
    assert left == [], "somebody left something, perhaps telemetry"


PARENT = """
import asyncio, sys
from pathlib import Path
from pipeline.engine.engine import ChildEngine, ChildSettings, EngineStage, TrainRequest

async def main(bases, recipes, work, *photos):
    engine = ChildEngine(ChildSettings(bases=Path(bases), recipes=Path(recipes)))
    photos = tuple(Path(p).read_bytes() for p in photos)
    async def report(index, news):
        if news.stage is EngineStage.TRAINING and news.step == 2:
            print(engine.pid, flush=True)
    await engine.train([TrainRequest("a", photos, "man", "mini", 1, Path(work))], report)

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_child_dies_with_its_parent(
    bases: Path, recipe_dir: Callable[..., Path], good_photos: tuple[Path, ...], tmp_path: Path
) -> None:
    recipes = recipe_dir(steps=100_000, sample_at=0)
    photos = [str(path) for path in good_photos[:3]]
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(bases), str(recipes), str(tmp_path / "w"), *photos],
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
