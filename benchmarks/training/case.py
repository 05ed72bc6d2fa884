"""What both sides are given."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from benchmarks import customers, recipes, sdxl
from pipeline import dataset
from pipeline.recipe import Recipe

SUBJECT = customers.SUBJECT
CAPTION = "photo of {subject}"
TARGETS = ("to_k", "to_q", "to_v", "to_out.0")  # the script's, written in its text


@dataclass(frozen=True, slots=True)
class Case:
    """divisor: of SDXL's channels. resolution in pixels. steps of `batch` pictures each."""

    divisor: int
    resolution: int
    batch: int
    steps: int
    rank: int = 16
    rate: float = 1e-3
    warmup: int = 3
    seed: int = 1

    @property
    def name(self) -> str:
        return f"sdxl-{self.divisor}"


CPU = Case(divisor=4, resolution=256, batch=2, steps=40)
GPU = Case(divisor=1, resolution=1024, batch=1, steps=200, rate=1e-4)


@dataclass(frozen=True, slots=True)
class Given:
    """On the disk: `base` and `recipes` for ours, `base` and `pictures` for the script."""

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


def prepare(case: Case, folder: Path) -> Given:
    """Write base, recipe and pictures. The base stays for the next time."""
    wanted = recipe_of(case)
    recipes.write(wanted, folder / "recipes")
    dtype = torch.bfloat16 if case.divisor == 1 else torch.float32  # 7 GB, not 14
    sdxl.write(folder / "bases" / case.name, case.divisor, dtype)
    pictures = folder / f"pictures-{case.resolution}"
    given = Given(case, wanted, folder / "bases", folder / "recipes", pictures, customers.photos())
    _write_pictures(given)
    return given


def recipe_of(case: Case) -> Recipe:
    """Our SDXL recipe with the case's numbers, and without what the script does not do."""
    return recipes.changed(
        "sdxl",
        case.name,
        weights={"folder": case.name, "hub": "", "revision": "", "variant": ""},
        dataset={
            "resolution": case.resolution,
            "variants": 1,
            "caption": CAPTION,
        },
        train={
            "targets": TARGETS,
            "rank": case.rank,
            "alpha": float(case.rank),
            "steps": case.steps,
            "batch": case.batch,
            "rate": case.rate,
            "warmup": case.warmup,
            "weight_decay": 1e-4,
            "min_snr": 0.0,
            "sample_at": 0,
            "prior_share": 0.0,
            "face_weight": 1.0,
            "validation": 0,
            "kept": 1,
        },
    )


def _write_pictures(given: Given) -> None:
    """The very crops that our training looks at, as files: the script need not look for faces."""
    subject = given.recipe.subject_words(SUBJECT, known=True)
    made = dataset.examples(given.photos, given.recipe.dataset, subject, given.case.seed)
    given.pictures.mkdir(parents=True, exist_ok=True)
    for old in given.pictures.iterdir():
        old.unlink()
    for number, example in enumerate(made.training):
        Image.fromarray(example.pixels).save(given.pictures / f"{number:02}.png")
