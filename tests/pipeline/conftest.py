"""Tiny bases on disk, recipes that fit them, and photos of a person who does not exist."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.engine.engine import ChildEngine, ChildSettings, Timeouts
from pipeline.engine.messages import LabelText, PaintRequest, TrainRequest
from pipeline.models import recipe as recipes
from pipeline.models.recipe import Recipe

if TYPE_CHECKING:
    from pipeline.worker.job_batch import WorkerDependencies
    from tests.conftest import SetClock

HERE = Path(__file__).parent
LIGHT = ("training/test_dataset.py", "painting/test_selection.py", "video/test_gate.py")
HEAVY = frozenset(
    path
    for folder in ("training", "painting", "lora", "families", "mini", "video")
    for path in HERE.glob(f"{folder}/test_*.py")
    if path.relative_to(HERE).as_posix() not in LIGHT
) | {HERE / "models" / "test_weights.py"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The fast suite does not import what it would only deselect: torch takes each process long."""
    fast = "not slow" in config.option.markexpr
    return True if fast and collection_path in HEAVY else None


CHECKOUT = Path(__file__).resolve().parents[2]
CUSTOMER = CHECKOUT / "deploy" / "demo" / "customer"  # P005 of openpeople
STRANGER = "data/curated/P006/assets"  # in the package openpeople
# What tiny random bases can do: no gate that noise could pass, a few steps, small pictures.
TINY = {
    "resolution": 32,
    "variants": 2,
    "min_photos": 2,
    "steps": 4,
    "batch": 4,
    "rank": 4,
    "alpha": 8,
    "warmup": 1,
    "checkpoint_every": 2,
    "checkpoint_seconds": 0,
    "sample_at": 2,
    "indecency": 1,
    "youth": 1,
    "one_face": "false",
    "sharpness": 0,
    "eyes_alike": -1,
    "brows_alike": -1,
    "mouth_alike": -1,
    "mouth_tilt": 180,
    "mouth_detail": 0,
    "repaints": 1,
    "lora_scale": 1.0,
    "uncond_lora_scale": 1.0,
    "min_aspect_ratio": 0.4,
    "min_pixels": 1024,
    "max_pixels": 4096,
    "prompt_prefix": '""',
    "size_multiple": 16,
    "output_short_side": 64,
    "prior_share": 0.0,
    "validation_photos": 0,
    "keep_checkpoints": 1,
    "candidates": 1,
    "max_prompt_tokens": 48,
    "guidance": 2.0,
    "wide_every": 0,
    "dtype": '"float32"',
    "autocast": '"none"',
}


@pytest.fixture(scope="session")
def good_photos() -> tuple[Path, ...]:
    """The sample customer's, without the two that are bad on purpose."""
    bad = ("blurred", "garden")
    return tuple(p for p in sorted(CUSTOMER.glob("*.jpg")) if not p.stem.endswith(bad))


@pytest.fixture(scope="session")
def stranger_photos() -> tuple[bytes, ...]:
    """Photos of a second person who does not exist, one face each."""
    package = importlib.util.find_spec("openpeople")  # does not run the package
    if package is None or package.origin is None:
        pytest.skip("the package openpeople is not installed")
    folder = Path(package.origin).parent / STRANGER
    names = ("amateur_selfie", "studio_portrait", "amateur_posture", "studio_posture")
    return tuple((folder / f"{name}.jpg").read_bytes() for name in names)


@pytest.fixture(scope="session")
def photos(good_photos: tuple[Path, ...]) -> tuple[bytes, ...]:
    """Six photos with one face each."""
    return tuple(path.read_bytes() for path in good_photos[:6])


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EIDER_BASES with every tiny base."""
    from tests.pipeline import tiny_bases as tiny

    root = tmp_path_factory.mktemp("bases")
    for name in tiny.MAKERS:
        tiny.write_base(name, root / name)
    return root


def adapted(name: str, **changes: object) -> str:
    """A shipped recipe's text with single keys changed; the sampler takes 3 steps."""
    text = (recipes.RECIPES / f"{name}.toml").read_text("utf-8")
    text = text.replace("sealed = true", "sealed = false")
    text = re.sub(r"(?m)^(\[paint\]\n)steps = .*$", r"\1steps = 3", text)
    for key, value in changes.items():
        text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text, count=1)
        assert count, f"{name}.toml has no {key}"
    return text


@pytest.fixture
def tiny_recipe() -> Callable[..., Recipe]:
    def make(name: str, **changes: object) -> Recipe:
        return recipes.parse(adapted(name, **(TINY | changes)), f"tiny {name}")

    return make


@pytest.fixture
def recipe_dir(tmp_path: Path) -> Callable[..., Path]:
    """A folder of tiny recipes for a child process."""

    def make(**changes: object) -> Path:
        from tests.pipeline import tiny_bases as tiny

        folder = tmp_path / "recipes"
        folder.mkdir(exist_ok=True)
        for name in tiny.MAKERS:
            (folder / f"{name}.toml").write_text(adapted(name, **(TINY | changes)), "utf-8")
        return folder

    return make


@pytest.fixture
async def make_engine(
    bases: Path, recipe_dir: Callable[..., Path]
) -> AsyncIterator[Callable[..., ChildEngine]]:
    """Makes engines over tiny bases, and closes them; recipe keys as keyword arguments."""
    made: list[ChildEngine] = []

    def make(timeouts: Timeouts | None = None, **changes: object) -> ChildEngine:
        settings = ChildSettings(bases=bases, recipes=recipe_dir(**changes))
        made.append(ChildEngine(settings, timeouts))
        return made[-1]

    yield make
    for engine in made:
        await engine.close()


@pytest.fixture
def deps(clock: SetClock) -> WorkerDependencies:
    """What a worker's handlers need, over a shop in memory."""
    from tests.pipeline.worker_harness import make_deps

    return make_deps(clock)


@pytest.fixture
def train_request(photos: tuple[bytes, ...]) -> Callable[..., TrainRequest]:
    def make(base: str = "mini", **changes: object) -> TrainRequest:
        values: dict[str, object] = {
            "avatar": "avatar-1",
            "photos": photos[:3],
            "subject": "man",
            "base": base,
            "seed": 11,
        }
        return TrainRequest(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def paint_request() -> Callable[..., PaintRequest]:
    def make(base: str = "mini", **changes: object) -> PaintRequest:
        values: dict[str, object] = {
            "avatar": None,
            "lora": None,
            "weight": 0.8,
            "base": base,
            "subject": "man",
            "prompt": "portrait of {subject}",
            "negative": "",
            "width": 32,
            "height": 32,
            "seeds": (1,),
            "content_id": "job-1",
            "label": LabelText("AI生成"),
            "adult": True,
        }
        return PaintRequest(**(values | changes))  # type: ignore[arg-type]

    return make
