"""Recipes of video bases: one TOML file each, in `pipeline/recipes/video`, read as the recipes of
pictures are: checked whole, never defaulted. Importable without torch.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator

from pipeline.engine.messages import LicenceRefused, RecipeError
from pipeline.engine.video import Camera
from pipeline.models import recipe_toml
from pipeline.models.recipe import NAME, RECIPES
from pipeline.models.recipe_toml import Count, Problem, Share, between, problem, rules
from pipeline.models.sizes import nearest_size
from pipeline.models.weights_settings import CheckedWeights, Licence, empty_as_none

VIDEO_RECIPES = RECIPES / "video"


def _lora_file(path: str) -> str:
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or parts.suffix != ".safetensors":
        raise problem("must be a safetensors file below EIDER_BASES")
    return path


def _pinned(digest: str) -> str:
    if digest and not re.fullmatch("[0-9a-f]{64}", digest):
        raise problem("not a sha256")
    return digest


@dataclass(frozen=True, slots=True)
class LoraFile:
    """A LoRA of a base, in any layout that diffusers reads.

    file       below EIDER_BASES
    denoiser   which of the base's denoisers it is for: "transformer", or "transformer_2", the one
               of low noise
    sha256     checked at load; "" checks nothing
    """

    file: Annotated[str, AfterValidator(_lora_file)]
    denoiser: Literal["transformer", "transformer_2"]
    sha256: Annotated[str, AfterValidator(_pinned)]


@dataclass(frozen=True, slots=True)
class StepLoras:
    """LoRAs that make a base need few steps. They stay active, beside an effect's.

    licence   theirs: the base's own says nothing about them
    """

    weight: Annotated[float, between(0, 2)]
    licence: Licence
    files: tuple[LoraFile, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that happens in a clip, asked for by its name.

    words    after the customer's own; an effect's LoRA has its trigger words here
    faces    how many people it needs in the picture, 0 for any number
    weight   of its LoRAs, unless a request says another; 0 where `files` is empty
    licence  of its LoRAs; "" in TOML where `files` is empty
    """

    words: str
    faces: Annotated[int, between(0, 8)]
    weight: Annotated[float, between(0, 2)]
    licence: Annotated[Licence | None, BeforeValidator(empty_as_none)]
    files: tuple[LoraFile, ...]


@dataclass(frozen=True, slots=True)
class CameraWords:
    """The base's words for each `Camera`, by its value."""

    still: str
    push_in: str
    pull_out: str
    pan_left: str
    pan_right: str
    tilt_up: str
    tilt_down: str
    orbit: str

    def of(self, camera: Camera | None) -> str:
        return "" if camera is None else cast("str", getattr(self, camera.value))


@dataclass(frozen=True, slots=True)
class VideoSampling:
    """The sampler, the sizes and the times.

    guidance_low_noise  of the second denoiser; 0: as `guidance`. 1 guides nothing
    scheduler     "own": the one that lies with the weights; else of that kind, with `shift`
    shift         of a flow's noise levels; 0 leaves it as the weights bring it
    fps           frames a second
    pass_frames   most frames of one pass; a longer clip goes on from the last frame
    frame_step    a pass has n * frame_step + 1 frames
    max_seconds   of a clip
    pixels        most pixels of a frame; the shape is the photo's
    width, height from words alone
    size_multiple width and height are multiples of it
    min_aspect_ratio  least width / height, its inverse the most: what is longer is cropped
    """

    steps: Annotated[int, between(1, 200)]
    guidance: Annotated[float, between(0, 50)]
    guidance_low_noise: Annotated[float, between(0, 50)]
    scheduler: Literal["own", "unipc", "euler"]
    shift: Annotated[float, between(0, 100)]
    negative: str
    max_prompt_tokens: Annotated[int, between(1, 2048)]
    fps: Annotated[int, between(8, 60)]
    pass_frames: Annotated[int, between(5, 1000)]
    frame_step: Annotated[int, between(1, 16)]
    max_seconds: Annotated[float, between(0.1, 120)]
    pixels: Annotated[int, between(256, 1 << 24)]
    width: Count
    height: Count
    size_multiple: Annotated[int, between(1, 256)]
    min_aspect_ratio: Annotated[float, between(0.25, 1)]

    def size(self, width: int, height: int, largest: int) -> tuple[int, int]:
        """(width, height) generated for a picture of that shape; no side above `largest`, where
        a cell of `size_multiple` is not larger itself."""
        longest = max(width, height) / min(width, height)
        area = min(self.pixels, largest**2 / min(longest, 1 / self.min_aspect_ratio))
        cell = self.size_multiple
        return nearest_size(
            width / height, max(area, cell**2), cell, self.min_aspect_ratio, largest=largest
        )

    def passes(self, seconds: float) -> list[int]:
        """Frames of each pass, the first frame of all but the first being the last one before it.

        Together they have at least the seconds' frames, at most `frame_step` more for each pass.
        """
        wanted = max(1, round(seconds * self.fps)) - 1  # beside the first frame
        step = self.frame_step
        longest = (self.pass_frames - 1) // step * step
        count = max(1, math.ceil(wanted / longest))
        each = max(1, math.ceil(wanted / count / step)) * step
        return [each + 1] * count


