"""More than a close-up, and no copies: `python -m benchmarks.framings --people DIR`.

For one person the product's own engine trains a LoRA on all photos but the held-out ones (or takes
one, `--lora`), paints each framing before each background, and one order's first portraits with the
template's shots and without. SFace compares what is delivered with photos that training never saw;
MultiID-Bench's measures with those that it saw. Writes a section of docs/benchmarks/framings.md.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import hardware, pages
from benchmarks.framings import variety
from benchmarks.likeness import albums as books
from benchmarks.likeness import copying
from benchmarks.likeness.albums import PEOPLE, Album, Albums
from benchmarks.likeness.copying import CopyScore
from benchmarks.likeness.scores import SHARE, score
from pipeline.engine.engine import (
    ChildEngine,
    ChildSettings,
    EngineError,
    Framing,
    LabelText,
    NothingDecent,
    PaintRequest,
    TrainRequest,
    ignore_progress,
)
from pipeline.images.photo import decode
from pipeline.models import recipe, weights
from pipeline.models.recipe import Recipe
from pipeline.worker.paint_request import paint_request
from shop.avatars.likeness import FIRST_BEAUTY
from shop.catalog import Catalog

BACKDROPS = {
    "grey": "portrait of {subject}, grey background",
    "blue": "portrait of {subject}, blue background",
    "white": "portrait of {subject}, white background",
    "dark": "portrait of {subject}, dark background",
}
TEMPLATE = "session"
THUMB = 144  # pixels


@dataclass(frozen=True, slots=True)
class Painted:
    """Pictures of one framing before one background; seconds of the wall clock, all together."""

    framing: Framing
    backdrop: str
    pictures: tuple[bytes, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """All of one person. memory: the engine's child at its largest, MiB; training: seconds, 0 for
    a LoRA that was given."""

    person: str
    training: float
    memory: float
    painted: tuple[Painted, ...]
    first: tuple[bytes, ...]
    first_alike: tuple[bytes, ...]


async def measure(
    plan: Recipe, person: str, subject: str, album: Album, lora: bytes | None, each: int, seed: int
) -> Run:
    engine, seconds = ChildEngine(ChildSettings()), 0.0
    try:
        if lora is None:
            wanted = TrainRequest(person, album.trained, subject, plan.name, seed)
            (trained,) = await engine.train([wanted], ignore_progress)
            if isinstance(trained, EngineError):
                raise trained
            lora, seconds = trained.kept[trained.best].lora, trained.seconds
        request = await _first_request(plan, person, subject, lora)
        first = await _paint(engine, request)
        alike = await _paint(engine, replace(request, shots=(), prompt=BACKDROPS["grey"]))
        made = []
        for framing in Framing:
            for number, (name, prompt) in enumerate(BACKDROPS.items()):
                began = time.monotonic()
                seeds = tuple(range(1000 * number, 1000 * number + each))
                one = replace(request, prompt=prompt, shots=(), framing=framing, seeds=seeds)
                pictures = await _paint(engine, one)
                made.append(Painted(framing, name, pictures, time.monotonic() - began))
    finally:
        await engine.close()
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Run(person, seconds, memory, tuple(made), first, alike)


async def _first_request(plan: Recipe, person: str, subject: str, lora: bytes) -> PaintRequest:
    template = Catalog.load().painted(plan.name, TEMPLATE)
    return await paint_request(
        template, base=plan.name, subject=subject, avatar=person, lora=lora,
        weight=plan.likeness.default, seeds=template.seeds[:4], content_id="benchmark",
        label=LabelText(), beauty=FIRST_BEAUTY,
    )  # fmt: skip


async def _paint(engine: ChildEngine, request: PaintRequest) -> tuple[bytes, ...]:
    (made,) = await engine.paint([request], ignore_progress)
    if isinstance(made, NothingDecent):
        return ()
    if isinstance(made, EngineError):
        raise made
    return tuple(picture.image for picture in made)


def section(plan: Recipe, fingerprint: str, run: Run, albums: Albums, each: int) -> str:
    here, album = books.scale(run.person, albums), albums[run.person]
    own = copying.of_new_photos(album)
    rows = []
    for framing in Framing:
        sets = [one for one in run.painted if one.framing is framing]
        rows += [
            _row(run.person, framing.value, one.backdrop, one.pictures, albums, one.seconds / each)
            for one in sets
        ]
        together = sum((one.pictures for one in sets), ())
        mean = sum(one.seconds for one in sets) / (each * len(sets))
        rows.append(_row(run.person, framing.value, "**all**", together, albums, mean))
    rows.append(_row(run.person, "first portraits", "by shots", run.first, albums, None))
    rows.append(_row(run.person, "first portraits", "one prompt", run.first_alike, albums, None))
    rows.append(["new photos of the person", "", "", "", "100 %", "", *_copy_cells(own), ""])
    told = (
        f"trained in {run.training:.0f} s; the engine's process took up to {run.memory:.0f} MiB"
        if run.training
        else f"the engine's process took up to {run.memory:.0f} MiB to paint"
    )
    head = [
        "framing", "background", "portraits", "right person nearest", "of the way",
        "background seen", "Sim(GT) / Sim(Ref)", "copy-paste rate (to the nearest photo)",
        "s a portrait",
    ]  # fmt: skip
    varied = [
        [name, *_variety_cells(pictures)]
        for name, pictures in (("by shots", run.first), ("one prompt", run.first_alike))
    ]
    return f"""\
