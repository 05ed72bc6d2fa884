"""Old photos are helped, by what is seen in them; photos without damage stay as they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.old_photos.__main__ import alike, psnr
from benchmarks.old_photos.aging import Aged, Damage, age
from pipeline.images import faces
from pipeline.images.faces import Pixels
from pipeline.restoring import paper, restore, scratches, tone
from pipeline.restoring.restore import SMALL
from shop.records.repairs import Repair
from tests.pipeline.conftest import CUSTOMER

PHOTOS = sorted(CUSTOMER.glob("*.jpg"))


def photo(path: Path, side: int = 760) -> Pixels:
    picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    times = side / max(picture.shape[:2])
    return np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_AREA))


def grey(picture: Pixels) -> Pixels:
    return np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def aged(original: Pixels, seed: int = 1, **damage: object) -> Aged:
    return age(original, replace(Damage(), **damage), np.random.default_rng(seed))


@pytest.fixture(scope="module")
def original() -> Pixels:
    return photo(PHOTOS[0])


@pytest.mark.parametrize("path", PHOTOS[::8], ids=lambda path: path.stem)
def test_a_photo_without_damage_is_the_very_same(path: Path) -> None:
    for picture in (photo(path), grey(photo(path))):
        restored = restore(picture)
        assert restored.done == ()
        assert restored.picture is picture


@pytest.mark.slow
def test_no_photo_of_the_sample_customer_is_touched() -> None:
    assert len(PHOTOS) >= 12
    for path in PHOTOS:
        assert restore(photo(path)).done == (), path.stem


def test_a_print_on_a_table_is_straightened_cropped_and_cleaned(original: Pixels) -> None:
    """By itself as well as by hand, or better: and it is still the same person."""
    old = aged(original)
    restored = restore(old.picture)
    assert {Repair.STRAIGHTENED, Repair.CROPPED, Repair.SCRATCHES} <= set(restored.done)
    straight = old.straight((original.shape[1], original.shape[0]))
    assert psnr(original, restored.picture) > psnr(original, straight) + 1
    assert alike(original, restored.picture) > max(0.6, alike(original, straight) - 0.02)
    ratio = original.shape[1] / original.shape[0]
    assert restored.picture.shape[1] / restored.picture.shape[0] == pytest.approx(ratio, rel=0.02)


@pytest.mark.parametrize("turn", [-22, 9])
@pytest.mark.parametrize("toned", [True, False])
def test_the_print_s_corners_are_found(original: Pixels, turn: float, toned: bool) -> None:
    old = aged(original, turn=turn, toned=toned, border=0.0, table="cloth")
    found = paper.find_print(old.picture, faces.find(old.picture))
    assert found is not None
    height, width = original.shape[:2]
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float32)
    true = cv2.perspectiveTransform(corners, old.homography)[0]
    assert np.abs(found - true).max() < 0.012 * max(old.picture.shape)
    assert paper.slant(found) == pytest.approx(abs(turn), abs=3)


def test_a_paper_border_is_cut_and_no_more(original: Pixels) -> None:
    old = aged(original, turn=0.0, scratches=0, creases=0, specks=0, grain=0.0)
    restored = restore(old.picture)
    assert restored.done[0] is Repair.CROPPED
    assert Repair.STRAIGHTENED not in restored.done
    assert Repair.SCRATCHES not in restored.done
    assert np.allclose(restored.picture.shape[:2], original.shape[:2], rtol=0.025)
    straight = old.straight((original.shape[1], original.shape[0]))
    assert psnr(straight, restored.picture) > 24, "shifted, or not all of the border"


@pytest.mark.parametrize(
    ("number", "share", "false"), [(0, 0.55, 0.05), (1, 0.7, 0.02)], ids=["leaves", "studio"]
)
def test_scratches_are_found_where_they_are_and_filled(
    number: int, share: float, false: float
) -> None:
    """Before leaves some of the thin ones are left, and some leaves filled."""
    original = photo(PHOTOS[number])
    clean = aged(original, turn=0.0, border=0.0, scratches=0, creases=0, specks=0, grain=2.0)
    scratched = aged(original, turn=0.0, border=0.0, specks=0, grain=2.0)
    # The same numbers but for the scratches: what differs is the scratches.
    true = np.abs(scratched.picture.astype(int) - clean.picture).max(axis=2) > 60
    mask = scratches.find(scratched.picture, faces.find(scratched.picture))
    assert mask is not None
    near = cv2.dilate(true.astype(np.uint8), np.ones((9, 9))) > 0
    assert (mask[true] > 0).mean() > share, "scratches are left"
    assert (mask > 0)[~near].mean() < false, "what is no scratch is filled"
    filled = scratches.fill(scratched.picture, mask)
    assert psnr(clean.picture, filled) > psnr(clean.picture, scratched.picture) + 3


def test_eyes_and_mouth_keep_their_glints(original: Pixels) -> None:
    """Dust is filled, a spot of light in an eye is not."""
    old = aged(original, turn=0.0, border=0.0).picture
    (face, *_) = faces.find(old)
    for x, y in face.points[:2]:
        cv2.circle(old, (round(x), round(y)), 2, (236, 228, 208), -1, cv2.LINE_AA)
    mask = scratches.find(old, (face,), is_print=True)
    assert mask is not None
    lines = scratches.find(aged(original, turn=0.0, border=0.0, specks=0).picture, (face,))
    assert lines is not None
    for x, y in face.points[:2]:
        around = np.s_[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4]
        assert (mask[around] <= cv2.dilate(lines, np.ones((7, 7)))[around]).all()


@pytest.mark.parametrize("darker", [1.0, 1.6, 2.4])
def test_nobody_s_skin_becomes_lighter(original: Pixels, darker: float) -> None:
    """Whatever its tone: the curve that spreads the faded tones leaves it where it is."""
    tones = (255 * (original / 255) ** darker).astype(np.uint8)
    old = aged(tones, turn=0.0, border=0.0).picture
    found = faces.find(old)
    assert found
    spread = tone.spread(old, found)
    assert spread is not None
    before, after = tone.skin_tone(old, found), tone.skin_tone(spread, found)
    assert before is not None
    assert after == pytest.approx(before, abs=1.0)
    light = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (old, spread)]
    ranges = [np.subtract(*np.percentile(one, (99, 1))) for one in light]
    assert ranges[1] > 1.1 * ranges[0], "nothing was spread"


def test_the_whole_restoring_lightens_no_skin_either(original: Pixels) -> None:
    old = aged(original, turn=0.0, border=0.0, specks=0).picture
    found = faces.find(old)
    restored = restore(old).picture
    before, after = tone.skin_tone(old, found), tone.skin_tone(restored, found)
    assert before is not None
    assert after is not None
    assert after <= before + 1.5


def test_grain_is_softened_and_not_all_of_it(original: Pixels) -> None:
    smooth = cv2.GaussianBlur(original, (0, 0), 4)
    grainy = aged(smooth, turn=0.0, border=0.0, scratches=0, creases=0, specks=0, grain=9.0)
    amount = tone.grain(grainy.picture)
    assert tone.is_grainy(amount)
    assert not tone.is_grainy(tone.grain(smooth))
    left = tone.grain(tone.soften(grainy.picture, amount))
    assert 0.15 * amount < left < 0.7 * amount


def test_a_small_photo_is_enlarged_without_a_change(original: Pixels) -> None:
    small = photo(PHOTOS[0], 400)
    restored = restore(small)
    assert restored.done == (Repair.ENLARGED,)
    assert SMALL <= max(restored.picture.shape[:2]) <= 2 * 400
    back = cv2.resize(restored.picture, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    assert psnr(small, np.asarray(back, np.uint8)) > 34


def test_a_rectangle_without_the_faces_in_it_is_no_print(original: Pixels) -> None:
    """A picture on a wall behind somebody."""
    wall = original.copy()
    cv2.rectangle(wall, (10, 10), (150, 240), (240, 240, 235), -1)
    assert restore(wall).done == ()
