"""Paint the pictures that styles are chosen by: `python -m benchmarks.previews --people DIR`.

Each style that the base shows is painted as it is sold (its prompt, framing, shots, retouch, grade,
label, and the beauty of first portraits) with a LoRA of somebody who does not exist. Of its seeds
that one is taken which the product would choose for a customer who agreed to be compared. A style
whose portraits differ by shots is shown as one sheet of them.

Writes shop/catalog/previews/{id}.jpg, and with `--pictures` all that it chose from. LoRAs are kept
(`--loras`), so that one style can be painted anew: `--only noir --people DIR`; what the choice
overlooks a person sees: `--take noir=2` takes the picture of that place, counted from 0 (one
number for each shot, as `session=0,1,0,0`).
"""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from benchmarks.likeness import albums as books
from benchmarks.likeness.albums import Album
from benchmarks.looks.runs import opened
from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    EngineError,
    Expression,
    LabelText,
    TrainRequest,
    ignore_progress,
)
from pipeline.images import label, safety
from pipeline.images.faces import Pixels
from pipeline.models import recipe
from pipeline.models.recipe import Recipe
from pipeline.painting import selection
from pipeline.painting.selection import FaceSimilarity
from pipeline.worker.paint_request import paint_request
from shop.avatars.likeness import FIRST_BEAUTY
from shop.catalog import Catalog, Template

PREVIEWS = Path("shop/catalog/previews")
# Whom each style is shown by, so that neighbours in the menu differ. None of them exists.
MODELS = {"P005": "man", "P006": "woman"}
SHOWN_BY = {
    "session": "P005", "studio": "P005", "black-and-white": "P006",
    "id-blue": "P005", "id-white": "P006", "id-red": "P005",
    "warm-film": "P005", "pastel": "P006", "golden-hour": "P006",
    "low-key": "P005", "noir": "P006", "cool-film": "P005",
    "old-photo": "P005",
}  # fmt: skip
# A sheet of four shots, pixels: left, top, right and bottom of each, the mark below them.
SIDE = 512
TILES = ((0, 0, 253, 222), (259, 0, 512, 222), (0, 228, 253, 450), (259, 228, 512, 450))
SHOWN = 0.86  # of a picture's height
PAPER = (250, 249, 246)


@dataclass(frozen=True, slots=True)
class Choice:
    """Labelled JPEGs in the order of their seeds, and the place of the best."""

    pictures: tuple[bytes, ...]
    best: int


async def lora_of(
    engine: ChildEngine, plan: Recipe, person: str, album: Album, kept: Path
) -> bytes:
    """Trained as a customer's, on all photos but the benchmark's; or as `kept` has it."""
    if kept.is_file():
        return kept.read_bytes()
    request = TrainRequest(person, album.trained, MODELS[person], plan.name, seed=1)
    (trained,) = await engine.train([request], ignore_progress)
    if isinstance(trained, EngineError):
        raise trained
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(trained.kept[trained.best].lora)
    return kept.read_bytes()


async def paint(
    engine: ChildEngine, plan: Recipe, template: Template, person: str, lora: bytes, album: Album,
    each: int | None,
) -> list[Choice]:  # fmt: skip
    """The style's first `each` seeds, and the best of them; of a style with shots, two of each."""
    request = await paint_request(
        template, base=plan.name, subject=MODELS[person], avatar=person, lora=lora,
        weight=plan.likeness.default, seeds=template.seeds[:each],
        content_id=f"preview-{template.id}", label=LabelText(), beauty=FIRST_BEAUTY,
    )  # fmt: skip
    like = FaceSimilarity.from_photos(album.trained)
    requests = [
        # The seed that the product gives the shot, and one beside it.
        replace(request, shots=(shot,), seeds=(seed, seed + 1))
        for shot, seed in zip(request.shots, template.seeds, strict=False)
    ]
    choices = []
    for one in requests or [request]:
        (made,) = await engine.paint([one], ignore_progress)
        if isinstance(made, EngineError):
            raise made
        pictures = tuple(picture.image for picture in made)
        merits = [merit(pixels, plan, like, one.expression) for pixels in opened(pictures)]
        choices.append(Choice(pictures, max(range(len(merits)), key=merits.__getitem__)))
    return choices


