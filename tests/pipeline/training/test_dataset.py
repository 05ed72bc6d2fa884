"""Which photos are held out, and where a crop's face lies."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from pipeline.images import faces
from pipeline.images.photo import decode
from pipeline.models import recipe
from pipeline.training import dataset
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