## {run.person}

`{pages.command("benchmarks.framings")}`, {pages.today()}, {hardware.machine()}. Base \
`{plan.name}` ({fingerprint[:12]}), recipe {plan.hash}; {told}. Strangers reach \
{here.strangers:.2f} against the held-out photos, the person's own training photos {here.own:.2f}.

{pages.table(head, rows)}

{pages.table(["first portraits", "pairs", "crop", "turn", "light", "background", "any"], varied)}

![Every picture, a row each: first portraits by shots and by one prompt; then the table's rows]\
(framings-{run.person}.jpg)
"""


def _row(
    person: str, framing: str, name: str, pictures: Sequence[bytes], albums: Albums,
    seconds: float | None,
) -> list[str]:  # fmt: skip
    line = score(person, framing, books.vectors(pictures), albums)
    met = "" if line.share >= SHARE else " (below 85 %)"
    return [
        framing.replace("_", " "),
        name,
        str(line.portraits),
        f"{line.nearest} of {line.portraits}",
        f"{100 * line.share:.0f} %{met}",
        _seen(pictures),
        *_copy_cells(line.copying),
        "" if seconds is None else f"{seconds:.1f}",
    ]


def _copy_cells(found: CopyScore) -> list[str]:
    met = "" if found.copy_paste <= copying.COPY_PASTE else " (above 0.15)"
    return [
        f"{found.sim_gt:.2f} / {found.sim_ref:.2f}",
        f"{found.copy_paste:.2f}{met} ({found.nearest:.2f})",
    ]


def _seen(pictures: Sequence[bytes]) -> str:
    """The mean colour of the backgrounds, as L*, a*, b*."""
    found = [one for picture in pictures if (one := variety.traits(decode(picture)))]
    if not found:
        return "-"
    return " ".join(f"{value:.0f}" for value in np.mean([one.backdrop for one in found], axis=0))


def _variety_cells(pictures: Sequence[bytes]) -> list[str]:
    found = [one for picture in pictures if (one := variety.traits(decode(picture)))]
    told = variety.variety(found)
    counts = (told.crop, told.turn, told.light, told.backdrop, told.any)
    return [str(told.pairs), *map(str, counts)]


def write_sheet(run: Run, target: Path) -> None:
    rows = [run.first, run.first_alike, *(one.pictures for one in run.painted)]
    sheet = Image.new("RGB", (THUMB * max(map(len, rows)), THUMB * len(rows)), "white")
    for y, made in enumerate(rows):
        for x, file in enumerate(made):
            sheet.paste(Image.open(io.BytesIO(file)).resize((THUMB, THUMB)), (THUMB * x, THUMB * y))
    sheet.save(target, quality=88)


def put_section(page: Path, person: str, text: str) -> None:
    """Replace that person's section of the page, or add it before the notes."""
    whole = page.read_text("utf-8") if page.exists() else "# Framings, and copies\n"
    body, mark, notes = whole.partition(pages.NOTES)
    parts = [one for one in body.split("\n## ") if not one.startswith(f"{person}\n")]
    kept = "\n## ".join(parts).rstrip("\n")
    page.write_text(f"{kept}\n\n{text.rstrip()}\n{mark}{notes}", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.framings", description=__doc__)
    parser.add_argument("--people", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--person", default="P006", help="of PEOPLE, or of the package openpeople")
    parser.add_argument("--subject", default="woman", choices=("woman", "man", "person"))
    parser.add_argument("--lora", type=Path, help="trained already on the same photos")
    parser.add_argument("--each", type=int, default=4, help="portraits per framing and background")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"))
    given = parser.parse_args()
    plan = recipe.load("mini")
    albums = {person: books.read(given.people / person) for person in PEOPLE}
    if given.person not in albums:
        albums[given.person] = books.read_sitting(given.person)
    lora = given.lora.read_bytes() if given.lora else None
    run = asyncio.run(
        measure(
            plan, given.person, given.subject, albums[given.person], lora, given.each, given.seed
        )
    )
    fingerprint = weights.locate(plan, None).fingerprint
    text = section(plan, fingerprint, run, albums, given.each)
    given.out.mkdir(parents=True, exist_ok=True)
    put_section(given.out / "framings.md", given.person, text)
    write_sheet(run, given.out / f"framings-{given.person}.jpg")
    print(text)


if __name__ == "__main__":
    main()
