"""The inputs of both sides: base, recipe, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from benchmarks import customers, recipes
from benchmarks.training.network import Case, Network
from pipeline.models.memory import release_memory
from pipeline.models.recipe import Recipe
from pipeline.training import dataset

SUBJECT = customers.SUBJECT
CAPTION = "photo of {subject}"


@dataclass(frozen=True, slots=True)
class Given:
    """On the disk: `base` and `recipes` for ours, `base` and `pictures` for the script."""

    network: Network
    case: Case
    recipe: Recipe
    bases: Path
    recipes: Path
    pictures: Path
    photos: tuple[bytes, ...]

    @property
    def base(self) -> Path:
        return self.bases / self.recipe.weights.folder

    @property
    def prompt(self) -> str:
        return CAPTION.format(subject=self.recipe.subject_words(SUBJECT, known=True))


def prepare(network: Network, case: Case, folder: Path, device: str) -> Given:
    """Write base, recipe and pictures. The base stays for the next time; the GPU is left empty."""
    wanted = recipe_of(network, case)
    recipes.write(wanted, folder / "recipes")
    dtype = torch.bfloat16 if case.divisor == 1 else torch.float32  # half the disk and the memory
    network.write(folder / "bases" / wanted.name, case.divisor, dtype, device)
    release_memory()  # of the GPU: the trainers are other processes
    pictures = folder / f"pictures-{case.resolution}"
    given = Given(
        network, case, wanted, folder / "bases", folder / "recipes", pictures, customers.photos()
    )
    _write_pictures(given)
    return given


def recipe_of(network: Network, case: Case) -> Recipe:
    """Our recipe with the case's numbers, and without what the script does not do."""
    name = f"{network.name}-{case.divisor}"
    return recipes.changed(
        network.name,
        name,
        weights={"folder": name, "hub": "", "revision": "", "variant": "", "painter": None},
        dataset={
            "resolution": case.resolution,
            "variants": 1,
            "caption": CAPTION,
        },
        train={
            "targets": network.targets,
            "rank": case.rank,
            "alpha": float(case.rank),
            "steps": case.steps,
            "batch": case.batch,
            "learning_rate": case.learning_rate,
            "warmup": case.warmup,
            "weight_decay": 1e-4,
            "sample_at": 0,
            "prior_share": 0.0,
            "face_weight": 1.0,
            "validation_photos": 0,
            "keep_checkpoints": 1,
            **network.train_settings,
        },
    )


def _write_pictures(given: Given) -> None:
    """The crops of our training, as files: the script need not detect faces."""
    subject = given.recipe.subject_words(SUBJECT, known=True)
    made = dataset.build_examples(given.photos, given.recipe.dataset, subject, given.case.seed)
    given.pictures.mkdir(parents=True, exist_ok=True)
    for old in given.pictures.iterdir():
        old.unlink()
    for number, example in enumerate(made.training):
        Image.fromarray(example.pixels).save(given.pictures / f"{number:02}.png")
