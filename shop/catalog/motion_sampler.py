"""All motions in one clip, side by side, each under its letter: what a chat shows to choose by.

``motions/previews/all.mp4``, its first frame ``all.jpg``, and ``all.toml``, which says whose they
are, made by ``python -m benchmarks.motion.sampler`` from the previews of the single motions.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from shop.errors import NotFound


@dataclass(frozen=True, slots=True)
class MotionSampler:
    """``data`` is a labelled MP4, ``poster`` a labelled JPEG, of that size in pixels. ``motions``:
    the ids, in the order of the letters."""

    data: bytes = field(repr=False)
    poster: bytes = field(repr=False)
    width: int
    height: int
    seconds: float
    motions: tuple[str, ...]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    motions: list[str]
    width: int
    height: int
    seconds: float


def read_sampler(folder: Path) -> MotionSampler:
    """The sampler beside the previews in that folder. Raises :class:`NotFound` where it has none,
    and ValueError for one that says of itself what it should not."""
    stem = folder / "all"
    try:
        said = _Written.model_validate(tomllib.loads(stem.with_suffix(".toml").read_text("utf-8")))
        video, poster = (stem.with_suffix(ending).read_bytes() for ending in (".mp4", ".jpg"))
    except FileNotFoundError:
        raise NotFound from None
    return MotionSampler(video, poster, said.width, said.height, said.seconds, tuple(said.motions))
