"""Two photos in one frame: one size, one eye line, nobody lightened; and heads that lean."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.animation import CannotAnimate, animate
from pipeline.animation.timeline import Timeline
from pipeline.animation.together import leaning, side_by_side
from pipeline.images import face_mesh, faces, segmentation
from pipeline.images.faces import Face, Pixels
from pipeline.images.skin import skin_mask
from shop.records import AnimationRefusal, Keyframe, Motion, Track
from tests.pipeline.conftest import CUSTOMER

LARGEST = 640


def photo(name: str) -> Pixels:
    picture = cv2.imread(str(CUSTOMER / f"{name}.jpg"))
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def by_place(picture: Pixels) -> tuple[Face, Face]:
    left, right = sorted(faces.find(picture), key=lambda face: face.left)
    return left, right


@pytest.fixture(scope="module")
def pair() -> tuple[Pixels, Pixels]:
    """A selfie, and a studio shot that is smaller, aslant, and lit otherwise."""
    other = cv2.resize(photo("02-portrait"), None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    height, width = other.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 6, 1.0)
    aslant = cv2.warpAffine(other, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    warm = np.clip(aslant * np.array([1.08, 1.0, 0.86]), 0, 255)
    return photo("01-selfie"), np.asarray(warm, np.uint8)


@pytest.fixture(scope="module")
def frame(pair: tuple[Pixels, Pixels]) -> Pixels:
    return side_by_side(*pair, LARGEST)


def test_both_are_as_large_on_one_line_and_level(frame: Pixels) -> None:
    left, right = by_place(frame)
    assert faces.eyes(left)[1] == pytest.approx(faces.eyes(right)[1], rel=0.06)
    assert faces.eyes(left)[0][1] == pytest.approx(faces.eyes(right)[0][1], abs=0.02 * LARGEST)
    assert abs(faces.roll(left)) < 2
    assert abs(faces.roll(right)) < 2
    assert frame.shape[1] / frame.shape[0] == pytest.approx(4 / 3, rel=0.01)
    assert max(frame.shape[:2]) <= LARGEST
    assert frame.shape[0] % 2 == frame.shape[1] % 2 == 0
    assert left.left + left.width < right.left, "one head lies on the other"


def test_they_stay_who_they_are(pair: tuple[Pixels, Pixels], frame: Pixels) -> None:
    middle = frame.shape[1] // 2
    for original, half in zip(pair, (frame[:, :middle], frame[:, middle:]), strict=True):
        one, other = faces.embedding(original), faces.embedding(np.ascontiguousarray(half))
        assert one is not None
        assert other is not None
        assert float(one @ other) > 0.8


def _skin(picture: Pixels, face: Face) -> float:
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return float(np.median(lab[..., 0][skin_mask(picture.shape, face) > 128]))


@pytest.mark.parametrize("darker", [1.0, 2.2])
def test_nobody_s_skin_becomes_lighter_or_darker(darker: float) -> None:
    """Also beside somebody of another tone."""
    pictures = (
        photo("01-selfie"),
        np.asarray(255 * (photo("02-portrait") / 255) ** darker, np.uint8),
    )
    shown = side_by_side(*pictures, LARGEST)
    for original, face in zip(pictures, by_place(shown), strict=True):
        before = _skin(original, faces.find(original)[0])
        assert _skin(shown, face) == pytest.approx(before, abs=2.0)


def test_their_light_goes_together() -> None:
    """The same person under white and under warm light: nearer to each other than they were."""
    white = photo("02-portrait")
    warm = np.asarray(np.clip(white * np.array([1.08, 1.0, 0.84]), 0, 255), np.uint8)

    def cast(picture: Pixels, face: Face) -> float:
        lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        return float(np.median(lab[..., 2][skin_mask(picture.shape, face) > 128]))

    before = [cast(one, faces.find(one)[0]) for one in (white, warm)]
    shown = side_by_side(white, warm, LARGEST)
    after = [cast(shown, face) for face in by_place(shown)]
    assert abs(after[1] - after[0]) < 0.75 * abs(before[1] - before[0])


def test_no_seam_is_seen_between_them(frame: Pixels) -> None:
    """Above their heads nothing jumps from one column to the next."""
    top = frame[:8].astype(int).mean(axis=0)
    steps = np.abs(np.diff(top, axis=0)).max(axis=1)
    middle = frame.shape[1] // 2
    assert steps[middle - 30 : middle + 30].max() < 12


def test_a_head_that_its_photo_cuts_off_is_refused(pair: tuple[Pixels, Pixels]) -> None:
    (face, *_) = faces.find(pair[0])
    top, bottom = int(face.top), int(face.top + face.height)
    left, right = int(face.left), int(face.left + face.width)
    tight = np.ascontiguousarray(pair[0][max(0, top - 20) : bottom + 20, left - 20 : right + 20])
    with pytest.raises(CannotAnimate) as refused:
        side_by_side(tight, pair[1], LARGEST)
    assert refused.value.reason in (AnimationRefusal.FACE_CUT_OFF, AnimationRefusal.NO_FACE)
    with pytest.raises(CannotAnimate) as refused:
        side_by_side(pair[0], np.full((400, 400, 3), 90, np.uint8), LARGEST)
    assert refused.value.reason is AnimationRefusal.NO_FACE


def _upright(picture: Pixels, face: Face) -> float:
    """Degrees by which the mesh's line from forehead to chin leans to the right at its top."""
    top, chin = face_mesh.lay(picture, face)[[10, 152], :2]
    return float(np.degrees(np.arctan2(top[0] - chin[0], chin[1] - top[1])))


