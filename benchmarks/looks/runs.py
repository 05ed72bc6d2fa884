"""Paint every look that is sold as a customer gets it, and plain portraits without beauty."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.likeness.albums import SUBJECTS, Album
from benchmarks.looks.signatures import PLAIN
from pipeline.engine.engine import (
    ChildEngine,
    EngineError,
    LabelText,
    NothingDecent,
    TrainRequest,
    ignore_progress,
)
from pipeline.images.faces import Pixels
from pipeline.models.recipe import Recipe
from pipeline.worker.paint_request import paint_request
from shop.avatars.likeness import FIRST_BEAUTY
from shop.catalog import Catalog

Pictures = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class PersonLooks:
    """What was painted of one person: by template as delivered, and plain without any beauty."""

    name: str
    looks: dict[str, Pictures]
    bare: Pictures


async def lora_of(
    engine: ChildEngine, plan: Recipe, person: str, album: Album, kept: Path, seed: int
) -> bytes:
    """The LoRA of a person who does not exist: trained, or as `kept` has it from another run."""
    if kept.is_file():
        return kept.read_bytes()
    request = TrainRequest(person, album.trained, SUBJECTS[person], plan.name, seed)
    (trained,) = await engine.train([request], ignore_progress)
    if isinstance(trained, EngineError):
        raise trained
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(trained.kept[trained.best].lora)
    return trained.kept[trained.best].lora


async def paint_person(
    engine: ChildEngine, plan: Recipe, catalog: Catalog, person: str, lora: bytes, each: int
) -> PersonLooks:
    """`each` portraits of every template that the base shows, and plain ones without beauty."""

    async def paint(template: str, beauty: float) -> Pictures:
        style = catalog.painted(plan.name, template)
        request = await paint_request(
            style, base=plan.name, subject=SUBJECTS[person], avatar=person, lora=lora,
            weight=plan.likeness.default, seeds=style.seeds[:each], content_id="benchmark",
            label=LabelText(), beauty=beauty,
        )  # fmt: skip
        (made,) = await engine.paint([request], ignore_progress)
        if isinstance(made, NothingDecent):
            return ()
        if isinstance(made, EngineError):
            raise made
        return tuple(picture.image for picture in made)

    sold = [one.id for one in catalog.templates if catalog.shows(plan.name, one)]
    looks = {template: await paint(template, FIRST_BEAUTY) for template in sold}
    return PersonLooks(person, looks, await paint(PLAIN, 0.0))


def opened(pictures: Sequence[bytes]) -> list[Pixels]:
    return [np.asarray(Image.open(io.BytesIO(one)).convert("RGB")) for one in pictures]
