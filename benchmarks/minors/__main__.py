"""Whose albums are held as perhaps a minor's: ``python -m benchmarks.minors`` writes
docs/benchmarks/minors.md.

Adults who do not exist, over 30 by their captions; an album is a portrait sent twelve ways, or
twelve photos drawn from a sitting. Nothing here shows that real minors are held.
"""

from __future__ import annotations

import argparse
import statistics
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from scipy import stats

from benchmarks import hardware, pages
from benchmarks.photos import people
from benchmarks.photos.people import Portrait
from pipeline.images import faces, safety
from pipeline.images.faces import Pixels
from shop.photos import quality

PAGE = Path("docs/benchmarks/minors.md")
PHOTOS = 12  # of an album: the least that is sold
DRAWS = 50  # albums from each sitting
ADULT = 30  # years: older ones are counted
LIGHT = 10  # degrees of the individual typology angle: below, the skin is called darker


@dataclass(frozen=True, slots=True)
class Album:
    """``group``: sex, tone, colour. ``youths``: what each photo showed."""

    group: tuple[str, str, str]
    held_out: bool
    youths: tuple[float, ...]

    @property
    def before(self) -> bool:
        """A photo held by itself, from .5 on."""
        return any(youth >= quality.RULES.young for youth in self.youths)

    @property
    def held(self) -> bool:
        return quality.is_young(self.youths)

    @property
    def single(self) -> bool:
        """Not held, but a photo of it is."""
        surely = any(youth >= quality.RULES.surely_young for youth in self.youths)
        return surely and not self.held


def portrait_albums(portraits: Iterable[Portrait], held_out: bool) -> list[Album]:
    albums = []
    for portrait in portraits:
        found = faces.find(portrait.pixels)
        if portrait.age <= ADULT or len(found) != 1:
            continue
        tone = "lighter" if typology(portrait.pixels, found[0]) >= LIGHT else "darker"
        rng = np.random.default_rng(zlib.crc32(portrait.person.encode()))
        sent = [variant(portrait.pixels, found[0], rng) for _ in range(PHOTOS)]
        coloured, greyed = youths(sent)
        albums.append(Album((portrait.sex, tone, "colour"), held_out, coloured))
        albums.append(Album((portrait.sex, tone, "grey"), held_out, greyed))
    return albums


def sitting_albums(persons: Sequence[str], held_out: bool) -> list[Album]:
    albums = []
    for person in persons:
        sent = [one.pixels for one in people.sitting(person)]
        rng = np.random.default_rng(zlib.crc32(person.encode()))
        for colour, seen in zip(("colour", "grey"), youths(sent), strict=True):
            for _ in range(DRAWS):
                drawn = rng.choice(seen, PHOTOS, replace=False)
                albums.append(Album((person, "sitting", colour), held_out, tuple(drawn)))
    return albums


def youths(pictures: Iterable[Pixels]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of pictures with one face: in colour, and the same in grey."""
    one_face = [(one, found[0]) for one in pictures if len(found := faces.find(one)) == 1]
    return (
        tuple(safety.photo_youth(one, face) for one, face in one_face),
        tuple(safety.photo_youth(grey(one), face) for one, face in one_face),
    )


def variant(pixels: Pixels, face: faces.Face, rng: np.random.Generator) -> Pixels:
    """The same portrait in another crop, light, size, sharpness and quality, perhaps mirrored."""
    height, width = pixels.shape[:2]
    space = rng.uniform(0.3, 1.0, 4) * (face.left, face.top, width - face.left - face.width,
                                        height - face.top - face.height)  # fmt: skip
    left, top = max(0, int(face.left - space[0])), max(0, int(face.top - space[1]))
    right = min(width, int(face.left + face.width + space[2]))
    bottom = min(height, int(face.top + face.height + space[3]))
    cut = pixels[top:bottom, left:right]
    turn = cv2.getRotationMatrix2D((cut.shape[1] / 2, cut.shape[0] / 2), rng.uniform(-8, 8), 1)
    cut = cv2.warpAffine(cut, turn, cut.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
    lit = 255 * (cut / 255.0) ** rng.uniform(0.7, 1.4) * (1 + rng.uniform(-0.08, 0.08, 3))
    sent = np.clip(lit, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        sent = cv2.GaussianBlur(sent, (0, 0), rng.uniform(0.4, 0.9))
    quality_ = [cv2.IMWRITE_JPEG_QUALITY, int(rng.uniform(60, 95))]
    sent = cv2.imdecode(cv2.imencode(".jpg", sent, quality_)[1], cv2.IMREAD_COLOR)
    return np.ascontiguousarray(sent[:, ::-1] if rng.random() < 0.5 else sent)


def grey(pixels: Pixels) -> Pixels:
    return np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def typology(pixels: Pixels, face: faces.Face) -> float:
    """Individual typology angle of the cheeks, in degrees (Chardon 1991), as the light makes it."""
    chip = faces.align(pixels, face, faces.UPRIGHT, faces.UPRIGHT_SIDE)
    lab = cv2.cvtColor(chip.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[58:74, 24:72]
    light, _, yellow = np.median(lab.reshape(-1, 3), axis=0)
    return float(np.degrees(np.arctan2(light - 50, max(yellow, 1e-3))))


def rows(albums: Iterable[Album]) -> list[tuple[object, ...]]:
    grouped = defaultdict(list)
    for album in albums:
        grouped[album.group].append(album)
    made = []
    for group, those in sorted(grouped.items()):
        held = sum(one.held for one in those)
        most = stats.binomtest(held, len(those)).proportion_ci(0.95, "exact").high
        highest = max(statistics.median(one.youths) for one in those)
        made.append(
            (*group, len(those), sum(one.before for one in those), held, f"{held / len(those):.1%}",
             f"{most:.1%}", sum(one.single for one in those), f"{highest:.2f}")
        )  # fmt: skip
    return made


def measure() -> str:
    tuned = portrait_albums(people.cc0(people.PEOPLE, held_out=False), False)
    held_out = portrait_albums(people.cc0(people.PEOPLE, held_out=True), True)
    sitting = sitting_albums(people.TUNED, False), sitting_albums(people.HELD_OUT, True)
    head = ("sex", "skin", "picture", "albums", "with a photo from .5 on", "held", "share",
            "at most (95 %)", "not held, but a photo is", "highest median")  # fmt: skip
    who = ("person", *head[1:])
    both = tuned + held_out
    over_all = [Album(("all", "all", one.group[2]), one.held_out, one.youths) for one in both]
    return f"""# Perhaps a minor: whose albums are held

`{pages.command("benchmarks.minors")}`, {pages.today()}; {hardware.machine()}.

Adults over {ADULT} by their captions, who do not exist; {PHOTOS} photos an album. Held: the median
of "under {safety.MINOR}" is {quality.RULES.young} or more. "With a photo from .5 on" would be held
if each photo were judged by itself.

## Portraits (CC0), sent twelve ways: all of them

{pages.table(head, rows(both + over_all))}

## Of these, the half that nothing was tuned on

{pages.table(head, rows(held_out))}

## Sittings (openpeople): {DRAWS} albums drawn from each, grey and in colour

Persons that thresholds were tuned on: {", ".join(people.TUNED)}; not: {", ".join(people.HELD_OUT)}.

{pages.table(who, rows(sitting[0] + sitting[1]))}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=PAGE)
    chosen = parser.parse_args()
    pages.write(chosen.out, measure())


if __name__ == "__main__":
    main()
