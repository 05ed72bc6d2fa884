"""``video.toml``: what video bases are told for the shop's motions, and what each can do beside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shop.catalog.motion_file import FPS
from shop.catalog.schema import complete_texts, up_to
from shop.records import Motion

CAMERAS: Final = (  # the engine's words
    "still",
    "push_in",
    "pull_out",
    "pan_left",
    "pan_right",
    "tilt_up",
    "tilt_down",
    "orbit",
)

_CAMERAS: Final = ("", *CAMERAS)
_Words = Annotated[str, Field(min_length=1, max_length=300)]


@dataclass(frozen=True, slots=True)
class VideoWords:
    """What a video base is told: ``words``, and a word of :data:`CAMERAS` or ""."""

    words: str
    camera: str = ""


@dataclass(frozen=True, slots=True)
class VideoBaseEntry:
    """A video base as a shop may sell it.

    commercial  whether its licence lets anybody sell what it makes
    words       whether it makes clips of words alone; else a picture is painted first
    effects     names of its recipe, and how many people each needs
    seconds     of a clip of an effect
    """

    name: str
    commercial: bool
    words: bool
    seconds: float
    effects: Mapping[str, int]

    def effect(self, name: str) -> Motion:
        """An effect, to be asked for as a motion is (:func:`shop.clips.filming.request`). KeyError:
        the base has none of that name."""
        faces = self.effects[name] > 0
        return Motion(name, self.seconds, FPS, faces, tracks=())


class _WordsEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: _Words
    camera: Literal[_CAMERAS] = ""  # type: ignore[valid-type]


class _EffectEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[dict[str, Annotated[str, up_to(24)]], BeforeValidator(complete_texts)]


class _BaseFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    commercial: Annotated[bool, Field(strict=True)]
    words: Annotated[bool, Field(strict=True)]
    seconds: Annotated[float, Field(strict=True, ge=1.0, le=60.0)]
    effects: dict[str, Annotated[int, Field(strict=True, ge=0, le=8)]]


class VideoFile(BaseModel):
    """The keys of the file; ``motions`` must be those of the shop (the loader compares)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    motions: dict[str, _WordsEntry]
    effects: dict[str, _EffectEntry]
    bases: dict[str, _BaseFile]

    def video_words(self) -> dict[str, VideoWords]:
        """By the motion's id."""
        return {id: VideoWords(one.words, one.camera) for id, one in self.motions.items()}

    def effect_names(self) -> dict[str, Mapping[str, str]]:
        """By the effect's name, then by language."""
        return {name: one.name for name, one in self.effects.items()}

    def video_bases(self) -> dict[str, VideoBaseEntry]:
        """By the base's name."""
        return {
            name: VideoBaseEntry(name, one.commercial, one.words, one.seconds, one.effects)
            for name, one in self.bases.items()
        }
