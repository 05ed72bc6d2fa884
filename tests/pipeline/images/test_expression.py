"""What a face does and whether it is right, on photos of people who do not exist."""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest

import shop.records
from benchmarks.photos import people
from pipeline.engine import messages
from pipeline.engine.expressions import Expression
from pipeline.engine.inspection import InspectionResult
from pipeline.images import expression, face_faults, face_mesh, faces, safety
from pipeline.images.expression import FaceMeasure
from pipeline.images.faces import Face, Pixels
from pipeline.models import recipe
from pipeline.training import photo_expressions
from shop.catalog.entries import EXPRESSIONS

GATE = recipe.load("mini").gate
# By the cell of the package's sheet; the same sixteen are played by everybody.
PLAYED = {
    "emotions-0": {Expression.NEUTRAL},
    "emotions-1": {Expression.SMILE},
    "emotions-2": {Expression.SCOWL},
    "emotions-4": {Expression.SURPRISE},
    "emotions-7": {Expression.SCOWL},
    "emotions-8": {Expression.SOFT_SMILE},
    "emotions-9": {Expression.WINK},
    "emotions-10": {Expression.LOOKING_ASIDE},
    "emotions-11": {Expression.EYES_CLOSED},
    "emotions-12": {Expression.EYES_CLOSED},
    "emotions-14": {Expression.WINK},
    "character-0": {Expression.NEUTRAL},
    "character-1": {Expression.TURNED_LEFT, Expression.TURNED_RIGHT},
    "studio_portrait": {Expression.NEUTRAL},
}


LEVEL = ("emotions-0", "emotions-1", "studio_portrait")


@functools.cache
def sitting(person: str) -> dict[str, tuple[Pixels, Face]]:
    """A person's photos and the face on each, by name; those without a face are left out."""
    try:
        photos = list(people.sitting(person))
    except SystemExit as missing:
        pytest.skip(str(missing))
    found = {one.name: (one.pixels, faces.find(one.pixels)) for one in photos}
    return {name: (pixels, seen[0]) for name, (pixels, seen) in found.items() if seen}


def measured(person: str) -> dict[str, FaceMeasure]:
    return {name: expression.measure(*photo) for name, photo in sitting(person).items()}


def judged(pixels: Pixels, asked: Expression | None = None) -> str:
    """What the gate finds wrong with eyes and mouth."""
    return face_faults.fault(expression.measure(pixels, faces.find(pixels)[0]), GATE, asked)


@pytest.fixture
def calm() -> Pixels:
    return sitting("P001")["studio_portrait"][0]


@pytest.mark.parametrize("person", ["P001", "P006"])
def test_expressions_are_told_apart(person: str) -> None:
    album = measured(person)
    names = list(album)
    told = photo_expressions.tell_all(dict(enumerate(album.values())))
    wrong = {
        names[number]: what.value
        for number, what in told.items()
        if what not in PLAYED.get(names[number], {what})
    }
    assert not wrong


def test_a_mirror_image_does_the_same_the_other_way_round() -> None:
    pixels, face = sitting("P006")["emotions-9"]
    mirrored = np.ascontiguousarray(pixels[:, ::-1])
    one, other = (
        expression.measure(pixels, face),
        expression.measure(mirrored, faces.find(mirrored)[0]),
    )
    shut = [[probability > 0.5 for probability in each.shut] for each in (one, other)]
    assert sorted(shut[0]) == [False, True]
    assert shut[1] == shut[0][::-1]
    profile = sitting("P006")["character-1"][0]
    told = [
        expression.tell(expression.measure(each, faces.find(each)[0]))
        for each in (profile, np.ascontiguousarray(profile[:, ::-1]))
    ]
    assert set(told) == {Expression.TURNED_LEFT, Expression.TURNED_RIGHT}


def test_without_a_face_at_rest_no_scowl_is_told() -> None:
    scowl = measured("P001")["emotions-2"]
    assert expression.tell(scowl) is Expression.NEUTRAL
    assert expression.tell(scowl, usual_brows=scowl.brows / 0.8) is Expression.SCOWL


@pytest.mark.parametrize(
    ("photo", "fault", "asked"),
    [
        ("emotions-0", "", Expression.NEUTRAL),
        ("emotions-1", "", Expression.SMILE),
        ("emotions-9", "eye shut", Expression.WINK),
        ("emotions-4", "staring", Expression.SURPRISE),
    ],
)
def test_what_was_not_asked_for_is_a_fault(photo: str, fault: str, asked: Expression) -> None:
    face = measured("P006")[photo]
    assert face_faults.fault(face, GATE) == fault
    assert face_faults.fault(face, GATE, Expression.SOFT_SMILE) == fault
    assert face_faults.fault(face, GATE, asked) == ""


@pytest.mark.parametrize(("photo", "fault"), [("11", "eye shut"), ("10", "eyes differ")])
def test_shut_eyes_and_those_that_look_aside_are_faults_whatever_is_asked(
    photo: str, fault: str
) -> None:
    face = measured("P006")[f"emotions-{photo}"]
    for asked in (None, *map(Expression, EXPRESSIONS)):
        if asked is not Expression.WINK:
            assert face_faults.fault(face, GATE, asked) == fault


def test_a_turned_head_is_no_fault_unless_a_face_was_asked_for() -> None:
    profile = measured("P001")["character-1"]
    assert face_faults.fault(profile, GATE) == ""
    assert face_faults.fault(profile, GATE, Expression.NEUTRAL) == "turned"


