"""How much a painted customer looks like the customer: `python -m benchmarks.likeness`.

For each measured person (never seen by the base) the product's own engine trains a LoRA on all
photos but the held-out ones and paints: first portraits with the consent to compare, plain ones and
styles without it, and the same without the LoRA. SFace compares what is delivered with photos that
the training never saw. Writes docs/benchmarks/likeness.md. A person's training, and what was
painted of them, is kept (`--kept`): the same command goes on after the last that is there.
"""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from benchmarks import hardware, pages
from benchmarks.likeness import albums as books
from benchmarks.likeness import faces_right
from benchmarks.likeness.albums import MEASURED, PEOPLE, SUBJECTS, UNTUNED, Album, Albums
from benchmarks.likeness.faces_right import FaceScore
from benchmarks.likeness.kept_runs import KeptRuns
from benchmarks.likeness.runs import (
    FIRST_EXPRESSION,
    PLAIN,
    STYLES,
    PersonRun,
    Training,
    expression_of_style,
    paint_person,
    train_person,
)
from benchmarks.likeness.scores import HEAD, Goal, Score, cells, goals, score
from pipeline.engine.child_environment import cores
from pipeline.engine.engine import ChildEngine, ChildSettings
from pipeline.models import recipe, weights
from pipeline.models.recipe import Recipe

THUMB = 128  # pixels
ACROSS = 12  # pictures


async def measure(
    plan: Recipe, albums: Albums, kept: KeptRuns, bases: Path | None, seed: int, each: int
) -> list[PersonRun]:
    """One person after the other, each with a cold engine, as on a machine of their own."""
    runs = []
    for person in (one for one in MEASURED if one in albums):
        key = (person, albums[person].trained, seed, each)
        if (run := kept.read(PersonRun, *key)) is None:
            engine = ChildEngine(ChildSettings(bases=bases))
            try:
                if (training := kept.read(Training, *key)) is None:
                    training = await train_person(engine, plan, person, albums[person], seed)
                    kept.write(training, *key)
                run = await paint_person(engine, plan, person, training, each)
            finally:
                await engine.close()
            kept.write(run, *key)
        runs.append(run)
    return runs


def beside(person: str, albums: Albums) -> Albums:
    """The people among whom one person is looked for: always the same five, and they themselves."""
    return {name: album for name, album in albums.items() if name in PEOPLE or name == person}


def scored(run: PersonRun, albums: Albums) -> tuple[list[Score], list[Score]]:
    """What the ways of painting reached, and what each style did."""
    variants = {
        "no LoRA": run.bare,
        "LoRA": run.plain,
        "first portraits, compared": run.first,
    }
    plain = [
        score(run.name, variant, books.vectors(made), albums) for variant, made in variants.items()
    ]  # fmt: skip
    styled = [
        score(run.name, f"LoRA, {name}", books.vectors(made), albums)
        for name, made in run.styles.items()
    ]
    return plain, styled


def strangers(runs: Sequence[PersonRun], albums: Albums) -> list[Score]:
    """Everybody's portraits, taken for those of whichever other measured person they suit best."""
    vectors = {run.name: books.vectors(run.plain) for run in runs}
    found = []
    for run in runs:
        others = [
            score(other.name, f"LoRA of {run.name}", vectors[run.name], beside(other.name, albums))
            for other in runs
            if other is not run
        ]
        found += sorted(others, key=lambda one: one.deviations)[-1:]
    return found


def face_scores(run: PersonRun, plan: Recipe) -> list[FaceScore]:
    """Eyes, mouths and expressions: plain portraits, compared ones, and all styles together."""
    first = [(picture, FIRST_EXPRESSION) for picture in run.first]
    styled = [
        (picture, expression_of_style(name))
        for name, made in run.styles.items()
        for picture in made
    ]
    ways = {"LoRA": run.asked, "first portraits, compared": first, "LoRA, eight styles": styled}
    words = plan.dataset.expressions
    return [faces_right.score(run.name, way, pictures, words) for way, pictures in ways.items()]


