"""Grades: the light's mathematics, the same skin in every tone, and the looks that are sold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.looks.measures import tones
from benchmarks.looks.signatures import PLAIN, SHOTS, SIGNATURES
from pipeline.finishing import colour
from pipeline.finishing.finish import Finishing
from pipeline.images import segmentation
from pipeline.images.faces import Face, Pixels
from shop.catalog import Catalog
from shop.records import Grade
from tests.pipeline.finishing.conftest import skin_light

NOTHING = Grade(
    side=0.0, vignette=0.0, balance=(1.0, 1.0, 1.0), skin=0.0, saturation=1.0, curve=(),
    shadows=(1.0, 1.0, 1.0), highlights=(1.0, 1.0, 1.0), background="", grain=0.0, grain_size=0.0,
)  # fmt: skip
SOLD = {one.id: one.grade for one in Catalog.load().templates if one.grade}


def graded(pixels: Pixels, grade: Grade, seed: int = 1) -> Pixels:
    return Finishing(0.0, grade, seed).apply(pixels)


def test_srgb_is_the_standards_and_comes_back_to_the_byte() -> None:
    every = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    linear = colour.decode(every)
    assert (colour.encode(linear) == every).all()
    assert linear[[0, 10, 118, 188, 255], 0, 0] == pytest.approx(
        [0.0, 0.003035, 0.181164, 0.502886, 1.0], abs=1e-5
    )
    assert colour.luminance(np.eye(3, dtype=np.float32)) == pytest.approx([0.2126, 0.7152, 0.0722])


def test_a_grade_of_nothing_changes_nothing(portrait: Pixels) -> None:
    difference = graded(portrait, NOTHING).astype(int) - portrait
    assert np.abs(difference).max() <= 1, "the exposure for the skin found another than none"


@pytest.mark.parametrize("look", ["warm-film", "golden-hour"])  # with grain, and without
def test_the_same_picture_every_time_and_other_grain_by_another_seed(
    portrait: Pixels, look: str
) -> None:
    one, again, other = (graded(portrait, SOLD[look], seed) for seed in (5, 5, 6))
    assert (one == again).all()
    assert (one == other).all() != bool(SOLD[look].grain)
    assert one.shape == portrait.shape


@pytest.mark.parametrize("look", SOLD)
def test_skin_of_every_tone_changes_by_what_the_look_says_and_no_more(
    tones: dict[float, Pixels], skin_weights: np.ndarray, look: str
) -> None:
    """Were a look to lighten dark skin, or darken it more than fair skin, it would be seen here."""
    said = SOLD[look].skin
    assert said <= 0, "no look that is sold lightens skin"
    before = {tone: skin_light(pixels, skin_weights) for tone, pixels in tones.items()}
    after = {
        tone: skin_light(graded(pixels, SOLD[look]), skin_weights) for tone, pixels in tones.items()
    }
    changes = {tone: np.log2(after[tone] / before[tone]) for tone in tones}
    assert before[-2.0] < before[-1.0] / 1.5, "the tones are no tones"
    assert changes == pytest.approx(dict.fromkeys(tones, said), abs=0.08)


def test_a_harsh_curve_alone_would_have_changed_the_tones_unequally(
    tones: dict[float, Pixels], skin_weights: np.ndarray
) -> None:
    """The test above can fail: a film that is exposed as the picture came treats tones unlike."""
    curve = ((-10.0, -10.0), (-3.0, -4.5), (0.0, 0.0), (2.4, 2.4))
    respond = np.poly1d(np.polyfit(*np.array(curve).T, 3))
    changes = []
    for pixels in (tones[-2.0], tones[0.6]):
        light = skin_light(pixels, skin_weights)
        changes.append(respond(np.log2(light / 0.18)) - np.log2(light / 0.18))
    assert abs(changes[0] - changes[1]) > 0.5


def test_every_look_that_the_embedded_base_shows_has_a_measure_of_its_own() -> None:
    catalog = Catalog.load()
    sold = {one.id for one in catalog.templates if catalog.shows("mini", one)}
    assert sold - {PLAIN, SHOTS} <= set(SIGNATURES)
    assert not catalog.template(SHOTS).grade


@pytest.mark.parametrize("look", SOLD)
def test_each_grade_tells_its_look_apart_from_the_plain_picture(
    portrait: Pixels, look: str
) -> None:
    """By the measures of `benchmarks.looks`, which share no code with the finishing."""
    plain = [tones(portrait)]
    assert not SIGNATURES[look].holds(plain, plain)
    assert SIGNATURES[look].holds([tones(graded(portrait, SOLD[look]))], plain)


def test_black_and_white_has_no_colour_and_keeps_luminance_apart(portrait: Pixels) -> None:
    grey = graded(portrait, replace(NOTHING, saturation=0.0))
    assert (grey == grey[..., :1]).all()
    kept = colour.luminance(colour.decode(portrait)) - colour.luminance(colour.decode(grey))
    assert np.abs(kept).max() < 0.005, "greys are not the luminance of BT.709"


def test_a_film_goes_through_its_points_rises_and_is_flat_beyond_its_ends() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(128, axis=0)
    curve = ((-6.0, -4.0), (-2.0, -2.5), (0.0, 0.0), (1.5, 1.2), (2.3, 1.2))
    print_ = graded(ramp, replace(NOTHING, curve=curve))[0, :, 0].astype(int)
    light = np.log2(colour.decode(print_.astype(np.uint8)) / 0.18)
    given = np.log2(np.maximum(colour.decode(ramp[0, :, 0]), 1e-9) / 0.18)
    assert (np.diff(print_) >= 0).all()
    for point, out in curve:
        assert light[np.abs(given - point).argmin()] == pytest.approx(out, abs=0.08)
    assert print_[0] == print_[np.abs(given + 6).argmin()], "black falls below the film's own"
    assert len(set(print_[given > 1.5])) <= 2, "a shoulder that is flat is not"


def test_grain_has_the_spread_that_was_asked_and_lightens_nothing(portrait: Pixels) -> None:
    flat = np.full((400, 400, 3), 118, dtype=np.uint8)  # 18 % grey, nobody in it
    grains = colour.decode(graded(flat, replace(NOTHING, grain=0.1, grain_size=3.0)))
    light = np.log2(colour.luminance(grains))
    assert float(light.std()) == pytest.approx(0.1, rel=0.1)
    assert float(grains.mean()) == pytest.approx(float(colour.decode(flat).mean()), rel=0.01)
    assert (grains == grains[..., :1]).all(), "coloured grain"


def test_the_background_gets_the_mean_that_was_asked_and_the_face_stays(
    portrait: Pixels, face: Face
) -> None:
    blue = graded(portrait, replace(NOTHING, background="#2d5d9b"))
    behind = segmentation.person(portrait) < 0.02
    mean = colour.encode(colour.decode(blue)[behind].mean(axis=0)[None, None])[0, 0]
    assert mean == pytest.approx((0x2D, 0x5D, 0x9B), abs=6)
    middle = np.s_[
        int(face.top + 0.2 * face.height) : int(face.top + 0.8 * face.height),
        int(face.left + 0.25 * face.width) : int(face.left + 0.75 * face.width),
    ]
    assert np.abs(blue[middle].astype(int) - portrait[middle]).mean() < 1.5


def test_side_light_comes_from_the_side_that_it_says(portrait: Pixels, face: Face) -> None:
    lit = colour.luminance(colour.decode(graded(portrait, replace(NOTHING, side=1.0))))
    was = colour.luminance(colour.decode(portrait))
    rows = np.s_[int(face.top + 0.3 * face.height) : int(face.top + 0.7 * face.height)]
    ends = (round(face.left), round(face.left + face.width) - 1)
    left, right = (np.log2(lit[rows, x].mean() / was[rows, x].mean()) for x in ends)
    assert left - right == pytest.approx(1.0, abs=0.1)


def test_a_burnt_face_that_a_faded_film_cannot_reach_leaves_the_picture_its_shades(
    portrait: Pixels,
) -> None:
    burnt = colour.encode(colour.decode(portrait) * 6)
    assert np.percentile(graded(burnt, SOLD["old-photo"]), 5) < 120


def test_a_picture_without_a_face_is_graded_too() -> None:
    flat = np.full((128, 96, 3), (200, 120, 60), dtype=np.uint8)
    grey = graded(flat, replace(NOTHING, saturation=0.0))
    assert (grey == grey[..., :1]).all()
    assert Finishing(1.0, None, 1).apply(flat) is not None
    assert (Finishing(1.0, None, 1).apply(flat) == flat).all()
