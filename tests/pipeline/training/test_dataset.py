"""Which photos are held out, and where a crop's face lies."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from pipeline.engine.expressions import Expression
from pipeline.engine.inspection import View
from pipeline.images import faces
from pipeline.images.photo import decode
from pipeline.models import recipe
from pipeline.training import dataset, photo_expressions
from pipeline.training.dataset import CropJitter, FaceEllipse

SETTINGS = recipe.load("mini").dataset


def test_photos_held_out_are_not_trained_on(photos: tuple[bytes, ...]) -> None:
    settings = dataclasses.replace(SETTINGS, min_photos=3, variants=2, resolution=64)
    chosen = set()
    for seed in range(3):
        made = dataset.build_examples(photos, settings, "ohwx man", seed, held_out=2)
        held, trained = ({one.photo for one in part} for part in (made.validation, made.training))
        assert len(held) == len(made.validation) == 2
        assert held | trained == set(range(6))
        assert not held & trained
        chosen.add(tuple(sorted(held)))
        again = dataset.build_examples(photos, settings, "ohwx man", seed, held_out=2)
        assert {one.photo for one in again.validation} == held
    assert len(chosen) > 1, "always the same photos"
    few = dataclasses.replace(settings, min_photos=5)
    assert len(dataset.build_examples(photos, few, "ohwx man", 1, held_out=2).validation) == 1
    all_needed = dataclasses.replace(settings, min_photos=6)
    assert not dataset.build_examples(photos, all_needed, "ohwx man", 1, held_out=2).validation


def test_the_ellipse_lies_on_the_face(photos: tuple[bytes, ...]) -> None:
    """Found again in the crop, shifted and mirrored as it may be."""
    wide = recipe.load("sdxl").dataset.framings[1]
    settings = dataclasses.replace(
        SETTINGS, resolution=256, framings=(wide,), shift=0.1, min_photos=2, variants=2
    )
    seen = 0
    for one in dataset.build_examples(photos, settings, "ohwx man", 3).training:
        (face,) = faces.find(one.pixels)[:1]
        middle = np.array([face.left + face.width / 2, face.top + face.height / 2]) / 256
        assert abs(middle - (one.face.centre_x, one.face.centre_y)).max() < 0.09
        assert one.face.radius_y == pytest.approx(face.height / 512, rel=0.35)
        seen += 1
    assert seen == 12


def test_a_mirrored_crop_has_a_mirrored_ellipse() -> None:
    framing = SETTINGS.framings[0]
    plain = dataset.face_ellipse(framing, CropJitter(False, (0.1, 0.05), 0))
    mirrored = dataset.face_ellipse(framing, CropJitter(True, (0.1, 0.05), 0))
    assert plain.centre_x == pytest.approx(0.6)
    assert mirrored.centre_x == pytest.approx(0.4)
    assert mirrored.centre_y == plain.centre_y


def test_cells_know_how_much_of_them_is_face() -> None:
    cover = FaceEllipse(0.5, 0.5, 0.25, 0.5).coverage(16)
    assert cover.shape == (16, 16)
    assert cover.mean() == pytest.approx(np.pi * 0.25 * 0.5, rel=0.01)
    assert cover[8, 8] == 1
    assert cover[0, 0] == 0
    assert 0 < cover[8, 4] <= 1
    assert ((cover > 0) & (cover < 1)).any()


TOLD = {
    0: Expression.NEUTRAL,
    1: Expression.SMILE,
    2: Expression.WINK,
    3: Expression.TURNED_LEFT,
    4: Expression.SCOWL,
}


def test_grimaces_give_fewer_crops_where_calm_photos_suffice() -> None:
    few = dataclasses.replace(SETTINGS, variants=8, grimace_variants=1, min_calm_photos=3)
    assert photo_expressions.variants(TOLD, few) == {0: 8, 1: 8, 2: 1, 3: 8, 4: 1}
    none = dataclasses.replace(few, grimace_variants=0)
    assert photo_expressions.variants(TOLD, none) == {0: 8, 1: 8, 2: 0, 3: 8, 4: 0}
    too_few = dataclasses.replace(few, min_calm_photos=4)
    assert set(photo_expressions.variants(TOLD, too_few).values()) == {8}


def test_captions_say_what_the_face_does(
    photos: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the recipe's words; a turned head by its view, which a mirrored crop turns."""
    settings = dataclasses.replace(
        recipe.load("sdxl").dataset,
        resolution=64, min_photos=2, variants=2, grimace_variants=1, min_calm_photos=2,
        backdrop_caption_dropout=1.0,
    )  # fmt: skip
    monkeypatch.setattr(photo_expressions, "tell_all", lambda measured: TOLD)
    made = dataset.build_examples(photos[:5], settings, "sks man", 1).training
    captions = [(one.photo, one.caption.split(", ", 2)[2]) for one in made]
    assert captions == [
        (0, "facing the camera, neutral expression"),
        (0, "facing the camera, neutral expression"),
        (1, "facing the camera, smiling"),
        (1, "facing the camera, smiling"),
        (2, "facing the camera, winking"),
        (3, "face turned to the left"),
        (3, "face turned to the right"),
        (4, "facing the camera, frowning"),
    ]
    assert photo_expressions.view(Expression.TURNED_RIGHT) is View.RIGHT


