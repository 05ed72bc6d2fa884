"""Photos as people send them: on their heads, cropped again and again, with something before the
face."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import imagehash
import numpy as np
import pytest
from PIL import Image

from pipeline.engine.inspection import FACE_HASH_BYTES, View
from pipeline.images import covering, face_hash, faces, photo, safety
from pipeline.images.faces import Face
from pipeline.models import recipe
from pipeline.painting.selection import FaceSimilarity
from pipeline.training import dataset
from pipeline.worker.results import to_photo_findings
from shop.photos import quality
from shop.photos.quality import PhotoFindings
from shop.records import Flaw
from tests.handlers.photo_findings import good

Picture = np.ndarray


@pytest.fixture(scope="module")
def pictures(good_photos: tuple[Path, ...]) -> dict[str, Picture]:
    return {path.stem: photo.decode(path.read_bytes()) for path in good_photos}


@pytest.fixture(scope="module")
def fronts(pictures: dict[str, Picture]) -> list[Picture]:
    found = [one for one in pictures.values() if faces.view(faces.find(one)[0]) is View.FRONT]
    assert len(found) >= 8
    return found


def as_jpeg(pixels: Picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "JPEG", quality=92)
    return out.getvalue()


def found(pixels: Picture) -> PhotoFindings:
    return to_photo_findings(photo.inspect(as_jpeg(pixels)))


def hashed(pixels: Picture) -> PhotoFindings:
    """A good photo's findings with the hashes of this one, without what takes longer to find."""
    upright, (face, *_) = faces.find_turned(photo.decode(as_jpeg(pixels)))
    whole, mirrored = (
        str(imagehash.phash(Image.fromarray(one), photo.HASH_SIDE))
        for one in (upright, np.ascontiguousarray(upright[:, ::-1]))
    )
    aligned = face_hash.face_hashes(upright, face)
    cut = [aligned[at : at + FACE_HASH_BYTES] for at in range(0, len(aligned), FACE_HASH_BYTES)]
    return replace(good(1), phash=whole, phash_mirrored=mirrored, face_hashes=tuple(cut))


def verdict(pixels: Picture) -> Flaw | None:
    return quality.evaluate(found(pixels), []).flaw


# Turns


@pytest.mark.parametrize("quarter_turns", [0, 1, 2, 3])
def test_a_photo_is_stood_upright_before_anything_looks_at_it(
    quarter_turns: int, pictures: dict[str, Picture]
) -> None:
    for name, upright in list(pictures.items())[::3]:
        turned, seen = faces.find_turned(np.ascontiguousarray(np.rot90(upright, quarter_turns)))
        assert len(seen) == 1, name
        assert np.array_equal(turned, upright), name


def test_what_is_trained_on_is_upright(fronts: list[Picture]) -> None:
    settings = recipe.load("mini").dataset
    sent = [as_jpeg(np.rot90(one, turns)) for turns in (1, 2, 3) for one in fronts[:2]]
    made = dataset.build_examples(sent, settings, "ohwx man", 3).training
    assert len(made) == len(sent) * settings.variants
    for example in made:
        (face, *_) = faces.find(example.pixels)
        eyes, mouth = face.points[:2, 1].mean(), face.points[3:, 1].mean()
        assert mouth - eyes > 0.1 * len(example.pixels)


def test_a_lying_photo_is_compared_with_the_portraits_as_an_upright_one(
    fronts: list[Picture],
) -> None:
    one, other = (as_jpeg(np.rot90(fronts[0], turns)) for turns in (0, 2))
    upright = FaceSimilarity.from_photos([one, one])
    turned = FaceSimilarity.from_photos([other, other])
    assert turned.likeness(fronts[0]) == pytest.approx(upright.likeness(fronts[0]), abs=0.02)


# A long screenshot


def test_a_small_face_in_a_long_screenshot_is_found_where_it_is(fronts: list[Picture]) -> None:
    face = cv2.resize(fronts[0], (260, 260), interpolation=cv2.INTER_AREA)
    long = np.full((3300, 400, 3), 245, np.uint8)
    long[2400:2660, 70:330] = face
    ours = found(long)
    assert ours.faces == 1
    assert quality.evaluate(ours, []).flaw is None


# The same photo again


