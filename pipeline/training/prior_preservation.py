"""Prior preservation (arXiv 2208.12242): pictures of other people, painted once by the bare base.

A LoRA that sees only one person learns that everybody looks like them. So a share of every batch
shows "a woman" as the base knows her. The pictures are painted once per base and kind of subject;
only their latents are kept, and they show no customer. They ship with an embedded base, and lie in
the cache folder otherwise.

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

from pipeline.engine.inspection import View
from pipeline.families import Base, Prompt, SamplingRequest, ignore_step
from pipeline.models import weights
from pipeline.models.recipe import Recipe
from pipeline.training import dataset
from pipeline.training.training_data import EncodedPictures

log = structlog.get_logger()
PICTURES = 48  # per kind of subject; DreamBooth's authors painted 200 for a full fine-tuning
SUBJECTS = ("woman", "man", "person")
SHIPPED = "prior.safetensors"


def load_or_paint(
    base: Base,
    recipe: Recipe,
    fingerprint: str,
    subject: str,
    cache: Path,
    on_painted: Callable[[int], None],
) -> EncodedPictures | None:
    """The prior pictures of a subject, painted now if no file has them; None: the share is 0.

    cache        folder; a missing, foreign or broken file is made anew
    on_painted   told after each batch how many there are
    """
    if not recipe.train.prior_share:
        return None
    captions = prior_captions(recipe, subject)
    key = _key(recipe, fingerprint, captions)
    cached = cache / "prior" / f"{recipe.name}-{key}.safetensors"
    shipped = weights.SHIPPED_BASES / recipe.weights.folder / SHIPPED
    for path, wanted in ((shipped, shipped_key(recipe, captions)), (cached, key)):
        found = _read(path, wanted, subject)
        if found is not None:
            return _with_prompts(base, captions, *found)
    mean, deviation = paint_latents(base, recipe, captions, on_painted)
    try:
        _write(cached, key, {subject: (mean, deviation)})
    except OSError as error:
        log.warning("prior_pictures_not_cached", base=recipe.name, error=type(error).__name__)
    # The first writer wins: every run of a training must see the same pictures.
    found = _read(cached, key, subject)
    return _with_prompts(base, captions, *(found or (mean, deviation)))


def prior_captions(recipe: Recipe, subject: str) -> list[str]:
    """Captions like those of training pictures, with "a woman" instead of the customer."""
    settings = recipe.dataset
    words = recipe.subject_words(subject, known=False)
    variants = itertools.product(
        dataset.Backdrop, (View.FRONT, View.LEFT, View.RIGHT), settings.framings
    )
    captions = [
        dataset.caption(settings, words, framing.word, view, backdrop)
        for backdrop, view, framing in variants
    ]
    return [captions[number % len(captions)] for number in range(PICTURES)]


def paint_latents(
    base: Base, recipe: Recipe, captions: list[str], on_painted: Callable[[int], None]
) -> tuple[Tensor, Tensor]:
    """One picture's latents per caption: mean and deviation, (n, c, h, w) on the CPU.

    No LoRA may be active.
    """
    side, batch, pairs = recipe.dataset.resolution, recipe.paint.batch, []
    for start in range(0, len(captions), batch):
        requests = [
            SamplingRequest(caption, "", start + number)
            for number, caption in enumerate(captions[start : start + batch])
        ]
        with torch.no_grad():
            for pixels in base.sample(requests, (side, side), ignore_step):
                values = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None]
                pairs.append(base.encode_images(values.float() / 127.5 - 1))
        on_painted(len(pairs))
    mean, deviation = (torch.cat(list(values)).cpu() for values in zip(*pairs, strict=True))
    return mean, deviation


def _with_prompts(
    base: Base, captions: list[str], mean: Tensor, deviation: Tensor
) -> EncodedPictures:
    device = base.train_denoiser.device
    with torch.no_grad():
        prompts: list[Prompt] = base.encode_prompts(captions)
    uniform_weight = torch.ones(len(mean), 1, *mean.shape[2:], device=device)
    return EncodedPictures(mean.to(device), deviation.to(device), prompts, uniform_weight)


def shipped_key(recipe: Recipe, captions: list[str]) -> str:
    """The key of a file beside the weights: it need not depend on their fingerprint."""
    return _key(recipe, "", captions)


def _key(recipe: Recipe, fingerprint: str, captions: list[str]) -> str:
    """A hash of everything that the pictures depend on."""
    paint = recipe.paint
    facts = [fingerprint, captions, recipe.dataset.resolution, paint.steps, paint.guidance]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


def _read(path: Path, key: str, subject: str) -> tuple[Tensor, Tensor] | None:
    try:
        data = path.read_bytes()
        tensors = safetensors.torch.load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        if header["__metadata__"][subject] != key:
            return None
        return tensors[f"{subject}.mean"], tensors[f"{subject}.deviation"]
    except (OSError, SafetensorError, ValueError, KeyError):
        return None


def _write(path: Path, key: str, latents: dict[str, tuple[Tensor, Tensor]]) -> None:
    """Write whole or not at all. An intact file with this key stays."""
    subject = next(iter(latents))
    path.parent.mkdir(parents=True, exist_ok=True)
    if _read(path, key, subject) is None:
        path.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent) as file:
        file.write(_to_bytes({subject: key}, latents))
        file.flush()
        with contextlib.suppress(FileExistsError):
            os.link(file.name, path)


def _to_bytes(keys: dict[str, str], latents: dict[str, tuple[Tensor, Tensor]]) -> bytes:
    tensors: dict[str, Tensor] = {}
    for subject, (mean, deviation) in latents.items():
        tensors |= {f"{subject}.mean": mean, f"{subject}.deviation": deviation}
    file: bytes = safetensors.torch.save(tensors, keys)
    return file


def shipped_file(base: Base, recipe: Recipe) -> bytes:
    """A safetensors file with the prior pictures of all subjects, to ship beside the weights."""
    keys, latents = {}, {}
    for subject in SUBJECTS:
        captions = prior_captions(recipe, subject)
        keys[subject] = shipped_key(recipe, captions)
        latents[subject] = paint_latents(base, recipe, captions, ignore_step)
    return _to_bytes(keys, latents)


def main(arguments: list[str]) -> None:
    from pipeline import families
    from pipeline.models import recipe

    name, out = arguments
    loaded = recipe.load(name)
    base = families.load(loaded, weights.locate(loaded, None), "cpu")
    Path(out).write_bytes(shipped_file(base, loaded))


if __name__ == "__main__":
    main(sys.argv[1:])
