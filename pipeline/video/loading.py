"""Load a video base from a folder or a hub id: checked first, frozen, placed as its recipe says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipeline.engine.messages import BadLora, BaseMissing, DeviceMissing
from pipeline.families.loading import (
    LIBRARIES,
    TEXT_ENCODERS,
    freeze,
    load_pipeline,
    require_classes,
    silence_libraries,
)
from pipeline.lora import adapters
from pipeline.models import weights
from pipeline.models.video_recipe import LoraFile, VideoRecipe
from pipeline.models.weights import WeightsSource
from pipeline.video import VideoBase

STEPS = "steps"  # the adapter that stays


@dataclass(frozen=True, slots=True)
class LoadedVideoBase:
    """A video base in memory. bases: the folder below which its LoRAs lie; None: what ships."""

    recipe: VideoRecipe
    base: VideoBase
    bases: Path | None


def open_video_base(recipe: VideoRecipe, bases: Path | None, device: str) -> LoadedVideoBase:
    """Load a base onto `device`, its step LoRAs active.

    BaseMissing: not whole, of other classes or hashes than the recipe's, or not reachable.
    DeviceMissing: the device has less memory than the recipe needs.
    """
    silence_libraries()
    if device != "cpu":
        require_memory(recipe, device, torch.cuda.mem_get_info(torch.device(device))[1])
    for file in _all_files(recipe):
        _lora_path(file, bases)
    source = weights.locate(recipe, bases)
    loaded = adapted(_open_pipeline(recipe, source), recipe, device, bases)
    for loras in recipe.step_loras:
        load_loras(loaded, loras.files, STEPS)
        activate(loaded, {})
    return loaded


def adapted(pipe: Any, recipe: VideoRecipe, device: str, bases: Path | None) -> LoadedVideoBase:
    """A pipeline placed as its recipe says, in the adapter of its family; no LoRA is active."""
    place(pipe, recipe, device)
    return LoadedVideoBase(recipe, _adapter(pipe, recipe, device), bases)


def _open_pipeline(recipe: VideoRecipe, source: WeightsSource) -> Any:
    settings = recipe.weights
    dtypes = {
        "default": getattr(torch, settings.dtype),
        "vae": getattr(torch, recipe.memory.vae_dtype),
    }
    try:
        pipe = load_pipeline(
            recipe, source, lambda index: check_classes(recipe, index), dtype=dtypes
        )
    except (OSError, ValueError) as error:  # what diffusers and the hub raise for "not there"
        raise BaseMissing(
            f"cannot load video base {recipe.name!r} from {source.place} "
            f"({type(error).__name__}); put a whole diffusers folder at "
            f"$EIDER_BASES/{settings.folder}"
        ) from error
    freeze(pipe.components.values())
    pipe.set_progress_bar_config(disable=True)
    return pipe


def check_classes(recipe: VideoRecipe, index: dict[str, Any]) -> None:
    """BaseMissing: the model_index.json names other classes than the recipe. Of the pipelines from
    pictures and from words it may name either: their parts are the same."""
    wanted = recipe.weights.classes
    parts = {"transformer": wanted.denoiser, "vae": wanted.autoencoder, **recipe.parts}
    parts |= dict(zip(TEXT_ENCODERS, wanted.text_encoders, strict=False))
    pipelines = tuple(filter(None, (wanted.pipeline, recipe.text_pipeline)))
    # Parts that belong to one pipeline bear its package's name instead of diffusers'.
    require_classes(recipe.name, index, pipelines, parts, {*LIBRARIES, recipe.family})


def place(pipe: Any, recipe: VideoRecipe, device: str) -> None:
    """Put the parts where they belong: all on the device, or each while it works."""
    memory = recipe.memory
    if memory.tiling and device != "cpu":
        pipe.vae.enable_tiling()
    if memory.offload == "model" and device != "cpu":
        pipe.enable_model_cpu_offload(device=device)
    else:
        pipe.to(device)


def park(loaded: LoadedVideoBase) -> None:
    """Move a base to the computer's memory; `place` brings it back."""
    pipe = loaded.base.pipe
    if loaded.recipe.memory.offload == "model":
        pipe.maybe_free_model_hooks()
    else:
        pipe.to("cpu")


def require_memory(recipe: VideoRecipe, device: str, total: int) -> None:
    """DeviceMissing: `total` bytes are less than the recipe needs."""
    needed = recipe.memory.gpu_gb
    if total < needed * 1e9:
        raise DeviceMissing(
            f"video base {recipe.name!r} needs {needed:g} GB, {device} has {total / 1e9:.0f} GB: "
            'use a larger GPU, or memory.offload = "model" with a smaller gpu_gb in its recipe'
        )


def _adapter(pipe: Any, recipe: VideoRecipe, device: str) -> VideoBase:
    if recipe.family == "ltx2":
        from pipeline.video.ltx2 import Ltx2

        return Ltx2(pipe, recipe, device)
    from pipeline.video.wan import Wan

    return Wan(pipe, recipe, device)


def load_loras(loaded: LoadedVideoBase, files: tuple[LoraFile, ...], name: str) -> None:
    """Load LoRA files as the adapter `name` of their denoisers; all of each, or BadLora.
    BaseMissing: a file is absent, or not the pinned one."""
    for file in files:
        path = _lora_path(file, loaded.bases)
        data = path.read_bytes()
        if file.sha256 and hashlib.sha256(data).hexdigest() != file.sha256:
            raise BaseMissing(f"{path} is not what the recipe pins; download it again")
        denoiser = loaded.base.denoisers.get(file.denoiser)
        if denoiser is None:
            raise BadLora(f"the base has no {file.denoiser}")
        adapters.load(loaded.base.pipe, denoiser, "transformer", data, name)


def unload_loras(loaded: LoadedVideoBase, name: str) -> None:
    """Remove an adapter wherever it is; the step LoRAs are active as before."""
    for denoiser in loaded.base.denoisers.values():
        adapters.remove(denoiser, name)
    activate(loaded, {})


def activate(loaded: LoadedVideoBase, weights_: Mapping[str, float]) -> None:
    """Let these adapters be active by their weights, beside the step LoRAs; each where it is."""
    steps = dict.fromkeys([STEPS], loaded.recipe.steps_weight)
    for denoiser in loaded.base.denoisers.values():
        there = getattr(denoiser, "peft_config", {})
        wanted = {name: weight for name, weight in {**steps, **weights_}.items() if name in there}
        if wanted:
            adapters.set_weights(denoiser, wanted)


def _lora_path(file: LoraFile, bases: Path | None) -> Path:
    path = (bases or weights.SHIPPED_BASES) / file.file
    if not path.is_file():
        raise BaseMissing(f"{path} is missing (docs/bases.md)")
    return path


def _all_files(recipe: VideoRecipe) -> Iterator[LoraFile]:
    for loras in recipe.step_loras:
        yield from loras.files
    for effect in recipe.effects.values():
        yield from effect.files
