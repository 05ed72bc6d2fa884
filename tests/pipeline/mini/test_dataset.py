"""Framing, looks and captions of the base's training pictures."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.mini import align, dataset, vocabulary
from pipeline.mini.__main__ import read_arguments
from pipeline.mini.looks import LOOKS

pytestmark = pytest.mark.slow  # torch, and training or painting with it


def test_every_look_is_a_word_and_changes_the_picture() -> None:
    rng = np.random.default_rng(0)
    image = rng.random((32, 32, 3), dtype=np.float32)
    mask = np.zeros((32, 32), np.float32)
    mask[8:24, 8:24] = 1
    for name, look in LOOKS.items():
        assert name in vocabulary.VOCABULARY
        made = look(image, mask, np.random.default_rng(1))
        assert made.shape == image.shape
        assert np.isfinite(made).all()
        assert np.abs(made - image).mean() > 0.01


def test_a_square_is_zoomed_rather_than_hung_over_the_border() -> None:
    face = align.AlignedFace(centre=(100, 40), scale=30, roll=0, yaw=0, grin=0.8)
    assert align.fit_eye_distance(face, align.PORTRAIT, 200, 200) > align.PORTRAIT
    centred = align.AlignedFace(centre=(500, 500), scale=30, roll=0, yaw=0, grin=0.8)
    assert align.fit_eye_distance(centred, align.PORTRAIT, 1000, 1000) == align.PORTRAIT


def test_the_eyes_land_where_the_framing_says() -> None:
    image = np.zeros((200, 200, 3), np.uint8)
    image[78:83, 118:123] = 255
    face = align.AlignedFace(centre=(120, 80), scale=20, roll=0, yaw=0, grin=0.8)
    made = align.crop_square(image, face, align.MiniFraming(eyes=0.25), 128)
    rows, columns = np.nonzero(made[..., 0] > 100)
    assert rows.mean() == pytest.approx(align.EYES_Y * 128, abs=2)
    assert columns.mean() == pytest.approx(64, abs=2)


def test_a_stranger_keeps_the_middle_of_the_picture_and_differs() -> None:
    places = dataset.stranger_warp(np.random.default_rng(1))
    middle = np.arange(dataset.PIXELS)
    assert places.shape == (dataset.PIXELS, dataset.PIXELS, 2)
    assert np.abs(places[:, 128, 0] - 128).max() < 2  # the line between the eyes stays
    assert np.abs(places[128, :, 0] - middle).max() > 1
    mirrored = 255 - places[:, ::-1, 0]
    assert np.abs(places[..., 0] - mirrored).max() < 1.5  # symmetric, as faces are


def test_the_data_step_asks_for_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_arguments(["data"])
    assert "needs --people" in capsys.readouterr().err
