"""The parts of a recipe about painting: the sampler, the sizes, and the quality gate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, cast

from pipeline.engine.messages import LoraScaleRange
from pipeline.engine.shots import Framing
from pipeline.models.recipe_toml import Problem, Share, between, rules


@dataclass(frozen=True, slots=True)
class FramingWords:
    """A framing that can be asked for.

    words     before the prompt, instead of `PaintSettings.prompt_prefix`
    enlarge   sides of the painted picture / its usual sides: what shows more of a person needs more
              pixels for as fine a face
    """

    words: str
    enlarge: Annotated[float, between(1, 2)]


@dataclass(frozen=True, slots=True)
class PaintFramings:
    """Each `Framing`, by its value."""

    close_up: FramingWords
    head_and_shoulders: FramingWords


@dataclass(frozen=True, slots=True)
class PaintSettings:
    """The sampler and the sizes. Steps, guidance and shift are those of the painter.

    shift         a flow sampler's TrainSettings.time_shift; 0 leaves it as the base brings it
    candidates    painted per requested picture; the best is delivered
    batch         most pictures in one forward
    lora_scale    scale of the LoRA at a likeness weight of 1
    uncond_lora_scale  share of that scale in guidance's unconditional pass: 1 leads to the prompt
                  alone (arXiv 2207.12598); less leads to the customer too, away from people in
                  general (arXiv 2406.02507)
    prompt_prefix      words before every template's prompt: the framing that the base was taught
    size_multiple      width and height are multiples of it
    min_aspect_ratio   least width / height painted, its inverse the most; 1 paints squares alone
    min_pixels         smallest area painted; max_pixels the largest
    output_short_side  of the delivered picture (Lanczos); 0 delivers as painted
    max_prompt_tokens  longest prompt, in tokens, where the base lets us choose
    framings           the framings that a request may ask for
    """

    prompt_prefix: str
    lora_scale: Annotated[float, between(0.1, 4)]
    steps: Annotated[int, between(1, 1000)]
    guidance: Annotated[float, between(0, 50)]
    uncond_lora_scale: Share
    shift: Annotated[float, between(0, 100)]
    candidates: Annotated[int, between(1, 8)]
    batch: Annotated[int, between(1, 32)]
    size_multiple: Annotated[int, between(1, 256)]
    min_aspect_ratio: Annotated[float, between(0.25, 1)]
    min_pixels: Annotated[int, between(64, 1 << 26)]
    max_pixels: Annotated[int, between(64, 1 << 26)]
    output_short_side: Annotated[int, between(0, 8192)]
    max_prompt_tokens: Annotated[int, between(1, 512)]
    quality: Annotated[int, between(50, 100)]
    framings: PaintFramings

    def framed(self, framing: Framing | None) -> FramingWords:
        """The framing's words and size; None: the usual ones."""
        if framing is None:
            return FramingWords(self.prompt_prefix, 1.0)
        return cast("FramingWords", getattr(self.framings, framing.value))


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What a painted picture must pass (`safety.py`); small bases are soft, so per base.

    indecency, youth   refused at or above
    one_face           exactly one face must be found
    sharpness          least Laplacian variance of the face box at 128 px
    eyes_alike, brows_alike, mouth_alike  refused below: how well one side mirrors the other,
                       -1..1; of faces that are not turned aside, as the next two
    mouth_tilt         refused above: degrees of the mouth against the eyes
    mouth_detail       refused below: contrast of the mouth beside that of the eyes
    repaints           further tries per requested seed
    min_similarity     share of the way from strangers to the customer's own photos; asked only of
                       customers who let us compare
    """

    indecency: Share
    youth: Share
    one_face: bool
    sharpness: Annotated[float, between(0, 100_000)]
    eyes_alike: Annotated[float, between(-1, 1)]
    brows_alike: Annotated[float, between(-1, 1)]
    mouth_alike: Annotated[float, between(-1, 1)]
    mouth_tilt: Annotated[float, between(0, 180)]
    mouth_detail: Annotated[float, between(0, 10)]
    repaints: Annotated[int, between(0, 20)]
    min_similarity: Annotated[float, between(-1, 1)]


def _paint_problems(paint: PaintSettings) -> Iterator[Problem]:
    if paint.min_pixels > paint.max_pixels:
        yield "min_pixels", "above max_pixels"
    if paint.size_multiple**2 > paint.max_pixels:
        yield "size_multiple", "one cell is above max_pixels"


def _likeness_problems(likeness: LoraScaleRange) -> Iterator[Problem]:
    if not 0 <= likeness.default <= likeness.ceiling <= 2:
        yield "default", "not 0 <= default <= ceiling <= 2"
    if likeness.step <= 0:
        yield "step", "must be above 0"


CheckedPaint = Annotated[PaintSettings, rules(_paint_problems)]
CheckedLikeness = Annotated[LoraScaleRange, rules(_likeness_problems)]