def merit(
    pixels: Pixels, plan: Recipe, like: FaceSimilarity, asked: Expression | None
) -> tuple[bool, float]:
    """Whether the finished picture passes the gate, and how the product would rank it."""
    verdict = safety.judge(pixels, plan.gate, adult=True, asked=asked)
    return verdict.passed, selection.score(verdict, plan.gate, like.likeness(pixels), asked)


def preview(template: Template, choices: Sequence[Choice]) -> bytes:
    """The picture that was chosen, as it is; of a style with shots a sheet, labelled as one."""
    chosen = [one.pictures[one.best] for one in choices]
    if not template.shots:
        return chosen[0]
    sheet = Image.new("RGB", (SIDE, SIDE), PAPER)
    for picture, (left, top, right, bottom) in zip(chosen, TILES, strict=True):
        whole = Image.open(io.BytesIO(picture)).convert("RGB")
        # Without its own mark, which is in the lowest seventh; the sheet gets one below the tiles.
        high = round(SHOWN * whole.height)
        wide = round(high * (right - left) / (bottom - top))
        start = (whole.width - wide) // 2
        tile = whole.crop((start, 0, start + wide, high))
        tile = tile.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
        sheet.paste(tile, (left, top))
    text = LabelText()
    marked = label.draw_mark(sheet, text.mark)
    return label.encode(marked, text.producer, f"preview-{template.id}")


def keep(template: Template, choices: Sequence[Choice], folder: Path) -> None:
    """Every picture that there was to choose from, named by its shot and its place."""
    folder.mkdir(parents=True, exist_ok=True)
    for shot, one in enumerate(choices):
        for number, picture in enumerate(one.pictures):
            (folder / f"{template.id}-{shot}-{number}.jpg").write_bytes(picture)


async def run(
    plan: Recipe, templates: Sequence[Template], albums: dict[str, Album],
    taken: dict[str, tuple[int, ...]], given: argparse.Namespace,
) -> None:  # fmt: skip
    engine = ChildEngine(ChildSettings(bases=given.bases))
    try:
        for person in MODELS:
            for template in (one for one in templates if SHOWN_BY[one.id] == person):
                kept = given.loras / f"{person}.safetensors"
                lora = await lora_of(engine, plan, person, albums[person], kept)
                choices = await paint(
                    engine, plan, template, person, lora, albums[person], given.each
                )
                if (wish := taken.get(template.id)) is not None:
                    choices = [
                        replace(one, best=number) for one, number in zip(choices, wish, strict=True)
                    ]
                (given.out / f"{template.id}.jpg").write_bytes(preview(template, choices))
                if given.pictures:
                    keep(template, choices, given.pictures)
                print(
                    template.id,
                    person,
                    [(len(one.pictures), one.best) for one in choices],
                    flush=True,
                )
    finally:
        await engine.close()


def _taken(text: str) -> tuple[str, tuple[int, ...]]:
    template, _, numbers = text.partition("=")
    return template, tuple(map(int, numbers.split(",")))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.previews", description=__doc__)
    parser.add_argument("--people", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--only", nargs="*", help="these styles; left out: all that the base shows")
    parser.add_argument("--take", type=_taken, nargs="*", default=[], metavar="STYLE=PLACE")
    parser.add_argument("--each", type=int, help="of the style's seeds; left out: all of them")
    parser.add_argument("--loras", type=Path, default=Path(".cache/previews"))
    parser.add_argument("--pictures", type=Path, help="where all that was painted is kept")
    parser.add_argument("--base", default="mini")
    parser.add_argument("--bases", type=Path, help="folder of base weights, as EIDER_BASES")
    parser.add_argument("--out", type=Path, default=PREVIEWS)
    given = parser.parse_args()
    plan, catalog = recipe.load(given.base), Catalog.load()
    sold = [one.id for one in catalog.templates if catalog.shows(plan.name, one)]
    if missing := [one for one in sold if one not in SHOWN_BY]:
        raise SystemExit(f"SHOWN_BY does not say who shows {', '.join(missing)}")
    wanted = [catalog.painted(plan.name, one) for one in given.only or sold]
    albums = {person: books.read(given.people / person) for person in MODELS}
    asyncio.run(run(plan, wanted, albums, dict(given.take), given))


if __name__ == "__main__":
    main()
