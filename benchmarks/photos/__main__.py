"""How photos are judged: ``python -m benchmarks.photos`` writes docs/benchmarks/photos.md;
``python -m benchmarks.photos train FILE`` makes the networks that see what covers a face, and
``python -m benchmarks.photos mean FILE`` the mean face.

The people do not exist. Final figures are of those on whom nothing was tuned (people.py).
"""

from __future__ import annotations

import argparse
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy import stats

from benchmarks import hardware, pages
from benchmarks.photos import occluders, people, training
from benchmarks.photos.people import Portrait
from pipeline.engine.inspection import FACE_HASH_BYTES
from pipeline.images import covering, face_hash, faces
from pipeline.images.faces import Pixels
from shop.photos import quality

PAGE = Path("docs/benchmarks/photos.md")
RULES = quality.RULES
CROPS = 20
AGAIN = 3  # times that each bare photo is sent in another light, sharpness and quality
GOOD = frozenset({"nothing", "nothing, as sent", "clear glasses"})


@dataclass(frozen=True, slots=True)
class HashedFace:
    person: str
    pixels: Pixels
    aligned: tuple[bytes, ...]


def is_covered(pixels: Pixels) -> bool | None:
    """None: no face is found, and the photo refused for that."""
    found = faces.find(pixels)
    return covering.covered(pixels, found[0]) >= RULES.covered if found else None


def coverings(
    portraits: Sequence[Portrait], rng: np.random.Generator
) -> dict[str, Counter[object]]:
    seen: dict[str, Counter[object]] = defaultdict(Counter)
    for portrait in portraits:
        found = faces.find(portrait.pixels)
        if len(found) != 1:
            continue
        bare = [is_covered(portrait.pixels)]
        bare += [is_covered(occluders.as_sent(portrait.pixels, rng)) for _ in range(AGAIN)]
        seen["nothing"][bare[0]] += 1
        seen["nothing, as sent"].update(bare[1:])
        for draw in (occluders.clear_glasses, *occluders.OVER_EYES, *occluders.OVER_MOUTH):
            worn = occluders.as_sent(draw(portrait.pixels, found[0], rng), rng)
            seen[draw.__name__.replace("_", " ")][is_covered(worn)] += 1
    good, covered = Counter[object](), Counter[object]()
    for name, counts in seen.items():
        (good if name in GOOD else covered).update(counts)
    return {**seen, "**all that must pass**": good, "**all that must be refused**": covered}


def covering_rows(seen: dict[str, Counter[object]]) -> list[tuple[object, ...]]:
    rows = []
    for name, counts in seen.items():
        total, refused = counts.total(), counts[True]
        of = stats.binomtest(refused, total).proportion_ci(0.95, "exact")
        between = f"{of.low:.1%} to {of.high:.1%}"
        rows.append((name, total, refused, counts[None], f"{refused / total:.1%}", between))
    return rows


def turn_rows(portraits: Sequence[Portrait]) -> list[tuple[object, ...]]:
    right, margins = Counter[int](), list[float]()
    for portrait in portraits:
        found = faces.find(portrait.pixels)
        if len(found) != 1:
            continue
        others = []
        for turns in range(4):
            turned = np.ascontiguousarray(np.rot90(portrait.pixels, turns))
            upright, _ = faces.find_turned(turned)
            right[turns] += np.array_equal(upright, portrait.pixels)
            others += [one.score for one in faces.find(turned)[:1] if turns]
        margins.append(found[0].score - max(others, default=0.0))
    total = len(margins)
    return [(f"{90 * turns}°", total, total - right[turns]) for turns in range(4)] + [
        ("least lead of the upright score", f"{min(margins):.3f}", "")
    ]


def hashes(pixels: Pixels) -> tuple[bytes, ...]:
    upright, found = faces.find_turned(pixels)
    whole = face_hash.face_hashes(upright, found[0]) if found else b""
    steps = range(0, len(whole), FACE_HASH_BYTES)
    return tuple(whole[start : start + FACE_HASH_BYTES] for start in steps)


def hashed(portraits: Iterable[Portrait]) -> list[HashedFace]:
    one_face = (one for one in portraits if len(faces.find(one.pixels)) == 1)
    return [HashedFace(one.person, one.pixels, hashes(one.pixels)) for one in one_face]


def share(aligned: Sequence[bytes], other: bytes) -> float:
    """Of bits that differ, at the best alignment."""
    last = int.from_bytes(other)
    least = min((int.from_bytes(one) ^ last).bit_count() for one in aligned)
    return least / (8 * FACE_HASH_BYTES)


