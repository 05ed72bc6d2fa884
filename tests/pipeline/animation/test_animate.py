"""The embedded animator, on photos of people who do not exist: what moves, and what must not."""

from __future__ import annotations

import functools
from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.animation import CannotAnimate, animate, find_heads
from pipeline.images import expression, faces, photo
from pipeline.images.expression import FaceMeasure
from pipeline.images.faces import Pixels
from shop.catalog import Catalog
from shop.records import AnimationRefusal, Keyframe, Motion, Track
from tests.pipeline.conftest import CUSTOMER

LARGEST = 480


@functools.cache
def customer(name: str = "02-portrait", side: int = LARGEST) -> Pixels:
    pixels = photo.decode((CUSTOMER / f"{name}.jpg").read_bytes())
    shrink = side / max(pixels.shape[:2])
    height, width = (round(length * shrink) // 2 * 2 for length in pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA))


def held(seconds: float = 0.2, *, faces: bool = True, **tracks: float) -> Motion:
    """A motion that stays in one pose."""
    return Motion(
        "held", seconds, 25, faces,
        tuple((Track(name), (Keyframe(0.0, value),)) for name, value in tracks.items()),
    )  # fmt: skip


def posed(picture: Pixels, **tracks: float) -> Pixels:
    return next(iter(animate(picture, held(**tracks), LARGEST)))


@functools.cache
def told(**tracks: float) -> FaceMeasure:
    """What the measure of expressions, which knows nothing of the animator, says of a pose."""
    frame = posed(customer(), **tracks)
    return expression.measure(frame, faces.find(frame)[0])


@functools.cache
def clip(id: str, name: str = "02-portrait") -> tuple[Pixels, ...]:
    return tuple(animate(customer(name), Catalog.load().motions[id].motion, LARGEST))


def test_a_head_at_rest_is_the_photo_itself():
    assert np.array_equal(posed(customer(), yaw=0.0), customer())


def test_a_blink_shuts_both_eyes_and_half_a_blink_does_not():
    assert max(told().shut) < 0.2
    assert min(told(blink=1.0).shut) > expression.SHUT


def test_a_blink_touches_nothing_but_the_eyes():
    changed = cv2.absdiff(posed(customer(), blink=1.0), customer()).max(axis=2) > 0
    face = faces.find(customer())[0]
    mouth = int(face.points[3:, 1].min())
    assert changed.any()
    assert not changed[mouth:].any()
    assert not changed[: int(face.top)].any()


def test_a_smile_lifts_and_widens_the_mouth():
    assert told(smile=1.0).smile > told().smile + 0.008  # his beard hides half of it from the mesh
    assert told(smile=1.0).mouth_width > told().mouth_width + 0.03


def test_brows_rise():
    assert told(brows=1.0).brows > told().brows + 0.03


def test_a_mouth_opens_and_its_inside_is_dark():
    assert told(mouth=0.5).mouth_opening > told().mouth_opening + 0.02
    (head,) = find_heads(customer())
    x, y = head.mesh[13, :2]
    unit = float(np.linalg.norm(head.mesh[454] - head.mesh[234]))
    inside = posed(customer(), mouth=0.5)[round(y + 0.03 * unit), round(x)]
    assert inside.mean() < 0.6 * customer()[round(y + 0.03 * unit), round(x)].mean()


@pytest.mark.parametrize("way", [-8.0, 8.0])
def test_heads_turn_nod_and_lean_the_way_that_is_said(way):
    assert (told(yaw=way).yaw - told().yaw) * np.sign(way) > 2
    assert (told(pitch=way).pitch - told().pitch) * np.sign(way) > 1
    assert leaned(posed(customer(), roll=way / 2)) - leaned(customer()) == pytest.approx(
        way / 2, abs=1.2
    )


def leaned(frame: Pixels) -> float:
    """Degrees by which the line of the eyes falls to the right."""
    (head,) = find_heads(frame)
    across = head.mesh[263, :2] - head.mesh[33, :2]
    return float(np.degrees(np.arctan2(across[1], across[0])))


@pytest.mark.parametrize("id", ["gentle", "smile", "nod", "turn", "look-around", "surprise"])
def test_what_is_far_from_the_head_and_the_border_stay_as_they_are(id):
    face = faces.find(customer())[0]
    changed = np.maximum.reduce([cv2.absdiff(one, customer()) for one in clip(id)]).max(axis=2)
    border = changed.copy()
    border[2:-2, 2:-2] = 0
    assert border.max() == 0
    for side in (changed[:, : int(face.left - 0.6 * face.width)],
                 changed[:, int(face.left + 1.6 * face.width) :]):  # fmt: skip
        assert side.size
        assert side.max() == 0


@pytest.mark.parametrize("id", ["turn", "surprise"])
def test_the_person_stays_the_person(id):
    own = faces.embedding(customer())
    likenesses = [float(own @ faces.embedding(one)) for one in clip(id)[::8]]
    assert min(likenesses) >= 0.75
    assert np.mean(likenesses) >= 0.9


def test_from_one_frame_to_the_next_nothing_jumps():
    """By the mesh: no point of the face goes farther than a fiftieth of its width."""
    meshes = [find_heads(one)[0].mesh for one in clip("turn")[40:80:2]]
    width = np.linalg.norm(meshes[0][454] - meshes[0][234])
    steps = [
        np.linalg.norm(late[:, :2] - early[:, :2], axis=1).max() for early, late in pairwise(meshes)
    ]
    assert max(steps) / 2 < 0.02 * width


def test_a_clip_begins_and_ends_with_the_photo():
    frames = clip("smile")
    assert len(frames) == 125
    assert np.array_equal(frames[0], customer())
    assert cv2.absdiff(frames[-1], customer()).mean() < 1


def test_people_beside_each_other_move_each_for_themselves():
    pair = np.hstack([customer(), customer()])
    first, second = find_heads(pair)
    assert first.face.left != second.face.left
    frame = next(iter(animate(pair, held(yaw=8.0), 2 * LARGEST)))
    for side in (np.s_[:, :LARGEST], np.s_[:, LARGEST:]):
        seen = frame[side]
        measure = expression.measure(seen, faces.find(seen)[0])
        assert measure.yaw > told().yaw + 2


def test_a_photo_larger_than_asked_for_is_shrunk_to_even_sides_and_a_small_one_is_not_enlarged():
    large = cv2.resize(customer(), (1001, 999))
    assert next(iter(animate(large, held(yaw=1.0), 300))).shape == (298, 300, 3)
    assert posed(customer()[:, 60:421], yaw=1.0).shape == (480, 360, 3)


def beside(name: str) -> Pixels:
    return photo.decode((CUSTOMER / f"{name}.jpg").read_bytes())


def covered() -> Pixels:
    masked = customer().copy()
    (head,) = find_heads(masked)
    cheeks = head.mesh[[234, 454, 152, 5], :2].round().astype(np.int32)
    low, high = cheeks.min(axis=0), cheeks.max(axis=0)
    cv2.rectangle(masked, low.tolist(), high.tolist(), (190, 215, 230), -1)
    return masked


def cut() -> Pixels:
    (head,) = find_heads(customer())
    return np.ascontiguousarray(customer()[:, int(head.mesh[234, 0] + 12) :])


def tiny() -> Pixels:
    wide = np.full((480, 480, 3), 128, np.uint8)
    wide[200:280, 200:280] = cv2.resize(customer(), (80, 80), interpolation=cv2.INTER_AREA)
    return wide


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (lambda: np.full((480, 480, 3), 90, np.uint8), AnimationRefusal.NO_FACE),
        (tiny, AnimationRefusal.FACE_TOO_SMALL),
        (lambda: beside("04-left"), AnimationRefusal.PROFILE),
        (covered, AnimationRefusal.COVERED),
        (cut, AnimationRefusal.FACE_CUT_OFF),
    ],
)
def test_what_cannot_move_well_is_refused_and_why(picture, reason):
    with pytest.raises(CannotAnimate) as refusal:
        animate(picture(), held(smile=1.0), LARGEST)
    assert refusal.value.reason is reason


def test_a_camera_needs_no_face():
    view = np.full((480, 480, 3), 90, np.uint8)
    view[:, 240:] = 200
    nearer = next(iter(animate(view, held(faces=False, zoom=2.0), LARGEST)))
    assert nearer.shape == view.shape


def test_one_who_looks_aside_keeps_still_beside_one_who_does_not():
    aside = cv2.resize(beside("04-left"), (LARGEST, LARGEST))
    pair = np.hstack([customer(), aside])
    (head,) = find_heads(pair)
    assert head.face.left < LARGEST
    frame = next(iter(animate(pair, held(smile=1.0, yaw=8.0), 2 * LARGEST)))
    assert np.array_equal(frame[:, LARGEST + 100 :], pair[:, LARGEST + 100 :])
