"""How much a painted customer looks like the customer: `python -m benchmarks.likeness`.

For each measured person (never seen by the base) a LoRA is trained by the product's own code on
all photos but the held-out ones; portraits are painted with and without it, and compared by
SFace's cosine with photos that the training never saw. Writes docs/benchmarks/likeness.md.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import math
import multiprocessing
import os
import platform
import shlex
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from pipeline import faces, families, paint, recipe, train, weights
from pipeline.orders import LabelText, NothingDecent, PaintOrder, Progress, Stage, TrainOrder
from pipeline.photo import decode

SUBJECTS = {"P005": "man", "P006": "woman"}
PEOPLE = ("P001", "P002", "P004", "P005", "P006")
# One snapshot and three studio pictures with different faces; none of them is trained on.
HELD_OUT = ("amateur_selfie", "angle_front", "emo_happy", "emo_surprised")
SMALL_FACES = ("amateur_posture", "studio_posture")  # whole bodies: too few pixels of face
PLAIN = ("portrait of {subject}", "closeup of {subject}, smile", "photo of {subject}, neutral")
STYLED = (
    "studio ID portrait of {subject}, plain blue background, neutral expression, even light",
    "black and white portrait of {subject}",
    "portrait of {subject}, warm vintage film",
    "portrait of {subject}, golden hour light",
    "portrait of {subject}, dark background, low key",
    "portrait of {subject}, plain white background, smile",
)

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]  # (photos, 128), unit length


@dataclass(frozen=True, slots=True)
class Album:
    """One person's photos: file bytes and SFace vectors, apart by whether training sees them."""

    trained: tuple[bytes, ...]
    trained_vectors: Vectors
    held_out_vectors: Vectors


@dataclass(frozen=True, slots=True)
class Score:
    """What one way of painting reached; cosines of -1..1, larger is more alike."""

    person: str
    painted: str
    portraits: int
    likeness: float
    least: float
    nearest: int
    share: float
    deviations: float
    to_nearest_photo: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Where likeness begins and ends for one person: strangers' and their own photos' cosines."""

    strangers: float
    spread: float
    own: float
    among_photos: float


def read_album(folder: Path) -> Album:
    """Read a person's photos; those in which SFace finds no face are left out."""
    kept: list[tuple[str, bytes, Vector]] = []
    for path in sorted(folder.glob("*.jpg")):
        vector = faces.embedding(decode(path.read_bytes()))
        if vector is not None and path.stem not in SMALL_FACES:
            kept.append((path.stem, path.read_bytes(), vector))
    return Album(
        tuple(photo for stem, photo, _ in kept if stem not in HELD_OUT),
        np.stack([v for stem, _, v in kept if stem not in HELD_OUT]),
        np.stack([v for stem, _, v in kept if stem in HELD_OUT]),
    )


def scale_of(person: str, albums: dict[str, Album]) -> Scale:
    """Measure strangers and the person's own photos against the person's held-out ones."""
    album = albums[person]
    others = np.concatenate([a.trained_vectors for p, a in albums.items() if p != person])
    to_strangers = (others @ album.held_out_vectors.T).mean(axis=1)
    within = album.trained_vectors @ album.trained_vectors.T
    np.fill_diagonal(within, -1)
    return Scale(
        strangers=float(to_strangers.mean()),
        spread=float(to_strangers.std()),
        own=float((album.trained_vectors @ album.held_out_vectors.T).mean()),
        among_photos=float(within.max(axis=1).mean()),
    )


def score(person: str, painted: str, portraits: Vectors, albums: dict[str, Album]) -> Score:
    """Compare portraits (n, 128) with everybody's photos."""
    scale, album = scale_of(person, albums), albums[person]
    if not len(portraits):  # the gate refused them all
        return Score(person, painted, 0, *[math.nan] * 2, 0, *[math.nan] * 3)
    alike = (portraits @ album.held_out_vectors.T).mean(axis=1)
    to_all = [(portraits @ albums[p].held_out_vectors.T).mean(axis=1) for p in PEOPLE]
    nearest = np.argmax(np.stack(to_all), axis=0) == PEOPLE.index(person)
    likeness = float(alike.mean())
    return Score(
        person=person,
        painted=painted,
        portraits=len(portraits),
        likeness=likeness,
        least=float(alike.min()),
        nearest=int(nearest.sum()),
        share=(likeness - scale.strangers) / (scale.own - scale.strangers),
        deviations=(likeness - scale.strangers) / scale.spread,
        to_nearest_photo=float((portraits @ album.trained_vectors.T).max(axis=1).mean()),
    )