def page(plan: Recipe, fingerprint: str, runs: Sequence[PersonRun], albums: Albums) -> str:
    scales = {run.name: books.scale(run.name, beside(run.name, albums)) for run in runs}
    scores = (scored(run, beside(run.name, albums)) for run in runs)
    lines, styles = zip(*scores, strict=True)
    of_others = strangers(runs, albums)
    everything = [
        *(s for ours in zip(lines, styles, strict=True) for s in ours[0] + ours[1]),
        *of_others,
    ]
    plain = [next(s for s in ours if s.painted == "LoRA") for ours in lines]
    right = [line for run in runs for line in face_scores(run, plan)]
    judged = goals(plain, styles, of_others, [scales[s.person] for s in plain])
    judged += faces_right.goals(right)
    train = plan.train
    took = "; ".join(
        f"{s.name} {s.training:.0f} s of training, {s.seconds:.0f} s from a cold process to four "
        f"compared portraits, {s.portrait:.1f} s a further portrait, checkpoint at step "
        f"{s.trained.kept[s.trained.best].step}"
        for s in runs
    )
    return f"""\
# Likeness of painted portraits

`{pages.command("benchmarks.likeness")}`, {pages.today()}, {hardware.machine()}, \
{cores()} threads. Base `{plan.name}` ({fingerprint[:12]}), recipe {plan.hash}: rank {train.rank}, \
rate {train.learning_rate}, {train.steps} steps of {train.batch}, weight \
{plan.likeness.default}. {took}.

{pages.table(["goal", "reached", ""], [_judged(goal) for goal in judged])}

{pages.table(HEAD, [cells(line, scales[line.person]) for line in everything])}

{pages.table(faces_right.HEAD, [faces_right.cells(line) for line in right])}

How to read it: likeness is SFace's cosine (the delivered, labelled picture against four photos \
that the training never saw, mean of four). "Strangers / own photos" is what photos of the others \
of {", ".join(PEOPLE)}, and the customer's own training photos, reach against the same four; "of \
the way" places the portraits between them; "deviations" counts the strangers' standard \
deviations. Right person nearest: of these five and the person. "LoRA of" somebody: taken for the \
other person whom those portraits suit best. The goals are judged on the rows "LoRA": portraits \
as a customer gets them who did not consent to be compared. "First portraits, compared" are those \
of a customer who did: the engine chose them by SFace against the photos it trained on, not \
against the four held-out ones, but with the same network that judges here. Memorising: the \
portraits' cosine to the nearest training photo beside that of each training photo to its nearest \
neighbour; the first above the second would mean copies. Eyes, mouths and expressions are judged \
by the gate's own measure ([faces.md](faces.md)) at fixed limits: a face turned aside has neither \
eyes nor mouth right. {faces_right.one_word(plan.dataset.expressions)} Plain prompts: \
{"; ".join(f"{prompt} ({face.value})" for prompt, face in PLAIN)}; styles: \
{", ".join(STYLES)}.

{_tuned(runs)} People who do not exist, in one studio look, are a small and kind sample: real \
selfies will do worse.

![Every picture](likeness.jpg)
"""


def _tuned(runs: Sequence[PersonRun]) -> str:
    new = [run.name for run in runs if run.name in UNTUNED]
    chosen = f"The recipe was chosen by portraits of {' and '.join(SUBJECTS)}"
    return f"{chosen}; nothing was tuned on {', '.join(new)}." if new else f"{chosen}."


def _judged(goal: Goal) -> list[str]:
    return [goal.asked, goal.reached, "met" if goal.met else "**not met**"]


def write_sheet(runs: Sequence[PersonRun], target: Path) -> None:
    """Every delivered picture: bare, plain, compared, and the styles, beginning a row each."""
    rows = [
        made[start : start + ACROSS]
        for one in runs
        for made in (one.bare, one.plain, one.first, sum(one.styles.values(), ()))
        for start in range(0, len(made), ACROSS)
    ]
    sheet = Image.new("RGB", (THUMB * max(map(len, rows)), THUMB * len(rows)), "white")
    for y, made in enumerate(rows):
        for x, file in enumerate(made):
            sheet.paste(Image.open(io.BytesIO(file)).resize((THUMB, THUMB)), (THUMB * x, THUMB * y))
    sheet.save(target, quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.likeness", description=__doc__)
    parser.add_argument("--people", type=Path, required=True, help="a folder for each person")
    parser.add_argument("--base", default="mini")
    parser.add_argument("--bases", type=Path, help="folder of base weights, as EIDER_BASES")
    parser.add_argument("--each", type=int, default=4, help="portraits per prompt and per style")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--untuned", nargs="*", default=[], choices=[*UNTUNED], metavar="PERSON",
        help=f"also measure these, of the package openpeople: {', '.join(UNTUNED)}",
    )  # fmt: skip
    parser.add_argument(
        "--kept", type=Path, default=Path(".cache/likeness"), help="finished people, for a rerun"
    )
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"))
    given = parser.parse_args()
    plan = recipe.load(given.base)  # now: the file may change while we measure
    fingerprint = weights.locate(plan, given.bases).fingerprint
    albums: dict[str, Album] = {person: books.read(given.people / person) for person in PEOPLE}
    albums |= {person: books.read_sitting(person) for person in given.untuned}
    kept = KeptRuns(given.kept, fingerprint, plan.hash)
    runs = asyncio.run(measure(plan, albums, kept, given.bases, given.seed, given.each))
    text = page(plan, fingerprint, runs, albums)
    pages.write(given.out / "likeness.md", text)
    write_sheet(runs, given.out / "likeness.jpg")
    print(text)


if __name__ == "__main__":
    main()
