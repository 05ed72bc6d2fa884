"""Recipes: the frozen numbers of a run, one TOML file per base model.

A recipe is read once, checked whole, and never defaulted: a missing, unknown, mistyped or
out-of-range key is a RecipeError that names the file and the key. Importable without torch.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pipeline.engine.messages import LicenceRefused, LoraScaleRange, RecipeError
from pipeline.models.toml_records import Between, Pinned, record

RECIPES = Path(__file__).parents[1] / "recipes"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


Share = Annotated[float, Between(0, 1)]
Count = Annotated[int, Between(1, 1_000_000)]


@dataclass(frozen=True, slots=True)
class Licence:
    name: str
    url: str
    commercial: bool


@dataclass(frozen=True, slots=True)
class Classes:
    """Names of the diffusers and transformers classes that a base's model_index.json must name."""

    pipeline: str
    denoiser: str
    autoencoder: str
    text_encoders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Painter:
    """The distilled model that paints with LoRAs of the undistilled one: where it lies.

    Only its denoiser and its scheduler are loaded; the rest is the base's own.
    """

    folder: str
    hub: str
    revision: str
    sha256: tuple[Pinned, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the base lies: `folder` below EIDER_BASES or below pipeline/bases, else the hub.

    painter     "" (the base paints itself) or a table
    sha256      a table "file" = "hash", checked at load; {} checks nothing; `weights pin` prints it
    sealed      the folder must hold a manifest.json with the sha256 of every file
    variant     file variant on the hub, e.g. "fp16"; "" for none
    memory_gb   memory that a training needs, for whoever plans machines
    """

    folder: str
    hub: str
    revision: str
    variant: str
    classes: Classes
    painter: Painter | None
    sha256: tuple[Pinned, ...]
    sealed: bool
    dtype: Literal["float32", "bfloat16", "float16"]
    memory_gb: Annotated[float, Between(0, 1000)]


@dataclass(frozen=True, slots=True)
class FramingSettings:
    """A way to crop a square; `word` goes into the caption.

    eyes    distance between the eyes / the square's side
    level   height of the eyes below the square's top / its side
    """

    word: str
    eyes: Annotated[float, Between(0.02, 0.6)]
    level: Share


@dataclass(frozen=True, slots=True)
class ViewWords:
    front: str
    left: str
    right: str
    unknown: str


@dataclass(frozen=True, slots=True)
class BackdropWords:
    """For plain backgrounds; `other` for all that are not plain."""

    white: str
    grey: str
    dark: str
    other: str


@dataclass(frozen=True, slots=True)
class DatasetSettings:
    """How photos become training pictures.

    variants     crops per photo; they take the framings in turn
    flip         mirror every second variant (the view's word is mirrored with it)
    colour       strength of brightness, contrast and colour jitter; 0.1 is +-10 %
    shift, roll  random shift in shares of the side, random turn in degrees
    caption      holds {subject}; may hold {framing}, {view} and {backdrop}
    unsaid       share of the captions that do not name a plain background: else a person whose
                 photos all have one is only known in front of it
    """

    resolution: Annotated[int, Between(16, 4096)]
    variants: Count
    flip: bool
    colour: Share
    shift: Share
    roll: Annotated[float, Between(0, 45)]
    photos_at_least: Count
    caption: str
    unsaid: Share
    framings: tuple[FramingSettings, ...]
    views: ViewWords
    backdrops: BackdropWords


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """The optimisation.

    targets       module names (peft: matched as suffixes) that get a LoRA
    min_snr       gamma of min-SNR weighting (arXiv 2303.09556), epsilon and v bases; 0 is off
    time_shift    flow bases: sigma' = s*sigma / (1 + (s-1)*sigma); 1 is no shift
    autocast      mixed precision of the denoiser's forward
    sample_at     step of the one sample picture; 0 is none
    prior_share   share of a batch that shows other people, painted by the bare base (arXiv
                  2208.12242); without it everybody comes to look like the customer
    prior_weight  weight of their loss
    face_weight   weight of the face's ellipse in the loss; the rest weighs 1
    validation    photos held out to choose the best checkpoint
    kept          checkpoints kept, the last one included
    together      most customers in one batch
    compile       "regional": the repeated blocks are compiled; on a GPU alone
    checkpointing activations are computed twice: a third of the speed for most of the memory
    """

    targets: tuple[str, ...]
    rank: Annotated[int, Between(1, 512)]
    alpha: Annotated[float, Between(0.001, 512)]
    steps: Count
    batch: Annotated[int, Between(1, 256)]
    rate: Annotated[float, Between(0, 1)]
    warmup: Annotated[int, Between(0, 100_000)]
    weight_decay: Share
    clip: Annotated[float, Between(0, 1000)]
    min_snr: Annotated[float, Between(0, 100)]
    time_shift: Annotated[float, Between(0.01, 100)]
    autocast: Literal["none", "bfloat16"]
    checkpoint_every: Annotated[int, Between(1, 10)]
    sample_at: Annotated[int, Between(0, 1_000_000)]
    sample_prompt: str
    prior_share: Annotated[float, Between(0, 0.5)]
    prior_weight: Annotated[float, Between(0, 10)]
    face_weight: Annotated[float, Between(1, 100)]
    validation: Annotated[int, Between(0, 5)]
    kept: Annotated[int, Between(1, 3)]
    together: Annotated[int, Between(1, 8)]
    compile: Literal["none", "regional"]
    checkpointing: bool


@dataclass(frozen=True, slots=True)
class PaintSettings:
    """The sampler and the sizes. Steps, guidance and shift are those of the one that paints.

    shift         time shift of a flow sampler, as in Train; 0 leaves it as the base brings it
    candidates    painted per ordered picture; the best is delivered
    batch         most pictures in one forward
    gain          strength of the LoRA at a likeness weight of 1
    unguided      share of that strength in the pass without the prompt, which guidance leads away
                  from: 1 leads to the prompt alone (arXiv 2207.12598); less leads to the customer
                  too, away from people in general (arXiv 2406.02507)
    lead          words before every template's prompt: the framing that the base was taught
    grid          width and height are multiples of it
    narrowest     least width / height painted, and its inverse the most; 1 paints squares alone
    pixels_least  smallest area painted; pixels_most the largest
    deliver       shorter side of the delivered picture (Lanczos); 0 delivers as painted
    tokens        longest prompt, in tokens, where the base lets us choose
    """

    lead: str
    gain: Annotated[float, Between(0.1, 4)]
    steps: Annotated[int, Between(1, 1000)]
    guidance: Annotated[float, Between(0, 50)]
    unguided: Share
    shift: Annotated[float, Between(0, 100)]
    candidates: Annotated[int, Between(1, 8)]
    batch: Annotated[int, Between(1, 32)]
    grid: Annotated[int, Between(1, 256)]
    narrowest: Annotated[float, Between(0.25, 1)]
    pixels_least: Annotated[int, Between(64, 1 << 26)]
    pixels_most: Annotated[int, Between(64, 1 << 26)]
    deliver: Annotated[int, Between(0, 8192)]
    tokens: Annotated[int, Between(1, 512)]
    quality: Annotated[int, Between(50, 100)]


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What a painted picture must pass (`safety.py`); small bases are soft, so per base.

    indecency, youth   refused at or above
    one_face           exactly one face must be found
    sharpness          least Laplacian variance of the face box at 128 px
    repaints           further tries per ordered seed
    likeness           least share of the way from strangers to the customer's own photos; asked
                       only of customers who let us compare
    """

    indecency: Share
    youth: Share
    one_face: bool
    sharpness: Annotated[float, Between(0, 100_000)]
    repaints: Annotated[int, Between(0, 20)]
    likeness: Annotated[float, Between(-1, 1)]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything about one base. `token` is the rare word that stands for the customer."""

    name: str
    family: Literal["sd", "zimage", "flux", "flux2", "qwen"]
    token: str
    licence: Licence
    weights: Weights
    dataset: DatasetSettings
    train: TrainSettings
    paint: PaintSettings
    gate: GateSettings
    likeness: LoraScaleRange

    @property
    def hash(self) -> str:
        """16 hex digits over all values; comments and order do not count."""
        values = json.dumps(dataclasses.asdict(self), sort_keys=True).encode()
        return hashlib.sha256(values).hexdigest()[:16]

    def subject_words(self, subject: str, known: bool) -> str:
        """What {subject} becomes: "sks woman" with a LoRA, "a woman" without."""
        return f"{self.token} {subject}" if known else f"a {subject}"

    def prompt(self, wish: str, subject: str, known: bool) -> str:
        """A template's prompt in this base's words; ``known`` as for :meth:`subject_words`."""
        worded = wish.replace("{subject}", self.subject_words(subject, known))
        return f"{self.paint.lead}, {worded}" if self.paint.lead else worded

    def size(self, width: int, height: int) -> tuple[int, int]:
        """The painted size for a wish: its aspect ratio, within the area limits, on the grid.

        Shapes beyond the recipe's narrowest are cut to it: the base does not paint faces into them.
        """
        paint = self.paint
        aspect = min(max(width / height, paint.narrowest), 1 / paint.narrowest)
        area = min(max(width * height, paint.pixels_least), paint.pixels_most)
        high = (area / aspect) ** 0.5 / paint.grid
        wide = high * aspect
        cells = [
            (w, h)
            for w in (max(1, int(wide)), int(wide) + 1)
            for h in (max(1, int(high)), int(high) + 1)
            if w * h * paint.grid**2 <= paint.pixels_most
        ]
        # Nearest in shape first, then in area.
        w, h = min(
            cells,
            key=lambda c: (abs(math.log(c[0] / c[1] / aspect)), abs(c[0] * c[1] - wide * high)),
        )
        return w * paint.grid, h * paint.grid


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
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{file}: not TOML: {error}") from error
    recipe = record(Recipe, table, file)
    _check_whole(recipe, file)
    return recipe


def _check_whole(recipe: Recipe, file: str) -> None:
    """What a single key cannot show."""
    likeness, paint = recipe.likeness, recipe.paint
    if not 0 <= likeness.floor <= likeness.default <= likeness.ceiling <= 2:
        raise RecipeError(f"{file}: likeness: not 0 <= floor <= default <= ceiling <= 2")
    if likeness.step <= 0:
        raise RecipeError(f"{file}: likeness.step: must be above 0")
    if paint.pixels_least > paint.pixels_most:
        raise RecipeError(f"{file}: paint.pixels_least: above pixels_most")
    if paint.grid**2 > paint.pixels_most:
        raise RecipeError(f"{file}: paint.grid: one cell is above pixels_most")
    if "{subject}" not in recipe.dataset.caption or "{subject}" not in recipe.train.sample_prompt:
        raise RecipeError(f"{file}: dataset.caption and train.sample_prompt must hold {{subject}}")
    if not recipe.dataset.framings or not recipe.train.targets:
        raise RecipeError(f"{file}: dataset.framings and train.targets must not be empty")
    if len(recipe.weights.classes.text_encoders) not in (1, 2):
        raise RecipeError(f"{file}: weights.classes.text_encoders: must be one or two")
    if recipe.family == "sd" and paint.shift:
        raise RecipeError(f"{file}: paint.shift: family sd has no time shift")
    if paint.unguided != 1 and (recipe.family != "flux" or paint.guidance <= 1):
        raise RecipeError(f"{file}: paint.unguided: only for family flux, with a guidance above 1")
    _check_place(recipe.weights, file, "weights")
    if recipe.weights.painter:
        _check_place(recipe.weights.painter, file, "weights.painter")


def _check_place(place: Weights | Painter, file: str, where: str) -> None:
    if place.hub and not re.fullmatch("[0-9a-f]{40}", place.revision):
        raise RecipeError(f"{file}: {where}.revision: a hub id needs a full commit hash")
    if not place.folder or Path(place.folder).is_absolute() or ".." in place.folder:
        raise RecipeError(f"{file}: {where}.folder: must be a folder below EIDER_BASES")
    for pinned in place.sha256:
        if not re.fullmatch("[0-9a-f]{64}", pinned.sha256):
            raise RecipeError(f"{file}: {where}.sha256.{pinned.file}: not a sha256")
