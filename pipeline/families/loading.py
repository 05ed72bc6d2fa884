"""Load a diffusers pipeline from a folder or a hub id, checked first, frozen and silenced."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pipeline.engine.messages import BaseMissing
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.models.weights import Weighted, WeightsLocation, WeightsSource

TEXT_ENCODERS = ("text_encoder", "text_encoder_2")
LIBRARIES = ("diffusers", "transformers")


@dataclass(frozen=True, slots=True)
class LoadedPipeline:
    """A base in memory.

    pipe                 diffusers' own pipeline, with `inference_denoiser` as its denoiser
    train_denoiser       the denoiser that LoRAs are trained on
    inference_denoiser   the denoiser that paints: the same object, or a distilled one
    """

    pipe: Any
    train_denoiser: Any
    inference_denoiser: Any


def open_base(recipe: Recipe, source: WeightsSource, device: str) -> LoadedPipeline:
    """Load a base, and its distilled painter if the recipe has one, onto `device`.

    BaseMissing: not whole, of other classes or hashes than the recipe's, or not reachable.
    """
    silence_libraries()
    try:
        pipe = _from_pretrained(recipe, source)
        train_denoiser = getattr(pipe, denoiser_part(recipe))
        if source.painter is not None:
            pipe.register_modules(**_distilled(recipe, source.painter, pipe))
        # The trained one is none of its parts any more where another one paints.
        freeze([train_denoiser, *pipe.components.values()])
        pipe.set_progress_bar_config(disable=True)
        return LoadedPipeline(
            pipe.to(device), train_denoiser.to(device), getattr(pipe, denoiser_part(recipe))
        )
    except (OSError, ValueError) as error:  # diffusers' and the hub's words for "not there"
        raise BaseMissing(
            f"cannot load base {recipe.name!r} from {source.place} ({type(error).__name__}); put a "
            f"whole diffusers folder at $EIDER_BASES/{recipe.weights.folder}"
        ) from error


def denoiser_part(recipe: Recipe) -> str:
    """What diffusers' pipelines of the family call their denoiser."""
    return "unet" if recipe.family == "sd" else "transformer"


def _from_pretrained(recipe: Recipe, source: WeightsSource) -> Any:
    more: dict[str, Any] = {}
    if recipe.weights.classes.pipeline == "StableDiffusionPipeline":
        # Our own gate judges every picture; the checker would blacken them silently.
        more |= {"safety_checker": None, "requires_safety_checker": False}
    dtype = getattr(torch, recipe.weights.dtype)
    return load_pipeline(
        recipe, source, lambda index: check_classes(recipe, index), dtype=dtype, **more
    )


def load_pipeline(
    recipe: Weighted, source: WeightsSource, check: Callable[[dict[str, Any]], None], **more: Any
) -> Any:
    """The diffusers pipeline of a folder or hub id: `check` is given its model_index.json, then the
    hashes are compared. `more` goes to `from_pretrained`."""
    from diffusers import DiffusionPipeline

    where: dict[str, Any] = {"revision": source.revision, "local_files_only": source.local}
    check(DiffusionPipeline.load_config(source.place, **where))
    more["variant"] = None if source.local else recipe.weights.variant or None
    more["use_safetensors"] = True  # a pickle runs code
    folder = source.place
    if not source.local:
        wanted = {key: value for key, value in more.items() if key != "dtype"}
        folder = DiffusionPipeline.download(source.place, revision=source.revision, **wanted)
    weights.check_pins(Path(folder), source.pinned)
    return DiffusionPipeline.from_pretrained(folder, local_files_only=True, **more)


def _distilled(recipe: Recipe, place: WeightsLocation, pipe: Any) -> dict[str, Any]:
    """The painter's denoiser, of the class of the one that is trained, and its scheduler."""
    part = denoiser_part(recipe)
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
    """Compare the classes in model_index.json with the recipe's. BaseMissing: one differs.

    A folder that could choose its classes could bring its own code.
    """
    wanted = recipe.weights.classes
    expected = {denoiser_part(recipe): wanted.denoiser, "vae": wanted.autoencoder}
    expected |= dict(zip(TEXT_ENCODERS, wanted.text_encoders, strict=False))
    require_classes(recipe.name, index, (wanted.pipeline,), expected)


def require_classes(
    base: str,
    index: dict[str, Any],
    pipelines: Collection[str],
    parts: Mapping[str, str],
    libraries: Collection[str] = LIBRARIES,
) -> None:
    """BaseMissing: the model_index.json names none of those pipelines, or a part's class is another
    one than wanted, or of none of the libraries."""
    found = {"pipeline": index.get("_class_name")}
    found |= {part: _class_of(index.get(part), libraries) for part in parts}
    pipeline = found["pipeline"] if found["pipeline"] in pipelines else min(pipelines)
    for part, name in ({"pipeline": pipeline} | dict(parts)).items():
        if found[part] != name:
            raise BaseMissing(
                f"cannot load base {base!r}: its model_index.json names {found[part]!r} "
                f"as its {part}, the recipe {name!r}"
            )


def _class_of(entry: Any, libraries: Collection[str]) -> str | None:
    """["diffusers", "AutoencoderKL"] -> the class name; None for other libraries."""
    known = isinstance(entry, list) and len(entry) == 2 and entry[0] in libraries
    return str(entry[1]) if known else None


def silence_libraries() -> None:
    """Let diffusers and transformers log errors only.

    Their warnings about long prompts quote what a customer wrote.
    """
    import diffusers.utils.logging
    import transformers.utils.logging

    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.set_verbosity_error()
        logging.disable_progress_bar()


def freeze(parts: Iterable[Any]) -> None:
    """Switch off gradients and dropout; autoencoders decode a batch one picture at a time."""
    for part in parts:
        if isinstance(part, torch.nn.Module):
            part.requires_grad_(False).eval()
        if hasattr(part, "enable_slicing"):
            part.enable_slicing()