@dataclass(frozen=True, slots=True)
class VideoMemory:
    """How the base fits a GPU. On the CPU all of it is in memory, and torch's own attention runs.

    gpu_gb      GPU memory that it needs by this offload, in 10^9 bytes: told before it is tried
    offload     "none": all parts stay on the GPU; "model": one part at a time
    tiling      the autoencoder works in tiles
    attention   diffusers' name of the attention that is used, if its library is there
    beside_pictures  the picture base stays loaded, so that portraits pass a clip between two steps
    vae_dtype   of the autoencoder
    """

    gpu_gb: Annotated[float, between(0, 10_000)]
    offload: Literal["none", "model"]
    tiling: bool
    attention: Literal["native", "_native_cudnn", "_native_flash", "flash", "_flash_3", "sage"]
    beside_pictures: bool
    vae_dtype: Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True)
class VideoGate:
    """What a clip must pass: a sample of its frames is judged, and each of them must.

    indecency, youth   refused at or above
    frames_a_second    that are judged; the first and the last always are
    repaints           further tries, by other seeds
    """

    indecency: Share
    youth: Share
    frames_a_second: Annotated[float, between(0.1, 60)]
    repaints: Annotated[int, between(0, 5)]


@dataclass(frozen=True, slots=True)
class VideoRecipe:
    """Everything about one video base.

    text_pipeline   diffusers' class that paints from words alone; "": these weights cannot
    parts           further parts of the base that its model_index.json must name, and their classes
    step_loras      a list of none or one
    """

    name: str
    family: Literal["wan", "ltx2"]
    text_pipeline: str
    licence: Licence
    weights: CheckedWeights
    parts: dict[str, str]
    sampling: VideoSampling
    memory: VideoMemory
    gate: VideoGate
    camera: CameraWords
    effects: dict[str, Effect]
    step_loras: tuple[StepLoras, ...]

    def prompt(self, words: str, camera: Camera | None, effect: str) -> str:
        """What is generated, then the effect's words, then the camera's. The effect must be one."""
        happens = self.effects[effect].words if effect else ""
        return ", ".join(filter(None, (words.strip(), happens, self.camera.of(camera))))

    @property
    def steps_weight(self) -> float:
        """Of the step LoRAs; 0 without any."""
        return self.step_loras[0].weight if self.step_loras else 0.0

    def licences(self) -> Iterator[Licence]:
        """Of the base, of its step LoRAs and of its effects."""
        yield self.licence
        yield from (one.licence for one in self.step_loras)
        yield from (one.licence for one in self.effects.values() if one.licence)


def _video_problems(recipe: VideoRecipe) -> Iterator[Problem]:
    if recipe.weights.painter is not None:
        yield "weights.painter", "a video base has none"
    if len(recipe.step_loras) > 1:
        yield "step_loras", "more than one"
    yield from _sampling_problems(recipe)
    yield from _lora_problems(recipe)


def _sampling_problems(recipe: VideoRecipe) -> Iterator[Problem]:
    sampling = recipe.sampling
    if recipe.family == "wan" and sampling.frame_step != 4:
        yield "sampling.frame_step", "is 4 for family wan"
    if sampling.pass_frames <= sampling.frame_step:
        yield "sampling.pass_frames", "not above frame_step"
    if sampling.width % sampling.size_multiple or sampling.height % sampling.size_multiple:
        yield "sampling.width", "width and height must be multiples of size_multiple"
    if sampling.size_multiple**2 > sampling.pixels:
        yield "sampling.size_multiple", "one cell is above pixels"
    if (sampling.scheduler == "own") != (sampling.shift == 0):
        yield "sampling.shift", "0 with the weights' own scheduler, above 0 with another"
    if recipe.family == "ltx2" and sampling.scheduler != "own":
        yield "sampling.scheduler", "is own for family ltx2"
    if recipe.family == "ltx2" and recipe.memory.vae_dtype != recipe.weights.dtype:
        yield "memory.vae_dtype", "is weights.dtype for family ltx2"


def _lora_problems(recipe: VideoRecipe) -> Iterator[Problem]:
    known = {"transformer", *recipe.parts}
    for at, loras in enumerate(recipe.step_loras):
        if not {file.denoiser for file in loras.files} <= known:
            yield f"step_loras.{at}.files", "for a denoiser that the base has not"
    for name, effect in recipe.effects.items():
        if not NAME.fullmatch(name):
            yield f"effects.{name}", "is no name"
        if not {file.denoiser for file in effect.files} <= known:
            yield f"effects.{name}.files", "for a denoiser that the base has not"
        if not bool(effect.files) == (effect.weight > 0) == (effect.licence is not None):
            yield f"effects.{name}", "weight and licence belong to files, and files need them"


CheckedVideoRecipe = Annotated[VideoRecipe, rules(_video_problems)]


def names(folder: Path = VIDEO_RECIPES) -> list[str]:
    """Those of the video bases that there are recipes for, in order."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = VIDEO_RECIPES, allow_noncommercial: bool = False) -> VideoRecipe:
    """The recipe called `name`. RecipeError: no such recipe, or wrong; LicenceRefused: the licence
    of the base, of its step LoRAs or of an effect does not allow everybody commercial use."""
    path = folder / f"{name}.toml"
    if not NAME.fullmatch(name) or not path.is_file():
        raise RecipeError(f"no video recipe named {name!r} in {folder}")
    recipe = parse(path.read_text("utf-8"), path.name)
    if recipe.name != name:
        raise RecipeError(f"{path.name}: name: is {recipe.name!r}")
    for licence in recipe.licences():
        if not licence.commercial and not allow_noncommercial:
            raise LicenceRefused(
                f"{path.name}: {licence.name} does not allow everybody commercial use"
            )
    return recipe


@functools.lru_cache(maxsize=64)
def parse(text: str, file: str) -> VideoRecipe:
    """A recipe from TOML text; `file` names it in errors."""
    return recipe_toml.parse(CheckedVideoRecipe, text, file)
