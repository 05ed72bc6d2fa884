"""How well the measure of faces tells eyes, mouths and expressions: ``python -m benchmarks.faces``.

Of people who do not exist and whose expression is known by the name of the photo; P007 to P010 are
not looked at. ``train FILE`` writes the network of shut eyes instead. Writes
docs/benchmarks/faces.md.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks import hardware, pages
from benchmarks.faces import labels, ratings, training
from benchmarks.photos import people
from pipeline.engine.expressions import Expression
from pipeline.images import expression, face_faults, face_mesh, faces
from pipeline.images.expression import FaceMeasure
from pipeline.images.faces import Face, Pixels
from pipeline.models import recipe
from pipeline.training import photo_expressions

PAGE = Path("docs/benchmarks/faces.md")
LIMITS = (
    "eyes_alike",
    "brows_alike",
    "mouth_alike",
    "mouth_tilt",
    "mouth_detail",
)
STUDIO = ("angle_front", "emo_neutral", "emo_happy", "studio_portrait", "studio_posture")


@dataclass(frozen=True, slots=True)
class MeasuredPhoto:
    """One photo with one face. ``told``: its expression, the album known."""

    person: str
    name: str
    face: FaceMeasure
    told: Expression


def measured(folder: Path) -> tuple[list[MeasuredPhoto], float]:
    """Every tuning person's photos, and the seconds that one face takes (median)."""
    made, seconds = list[MeasuredPhoto](), []
    albums: dict[str, dict[str, FaceMeasure]] = {}
    for one in labels.sittings(folder):
        if found := faces.find(one.pixels):
            began = time.perf_counter()
            face = expression.measure(one.pixels, found[0])
            albums.setdefault(one.person, {})[one.name] = face
            seconds.append(time.perf_counter() - began)
    for person, album in albums.items():
        names = list(album)
        told = photo_expressions.tell_all(dict(enumerate(album.values())))
        made += [MeasuredPhoto(person, names[n], album[names[n]], what) for n, what in told.items()]
    return made, statistics.median(seconds)


def told_table(photos: Sequence[MeasuredPhoto]) -> str:
    by_name: dict[str, dict[str, str]] = {}
    for one in photos:
        wrong = one.name in labels.PLAYED and one.told not in labels.PLAYED[one.name]
        words = one.told.value.replace("_", " ")
        by_name.setdefault(one.name, {})[one.person] = f"**{words}**" if wrong else words
    rows = [
        [name, *(by_name[name].get(person, "-") for person in people.TUNED)]
        for name in sorted(by_name)
    ]
    return pages.table(["photo", *people.TUNED], rows)


def right_share(photos: Sequence[MeasuredPhoto]) -> tuple[int, int]:
    """Of the photos whose expression is known: told right, and all."""
    known = [one for one in photos if one.name in labels.PLAYED]
    return sum(one.told in labels.PLAYED[one.name] for one in known), len(known)


def ranges_table(photos: Sequence[MeasuredPhoto]) -> str:
    """Of what the gate looks at: calm photos of the studio beside photos with the fault."""
    calm = [one.face for one in photos if one.name in STUDIO]

    def span(values: list[float]) -> str:
        return f"{min(values):.2f} to {max(values):.2f}"

    aside = [one.face.eyes_alike for one in photos if one.told is Expression.LOOKING_ASIDE]
    winks = [one.face.eyes_alike for one in photos if one.told is Expression.WINK]
    raised = [one.face.brows_alike for one in photos if one.name == "emo_smug"]
    turned = [abs(one.face.yaw) for one in photos if one.name in labels.PROFILES]
    wide = [one.face.staring for one in photos if one.name in ("emo_shocked", "emo_scared")]
    smug = [one.face.mouth_tilt for one in photos if one.name == "emo_smug"]
    rows = [
        [
            "eyes alike",
            span([f.eyes_alike for f in calm]),
            f"aside {span(aside)}; winks {span(winks)}",
        ],
        ["brows alike", span([f.brows_alike for f in calm]), f"smirks {span(raised)}"],
        ["white beside the iris", span([f.staring for f in calm]), f"startled {span(wide)}"],
        ["mouth alike", span([f.mouth_alike for f in calm]), ""],
        ["mouth's tilt, degrees", span([f.mouth_tilt for f in calm]), f"smirks {span(smug)}"],
        ["mouth's detail", span([f.mouth_detail for f in calm]), ""],
        ["yaw, degrees", span([abs(f.yaw) for f in calm]), f"profiles {span(turned)}"],
        ["pitch, degrees", span([f.pitch for f in calm]), ""],
    ]
    return pages.table(["measure", "calm studio photos", "others"], rows)