def test_eyes_that_differ_are_found(calm: Pixels) -> None:
    """One eye of another photo, wide open, in a calm face: both are whole, and do not match."""
    startled, face = sitting("P001")["emotions-4"]
    other = faces.find(calm)[0]
    move = cv2.estimateAffinePartial2D(face.points, other.points)[0]
    moved = cv2.warpAffine(startled, move, calm.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
    mask = np.zeros(calm.shape[:2], np.float32)
    eye = other.points[0].astype(int)
    cv2.ellipse(
        mask, eye.tolist(), (int(other.width * 0.17), int(other.width * 0.11)), 0, 0, 360, 1, -1
    )
    soft = cv2.GaussianBlur(mask, (0, 0), 3)[..., None]
    mixed = np.rint(calm * (1 - soft) + moved * soft).astype(np.uint8)
    assert judged(calm) == ""
    assert judged(mixed) == "eyes differ"


def test_one_raised_brow_is_found() -> None:
    """She smirks with one; the others, and she at rest, do not."""
    assert face_faults.fault(measured("P006")["emotions-8"], GATE) == "brows differ"
    level = [measured(person)[name].brows_alike for person in ("P001", "P006") for name in LEVEL]
    assert min(level) > GATE.brows_alike + 0.1


def test_a_crooked_mouth_is_found(calm: Pixels) -> None:
    """Its corners pulled apart, up and down."""
    mesh = face_mesh.lay(calm, faces.find(calm)[0])
    corners = mesh[[61, 291], :2].astype(np.float32)
    width = float(np.linalg.norm(corners[1] - corners[0]))
    y, x = np.mgrid[: calm.shape[0], : calm.shape[1]].astype(np.float32)
    lift = np.zeros_like(x)
    for (left, top), sign in zip(corners, (1, -1), strict=True):
        lift += sign * np.exp(-((x - left) ** 2 + (y - top) ** 2) / (0.35 * width) ** 2)
    pulled = cv2.remap(calm, x, y + 0.1 * width * lift, cv2.INTER_LINEAR)
    assert judged(pulled) == "crooked mouth"


def test_a_smeared_mouth_is_found(calm: Pixels) -> None:
    face = faces.find(calm)[0]
    x, y = face.points[3:].mean(axis=0).astype(int)
    reach = int(0.3 * face.width)
    box = np.s_[y - reach // 2 : y + reach // 2, x - reach : x + reach]
    smeared = calm.copy()
    smeared[box] = cv2.GaussianBlur(calm[box], (0, 0), 0.05 * face.width)
    assert judged(smeared) == "smeared mouth"


@pytest.mark.parametrize("light", [0.35, 0.6, 1.15])
@pytest.mark.parametrize("person", ["P001", "P006"])
def test_a_darker_or_brighter_picture_has_the_same_face(person: str, light: float) -> None:
    """So of skin: what the eyes do must not hang on the tone beside them."""
    for name, stares in (("studio_portrait", False), ("emotions-4", True)):
        pixels, face = sitting(person)[name]
        shown = expression.measure(np.clip(pixels * light, 0, 255).astype(np.uint8), face)
        assert (shown.staring > expression.STARING) == stares
        assert max(shown.shut) < expression.SHUT
        assert shown.eyes_alike > GATE.eyes_alike


@pytest.mark.parametrize("side", [1, -1])
def test_light_from_a_side_is_no_fault(calm: Pixels, side: int) -> None:
    across = np.linspace(1 - side * 0.35, 1 + side * 0.35, calm.shape[1])[:, None]
    lit = np.clip(calm * across, 0, 255).astype(np.uint8)
    assert judged(lit) == ""


def test_blotched_skin_is_less_even(calm: Pixels) -> None:
    rng = np.random.default_rng(1)
    side = max(calm.shape)
    spots = cv2.resize(rng.normal(0, 12, (side // 12, side // 12)), calm.shape[1::-1])
    blotched = np.clip(calm + spots[..., None], 0, 255).astype(np.uint8)
    face = faces.find(calm)[0]
    even, uneven = (expression.measure(each, face).skin for each in (calm, blotched))
    assert uneven > 1.2 * even


def test_the_other_kind_of_smile_counts_less_and_no_smile_nothing() -> None:
    album = measured("P001")
    smile, soft, none = (album[f"emotions-{number}"] for number in (1, 8, 0))
    assert face_faults.met(smile, Expression.SMILE) == 1
    assert 0 < face_faults.met(soft, Expression.SMILE) < 1
    assert face_faults.met(none, Expression.SMILE) == 0


def _types(of: Any) -> Iterator[Any]:
    """A type, and all that it is made of."""
    yield of
    for part in typing.get_args(of):
        yield from _types(part)
    if dataclasses.is_dataclass(of):
        for hint in typing.get_type_hints(of).values():
            yield from _types(hint)


def test_measures_are_forgotten(calm: Pixels, caplog: pytest.LogCaptureFixture) -> None:
    """No message to the parent, no result and no record has a place for a measure or a mesh, and
    nothing told of a customer's photos goes anywhere; judging a picture writes no line."""
    results = (InspectionResult, messages.TrainedLora, messages.PaintedImage,
               messages.Progress)  # fmt: skip
    for result in results:
        found = set(map(str, _types(result)))
        assert not [each for each in found if "FaceMeasure" in each or "ndarray" in each]
        assert str(Expression) not in found
    for record in shop.records.RECORDS:
        names = {field.name for field in dataclasses.fields(record)}
        measures = {field.name for field in dataclasses.fields(FaceMeasure)} | {"mesh", "points"}
        assert not names & measures
    safety.judge(calm, GATE, True, Expression.NEUTRAL)
    assert not caplog.records
