"""Train and paint one measured person with the product's own engine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.likeness.albums import MEASURED, Album
from pipeline.engine.engine import (
    ChildEngine,
    EngineError,
    Expression,
    LabelText,
    NothingDecent,
    PaintRequest,
    TrainedLora,
    TrainRequest,
    ignore_progress,
)
from pipeline.engine.wire import Blob
from pipeline.models.recipe import Recipe

PLAIN = (
    ("portrait of {subject}", Expression.SOFT_SMILE),
    ("closeup of {subject}", Expression.SMILE),
    ("photo of {subject}", Expression.NEUTRAL),
)
NEUTRAL_STYLES = ("blue ID", "business")  # the others ask for a soft smile, as templates do
STYLES = {
    "blue ID": "studio ID portrait of {subject}, plain blue background",
    "white ID": "studio ID portrait of {subject}, plain white background",
    "black and white": "black and white portrait of {subject}",
    "warm film": "portrait of {subject}, warm vintage film",
    "golden hour": "portrait of {subject}, golden hour light",
    "low key": "portrait of {subject}, dark background, low key",
    "business": "portrait of {subject}, grey background",
    "sepia": "sepia portrait of {subject}",
}
FIRST = "portrait of {subject}"
FIRST_EXPRESSION = Expression.SOFT_SMILE
FIRST_SEEDS = (7001, 7002, 7003, 7004)


@dataclass(frozen=True, slots=True)
class PersonRun:
    """All that was painted of one person. Seconds are of the wall clock.

    first     ranked by likeness while the photos were there, with consent; `seconds` until then
    asked     the plain ones again, each with the expression that was asked for
    plain     without that consent; `bare` the same prompts and seeds without the LoRA
    """

    name: str
    training: float
    seconds: float
    portrait: float
    trained: TrainedLora
    first: tuple[Blob, ...]
    bare: tuple[Blob, ...]
    plain: tuple[Blob, ...]
    styles: dict[str, tuple[Blob, ...]]
    asked: tuple[tuple[Blob, Expression], ...]


@dataclass(frozen=True, slots=True)
class Training:
    """What a training gave, and the seconds from a cold process to its compared portraits."""

    trained: TrainedLora
    seconds: float


async def train_person(
    engine: ChildEngine, recipe: Recipe, person: str, album: Album, seed: int
) -> Training:
    """Train, with first portraits that are compared."""
    began = time.monotonic()
    first = _request(recipe, person, None, FIRST, FIRST_SEEDS, FIRST_EXPRESSION)
    train_request = TrainRequest(
        person, album.trained, MEASURED[person], recipe.name, seed, initial_portraits=first
    )
    (trained,) = await engine.train([train_request], ignore_progress)
    if isinstance(trained, EngineError):
        raise trained
    return Training(trained, time.monotonic() - began)


async def paint_person(
    engine: ChildEngine, recipe: Recipe, person: str, training: Training, each: int
) -> PersonRun:
    """Paint `each` portraits of every plain prompt and of every style."""
    trained = training.trained
    lora = trained.kept[trained.best].lora
    began = time.monotonic()
    plain = [
        await _paint(engine, _request(recipe, person, lora, prompt, _seeds(number, each), face))
        for number, (prompt, face) in enumerate(PLAIN)
    ]
    seconds_each = (time.monotonic() - began) / max(1, sum(map(len, plain)))
    bare = [
        await _paint(engine, _request(recipe, person, None, prompt, _seeds(number, each), face))
        for number, (prompt, face) in enumerate(PLAIN)
    ]
    styles = {
        name: await _paint(
            engine,
            _request(
                recipe, person, lora, prompt, _seeds(9 + number, each), expression_of_style(name)
            ),
        )
        for number, (name, prompt) in enumerate(STYLES.items())
    }
    return PersonRun(
        person, trained.seconds, training.seconds, seconds_each, trained,
        tuple(picture.image for picture in trained.initial_portraits),
        sum(bare, ()), sum(plain, ()), styles,
        tuple((picture, face) for made, (_, face) in zip(plain, PLAIN, strict=True)
              for picture in made),
    )  # fmt: skip


def expression_of_style(name: str) -> Expression:
    return Expression.NEUTRAL if name in NEUTRAL_STYLES else Expression.SOFT_SMILE


def _seeds(number: int, each: int) -> Sequence[int]:
    return range(1000 * number, 1000 * number + each)


def _request(
    recipe: Recipe, person: str, lora: bytes | None, prompt: str, seeds: Sequence[int],
    expression: Expression,
) -> PaintRequest:  # fmt: skip
    request = PaintRequest(
        avatar=None,
        lora=None,
        weight=recipe.likeness.default,
        base=recipe.name,
        subject=MEASURED[person],
        prompt=prompt,
        negative="",
        width=1,
        height=1,
        seeds=tuple(seeds),
        content_id="benchmark",
        label=LabelText(),
        adult=True,
        expression=expression,
    )
    return request if lora is None else replace(request, avatar=person, lora=lora)


async def _paint(engine: ChildEngine, request: PaintRequest) -> tuple[bytes, ...]:
    (made,) = await engine.paint([request], ignore_progress)
    if isinstance(made, NothingDecent):
        return ()
    if isinstance(made, EngineError):
        raise made
    return tuple(picture.image for picture in made)