def test_heads_lean_towards_each_other_and_come_back(frame: Pixels) -> None:
    frames = list(animate(frame, leaning(Motion("calm", 2.0, 25, True, ())), LARGEST))
    assert np.abs(frames[0].astype(int) - frame).mean() < 1
    rest, leant, back = (
        [_upright(frames[at], face) for face in by_place(frames[at])] for at in (0, 25, 49)
    )
    assert leant[0] - rest[0] > 3, "the left head leans to the right"
    assert leant[1] - rest[1] < -3, "the right head leans to the left"
    assert np.abs(np.subtract(back, rest)).max() < 1.5


def test_a_motion_that_leans_by_itself_stays_and_one_alone_does_not_lean() -> None:
    keys = (Keyframe(0, 0), Keyframe(1, 3), Keyframe(2, 0))
    own = Motion("own", 2.0, 25, True, ((Track.LEAN, keys),))
    assert leaning(own) is own
    timeline = Timeline(own)
    assert timeline.head(25, 0).roll == 0
    assert timeline.head(25, 0, 1.0).roll == pytest.approx(3)
    assert timeline.head(25, 0, -1.0).roll == pytest.approx(-3)


def test_the_command_puts_two_photos_together(tmp_path: Path) -> None:
    from pipeline.animate import main
    from pipeline.clips.reading import read_clip

    out = tmp_path / "out.mp4"
    arguments = [str(CUSTOMER / "01-selfie.jpg"), "nod", str(out), "--largest", "256"]
    assert main([*arguments, "--beside", str(CUSTOMER / "02-portrait.jpg")]) == 0
    facts = read_clip(out.read_bytes())
    assert facts.width > facts.height
    assert facts.label is not None


def _bent(before: Pixels, after: Pixels, was_at: Face, is_at: Face) -> float:
    """The farthest that brows and eyes are from where the whole face has turned to, in distances
    between the eyes."""
    rows = [46, 52, 53, 55, 63, 65, 66, 70, 105, 107, 33, 133, 159, 145]
    rows += [276, 282, 283, 285, 293, 295, 296, 300, 334, 336, 263, 362, 386, 374]
    was, turned = (
        face_mesh.lay(one, face)[:, :2].astype(np.float32)
        for one, face in ((before, was_at), (after, is_at))
    )
    matrix, _ = cv2.estimateAffinePartial2D(was, turned, method=cv2.LMEDS)
    expected = was[rows] @ matrix[:, :2].T + matrix[:, 2]
    away = np.linalg.norm(expected - turned[rows], axis=1)
    return float(away.max() / faces.eyes(was_at)[1])


def test_where_hair_touches_faces_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each head moves its own face alone: no brow is drawn into the other's hair. Here all that is
    not a face is hair."""
    monkeypatch.setattr(segmentation, "person", lambda picture: np.ones(picture.shape[:2]))
    selfie = photo("01-selfie")
    frame = np.hstack([_close(selfie), _close(cv2.flip(selfie, 1))])
    leant = list(animate(frame, leaning(Motion("calm", 2.0, 25, True, ())), LARGEST))[25]
    for left, right in zip(by_place(frame), by_place(leant), strict=True):
        assert _bent(frame, leant, left, right) < 0.03


def _close(picture: Pixels) -> Pixels:
    """A face with little beside it."""
    (face, *_) = faces.find(picture)
    top, left = int(face.top - 0.5 * face.height), int(face.left - 0.25 * face.width)
    down, right = int(face.top + 1.3 * face.height), int(face.left + 1.25 * face.width)
    return cv2.resize(picture[max(0, top) : down, max(0, left) : right], (300, 400))


def _sepia(picture: Pixels) -> Pixels:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return np.asarray(np.clip(grey[..., None] * np.array([1.0, 0.86, 0.68]), 0, 255), np.uint8)


def _grey(picture: Pixels) -> Pixels:
    return np.dstack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)] * 3)


@pytest.mark.parametrize("other", [_grey, np.asarray])
def test_beside_a_sepia_print_both_are_sepia(other: Callable[[Pixels], Pixels]) -> None:
    """Also a black-and-white print, and a photo in colour; on either side."""
    sepia, beside = _sepia(photo("01-selfie")), other(photo("02-portrait"))
    for pair in ((sepia, beside), (beside, sepia)):
        lab = cv2.cvtColor(side_by_side(*pair, LARGEST).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        halves = lab[:, : LARGEST // 2], lab[:, LARGEST // 2 :]
        greys = [half[(half[..., 0] > 40) & (half[..., 0] < 70)] for half in halves]
        (left, right) = [np.median(grey[:, 1:], axis=0) for grey in greys]
        assert left == pytest.approx(right, abs=2.5)
        assert min(left[1], right[1]) > 8, "one is not sepia"
        spread = [
            np.percentile(np.abs(grey[:, 1:] - np.median(grey[:, 1:], 0)), 95) for grey in greys
        ]
        assert max(spread) < 6, "some colour is left"


def test_a_head_that_reaches_the_frame_s_top_is_as_sharp_there(
    pair: tuple[Pixels, Pixels],
) -> None:
    """It does not fade into what is behind it."""
    (face, *_) = faces.find(pair[0])
    cut = np.ascontiguousarray(pair[0][int(face.top - 0.1 * face.height) :])
    shown = side_by_side(cut, cut, LARGEST)
    (before, *_), (left, _) = faces.find(cut), by_place(shown)
    zoom = faces.eyes(left)[1] / faces.eyes(before)[1]
    known = cv2.resize(cut, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    assert _detail(shown, left, 1.0) > 0.9 * _detail(known, before, zoom)


def _detail(picture: Pixels, face: Face, zoom: float) -> float:
    """How much the first rows above a face change from pixel to pixel."""
    edges = cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_32F)
    middle, half = int(zoom * (face.left + face.width / 2)), 20
    return float(np.abs(edges[1:13, middle - half : middle + half]).mean())