def crops(pixels: Pixels, rng: np.random.Generator) -> list[Pixels]:
    (face, *_) = faces.find(pixels)
    height, width = pixels.shape[:2]
    made = []
    for _ in range(CROPS):
        cut = rng.uniform(0.1, 0.9, 4)
        left, top = max(0, int(face.left * cut[0])), max(0, int(face.top * cut[1]))
        right = width - max(0, int((width - face.left - face.width) * cut[2]))
        bottom = height - max(0, int((height - face.top - face.height) * cut[3]))
        size = rng.uniform(0.7, 1.2)
        crop = pixels[top:bottom, left:right]
        made.append(cv2.resize(crop, None, fx=size, fy=size, interpolation=cv2.INTER_AREA))
    return made


def duplicate_rows(sittings: Sequence[HashedFace]) -> list[tuple[object, ...]]:
    rows = []
    for person in sorted({one.person for one in sittings}):
        sent = [one for one in sittings if one.person == person]
        kept, closest, refused = list[bytes](), 1.0, 0
        for one in sent:
            nearest = min((share(one.aligned, other) for other in kept), default=1.0)
            closest = min(closest, nearest)
            if nearest <= RULES.same_face:
                refused += 1
            else:
                kept.append(one.aligned[0])
        counted = list[bytes]()
        for crop in crops(sent[0].pixels, np.random.default_rng(7)):
            if not (aligned := hashes(crop)):
                continue
            if all(share(aligned, other) > RULES.same_face for other in counted):
                counted.append(aligned[0])
        rows.append((person, len(sent), refused, f"{closest:.3f}", len(counted)))
    return rows


def identity_rows(seen: Sequence[HashedFace]) -> list[tuple[object, ...]]:
    """How well the hash would tell people: what it is not made for, and never asked."""
    own, strangers = list[float](), list[float]()
    for one, other in itertools.combinations(seen, 2):
        to = own if one.person == other.person else strangers
        to.append(share(one.aligned, other.aligned[0]))
    rank = stats.mannwhitneyu(own, strangers).statistic / (len(own) * len(strangers))
    line = float(np.quantile(strangers, 0.001))
    taken = float(np.mean(np.array(own) <= line))
    return [
        ("pairs of photos of one person, of two people", f"{len(own)}, {len(strangers)}"),
        ("share of bits that differ, median", f"{np.median(own):.3f}, {np.median(strangers):.3f}"),
        ("photos of one person are closer than those of two (0.5: chance)", f"{1 - rank:.2f}"),
        ("pairs of one person closer than all but 0.1 % of strangers", f"{taken:.1%}"),
    ]


def measure() -> str:
    tuned, held_out = list(people.tuning()), list(people.held_out())
    persons = (*people.TUNED, *people.HELD_OUT)
    sittings = hashed(one for person in persons for one in people.sitting(person))
    portraits = hashed(people.cc0(people.PEOPLE, held_out=True))
    head = ("before the face", "photos", "refused as covered", "no face found", "share",
            "between (95 %)")  # fmt: skip
    return f"""# Photos: what is refused, and what is not

`{pages.command("benchmarks.photos")}`, {pages.today()}; {hardware.machine()}.

The people do not exist: portraits-cc0 and openpeople. Tuned on: every second portrait and
{", ".join(people.TUNED)}; held out: the others and {", ".join(people.HELD_OUT)}.

## Something before the face, held out

Drawn (`occluders.py`), then lit, blurred, recompressed ("as sent"). Where no face is found any
more the photo is refused for that. The intervals (Clopper and Pearson) take each photo for an
independent one; several are of one person.

{pages.table(head, covering_rows(coverings(held_out, np.random.default_rng(11))))}

## The photos as they are, of the people it was tuned on

{pages.table(head, covering_rows({"nothing": coverings_of_nothing(tuned)}))}

## Turns, held out

{pages.table(("sent turned by", "photos", "not stood upright"), turn_rows(held_out))}

## One photo again, and the photos of one sitting

Refused: photos of one sitting that are taken for one photo. Counted: of {CROPS} crops of one photo,
those that count, if the face's hash alone decides.

{
        pages.table(
            (
                "person",
                "photos of a sitting",
                "refused",
                "closest two, share of bits",
                f"counted of {CROPS} crops",
            ),
            duplicate_rows(sittings),
        )
    }

## What a hash says of who is in a photo

It is made to tell whether a photo is the same one, and compared within an order alone. These are
the sittings, each in one light and dress, and the portraits that are held out.

{pages.table(("", "own, strangers"), identity_rows([*sittings, *portraits]))}
"""


def coverings_of_nothing(portraits: Sequence[Portrait]) -> Counter[object]:
    return Counter(is_covered(one.pixels) for one in portraits if len(faces.find(one.pixels)) == 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("train").add_argument("file", type=Path)
    commands.add_parser("mean").add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    if chosen.command == "train":
        training.train(chosen.file)
    elif chosen.command == "mean":
        training.mean_face(chosen.file)
    else:
        pages.write(chosen.out, measure())


if __name__ == "__main__":
    main()
