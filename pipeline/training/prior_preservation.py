"""Pictures of other people, painted once by the bare base: prior preservation (arXiv 2208.12242).

A LoRA that sees only one person learns that everybody looks like them. So a share of every batch
shows "a woman" as the base knows her. They are painted once per base and kind of subject; what is
kept is their latents, and they show nobody. Ships with an embedded base, else lies in the cache.

    python -m pipeline.training.prior_preservation mini pipeline/bases/mini/prior.safetensors
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import safetensors.torch
import structlog
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.engine.messages import View
from pipeline.families import Base, Prompt, SamplingRequest, unheard
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.training import dataset
from pipeline.training.training_data import EncodedPictures

log = structlog.get_logger()
PICTURES = 48  # per kind of subject; DreamBooth's authors painted 200 for a full fine-tuning
SUBJECTS = ("woman", "man", "person")
SHIPPED = "prior.safetensors"


def pictures(
    base: Base,
    recipe: Recipe,
    fingerprint: str,
    subject: str,
    cache: Path,
    painted: Callable[[int], None],
) -> EncodedPictures | None:
    """The prior pictures of a subject, painted now if nobody did before; None: share 0.

    cache     folder; a missing, foreign or broken file is made anew
    painted   told after each batch how many there are
    """
    if not recipe.train.prior_share:
        return None
    captions = words(recipe, subject)
    for path, name in (
        (weights.SHIPPED_BASES / recipe.weights.folder / SHIPPED, shipped_name(recipe, captions)),
        (_cached(cache, recipe, fingerprint, captions), _name(recipe, fingerprint, captions)),
    ):
        found = _read(path, name, subject)
        if found is not None:
            return _as_pictures(base, captions, *found)
    mean, deviation = paint(base, recipe, captions, painted)
    place = _cached(cache, recipe, fingerprint, captions)
    try:
        _write(place, _name(recipe, fingerprint, captions), {subject: (mean, deviation)})
    except OSError as error:
        log.warning("prior not cached", base=recipe.name, error=type(error).__name__)
    # Whoever wrote first is right: every run of a training must see the same pictures.
    found = _read(place, _name(recipe, fingerprint, captions), subject)
    return _as_pictures(base, captions, *(found or (mean, deviation)))


def words(recipe: Recipe, subject: str) -> list[str]:
    """Captions as of training pictures, with "a woman" in the place of the customer."""
    plan = recipe.dataset
    anyone = recipe.subject_words(subject, known=False)
    ways = itertools.product(dataset.Backdrop, (View.FRONT, View.LEFT, View.RIGHT), plan.framings)
    said = [dataset.caption(plan, anyone, way.word, view, behind) for behind, view, way in ways]
    return [said[number % len(said)] for number in range(PICTURES)]


def paint(
    base: Base, recipe: Recipe, captions: list[str], painted: Callable[[int], None]
) -> tuple[Tensor, Tensor]:
    """One picture's latents per caption: mean and deviation, on the CPU. The base must be bare."""
    side, pairs = recipe.dataset.resolution, []
    for start in range(0, len(captions), recipe.paint.batch):
        asks = [
            SamplingRequest(caption, "", start + number)
            for number, caption in enumerate(captions[start : start + recipe.paint.batch])
        ]
        with torch.no_grad():
            for pixels in base.sample(asks, (side, side), unheard):
                values = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]
                pairs.append(base.encode_images(values.float() / 127.5 - 1))
        painted(len(pairs))
    mean, deviation = (torch.cat(list(values)).cpu() for values in zip(*pairs, strict=True))
    return mean, deviation


def _as_pictures(
    base: Base, captions: list[str], mean: Tensor, deviation: Tensor
) -> EncodedPictures:
    device = base.trained.device
    with torch.no_grad():
        prompts: list[Prompt] = base.encode_prompts(captions)
    everywhere = torch.ones(len(mean), 1, *mean.shape[2:], device=device)
    return EncodedPictures(mean.to(device), deviation.to(device), prompts, everywhere)


def shipped_name(recipe: Recipe, captions: list[str]) -> str:
    """Of a file beside the weights: it need not name them."""
    return _name(recipe, "", captions)


def _name(recipe: Recipe, fingerprint: str, captions: list[str]) -> str:
    """Changes with everything that the pictures depend on."""
    paint = recipe.paint
    told = [fingerprint, captions, recipe.dataset.resolution, paint.steps, paint.guidance]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def _cached(cache: Path, recipe: Recipe, fingerprint: str, captions: list[str]) -> Path:
    name = _name(recipe, fingerprint, captions)
    return cache / "prior" / f"{recipe.name}-{name}.safetensors"


def _read(path: Path, name: str, subject: str) -> tuple[Tensor, Tensor] | None:
    try:
        data = path.read_bytes()
        values = safetensors.torch.load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        if header["__metadata__"][subject] != name:
            return None
        return values[f"{subject}.mean"], values[f"{subject}.deviation"]
    except (OSError, SafetensorError, ValueError, KeyError):
        return None


def _write(path: Path, name: str, latents: dict[str, tuple[Tensor, Tensor]]) -> None:
    """Write whole or not at all. A file that is there and of this name stays."""
    subject = next(iter(latents))
    path.parent.mkdir(parents=True, exist_ok=True)
    if _read(path, name, subject) is None:
        path.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent) as file:
        file.write(_file({subject: name}, latents))
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _file(names: dict[str, str], latents: dict[str, tuple[Tensor, Tensor]]) -> bytes:
    tensors: dict[str, Tensor] = {}
    for subject, (mean, deviation) in latents.items():
        tensors |= {f"{subject}.mean": mean, f"{subject}.deviation": deviation}
    file: bytes = safetensors.torch.save(tensors, names)
    return file


def ship(base: Base, recipe: Recipe) -> bytes:
    """A file with the prior pictures of all subjects, to lie beside the base's weights."""
    names, latents = {}, {}
    for subject in SUBJECTS:
        captions = words(recipe, subject)
        names[subject] = shipped_name(recipe, captions)
        latents[subject] = paint(base, recipe, captions, unheard)
    return _file(names, latents)


def main(arguments: list[str]) -> None:
    from pipeline import families
    from pipeline.models import recipe

    name, out = arguments
    plan = recipe.load(name)
    base = families.load(plan, weights.locate(plan, None), "cpu")
    Path(out).write_bytes(ship(base, plan))


if __name__ == "__main__":
    main(sys.argv[1:])
