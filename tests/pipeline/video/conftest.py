"""Tiny video bases on disk; torch is imported by the first test that needs it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from pipeline.engine.messages import LabelText
from pipeline.engine.video import GenerateVideoRequest

if TYPE_CHECKING:
    from pipeline.models.video_recipe import VideoRecipe
    from pipeline.video.loading import LoadedVideoBase

OpenVideo = Callable[..., "LoadedVideoBase"]
MakeVideoRequest = Callable[..., GenerateVideoRequest]


@pytest.fixture(scope="session")
def video_bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EIDER_BASES with every tiny video base."""
    from tests.pipeline.tiny_video_bases import VIDEO_MAKERS, write_video_base

    bases = tmp_path_factory.mktemp("video-bases")
    for name in VIDEO_MAKERS:
        write_video_base(name, bases)
    return bases


@pytest.fixture
def open_tiny(video_bases: Path) -> OpenVideo:
    """Open a tiny video base by name, with changes of its recipe, or by a recipe."""
    from pipeline.video.loading import open_video_base
    from tests.pipeline import tiny_video_bases

    def make(base: str | VideoRecipe, **changes: object) -> LoadedVideoBase:
        recipe = tiny_video_bases.recipe(base, **changes) if isinstance(base, str) else base
        return open_video_base(recipe, video_bases, "cpu")

    return make


def picture(seed: int = 0, size: tuple[int, int] = (96, 96)) -> bytes:
    """A JPEG of coloured squares, always the same of a seed."""
    cells = np.random.default_rng(seed).integers(0, 255, (4, 4, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(cells).resize(size, Image.Resampling.NEAREST).save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.fixture
def video_request() -> MakeVideoRequest:
    """A request for a clip of one pass of picture(0), with changes."""

    def make(base: str, **changes: object) -> GenerateVideoRequest:
        values: dict[str, object] = {
            "photo": picture(),
            "words": "a woman turns her head",
            "seed": 3,
            "seconds": 1.0,
            "people": 1,
            "content_id": "clip-1",
            "label": LabelText(),
        }
        return GenerateVideoRequest(base=base, **(values | changes))  # type: ignore[arg-type]

    return make