def test_larger_pictures_are_captioned_masked_and_held_out_as_the_usual_ones(
    photos: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same photos, though they give a single crop each, as grimaces do."""
    monkeypatch.setattr(photo_expressions, "tell_all", lambda measured: TOLD)
    fewer = dataclasses.replace(SETTINGS.wide, variants=1)
    settings = dataclasses.replace(
        SETTINGS,
        resolution=64, min_photos=2, variants=2, grimace_variants=1, min_calm_photos=2, wide=fewer,
    )  # fmt: skip
    for seed in range(3):
        usual, wide = (
            dataset.build_examples(photos[:5], each, "ohwx man", seed, held_out=1)
            for each in (settings, settings.widened())
        )
        assert [one.photo for one in usual.validation] == [one.photo for one in wide.validation]
        assert [one.photo for one in wide.training] == sorted({one.photo for one in usual.training})
    told = {one.photo: one.plain_caption for one in (*wide.training, *wide.validation)}
    words = ("neutral", "smile", "thoughtful", "profile", "angry")
    assert told == {number: f"ohwx man, {word}" for number, word in enumerate(words)}
    named = {one.photo: dataset.classify_backdrop(one.pixels) for one in wide.validation}
    for one in wide.validation:
        assert one.pixels.shape == (96, 96, 3)
        assert (one.person is None) == (named[one.photo] is not dataset.Backdrop.OTHER)


def test_a_mirrored_crop_mirrors_where_the_photo_and_the_person_are(
    photos: tuple[bytes, ...],
) -> None:
    """A variant and its mirror image that are else alike; the photo ends beside the face."""
    photo = decode(photos[1])
    (face,) = faces.find(photo)
    beside = np.ascontiguousarray(photo[:, int(face.left + 0.2 * face.width) :])
    file = io.BytesIO()
    Image.fromarray(beside).save(file, "JPEG", quality=98)
    settings = dataclasses.replace(
        SETTINGS, resolution=128, min_photos=1, variants=2, shift=0.0, roll=0.0, colour=0.0
    )
    plain, mirrored = dataset.build_examples((file.getvalue(),), settings, "ohwx man", 3).training
    assert 0.1 < 1 - plain.inside.mean() < 0.5
    assert not plain.inside[:, 0].any()
    np.testing.assert_array_equal(mirrored.inside, plain.inside[:, ::-1])
    np.testing.assert_array_equal(mirrored.pixels, plain.pixels[:, ::-1])
    assert plain.person is not None
    assert mirrored.person is not None
    assert np.abs(mirrored.person - plain.person[:, ::-1]).mean() < 0.05


def test_calm_photos_are_held_out_as_far_as_they_can_be_spared(
    photos: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(
        SETTINGS, resolution=64, min_photos=2, variants=2, grimace_variants=1, min_calm_photos=2
    )
    monkeypatch.setattr(photo_expressions, "tell_all", lambda measured: TOLD)
    seen = set()
    for seed in range(6):
        made = dataset.build_examples(photos[:5], settings, "ohwx man", seed, held_out=2)
        (held,) = {one.photo for one in made.validation}
        seen.add(held)
    assert seen == {0, 1, 3}
    needed = dataclasses.replace(settings, min_calm_photos=3)
    assert not dataset.build_examples(photos[:5], needed, "ohwx man", 1, held_out=2).validation


def test_a_background_without_a_word_is_marked(photos: tuple[bytes, ...]) -> None:
    """The person's place is kept, so that the loss can leave out the rest."""
    settings = dataclasses.replace(SETTINGS, resolution=64, min_photos=2, variants=1)
    made = dataset.build_examples(photos, settings, "ohwx man", 1).training
    for one in made:
        plain = dataset.classify_backdrop(one.pixels) is not dataset.Backdrop.OTHER
        assert (one.person is None) == plain
        if one.person is not None:
            assert one.person.shape == (64, 64)
            assert one.person[32, 32] > 0.9
    assert any(one.person is not None for one in made), "every photo was taken before a plain wall"


def test_a_crop_tells_where_the_photo_ends_and_its_edge_is_mirrored(
    photos: tuple[bytes, ...],
) -> None:
    """Cropped wide at the photo's top: the rows above it are told apart, in mirrored crops too."""
    photo = decode(photos[0])
    (face,) = faces.find(photo)
    tight = np.ascontiguousarray(photo[int(face.top) :])
    (face,) = faces.find(tight)
    framing = dataclasses.replace(SETTINGS.framings[0], eyes=0.2)
    settings = dataclasses.replace(
        SETTINGS,
        resolution=128,
        framings=(framing,),
        min_photos=1,
        variants=2,
        shift=0.05,
        roll=0.0,
    )
    file = io.BytesIO()
    Image.fromarray(tight).save(file, "JPEG", quality=98)
    for one in dataset.build_examples((file.getvalue(),), settings, "ohwx man", 3).training:
        assert one.inside.shape == (128, 128)
        assert not one.inside[:8].any()
        rows = np.flatnonzero(one.inside[:, 64])
        top = rows[0]
        assert top > 12
        assert one.inside[top:100, 64].all()
        # A mirrored edge repeats what lies as far below it.
        above, below = (one.pixels[top - 6 : top, 40:88], one.pixels[top : top + 6, 40:88][::-1])
        assert np.corrcoef(above.ravel(), below.ravel())[0, 1] > 0.8
    close = dataclasses.replace(SETTINGS, resolution=64, variants=2)
    whole = dataset.build_examples(photos, close, "ohwx man", 3).training
    assert any(one.inside.all() for one in whole), "a photo with room is inside whole"