class Studio:
    """One warm base that trains and paints as the product does."""

    def __init__(self, name: str) -> None:
        self.recipe = recipe.load(name)
        self.source = weights.locate(self.recipe, None)
        self.base = families.load(self.recipe, self.source, "cpu")
        self.wardrobe = paint.Wardrobe(self.base, 2)

    def train(self, person: str, album: Album, seed: int) -> tuple[bytes, float]:
        """Return the LoRA of a person and the seconds that it took."""
        with tempfile.TemporaryDirectory() as workdir:
            order = TrainOrder(
                person, album.trained, SUBJECTS[person], self.recipe.name, seed, Path(workdir)
            )
            made = train.train(self.base, self.recipe, self.source.fingerprint, order, _tell)
        return made.lora, made.seconds

    def paint(
        self, person: str, lora: bytes | None, prompt: str, seeds: Sequence[int]
    ) -> list[NDArray[np.uint8]]:
        """Paint one delivered picture per seed; those that the gate refused are missing."""
        order = PaintOrder(
            avatar=person if lora else None,
            lora=lora,
            weight=self.recipe.likeness.default if lora else 0.0,
            base=self.recipe.name,
            subject=SUBJECTS[person],
            prompt=prompt,
            negative="",
            width=1,
            height=1,
            seeds=tuple(seeds),
            content_id="benchmark",
            label=LabelText(),
            adult=True,
        )
        try:
            made = paint.paint(self.base, self.recipe, self.wardrobe, order, _silent)
        except NothingDecent:
            return []
        return [decode(picture.image) for picture in made]


def _tell(news: Progress) -> None:
    if news.stage is Stage.TRAINING and news.step % 50 == 0:
        print(f"  step {news.step}/{news.steps} loss {news.loss:.3f}", file=sys.stderr, flush=True)


def _silent(news: Progress) -> None:
    pass


def vectors_of(pictures: Iterable[NDArray[np.uint8]]) -> Vectors:
    """Return the SFace vectors of those pictures that show a face."""
    found = (faces.embedding(picture) for picture in pictures)
    kept = [vector for vector in found if vector is not None]
    return np.stack(kept) if kept else np.zeros((0, 128), np.float32)


def measure(person: str, albums: dict[str, Album], base: str, each: int, seed: int) -> Person:
    """Train and paint one person, `each` portraits of every plain prompt and one per styled."""
    torch.set_num_threads(1)
    studio = Studio(base)
    lora, seconds = studio.train(person, albums[person], seed)
    sets: dict[str, list[NDArray[np.uint8]]]
    sets = {"no LoRA": [], "LoRA, plain": [], "LoRA, styled": []}
    began = time.monotonic()
    for number, prompt in enumerate(PLAIN):
        seeds = range(1000 * number, 1000 * number + each)
        sets["no LoRA"] += studio.paint(person, None, prompt, seeds)
        sets["LoRA, plain"] += studio.paint(person, lora, prompt, seeds)
    for number, prompt in enumerate(STYLED):
        sets["LoRA, styled"] += studio.paint(person, lora, prompt, [9000 + number])
    pictures = sum(map(len, sets.values()))
    each_seconds = (time.monotonic() - began) / max(1, pictures)
    scores = [score(person, name, vectors_of(made), albums) for name, made in sets.items()]
    return Person(person, seconds, each_seconds, tuple(scores), scale_of(person, albums), sets)


@dataclass(frozen=True, slots=True)
class Person:
    """All that was measured of one person; `pictures` for the sheet."""

    name: str
    train_seconds: float
    paint_seconds: float
    scores: tuple[Score, ...]
    scale: Scale
    pictures: dict[str, list[NDArray[np.uint8]]]


def row(line: Score, scale: Scale) -> str:
    cells = (
        line.person,
        line.painted,
        line.portraits,
        f"{line.likeness:.2f} ({line.least:.2f})",
        f"{scale.strangers:.2f} / {scale.own:.2f}",
        f"{line.nearest} of {line.portraits}",
        f"{100 * line.share:.0f} %",
        f"{line.deviations:.1f}",
        f"{line.to_nearest_photo:.2f} / {scale.among_photos:.2f}",
    )
    return "| " + " | ".join(map(str, cells)) + " |"


