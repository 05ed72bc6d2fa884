"""The parts of a recipe about training: how photos become a data set, and the optimisation."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pipeline.engine.expressions import Expression
from pipeline.models.recipe_toml import Count, Problem, Share, between, rules


@dataclass(frozen=True, slots=True)
class FramingSettings:
    """A square crop around the face; `word` goes into the caption.

    eyes    distance between the eyes / the square's side
    level   height of the eyes below the square's top / its side
    """

    word: str
    eyes: Annotated[float, between(0.02, 0.6)]
    level: Share


@dataclass(frozen=True, slots=True)
class ViewWords:
    """Caption words for where the face looks."""

    front: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class BackdropWords:
    """Caption words for plain backgrounds; `other` for all that are not plain."""

    white: str
    grey: str
    dark: str
    other: str


@dataclass(frozen=True, slots=True)
class ExpressionWords:
    """Caption words for what a face does that looks at the camera (`Expression`)."""

    neutral: str
    soft_smile: str
    smile: str
    open_mouth: str
    eyes_closed: str
    wink: str
    scowl: str
    surprise: str
    looking_aside: str
    looking_down: str
    looking_up: str

    def of(self, expression: Expression) -> str:
        """The word; "" for a face that is turned aside, which is named by its view instead."""
        return str(getattr(self, expression.value, ""))


@dataclass(frozen=True, slots=True)
class WideSettings:
    """Larger training pictures that show more of a person, beside the usual ones.

    enlarge    their side / `DatasetSettings.resolution`
    variants   crops per photo; of one that is not calm as many or `grimace_variants`, the fewer
    framings   empty: there are none
    """

    enlarge: Annotated[float, between(1, 2)]
    variants: Count
    framings: tuple[FramingSettings, ...]


@dataclass(frozen=True, slots=True)
class DatasetSettings:
    """How photos become training pictures.

    variants     crops per photo; they take the framings in turn
    grimace_variants  crops of a photo that is not calm (`photo_expressions.CALM`), at most
                 `variants`; 0 leaves it out
    min_calm_photos   with fewer calm photos than this all photos count alike
    flip         mirror every second variant (the view's word is mirrored with it)
    colour       strength of brightness, contrast and colour jitter; 0.1 is +-10 %
    shift, roll  random shift in shares of the side, random turn in degrees
    caption      holds {subject}; may hold {framing}, {view}, {expression} and {backdrop}
    backdrop_caption_dropout  share of the captions that do not name a plain background: else a
                 person whose photos all have one is only known in front of it
    backdrop_weight  weight in the loss, 0..1, of a background that no word can name: what is not
                 learned cannot leak into portraits
    """

    resolution: Annotated[int, between(16, 4096)]
    variants: Count
    grimace_variants: Annotated[int, between(0, 1000)]
    min_calm_photos: Count
    flip: bool
    colour: Share
    shift: Share
    roll: Annotated[float, between(0, 45)]
    min_photos: Count
    caption: str
    backdrop_caption_dropout: Share
    backdrop_weight: Share
    framings: tuple[FramingSettings, ...]
    views: ViewWords
    expressions: ExpressionWords
    backdrops: BackdropWords
    wide: WideSettings

    def widened(self) -> DatasetSettings:
        """The settings of the larger pictures."""
        side = round(self.resolution * self.wide.enlarge)
        return dataclasses.replace(
            self,
            resolution=side,
            variants=self.wide.variants,
            grimace_variants=min(self.grimace_variants, self.wide.variants),
            framings=self.wide.framings,
        )


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """The optimisation of a LoRA.

    targets       module names (peft: matched as suffixes) that get a LoRA
    min_snr       gamma of min-SNR weighting (arXiv 2303.09556), epsilon and v bases; 0 is off
    time_shift    flow bases: sigma' = s*sigma / (1 + (s-1)*sigma); 1 is no shift
    autocast      mixed precision of the denoiser's forward
    checkpoint_every, checkpoint_seconds  the state to resume from is kept each so manieth step, but
                  not sooner than so many seconds after the one before: that is what a crash costs
    sample_at     step of the one sample picture; 0 is none
    prior_share   share of a batch that shows other people, painted by the bare base (arXiv
                  2208.12242); without it everybody comes to look like the customer
    prior_weight  weight of their loss
    face_weight   weight of the face's ellipse in the loss; the rest weighs 1
    validation_photos  held out to choose the best checkpoint
    keep_checkpoints   checkpoints kept, the last one included
    max_batch_customers  most customers trained in one batch
    compile       "regional": the repeated blocks are compiled; on a GPU alone
    wide_every    each so manieth step trains on the larger pictures of `DatasetSettings.wide`; 0:
                  none does
    gradient_checkpointing  activations are computed twice: a third of the speed for most of the
                  memory
    """

    targets: tuple[str, ...]
    rank: Annotated[int, between(1, 512)]
    alpha: Annotated[float, between(0.001, 512)]
    steps: Count
    batch: Annotated[int, between(1, 256)]
    learning_rate: Annotated[float, between(0, 1)]
    warmup: Annotated[int, between(0, 100_000)]
    weight_decay: Share
    max_grad_norm: Annotated[float, between(0, 1000)]
    min_snr: Annotated[float, between(0, 100)]
    time_shift: Annotated[float, between(0.01, 100)]
    autocast: Literal["none", "bfloat16"]
    checkpoint_every: Annotated[int, between(1, 10)]
    checkpoint_seconds: Annotated[int, between(0, 60)]
    sample_at: Annotated[int, between(0, 1_000_000)]
    sample_prompt: str
    prior_share: Annotated[float, between(0, 0.5)]
    prior_weight: Annotated[float, between(0, 10)]
    face_weight: Annotated[float, between(1, 100)]
    validation_photos: Annotated[int, between(0, 5)]
    keep_checkpoints: Annotated[int, between(1, 3)]
    max_batch_customers: Annotated[int, between(1, 8)]
    compile: Literal["none", "regional"]
    wide_every: Annotated[int, between(0, 1000)]
    gradient_checkpointing: bool


def _dataset_problems(dataset: DatasetSettings) -> Iterator[Problem]:
    if "{subject}" not in dataset.caption:
        yield "caption", "must hold {subject}"
    if not dataset.framings:
        yield "framings", "must not be empty"
    if dataset.grimace_variants > dataset.variants:
        yield "grimace_variants", "above variants"


def _train_problems(train: TrainSettings) -> Iterator[Problem]:
    if "{subject}" not in train.sample_prompt:
        yield "sample_prompt", "must hold {subject}"
    if not train.targets:
        yield "targets", "must not be empty"


CheckedDataset = Annotated[DatasetSettings, rules(_dataset_problems)]
CheckedTrain = Annotated[TrainSettings, rules(_train_problems)]
