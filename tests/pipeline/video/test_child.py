"""Clips by video bases in the torch child: with others, cancelled, and giving way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.child.warm_video import WarmVideoBase
from pipeline.clips.reading import read_clip
from pipeline.engine.engine import (
    BaseMissing,
    ChildEngine,
    ChildSettings,
    EngineError,
    EngineStage,
    GenerateVideoRequest,
    LabelText,
    LicenceRefused,
    OrderError,
    PaintedClip,
    PaintRequest,
    Progress,
)
from pipeline.video import loading
from tests.pipeline import tiny_bases, tiny_video_bases
from tests.pipeline.conftest import TINY, adapted
from tests.pipeline.video.conftest import MakeVideoRequest

pytestmark = pytest.mark.slow  # torch, and real children
FIVE_B = "wan22-ti2v-5b"
MakeVideoEngine = Callable[..., ChildEngine]


@pytest.fixture(scope="session")
def both_bases(video_bases: Path) -> Path:
    """EIDER_BASES with every tiny video base, and the tiny `mini`."""
    tiny_bases.write_base("mini", video_bases / "mini")
    return video_bases


def write_recipes(folder: Path, **changes: object) -> Path:
    (folder / "video").mkdir(parents=True)
    (folder / "mini.toml").write_text(adapted("mini", **TINY))
    for name in tiny_video_bases.VIDEO_MAKERS:
        text = tiny_video_bases.recipe_text(name, **changes)
        (folder / "video" / f"{name}.toml").write_text(text)
    return folder


@pytest.fixture
async def make_video_engine(both_bases: Path, tmp_path: Path) -> AsyncIterator[MakeVideoEngine]:
    """Makes engines over tiny bases of both kinds, and closes them; keys of video recipes."""
    made: list[ChildEngine] = []

    def make(**changes: object) -> ChildEngine:
        folder = write_recipes(tmp_path / f"recipes-{len(made)}", **changes)
        made.append(ChildEngine(ChildSettings(bases=both_bases, recipes=folder)))
        return made[-1]

    yield make
    for engine in made:
        await engine.close()


async def silent(index: int, progress: Progress) -> None:
    pass


def clip_of(results: Sequence[PaintedClip | EngineError]) -> PaintedClip:
    (clip,) = results
    assert isinstance(clip, PaintedClip), clip
    return clip


async def test_clips_come_with_their_progress_and_each_has_its_own_error(
    make_video_engine: MakeVideoEngine, video_request: MakeVideoRequest
) -> None:
    news: list[tuple[int, Progress]] = []

    async def report(index: int, progress: Progress) -> None:
        news.append((index, progress))

    right = video_request(FIVE_B)
    wrong, other = replace(right, seconds=99.0), video_request("ltx-2")
    missing = video_request("no-such-base")
    results = await make_video_engine().generate_video((wrong, right, other, missing), report)
    assert [type(one) for one in results[::2]] == [OrderError, LicenceRefused]
    assert isinstance(results[3], EngineError)
    assert "no video recipe" in str(results[3])
    clip = results[1]
    assert isinstance(clip, PaintedClip)
    assert read_clip(clip.mp4).frames == clip.frames == 8
    steps = [(index, one.step) for index, one in news if one.stage is EngineStage.ANIMATING]
    assert steps == [(1, 1), (1, 2)]


async def test_portraits_and_photos_pass_a_clip_between_its_steps(
    make_video_engine: MakeVideoEngine,
    video_request: MakeVideoRequest,
    paint_request: Callable[..., PaintRequest],
    photos: tuple[bytes, ...],
) -> None:
    engine, request = make_video_engine(steps=6), video_request(FIVE_B)
    alone = clip_of(await engine.generate_video((request,), silent))
    passed: list[str] = []
    others: list[asyncio.Task[None]] = []

    async def ask() -> None:
        await asyncio.gather(engine.paint((paint_request("mini"),), silent),
                             engine.inspect(photos[0]))  # fmt: skip
        passed.append("others")

    async def report(index: int, progress: Progress) -> None:
        if progress.stage is EngineStage.ANIMATING and not others:
            others.append(asyncio.create_task(ask()))
            await asyncio.sleep(0)

    clip = clip_of(await engine.generate_video((request,), report))
    passed.append("clip")
    await asyncio.gather(*others)
    assert passed == ["others", "clip"]
    assert clip.poster == alone.poster
    assert engine.restarts == 0


class Lost(Exception):
    """A lease was lost."""


async def test_a_cancelled_clip_ends_and_the_child_goes_on(
    make_video_engine: MakeVideoEngine, video_request: MakeVideoRequest
) -> None:
    engine = make_video_engine(steps=50)
    short = asyncio.Event()
    steps: list[int] = []

    async def report(index: int, progress: Progress) -> None:
        if progress.stage is EngineStage.ANIMATING:
            steps.append(progress.step)
            short.set()
            await asyncio.sleep(0)
            raise Lost

    first = asyncio.create_task(engine.generate_video((video_request(FIVE_B),), report))
    await short.wait()
    second = asyncio.create_task(engine.generate_video((video_request(FIVE_B, seed=5),), silent))
    with pytest.raises(Lost):
        await first
    clip_of(await second)
    assert steps == [1]
    assert engine.starts <= 2  # if the first was the only one, its child was ended


async def test_a_host_is_tested_with_a_video_base(
    make_video_engine: MakeVideoEngine, video_bases: Path, tmp_path: Path
) -> None:
    await make_video_engine().self_test(FIVE_B, LabelText())
    empty = ChildSettings(bases=tmp_path / "none", recipes=write_recipes(tmp_path / "recipes"))
    engine = ChildEngine(empty)
    try:
        with pytest.raises(BaseMissing, match=FIVE_B):
            await engine.self_test(FIVE_B, LabelText())
    finally:
        await engine.close()


async def test_nothing_of_what_was_asked_for_is_logged(
    make_video_engine: MakeVideoEngine,
    video_request: MakeVideoRequest,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Longer than the base reads: its warnings would quote it."""
    words = "xylophone " * 200
    requests = [video_request(FIVE_B, words=words), video_request(FIVE_B, words=words, photo=b"?")]
    results = await make_video_engine().generate_video(requests, silent)
    assert isinstance(results[0], PaintedClip)
    assert isinstance(results[1], EngineError)
    written = capfd.readouterr()
    assert "request_done" in written.err
    assert "xylophone" not in written.out + written.err + str(results[1])