def again(pixels: Picture) -> dict[str, Picture]:
    """One photo as somebody sends it who wants it to count several times."""
    height, width = pixels.shape[:2]
    edge = height // 12
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 1, 1)
    sticker = pixels.copy()
    cv2.circle(sticker, (width // 8, height // 8), height // 10, (250, 210, 40), -1)
    white = cv2.copyMakeBorder(pixels, *[edge] * 4, cv2.BORDER_CONSTANT, value=(255,) * 3)
    return {
        "1 % less at the left": pixels[:, width // 100 :],
        "less at the top and right": pixels[height // 25 :, : -width // 12],
        "less below": pixels[: -height // 8],
        "less all around": pixels[height // 30 : -height // 14, width // 12 : -width // 14],
        "a border": white,
        "a turn of a degree": cv2.warpAffine(
            pixels, turn, (width, height), borderMode=cv2.BORDER_REFLECT
        ),
        "a sticker": sticker,
        "smaller": cv2.resize(pixels, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA),
        "in the mirror": pixels[:, ::-1],
        "cropped in the mirror": pixels[: -height // 10, width // 10 :][:, ::-1],
        "on its head": np.rot90(pixels, 2)[height // 20 :],
    }


def test_a_photo_sent_again_in_another_crop_is_a_duplicate(fronts: list[Picture]) -> None:
    missed = [
        name
        for pixels in fronts[:2]
        for one in [hashed(pixels)]
        for name, other in again(pixels).items()
        if quality.evaluate(hashed(other), [one.hashes]).flaw is not Flaw.DUPLICATE
    ]
    assert len(missed) <= 1, missed


def cropped(pixels: Picture, times: int) -> list[Picture]:
    (face,) = faces.find(pixels)
    rng, crops = np.random.default_rng(3), list[Picture]()
    height, width = pixels.shape[:2]
    for _ in range(times):
        share = rng.uniform(0.1, 0.9, 4)
        left, right = int(face.left * share[0]), int((width - face.left - face.width) * share[1])
        top, below = int(face.top * share[2]), int((height - face.top - face.height) * share[3])
        crops.append(pixels[top : height - below, left : width - right])
    return crops


def counted(sent: Iterable[Picture]) -> list[PhotoFindings]:
    """Those that count when they come in this order."""
    kept = list[PhotoFindings]()
    for one in map(hashed, sent):
        if quality.evaluate(one, [other.hashes for other in kept]).flaw is None:
            kept.append(one)
    return kept


def test_one_selfie_cropped_twenty_ways_counts_three_times_at_most(
    pictures: dict[str, Picture],
) -> None:
    selfie = next(one for name, one in pictures.items() if "selfie" in name)
    assert 1 <= len(counted(cropped(selfie, 20))) <= 3


def oval(pixels: Picture, face: Face, larger: float, higher: float) -> Picture:
    """Where that oval is, 0..1, for a picture of colours."""
    inside = np.zeros(pixels.shape[:2], np.float32)
    x, y = face.left + face.width / 2, face.top + face.height * (0.5 - higher)
    halves = (int(larger * face.width / 2), int(larger * face.height / 2))
    cv2.ellipse(inside, (int(x), int(y)), halves, 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(inside, (0, 0), face.width / 60)[..., np.newaxis]


def test_a_dark_face_below_black_hair_before_a_window_is_one_face_in_all_crops(
    pictures: dict[str, Picture],
) -> None:
    """What is beside a face must not decide how it is laid to be hashed."""
    selfie = next(one for name, one in pictures.items() if "selfie" in name)
    (face,) = faces.find(selfie)
    behind = np.full(selfie.shape, 120.0)
    behind[:, int(face.left + face.width / 2) :] = 255
    hair, skin = oval(selfie, face, 1.4, 0.15), oval(selfie, face, 1, 0)
    behind = behind * (1 - hair) + 10 * hair
    dark = (selfie * 0.5 * skin + behind * (1 - skin)).astype(np.uint8)
    assert 1 <= len(counted(cropped(dark, 10))) <= 3


def test_the_photos_of_one_sitting_are_different_photos(pictures: dict[str, Picture]) -> None:
    assert len(counted(pictures.values())) == len(pictures)


def test_a_hash_of_a_face_is_kept_once_and_says_nothing_without_one(
    fronts: list[Picture],
) -> None:
    seen = photo.inspect(as_jpeg(fronts[0]))
    assert len(seen.face_hashes) % FACE_HASH_BYTES == 0
    assert found(fronts[0]).hashes.face == seen.face_hashes[:FACE_HASH_BYTES].hex()
    assert photo.inspect(as_jpeg(np.full((300, 300, 3), 90, np.uint8))).face_hashes == b""


# Something before the face, drawn by the five key points

Draw = Callable[[Picture, Face], None]


def width_of(face: Face) -> int:
    return int(faces.eyes(face)[1])


def black_bar(pixels: Picture, face: Face) -> None:
    size = width_of(face)
    beside = np.array([size // 2, size // 4])
    start, end = face.points[0].astype(int) - beside, face.points[1].astype(int) + beside
    cv2.rectangle(pixels, start.tolist(), end.tolist(), (0, 0, 0), -1)


def round_dark_glasses(pixels: Picture, face: Face) -> None:
    size = width_of(face)
    left, right = (point.astype(int).tolist() for point in face.points[:2])
    for eye in (left, right):
        cv2.circle(pixels, eye, int(0.42 * size), (18, 16, 20), -1, cv2.LINE_AA)
    cv2.line(pixels, left, right, (18, 16, 20), max(1, size // 20), cv2.LINE_AA)


def brown_glasses(pixels: Picture, face: Face) -> None:
    size = width_of(face)
    for eye in face.points[:2].astype(int).tolist():
        box = ((eye[0], eye[1] + size // 12), (0.85 * size, 0.62 * size), 0)
        cv2.ellipse(pixels, box, (72, 48, 30), -1, cv2.LINE_AA)
        cv2.ellipse(pixels, box, (10, 8, 6), max(1, size // 18), cv2.LINE_AA)


def sleep_mask(pixels: Picture, face: Face) -> None:
    size, (x, y) = width_of(face), faces.eyes(face)[0].astype(int).tolist()
    cv2.ellipse(pixels, (x, y), (int(1.3 * size), int(0.45 * size)), 0, 0, 360, (150, 60, 90), -1)


def surgical_mask(pixels: Picture, face: Face) -> None:
    size, nose = width_of(face), face.points[2]
    mouth = face.points[3:].mean(axis=0)
    places = [
        (nose, 0, -0.05), (nose, 0.95, -0.05), (mouth, 0.8, 0.5), (mouth, 0, 0.85),
        (mouth, -0.8, 0.5), (nose, -0.95, -0.05),
    ]  # fmt: skip
    outline = [place + np.array([right, down]) * size for place, right, down in places]
    cv2.fillPoly(pixels, [np.array(outline).astype(np.int32)], (168, 200, 222), cv2.LINE_AA)
    for fold in (0.1, 0.3, 0.5):
        y = int(mouth[1] + (fold - 0.2) * size)
        ends = (int(nose[0] - 0.8 * size), y), (int(nose[0] + 0.8 * size), y)
        cv2.line(pixels, *ends, (140, 172, 196), max(1, size // 25), cv2.LINE_AA)


def black_mask(pixels: Picture, face: Face) -> None:
    size, nose = width_of(face), face.points[2].astype(int).tolist()
    mouth = face.points[3:].mean(axis=0).astype(int).tolist()
    cv2.ellipse(pixels, mouth, (int(0.95 * size), int(0.75 * size)), 0, 0, 360, (28, 28, 30), -1)
    cv2.circle(pixels, nose, int(0.3 * size), (28, 28, 30), -1)


def bar_over_the_mouth(pixels: Picture, face: Face) -> None:
    size, (x, y) = width_of(face), face.points[3:].mean(axis=0).astype(int).tolist()
    cv2.rectangle(pixels, (x - size, y - size // 3), (x + size, y + size // 3), (0, 0, 0), -1)


COVERS = (black_bar, round_dark_glasses, brown_glasses, sleep_mask, surgical_mask, black_mask,
          bar_over_the_mouth)  # fmt: skip


@pytest.mark.parametrize("draw", COVERS, ids=lambda draw: draw.__name__)
def test_what_covers_eyes_or_mouth_is_refused(draw: Draw, fronts: list[Picture]) -> None:
    """Also where nobody can find a face any more: that photo is refused for it."""
    for pixels in fronts:
        worn = pixels.copy()
        draw(worn, faces.find(pixels)[0])
        for seen in faces.find(worn)[:1]:
            assert covering.covered(worn, seen) >= quality.RULES.covered
            # Four times what is told to be blurred first.
            assert faces.sharpness(worn, seen) >= 4 * quality.RULES.sharpness
    worn = fronts[0].copy()
    draw(worn, faces.find(worn)[0])
    assert verdict(worn) in (Flaw.COVERED, Flaw.NO_FACE)


def clear_glasses(pixels: Picture, face: Face) -> None:
    size = width_of(face)
    left, right = (point.astype(int).tolist() for point in face.points[:2])
    for eye in (left, right):
        cv2.circle(pixels, eye, int(0.42 * size), (40, 36, 34), max(1, size // 20), cv2.LINE_AA)
    inner = (left[0] + int(0.42 * size), left[1]), (right[0] - int(0.42 * size), right[1])
    cv2.line(pixels, *inner, (40, 36, 34), max(1, size // 20), cv2.LINE_AA)


def test_bare_faces_pass_and_clear_glasses_too(
    pictures: dict[str, Picture], stranger_photos: tuple[bytes, ...]
) -> None:
    strangers = {f"stranger {n}": photo.decode(one) for n, one in enumerate(stranger_photos)}
    for name, pixels in (pictures | strangers).items():
        (face,) = faces.find(pixels)
        assert covering.covered(pixels, face) < quality.RULES.covered, name
        if faces.view(face) is View.FRONT:
            worn = pixels.copy()
            clear_glasses(worn, face)
            (face,) = faces.find(worn)
            assert covering.covered(worn, face) < quality.RULES.covered, name


# Age


def test_grey_photos_of_an_adult_look_as_old_as_those_in_colour(fronts: list[Picture]) -> None:
    for pixels in fronts[:4]:
        grey = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
        for one in (pixels, grey):
            assert safety.photo_youth(one, faces.find(one)[0]) < 0.2
