"""The engine with a real child: results, errors, resume, and photos kept off the disk."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch

from pipeline.engine.engine import (
    BadPhotos,
    BaseMissing,
    CheckpointFile,
    ChildEngine,
    ChildSettings,
    EngineCrashed,
    EngineError,
    EngineStage,
    PaintedImage,
    PaintRequest,
    Progress,
    RecipeError,
    Report,
    TrainedLora,
    TrainRequest,
    View,
)
from pipeline.images import faces
from pipeline.images.photo import decode
from shop.records import Compared

pytestmark = pytest.mark.slow  # each test starts a real child

MakeEngine = Callable[..., ChildEngine]


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


async def test_looks_at_a_photo_and_compares_some(
    make_engine: MakeEngine, photos: tuple[bytes, ...]
) -> None:
    engine = make_engine()
    found = await engine.inspect(photos[2])
    assert found.faces == 1
    assert found.view is View.FRONT
    pid = engine.pid
    assert await engine.inspect(photos[2]) == found
    alike = await engine.compare(photos[:4])
    assert alike.words == (Compared.ALIKE,) * 4
    assert engine.pid == pid, "the child did not stay warm"
    maps = Path(f"/proc/{pid}/maps").read_text()
    assert "libtorch" not in maps, "looking at photos loaded torch"


async def test_refuses_what_is_no_photo(make_engine: MakeEngine) -> None:
    engine = make_engine()
    with pytest.raises(BadPhotos):
        await engine.inspect(b"GIF89a, or so it says")
    with pytest.raises(BadPhotos):
        await engine.inspect(b"")
    assert engine.pid is not None, "an error of the request killed the child"


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
) -> None:
    """They do not wait for its end, and it ends in the same LoRA as undisturbed."""
    engine = make_engine(steps=250, checkpoint_every=10)
    whole = await train(engine, train_request())
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


async def test_a_training_killed_midway_ends_bit_equal(
    make_engine: MakeEngine,
    train_request: Callable[..., TrainRequest],
) -> None:
    """What came with the progress until then is all that is needed, also by another child."""
    engine = make_engine(steps=9)
    whole = await train(engine, train_request())
    seen: list[int] = []
    kept: dict[str, CheckpointFile] = {}

    async def kill_at_six(index: int, news: Progress) -> None:
        kept.update({file.name: file for file in news.checkpoint})
        if news.stage is EngineStage.TRAINING:
            seen.append(news.step)
            if news.step == 6:
                assert engine.pid is not None
                os.kill(engine.pid, signal.SIGKILL)

    with pytest.raises(EngineCrashed):
        await train(engine, train_request(), kill_at_six)
    assert kept, "no checkpoint"

    async def listen(index: int, news: Progress) -> None:
        if news.stage is EngineStage.TRAINING:
            seen.append(news.step)

    seen.clear()
    resumed = await train(engine, train_request(checkpoint=tuple(kept.values())), listen)
    assert engine.restarts == 1
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
    """From the first photo to the initial portraits, which are compared with the photos. Neither do
    the weights of the LoRA, the optimiser's moments, or its candidates."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("HOME", str(temporary))
    engine = make_engine(min_similarity=-1, steps=6, keep_checkpoints=2)
    request = train_request(initial_portraits=paint_request(seeds=(1, 2)))
    planted = [photo[len(photo) // 2 :][:64] for photo in photos[:3]]
    for photo in photos[:3]:
        vector = faces.embedding(decode(photo))
        assert vector is not None
        planted.append(vector.tobytes()[:64])
    looked_at = checkpoints = 0

    async def scan(index: int, news: Progress) -> None:
        nonlocal looked_at, checkpoints
        looked_at += 1
        for file in news.checkpoint:
            checkpoints += 1
            for tensor in safetensors.torch.load(file.data).values():
                values = tensor.numpy().tobytes()
                pieces = (values[at:][:64] for at in (len(values) // 4, len(values) // 2))
                planted.extend(piece for piece in pieces if any(piece))
        assert engine.pid is not None
        freeze(engine.pid)  # else a file may vanish between the listing and the reading
        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        # Also what is open and already unlinked, or shared memory.
        for link in Path(f"/proc/{engine.pid}/fd").iterdir():
            target = os.readlink(link)
            unlinked = target.endswith("(deleted)") and "/dev/" not in target
            if unlinked or target.startswith("/dev/shm/"):
                files.append(link)
        for file in files:
            data = file.read_bytes()
            assert not any(piece in data for piece in planted), f"a photo or a LoRA in {file}"
        os.kill(engine.pid, signal.SIGCONT)

    trained = await train(engine, request, scan)
    assert looked_at > len(photos)
    assert checkpoints >= 4
    for picture in trained.initial_portraits:  # of an untrained base: no face
        assert picture.similarity == -1
    assert len(trained.initial_portraits) == 2
    assert "similarity" not in capfd.readouterr().err
    left = [path for path in temporary.rglob("*") if path.is_file()]
    assert left == [], "somebody left something, perhaps telemetry"