class Device:
    """What happens to the GPU that is not there: who is put on it, and who leaves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events: list[str] = []
        open_real = loading.open_video_base
        monkeypatch.setattr(
            loading, "open_video_base", lambda recipe, bases, device: self.opened(
                open_real(recipe, bases, "cpu"))
        )  # fmt: skip
        monkeypatch.setattr(loading, "park", lambda loaded: self.events.append("video leaves"))
        monkeypatch.setattr(
            loading, "place", lambda pipe, recipe, device: self.events.append("video comes back")
        )

    def opened(self, loaded: loading.LoadedVideoBase) -> loading.LoadedVideoBase:
        self.events.clear()  # of being placed on the CPU
        self.events.append("video is loaded")
        return loaded

    def free_pictures(self) -> None:
        self.events.append("pictures leave")


@pytest.mark.parametrize("both", [False, True])
def test_a_video_base_gives_way_to_portraits_between_two_steps(
    monkeypatch: pytest.MonkeyPatch,
    both_bases: Path,
    tmp_path: Path,
    video_request: MakeVideoRequest,
    both: bool,
) -> None:
    device = Device(monkeypatch)
    folder = write_recipes(tmp_path / "recipes", beside_pictures=str(both).lower(), steps=3)
    settings = ChildSettings(bases=both_bases, recipes=folder, device="cuda:0")
    warm = WarmVideoBase(settings, device.free_pictures)
    looked: list[int] = []

    def between_steps() -> None:
        looked.append(1)
        if len(looked) == 2:  # somebody asks for a portrait
            warm.make_room()
            device.events.append("portrait")

    request: GenerateVideoRequest = video_request(FIVE_B)
    clip_of(warm.generate((request,), lambda index, progress: None, between_steps))
    warm.make_room()  # somebody asks for a portrait after it
    clip_of(warm.generate((request,), lambda index, progress: None, lambda: None))
    way = ["video leaves", "portrait", "pictures leave", "video comes back"]
    alone = [*way, "video leaves", "pictures leave", "video comes back"]
    assert device.events == ["video is loaded", *(["portrait"] if both else alone)]
