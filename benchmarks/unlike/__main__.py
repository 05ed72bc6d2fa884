"""Which photos of an album are marked as unlike the rest: ``python -m benchmarks.unlike`` writes
docs/benchmarks/unlike.md.

Albums of people who do not exist, of one person and mixed. The rule
(:mod:`pipeline.images.unlike`) was chosen by those of the first table; the others were held out.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import customers, hardware, pages
from benchmarks.photos import people
from benchmarks.unlike.albums import People, SeenFace, draw, read
from pipeline.images import unlike

PAGE = Path("docs/benchmarks/unlike.md")
DRAWS = 40  # albums of each person, or pair
LOOK_ALIKE = 0.35  # mean cosine of two people's photos
MIXES = ((19, 1), (16, 4), (12, 8), (23, 15))
WORN = ("glasses", "hat")
NOISE = 0.6  # length of what is added to each unit vector, where faces are known less well


@dataclass(slots=True)
class MarkedCount:
    """Photos of whom the album is, and of somebody else; of each, those that were marked."""

    albums: int = 0
    own: int = 0
    own_marked: int = 0
    others: int = 0
    others_marked: int = 0

    def add(self, marked: np.ndarray, own: int) -> None:
        self.albums += 1
        self.own += own
        self.own_marked += int(marked[:own].sum())
        self.others += len(marked) - own
        self.others_marked += int(marked[own:].sum())


def marks(album: Sequence[SeenFace], rng: np.random.Generator, noise: float) -> np.ndarray:
    """Which are marked, whatever their order."""
    order = rng.permutation(len(album))
    vectors = np.stack([album[one].vector for one in order])
    vectors = vectors + rng.normal(0, noise / np.sqrt(vectors.shape[1]), vectors.shape)
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    marked = np.empty(len(album), bool)
    marked[order] = unlike.unlike(vectors, np.array([album[one].turned for one in order]))
    return marked


def albums(
    persons: People, single: People, rng: np.random.Generator
) -> Iterator[tuple[str, list[SeenFace], list[SeenFace]]]:
    """What kind of album, its person's photos, and somebody else's."""
    strangers = list(single.values())
    for seen in persons.values():
        for _ in range(DRAWS):
            yield "one person, 20 photos", draw(seen, 20, rng), []
            yield "one person, 12 photos", draw(seen, 12, rng), []
            for worn in WORN:
                bare = draw([one for one in seen if one.kind not in WORN], 14, rng)
                yield (
                    f"one person, 14 photos and 6 with {worn}",
                    bare + draw([one for one in seen if one.kind == worn], 6, rng),
                    [],
                )
            odd = strangers[rng.integers(len(strangers))]
            yield "20 photos and 1 of a stranger", draw(seen, 20, rng), draw(odd, 1, rng)
    for one, other in itertools.permutations(persons, 2):
        alike = (
            "look-alikes" if likeness(persons[one], persons[other]) > LOOK_ALIKE else "two people"
        )
        for (most, few), _ in itertools.product(MIXES, range(DRAWS)):
            own, others = draw(persons[one], most, rng), draw(persons[other], few, rng)
            yield f"{alike}, {most} and {few}", own, others


def likeness(one: Sequence[SeenFace], other: Sequence[SeenFace]) -> float:
    pairs = np.stack([face.vector for face in one]) @ np.stack([face.vector for face in other]).T
    return float(pairs.mean())


def rows(persons: People, single: People, noise: float) -> list[tuple[object, ...]]:
    rng = np.random.default_rng(17)
    counts: dict[str, MarkedCount] = defaultdict(MarkedCount)
    for name, own, others in albums(persons, single, rng):
        counts[name].add(marks([*own, *others], rng, noise), len(own))
    return [
        (
            name,
            one.albums,
            f"{one.own_marked / one.own:.1%}",
            f"{one.others_marked / one.others:.1%}" if one.others else "",
        )
        for name, one in sorted(counts.items())
    ]


def seconds() -> str:
    """Of comparing the sample customer's photos."""
    photos = customers.photos()
    unlike.compare(photos[:2], lambda: None)
    begun = time.perf_counter()
    unlike.compare(photos, lambda: None)
    return f"{len(photos)} photos of the sample customer: {time.perf_counter() - begun:.1f} s"


def measure() -> str:
    head = ("albums", "drawn", "own photos marked", "of somebody else marked")
    parts = []
    for name, ids, held_out in (
        ("Chosen by", people.TUNED, False),
        ("Held out", people.HELD_OUT, True),
    ):
        persons = read(one for person in ids for one in people.sitting(person))
        single = read(people.cc0(people.PEOPLE, held_out=held_out), as_they_are=True)
        pairs = [
            f"{one} and {other} {value:.2f}"
            for one, other in itertools.combinations(persons, 2)
            if (value := likeness(persons[one], persons[other])) > LOOK_ALIKE
        ]
        parts.append(f"## {name}: {', '.join(ids)}, and {len(single)} portraits as strangers\n")
        parts.append(f"Look-alikes (mean cosine): {', '.join(pairs) or 'none'}.\n")
        parts.append(pages.table(head, rows(persons, single, 0.0)) + "\n")
        parts.append("The same where faces are known less well:\n")
        parts.append(pages.table(head, rows(persons, single, NOISE)) + "\n")
    return f"""# Photos unlike the rest

`{pages.command("benchmarks.unlike")}`, {pages.today()}; {hardware.machine()}.

The people do not exist: openpeople, one sitting each, and portraits-cc0. Photos are sent as they
are, cropped and lit anew, small, or with drawn glasses or a drawn hat. An album of two people is
its first one's; where there is no majority, either half may be marked. "Known less well": noise of
length {NOISE} is added to each vector, so that photos of one person agree by about 0.5 instead of
0.65.

{chr(10).join(parts)}
## Time

{seconds()}.
"""


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    pages.write(PAGE, measure())
