"""Whether every look that is sold shows, at the likeness of first portraits, and what beauty does:
`python -m benchmarks.looks`. Writes docs/benchmarks/looks.md and docs/images/looks.jpg.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks import hardware, pages
from benchmarks.likeness import albums as books
from benchmarks.likeness.albums import PEOPLE, SUBJECTS, Albums
from benchmarks.likeness.scores import score
from benchmarks.looks import tones_of_skin
from benchmarks.looks.measures import face_measure, tones
from benchmarks.looks.runs import PersonLooks, lora_of, opened, paint_person
from benchmarks.looks.signatures import PLAIN, SHOTS, SIGNATURES
from benchmarks.looks.tones_of_skin import THIRDS, ToneRow
from pipeline.engine.engine import ChildEngine, ChildSettings
from pipeline.finishing.finish import Finishing
from pipeline.images import faces
from pipeline.models import recipe, weights
from pipeline.models.recipe import Recipe
from shop.avatars.likeness import FIRST_BEAUTY, MORE_BEAUTY
from shop.catalog import Catalog

KEPT = 0.80  # of the way from strangers to the person's own photos
THUMB, HEADING = 192, 20  # pixels
LOOK_HEAD = (
    "person",
    "look",
    "how",
    "its measure",
    "look's",
    "plain's",
    "of the way",
    "nearest",
    "told apart",
)
BEAUTY_HEAD = (
    "person",
    "beauty",
    "unevenness",
    "eyes",
    "symmetry",
    "shape",
    "skin",
    "of the way",
    "nearest",
)
TONE_HEAD = ("finishing", "asked", *THIRDS, "farthest")


async def measure(
    plan: Recipe, catalog: Catalog, albums: Albums, given: argparse.Namespace
) -> list[PersonLooks]:
    """One person after the other, each with an engine of their own."""
    runs = []
    for person in SUBJECTS:
        engine = ChildEngine(ChildSettings(bases=given.bases))
        try:
            kept = given.loras / f"{person}.safetensors"
            lora = await lora_of(engine, plan, person, albums[person], kept, given.seed)
            runs.append(await paint_person(engine, plan, catalog, person, lora, given.each))
        finally:
            await engine.close()
    return runs


def look_rows(
    run: PersonLooks, albums: Albums, finished: Collection[str]
) -> tuple[list[list[str]], int]:
    """The table's rows of one person, and how many of the looks are apart and kept."""
    measured = {name: [tones(one) for one in opened(made)] for name, made in run.looks.items()}
    rows, reached = [], 0
    for name, made in run.looks.items():
        kept = score(run.name, name, books.vectors(made), albums)
        like = [f"{100 * kept.share:.0f} %", f"{kept.nearest} of {kept.portraits}"]
        if name in (PLAIN, SHOTS):
            rows.append([run.name, name, "painted", "", "", "", *like, ""])
            continue
        sign = SIGNATURES[name]
        good = sign.holds(measured[name], measured[PLAIN]) and kept.share >= KEPT
        reached += good
        numbers = [_span(sign.numbers(measured[each])) for each in (name, PLAIN)]
        how = "finished" if name in finished else "painted"
        asked = f"{sign.what}: {sign.asked}"
        rows.append([run.name, name, how, asked, *numbers, *like, "yes" if good else "**no**"])
    return rows, reached


def beauty_rows(run: PersonLooks, albums: Albums) -> list[list[str]]:
    """Plain portraits of one person, at every rung of beauty."""
    bare = opened(run.bare)
    before = [face_measure(one) for one in bare]
    rows = []
    for amount in (0.0, FIRST_BEAUTY, *MORE_BEAUTY):
        pictures = [Finishing(amount).apply(one) for one in bare]
        after = [face_measure(one, like) for one, like in zip(pictures, bare, strict=True)]
        vectors = [vector for one in pictures if (vector := faces.embedding(one)) is not None]
        kept = score(run.name, f"beauty {amount}", np.stack(vectors), albums)
        pairs = list(zip(before, after, strict=True))
        rows.append(
            [
                run.name, f"{100 * amount:.0f} %",
                f"{np.mean([100 * (b.unevenness / a.unevenness - 1) for a, b in pairs]):+.0f} %",
                f"{max((100 * (b.eyes / a.eyes - 1) for a, b in pairs), key=abs):+.1f} %",
                f"{np.mean([b.symmetry - a.symmetry for a, b in pairs]):+.3f}",
                f"{max(np.abs(b.shape - a.shape).max() for a, b in pairs):.3f}",
                f"{max((np.log2(b.skin / a.skin) for a, b in pairs), key=abs):+.3f}",
                f"{100 * kept.share:.0f} %", f"{kept.nearest} of {kept.portraits}",
            ]
        )  # fmt: skip
    return rows


def tone_rows(rows: Sequence[ToneRow]) -> list[list[str]]:
    return [
        [one.name, *(f"{stops:+.2f}" for stops in (one.asked, *one.means, one.farthest))]
        for one in rows
    ]