HEAD = (
    "person",
    "painted",
    "portraits",
    "likeness (least)",
    "strangers / own photos",
    "right person nearest",
    "of the way",
    "deviations",
    "to nearest training photo / photos among themselves",
)


def table(people: Sequence[Person]) -> str:
    lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    lines += [row(line, person.scale) for person in people for line in person.scores]
    return "\n".join(lines)


def verdict(people: Sequence[Person]) -> str:
    """The two gates, over the plain portraits: 4 of 5 nearest, half of the way."""
    plain = [next(s for s in person.scores if s.painted == "LoRA, plain") for person in people]
    nearest = sum(s.nearest for s in plain) / sum(s.portraits for s in plain)
    share = statistics.mean(s.share for s in plain)
    passed = nearest >= 0.8 and all(s.share >= 0.5 for s in plain)
    return (
        f"Gates: right person nearest {100 * nearest:.0f} % (at least 80), "
        f"{100 * share:.0f} % of the way (at least 50): **{'passed' if passed else 'FAILED'}**."
    )


def page(people: Sequence[Person], read: recipe.Recipe, fingerprint: str, command: str) -> str:
    plan, now = read.train, datetime.datetime.now(datetime.UTC)
    seconds = ", ".join(f"{p.name} {p.train_seconds:.0f} s" for p in people)
    painting = statistics.mean(p.paint_seconds for p in people)
    return f"""\
# Likeness of painted portraits

`{command}`, {now:%Y-%m-%d}, {cpu()}, one thread for each person. \
Base `{read.name}` ({fingerprint[:12]}), recipe {read.hash}: \
rank {plan.rank}, rate {plan.rate}, {plan.steps} steps of {plan.batch}, \
LoRA weight {read.likeness.default}. \
Training took {seconds} (the machine was shared); one portrait with its checks {painting:.1f} s.

{table(people)}

{verdict(people)}

How to read it: likeness is SFace's cosine (the delivered, labelled picture against four photos \
that the training never saw, mean of four). "Strangers / own photos" is what photos of the other \
four people, and the customer's own training photos, reach against the same four photos; "of the \
way" places the portraits between them; "deviations" counts the strangers' standard deviations. \
Right person nearest: of {", ".join(PEOPLE)}, by the mean over each one's four held-out photos. \
Memorising: the portraits' cosine to the nearest training photo beside that of each training photo \
to its nearest neighbour; the first above the second would mean copies. Plain prompts: \
{"; ".join(PLAIN)}. Styled ones are in `benchmarks/likeness.py`.

Two people who do not exist, in one studio look, are a small and kind sample: real selfies will \
do worse. SFace judges and was not trained against.
"""


def cpu() -> str:
    names = [
        x for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")
    ]
    name = names[0].split(":")[1].strip() if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores"


def write_sheet(people: Sequence[Person], target: Path) -> None:
    """Paste every painted picture: a row per way of painting."""
    rows = [made for person in people for made in person.pictures.values()]
    sheet = Image.new("RGB", (128 * max(map(len, rows)), 128 * len(rows)), "white")
    for y, made in enumerate(rows):
        for x, pixels in enumerate(made):
            sheet.paste(Image.fromarray(pixels).resize((128, 128)), (128 * x, 128 * y))
    sheet.save(target, quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.likeness")
    parser.add_argument("--people", type=Path, default=Path("/work/shared/people/openpeople"))
    parser.add_argument("--base", default="mini")
    parser.add_argument("--jobs", type=int, default=1, help="people measured at the same time")
    parser.add_argument("--each", type=int, default=6, help="portraits per plain prompt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("docs/benchmarks"))
    given = parser.parse_args()
    read = recipe.load(given.base)  # now: the file may change while we measure
    fingerprint = weights.locate(read, None).fingerprint
    albums = {person: read_album(given.people / person) for person in PEOPLE}
    # One process a person, one thread a process; a session of its own gives each its fair share
    # of a machine on which others work.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(given.jobs, spawning, initializer=os.setsid) as pool:
        work = functools.partial(
            measure, albums=albums, base=given.base, each=given.each, seed=given.seed
        )
        people = list(pool.map(work, SUBJECTS))
    command = shlex.join(["python", "-m", "benchmarks.likeness", *sys.argv[1:]])
    text = page(people, read, fingerprint, command)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "likeness.md").write_text(text, "utf-8")
    write_sheet(people, given.out / "likeness.jpg")
    print(text)


if __name__ == "__main__":
    main()