def tones_table(folder: Path) -> str:
    """Every CC0 portrait, one person each, by the tone of the cheeks, in four equal parts."""
    gate = recipe.load("mini").gate
    judged = list[tuple[float, FaceMeasure]]()
    for held_out in (False, True):
        for portrait in people.cc0(folder, held_out=held_out):
            if found := faces.find(portrait.pixels):
                face = expression.measure(portrait.pixels, found[0])
                if abs(face.yaw) <= expression.TURNED:
                    judged.append((tone(portrait.pixels, found[0]), face))
    judged.sort(key=lambda one: one[0])
    rows = []
    for part in range(4):
        these = judged[part * len(judged) // 4 : (part + 1) * len(judged) // 4]
        faults = Counter(face_faults.fault(face, gate) for _, face in these)
        passed = faults.pop("", 0)
        rows.append(
            [
                f"{these[0][0]:.0f} to {these[-1][0]:.0f}",
                f"{passed} of {len(these)}",
                ", ".join(f"{fault} {count}" for fault, count in faults.most_common()),
            ]
        )
    return pages.table(["individual typology angle, degrees", "right", "faults"], rows)


def tone(pixels: Pixels, face: Face) -> float:
    """The individual typology angle of the cheeks: small for dark skin."""
    mesh = face_mesh.lay(pixels, face)
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    spots = [lab[y - 4 : y + 5, x - 4 : x + 5] for x, y in mesh[[50, 280], :2].astype(int)]
    light, _, yellow = np.median(np.concatenate([one.reshape(-1, 3) for one in spots]), axis=0)
    return float(np.degrees(np.arctan2(light - 50, yellow)))


def eyes_table(errors: dict[str, tuple[int, int, int, int]]) -> str:
    head = ["person, unseen", "shut eyes", "missed", "open eyes", "called shut"]
    return pages.table(head, [[person, *counts] for person, counts in errors.items()])


def rating_text(path: Path) -> str:
    found = ratings.agreement(ratings.read(path))
    if not found.pairs:
        return "No pairs have been rated."
    share = 100 * found.alike / max(1, found.different)
    return (
        f"Of {found.pairs} pairs of painted pictures, rated on sheets without numbers "
        f"(`{path.name}`), "
        f"{found.different} looked different in eyes and mouth. The measure prefers the same "
        f"picture in {found.alike} of them ({share:.0f} %). Where the "
        f"gate takes one and refuses the other it agrees in {found.alike_by_gate} of "
        f"{found.decided_by_gate}."
    )


def page(folder: Path, out: Path) -> str:
    photos, seconds = measured(folder)
    right, known = right_share(photos)
    gate = recipe.load("mini").gate
    calm = [one for one in photos if one.name in STUDIO]
    refused = [f"{one.person} {one.name}" for one in calm if face_faults.fault(one.face, gate)]
    limits = pages.table(
        ["limit of `mini`'s gate", "value"],
        [[name, getattr(gate, name)] for name in LIMITS],
    )
    list_of_refused = ": " + ", ".join(refused) if refused else ""
    return f"""\
# Faces that are right: the measure

`{pages.command("benchmarks.faces")}`, {pages.today()}, {hardware.machine()}. \
`pipeline/images/expression.py` measures a face in {1000 * seconds:.0f} ms (median). Calibrated on \
{", ".join(people.TUNED)}, five people who do not exist; P007 to P010 were not looked at.

## Expressions
{right} of {known} photos whose expression is known by their name are told right \
(a turned head to either side, startled people also by an open mouth, thoughtful ones by looking \
aside, closed eyes or a turned head: `benchmarks/faces/labels.py`); the others \
are in bold. Photos whose name tells none (posture, selfie, grimaces that everybody played \
otherwise) are listed too.

{told_table(photos)}

## Shut eyes
Each person's eyes, judged by a network trained on the others.

{eyes_table(training.unseen_errors(training.all_samples(folder)))}

## What the gate looks at
{ranges_table(photos)}

An eye is shut from {expression.SHUT} of the network's probability on, and stares from \
{expression.STARING} of white beside the iris on, for every base.

{limits}

Of {len(calm)} calm studio photos the gate would refuse {len(refused)}{list_of_refused}.

## By tone of skin
CC0 portraits of people who do not exist, painted by another model, many in hard light from a \
side, which makes halves unlike: how many are right says little, the difference \
between the tones more.

{tones_table(folder)}

## Blind rating
{rating_text(out.with_name(ratings.NAME))}
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faces", description=__doc__)
    parser.add_argument("what", nargs="?", choices=("measure", "train"), default="measure")
    parser.add_argument("file", nargs="?", type=Path, help="with train: the network's file")
    parser.add_argument("--people", type=Path, default=people.PEOPLE)
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args()
    if given.what == "train":
        training.train(given.file or parser.error("train wants a file"), given.people)
        return
    text = page(given.people, given.out)
    pages.write(given.out, text)
    print(text)


if __name__ == "__main__":
    main()