def page(
    plan: Recipe, fingerprint: str, runs: Sequence[PersonLooks], albums: Albums, catalog: Catalog,
    tone: Sequence[ToneRow], portraits: int,
) -> str:  # fmt: skip
    finished = [one.id for one in catalog.templates if catalog.painted(plan.name, one.id).grade]
    rows, reached = zip(*(look_rows(run, albums, finished) for run in runs), strict=True)
    looks = [len(run.looks.keys() & SIGNATURES.keys()) for run in runs]
    told = ", ".join(f"{n} of {all_}" for n, all_ in zip(reached, looks, strict=True))
    return f"""\
# Looks, and beauty

`{pages.command("benchmarks.looks")}`, {pages.today()}, {hardware.machine()}. Base `{plan.name}` \
({fingerprint[:12]}), recipe {plan.hash}. People: {", ".join(SUBJECTS)}, who do not exist and whom \
the base never saw; {len(runs[0].looks[PLAIN])} portraits of each look, as delivered (labelled \
JPEGs, a beauty of {100 * FIRST_BEAUTY:.0f} %), unpicked but for what the product itself picks.

## Every look shows: {told}

{pages.table(LOOK_HEAD, [row for each in rows for row in each])}

How to read it: a look is *told apart* when each of its pictures is beyond the bar of its own \
measure, none lies among the same person's plain portraits (`{PLAIN}`), and {100 * KEPT:.0f} % of \
the way from strangers to the person's own photos is kept, by SFace as in \
[likeness.md](likeness.md). *Finished*: painted plain, then graded (`pipeline/finishing`); \
*painted*: by words, a plain coloured background by retouch. Numbers are the mean (least to most).

![Each look of both people](../images/looks.jpg)

## What "more beautiful" does

{pages.table(BEAUTY_HEAD, [row for run in runs for row in beauty_rows(run, albums)])}

The same plain portraits, retouched by the four rungs of the ladder. Unevenness: spread of the \
skin's lightness between texture and shape; eyes: size, the largest change; symmetry: correlation \
of the face with its mirror image; shape: the farthest that one of five points moved, in widths of \
the face (the finder's own noise); skin: the largest change of its luminance, in stops.

## Skin of every tone

{pages.table(TONE_HEAD, tone_rows(tone))}

Stops by which the skin's mean luminance changed, in {portraits} portraits of people who do not \
exist, by thirds from the darkest to the fairest skin. *Asked*: what the look says; the last \
column is the person whom it missed farthest.
"""


def _span(numbers: Sequence[float]) -> str:
    if not numbers:
        return "none passed the gate"
    return f"{np.mean(numbers):.2f} ({min(numbers):.2f} to {max(numbers):.2f})"


def write_sheet(runs: Sequence[PersonLooks], target: Path) -> None:
    """The first picture of every look, a column each, two rows of people, words above."""
    names = list(runs[0].looks)
    half = -(-len(names) // 2)
    sheet = Image.new("RGB", (THUMB * half, (THUMB * len(runs) + HEADING) * 2), "white")
    pen = ImageDraw.Draw(sheet)
    for at, name in enumerate(names):
        x, y = THUMB * (at % half), (THUMB * len(runs) + HEADING) * (at // half)
        pen.text((x + 6, y + 4), name, fill="black")
        for row, run in enumerate(runs):
            if made := opened(run.looks[name][:1]):
                picture = Image.fromarray(made[0]).resize((THUMB, THUMB), Image.Resampling.LANCZOS)
                sheet.paste(picture, (x, y + HEADING + THUMB * row))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, quality=88)


def keep(runs: Sequence[PersonLooks], folder: Path) -> None:
    """Every delivered picture, to look at or to choose previews from."""
    folder.mkdir(parents=True, exist_ok=True)
    for run in runs:
        for name, made in {**run.looks, "bare": run.bare}.items():
            for number, picture in enumerate(made):
                (folder / f"{run.name}-{name}-{number}.jpg").write_bytes(picture)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.looks", description=__doc__)
    parser.add_argument("--people", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--portraits", type=Path, required=True, help="folders of more portraits")
    parser.add_argument("--loras", type=Path, default=Path(".cache/looks"), help="kept for a rerun")
    parser.add_argument("--pictures", type=Path, help="where every delivered picture is kept")
    parser.add_argument("--base", default="mini")
    parser.add_argument("--bases", type=Path, help="folder of base weights, as EIDER_BASES")
    parser.add_argument("--each", type=int, default=4, help="portraits of each look")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    given = parser.parse_args()
    plan, catalog = recipe.load(given.base), Catalog.load()
    fingerprint = weights.locate(plan, given.bases).fingerprint
    albums = {person: books.read(given.people / person) for person in PEOPLE}
    portraits = tones_of_skin.people(given.portraits, most=30)
    tone = tones_of_skin.measure(portraits, catalog)
    runs = asyncio.run(measure(plan, catalog, albums, given))
    write_sheet(runs, given.out / "images" / "looks.jpg")
    if given.pictures:
        keep(runs, given.pictures)
    text = page(plan, fingerprint, runs, albums, catalog, tone, len(portraits))
    pages.write(given.out / "benchmarks" / "looks.md", text)
    print(text)


if __name__ == "__main__":
    main()
