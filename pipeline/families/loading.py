"""From a folder or a hub id to a frozen, silent diffusers pipeline, checked before it is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipeline.engine.messages import BaseMissing
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.models.weights import WeightsLocation, WeightsSource

TEXT_ENCODERS = ("text_encoder", "text_encoder_2")
LIBRARIES = ("diffusers", "transformers")


@dataclass(frozen=True, slots=True)
class LoadedPipeline:
    """A base in memory. pipe: diffusers' own pipeline, with the painter as its denoiser."""

    pipe: Any
    trained: Any
    painter: Any


def open_base(recipe: Recipe, source: WeightsSource, device: str) -> LoadedPipeline:
    """BaseMissing: not whole, of other classes or hashes than the recipe's, or not reachable."""
    hush()
    try:
        pipe = _from_pretrained(recipe, source)
        trained = getattr(pipe, part_of(recipe))
        if source.painter is not None:
            pipe.register_modules(**_distilled(recipe, source.painter, pipe))
        # The trained one is none of its parts any more where another one paints.
        frozen([trained, *pipe.components.values()])
        pipe.set_progress_bar_config(disable=True)
        return LoadedPipeline(pipe.to(device), trained.to(device), getattr(pipe, part_of(recipe)))
    except (OSError, ValueError) as error:  # diffusers' and the hub's words for "not there"
        raise BaseMissing(
            f"cannot load base {recipe.name!r} from {source.place} ({type(error).__name__}); put a "
            f"whole diffusers folder at $EIDER_BASES/{recipe.weights.folder}"
        ) from error


def part_of(recipe: Recipe) -> str:
    """What diffusers' pipelines of the family call their denoiser."""
    return "unet" if recipe.family == "sd" else "transformer"


def _from_pretrained(recipe: Recipe, source: WeightsSource) -> Any:
    from diffusers import DiffusionPipeline

    where: dict[str, Any] = {"revision": source.revision, "local_files_only": source.local}
    check_classes(recipe, DiffusionPipeline.load_config(source.place, **where))
    more: dict[str, Any] = {"variant": None if source.local else recipe.weights.variant or None}
    more["use_safetensors"] = True  # a pickle runs code
    if recipe.weights.classes.pipeline == "StableDiffusionPipeline":
        # Our own gate judges every picture; the checker would blacken them silently.
        more |= {"safety_checker": None, "requires_safety_checker": False}
    folder = source.place
    if not source.local:
        folder = DiffusionPipeline.download(source.place, revision=source.revision, **more)
    weights.check_pins(Path(folder), source.pinned)
    dtype = getattr(torch, recipe.weights.dtype)
    return DiffusionPipeline.from_pretrained(folder, dtype=dtype, local_files_only=True, **more)


def _distilled(recipe: Recipe, place: WeightsLocation, pipe: Any) -> dict[str, Any]:
    """The painter's denoiser, of the class of the one that is trained, and its scheduler."""
    part = part_of(recipe)
    folder = place.place
    if not place.local:
        from huggingface_hub import snapshot_download

        wanted = [f"{part}/*", "scheduler/*"]
        folder = snapshot_download(place.place, revision=place.revision, allow_patterns=wanted)
    weights.check_pins(Path(folder), place.pinned)
    kind = type(getattr(pipe, part))
    if kind.load_config(folder, subfolder=part).get("_class_name") != kind.__name__:
        raise BaseMissing(f"the painter of {recipe.name!r} in {folder} is no {kind.__name__}")
    painter = kind.from_pretrained(
        folder,
        subfolder=part,
        dtype=getattr(torch, recipe.weights.dtype),
        use_safetensors=True,
        local_files_only=True,
    )
    scheduler = type(pipe.scheduler).from_pretrained(
        folder, subfolder="scheduler", local_files_only=True
    )
    return {part: painter, "scheduler": scheduler}


def check_classes(recipe: Recipe, index: dict[str, Any]) -> None:
    """The model_index.json must name what the recipe names. BaseMissing: the first that differs.

    A folder that may choose its own classes may name code of its own.
    """
    wanted = recipe.weights.classes
    expected = {part_of(recipe): wanted.denoiser, "vae": wanted.autoencoder}
    expected |= dict(zip(TEXT_ENCODERS, wanted.text_encoders, strict=False))
    found = {"pipeline": index.get("_class_name")}
    found |= {part: _class_of(index.get(part)) for part in expected}
    for part, name in ({"pipeline": wanted.pipeline} | expected).items():
        if found[part] != name:
            raise BaseMissing(
                f"cannot load base {recipe.name!r}: its model_index.json names {found[part]!r} "
                f"as its {part}, the recipe {name!r}"
            )


def _class_of(entry: Any) -> str | None:
    """["diffusers", "AutoencoderKL"] -> its second word, of our two libraries alone."""
    known = isinstance(entry, list) and len(entry) == 2 and entry[0] in LIBRARIES
    return str(entry[1]) if known else None


def hush() -> None:
    """Errors only: their warnings about long prompts quote what a customer wrote."""
    import diffusers.utils.logging
    import transformers.utils.logging

    for chatter in (diffusers.utils.logging, transformers.utils.logging):
        chatter.set_verbosity_error()
        chatter.disable_progress_bar()


def frozen(parts: Iterable[Any]) -> None:
    """No gradients, no dropout; autoencoders decode one picture of a batch at a time."""
    for part in parts:
        if isinstance(part, torch.nn.Module):
            part.requires_grad_(False).eval()
        if hasattr(part, "enable_slicing"):
            part.enable_slicing()
