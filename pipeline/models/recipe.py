"""Recipes: the frozen numbers of a run, one TOML file per base model.

A recipe is read once, checked whole, and never defaulted: a RecipeError names the file and every
key that is missing, unknown, mistyped or out of range. Importable without torch.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pipeline.engine.expressions import Expression
from pipeline.engine.messages import LicenceRefused, RecipeError
from pipeline.engine.shots import Framing
from pipeline.models import recipe_toml
from pipeline.models.painting_settings import CheckedLikeness, CheckedPaint, GateSettings
from pipeline.models.recipe_toml import Problem, rules
from pipeline.models.sizes import nearest_size
from pipeline.models.training_settings import CheckedDataset, CheckedTrain
from pipeline.models.weights_settings import CheckedWeights, Licence

RECIPES = Path(__file__).parents[1] / "recipes"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything about one base. `token` is the rare word that stands for the customer."""

    name: str
    family: Literal["sd", "zimage", "flux", "flux2", "qwen"]
    token: str
    licence: Licence
    weights: CheckedWeights
    dataset: CheckedDataset
    train: CheckedTrain
    paint: CheckedPaint
    gate: GateSettings
    likeness: CheckedLikeness

    @property
    def hash(self) -> str:
        """16 hex digits over all values; comments and order do not count."""
        values = json.dumps(dataclasses.asdict(self), sort_keys=True).encode()
        return hashlib.sha256(values).hexdigest()[:16]

    def subject_words(self, subject: str, known: bool) -> str:
        """What {subject} becomes: "sks woman" with a LoRA, "a woman" without."""
        return f"{self.token} {subject}" if known else f"a {subject}"

    def prompt(
        self,
        template: str,
        subject: str,
        known: bool,
        expression: Expression | None = None,
        framing: Framing | None = None,
    ) -> str:
        """A template's prompt for this base: the framing's words before it, {subject} filled in,
        and after it the words by which an expression was taught."""
        prompt = template.replace("{subject}", self.subject_words(subject, known))
        expressed = "" if expression is None else self.dataset.expressions.of(expression)
        return ", ".join(filter(None, (self.paint.framed(framing).words, prompt, expressed)))

    def size(self, width: int, height: int, framing: Framing | None = None) -> tuple[int, int]:
        """The painted size for a wish: its shape, within the limits, multiples of `size_multiple`.

        Shapes beyond `min_aspect_ratio` are cut to it: the base does not paint faces into them.
        A framing that enlarges moves both limits by that.
        """
        paint = self.paint
        enlarge = paint.framed(framing).enlarge ** 2
        most = paint.max_pixels * enlarge
        area = min(max(width * height, paint.min_pixels * enlarge), most)
        cell, least = paint.size_multiple, paint.min_aspect_ratio
        return nearest_size(width / height, area, cell, least, most)


def _recipe_problems(recipe: Recipe) -> Iterator[Problem]:
    """What no section alone can show."""
    paint = recipe.paint
    if recipe.train.wide_every and not recipe.dataset.wide.framings:
        yield "train.wide_every", "dataset.wide has no framings"
    if recipe.family == "sd" and paint.shift:
        yield "paint.shift", "family sd has no time shift"
    if paint.uncond_lora_scale != 1 and (recipe.family != "flux" or paint.guidance <= 1):
        yield "paint.uncond_lora_scale", "only for family flux, with a guidance above 1"


CheckedRecipe = Annotated[Recipe, rules(_recipe_problems)]


def names(folder: Path = RECIPES) -> list[str]:
    """Those of the recipes that there are, in order."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = RECIPES, allow_noncommercial: bool = False) -> Recipe:
    """The recipe called `name`. RecipeError: no such recipe, or wrong; LicenceRefused."""
    path = folder / f"{name}.toml"
    if not NAME.fullmatch(name) or not path.is_file():
        raise RecipeError(f"no recipe named {name!r} in {folder}")
    recipe = parse(path.read_text("utf-8"), path.name)
    if recipe.name != name:
        raise RecipeError(f"{path.name}: name: is {recipe.name!r}")
    if not recipe.licence.commercial and not allow_noncommercial:
        raise LicenceRefused(f"{path.name}: {recipe.licence.name} forbids commercial use")
    return recipe


@functools.lru_cache(maxsize=64)
def parse(text: str, file: str) -> Recipe:
    """A recipe from TOML text; `file` names it in errors."""
    return recipe_toml.parse(CheckedRecipe, text, file)
