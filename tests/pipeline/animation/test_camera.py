"""The camera: it never sees beyond the picture, and people pass what is behind them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.animation import animate, camera, find_heads
from pipeline.animation.timeline import CameraPose, Timeline
from shop.catalog import Catalog
from shop.records import Keyframe, Motion, Track
from tests.pipeline.animation.test_animate import LARGEST, customer, held

SHARE = st.floats(-0.5, 0.5)


@given(
    zoom=st.floats(1, 2), x=SHARE, y=SHARE, anchor=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    least=st.floats(1, 1.2),
)  # fmt: skip
def test_no_camera_sees_beyond_the_picture(zoom, x, y, anchor, least):
    seen = camera.seen_part(640, 480, CameraPose(zoom, x, y, 0.0), anchor, least)
    assert seen.left >= 0
    assert seen.top >= 0
    assert seen.left + seen.width <= 640 + 1e-6
    assert seen.top + seen.height <= 480 + 1e-6
    assert seen.width / seen.height == pytest.approx(640 / 480)
    assert seen.width == pytest.approx(640 / max(zoom, least))


def test_the_camera_nears_the_face():
    near = next(iter(animate(customer(), held(faces=False, zoom=1.6), LARGEST)))
    (before,), (after,) = find_heads(customer()), find_heads(near)
    assert after.face.height == pytest.approx(1.6 * before.face.height, rel=0.06)


def test_a_pan_looks_to_the_right():
    """So what is seen goes to the left."""
    (rest,) = find_heads(next(iter(animate(customer(), held(zoom=1.4), LARGEST))))
    (right,) = find_heads(next(iter(animate(customer(), held(zoom=1.4, pan_x=0.1), LARGEST))))
    assert right.face.left == pytest.approx(rest.face.left - 0.1 * 1.4 * LARGEST, abs=4)


def test_in_an_orbit_the_person_passes_what_is_behind_them():
    """A stripe on the wall behind goes to the right as the person goes to the left."""
    picture = customer().copy()
    cv2.rectangle(picture, (30, 40), (40, 140), (255, 0, 0), -1)

    def places(orbit: float) -> tuple[float, float]:
        motion = Motion("o", 0.2, 25, False, ((Track.ORBIT, (Keyframe(0.0, orbit),)),))
        frame = next(iter(animate(picture, motion, LARGEST))).astype(int)
        stripe = (frame[..., 0] - frame[..., 1] > 150) & (frame[..., 2] < 100)
        (head,) = find_heads(frame.astype(np.uint8))
        return float(np.nonzero(stripe)[1].mean()), float(head.mesh[:, 0].mean())

    (stripe, face), (stripe_back, face_back) = places(0.02), places(-0.02)
    assert stripe - stripe_back > 0.01 * LARGEST
    assert face - face_back < -0.01 * LARGEST


def test_curves_do_not_overshoot_and_heads_do_not_move_alike():
    for entry in Catalog.load().motions.values():
        timeline = Timeline(entry.motion)
        keys = {track: [one.value for one in curve] for track, curve in entry.motion.tracks}
        for number in (0, 1, 2):
            values = [timeline.head(frame, number).yaw for frame in range(timeline.frames)]
            if Track.YAW in keys:
                assert min(keys[Track.YAW]) - 1e-9 <= min(values)
                assert max(values) <= max(keys[Track.YAW]) + 1e-9
    turn = Timeline(Catalog.load().motions["turn"].motion)
    assert turn.head(0, 0) == turn.head(0, 3)
    assert turn.head(50, 0) != turn.head(50, 1)
