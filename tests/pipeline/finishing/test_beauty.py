"""Beauty: more even skin and rested eyes, in the same face and the same tone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.looks.measures import face_measure
from pipeline.finishing import colour
from pipeline.finishing.finish import Finishing
from pipeline.images import faces
from pipeline.images.faces import Face, Pixels
from tests.pipeline.finishing.conftest import TONES, skin_light

AMOUNTS = (0.3, 0.65, 1.0)


def unevenness(pixels: Pixels, face: Face, weights: np.ndarray) -> float:
    """The skin's median unevenness of lightness, between texture and the shape of the face: by
    CIELAB, and by the median because the edges of a beard and of nostrils are no blotches."""
    light = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32) / 2.55
    inner, outer = (cv2.GaussianBlur(light, (0, 0), s * face.width) for s in (0.012, 0.05))
    inside = weights > 0.95
    return float(np.median(np.abs(inner - outer)[inside]))


@pytest.mark.parametrize("tone", TONES)
def test_each_step_evens_the_skin_of_every_tone_and_lightens_none(
    tones: dict[float, Pixels], face: Face, skin_weights: np.ndarray, tone: float
) -> None:
    steps = [tones[tone], *(Finishing(amount).apply(tones[tone]) for amount in AMOUNTS)]
    spreads = [unevenness(one, face, skin_weights) for one in steps]
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < 0.85 * spreads[0]
    light = [skin_light(one, skin_weights) for one in steps]
    assert light == pytest.approx([light[0]] * len(light), rel=0.01)


@pytest.mark.parametrize("tone", TONES)
def test_no_tone_gets_another_hue(
    tones: dict[float, Pixels], skin_weights: np.ndarray, tone: float
) -> None:
    before, after = (
        np.average(colour.decode(one), axis=(0, 1), weights=skin_weights[..., None] * np.ones(3))
        for one in (tones[tone], Finishing(1.0).apply(tones[tone]))
    )
    assert after / after.sum() == pytest.approx(before / before.sum(), abs=0.005)


def test_the_face_keeps_its_shape_and_its_eyes(portrait: Pixels, face: Face) -> None:
    after = faces.find(Finishing(1.0).apply(portrait))[0]
    moved = np.linalg.norm(after.points - face.points, axis=1) / face.width
    assert moved.max() < 0.015
    assert faces.eyes(after)[1] == pytest.approx(faces.eyes(face)[1], rel=0.02)


@pytest.mark.parametrize("tone", TONES)
def test_eyes_grow_by_less_than_three_percent_and_the_face_stays_as_even_sided(
    tones: dict[float, Pixels], tone: float
) -> None:
    """By the measures of `benchmarks.looks`."""
    before = face_measure(tones[tone])
    after = face_measure(Finishing(1.0).apply(tones[tone]), tones[tone])
    assert after.eyes == pytest.approx(before.eyes, rel=0.03)
    assert after.symmetry == pytest.approx(before.symmetry, abs=0.03)


def test_texture_stays_and_all_but_the_face_is_untouched(
    portrait: Pixels, face: Face, skin_weights: np.ndarray
) -> None:
    after = Finishing(1.0).apply(portrait)

    def texture(pixels: Pixels) -> float:
        light = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
        fine = light - cv2.GaussianBlur(light, (0, 0), 1.0)
        return float(fine[skin_weights > 0.95].std())

    assert texture(after) > 0.9 * texture(portrait), "plastic skin"
    box = np.zeros(portrait.shape[:2], dtype=bool)
    left, top = int(face.left - 0.1 * face.width), int(face.top - 0.1 * face.height)
    box[max(0, top) : top + int(1.2 * face.height), max(0, left) : left + int(1.2 * face.width)] = 1
    assert np.abs(after.astype(int) - portrait)[~box].max() <= 1


def test_none_changes_nothing(portrait: Pixels) -> None:
    assert Finishing(0.0).apply(portrait) is portrait
