"""A motion's curves, evaluated: what every head and the camera do at a frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

from shop.records import Keyframe, Motion, Track

Curve = Callable[[float], float]
DELAYS = (0.0, 0.24, 0.12, 0.36)  # seconds by which the second head and so on come later
SHARES = (1.0, 0.8, 0.9, 0.7)  # of the motion: people side by side do not move alike
MOST_ROLL = 10.0  # degrees, of roll and lean together
_REST = {Track.ZOOM: 1.0}


@dataclass(frozen=True, slots=True)
class HeadPose:
    """What one head does: degrees, and the expression's shares, as :class:`Track` defines them."""

    yaw: float
    pitch: float
    roll: float
    smile: float
    blink: float
    brows: float
    mouth: float


@dataclass(frozen=True, slots=True)
class CameraPose:
    """What is seen of the picture, as :class:`Track` defines it."""

    zoom: float
    pan_x: float
    pan_y: float
    orbit: float


class Timeline:
    """The poses of a motion at each of its ``frames``."""

    def __init__(self, motion: Motion) -> None:
        self._motion = motion
        self._curves = {track: _curve(keys) for track, keys in motion.tracks}
        self.frames = round(motion.seconds * motion.fps)

    def head(self, frame: int, number: int, towards: float = 0.0) -> HeadPose:
        """The pose of the head of that number, the largest being 0. Others come a little later and
        move a little less; all are at rest where the motion is at its ends. ``towards``: where the
        middle of all heads lies, 1 to the right, -1 to the left, 0 for one alone."""
        place = number % len(DELAYS)
        at = frame / self._motion.fps
        late = at - DELAYS[place] * _within(at, self._motion.seconds)
        share = SHARES[place]
        return HeadPose(
            yaw=share * self._value(Track.YAW, late),
            pitch=share * self._value(Track.PITCH, late),
            roll=_rolled(
                share * self._value(Track.ROLL, late), towards * self._value(Track.LEAN, late)
            ),
            smile=share * self._value(Track.SMILE, late),
            blink=self._value(Track.BLINK, late),
            brows=share * self._value(Track.BROWS, late),
            mouth=share * self._value(Track.MOUTH, late),
        )

    def camera(self, frame: int) -> CameraPose:
        at = frame / self._motion.fps
        return CameraPose(
            zoom=self._value(Track.ZOOM, at),
            pan_x=self._value(Track.PAN_X, at),
            pan_y=self._value(Track.PAN_Y, at),
            orbit=self._value(Track.ORBIT, at),
        )

    def most(self, track: Track) -> float:
        """The largest size that the track's value has at a frame."""
        values = (self._value(track, n / self._motion.fps) for n in range(self.frames))
        return max(map(abs, values))

    def _value(self, track: Track, at: float) -> float:
        curve = self._curves.get(track)
        return _REST.get(track, 0.0) if curve is None else curve(at)


def _rolled(roll: float, lean: float) -> float:
    return float(np.clip(roll + lean, -MOST_ROLL, MOST_ROLL))


def _within(at: float, seconds: float) -> float:
    """1 in the middle of a clip, 0 at its ends: how much of a delay counts."""
    return float(np.clip(min(at, seconds - at) / 0.8, 0.0, 1.0))


def _curve(keys: tuple[Keyframe, ...]) -> Curve:
    times, values = [one.at for one in keys], [one.value for one in keys]
    if len(keys) == 1:
        return lambda _at: values[0]
    through = PchipInterpolator(times, values)
    return lambda at: float(through(np.clip(at, times[0], times[-1])))
