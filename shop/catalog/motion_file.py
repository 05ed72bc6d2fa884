"""``motions/{id}.toml``: how a picture moves, checked key by key (docs/motions.md)."""

from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shop.catalog.schema import complete_texts, up_to
from shop.records import Keyframe, Motion, Track

FPS: Final = 25
LIMITS: Final[dict[Track, tuple[float, float]]] = {
    Track.YAW: (-14.0, 14.0),
    Track.PITCH: (-10.0, 10.0),
    Track.ROLL: (-8.0, 8.0),
    Track.LEAN: (-8.0, 8.0),
    Track.SMILE: (0.0, 1.0),
    Track.BLINK: (0.0, 1.0),
    Track.BROWS: (-1.0, 1.0),
    Track.MOUTH: (0.0, 1.0),
    Track.ZOOM: (1.0, 2.0),
    Track.PAN_X: (-0.5, 0.5),
    Track.PAN_Y: (-0.5, 0.5),
    Track.ORBIT: (-0.06, 0.06),
}
"""The least and the most of each track: beyond it faces tear, or the picture gets coarse."""

HEAD_TRACKS: Final = frozenset(LIMITS) - {Track.ZOOM, Track.PAN_X, Track.PAN_Y, Track.ORBIT}

_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Key = tuple[Annotated[_Number, Field(ge=0)], _Number]


def _rising(keys: tuple[_Key, ...]) -> tuple[_Key, ...]:
    if any(later[0] <= earlier[0] for earlier, later in pairwise(keys)):
        raise ValueError("goes back: the times of its keyframes must rise")
    return keys


_Curve = Annotated[tuple[_Key, ...], Field(min_length=1), AfterValidator(_rising)]


class MotionFile(BaseModel):
    """The keys of a motion; all must be there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order: Annotated[int, Field(strict=True)]
    seconds: Annotated[_Number, Field(ge=1.0, le=10.0)]
    faces: Annotated[bool, Field(strict=True)]
    name: Annotated[dict[str, Annotated[str, up_to(24)]], BeforeValidator(complete_texts)]
    blurb: Annotated[dict[str, Annotated[str, up_to(160)]], BeforeValidator(complete_texts)]
    tracks: Annotated[dict[Track, _Curve], Field(min_length=1)]

    @model_validator(mode="after")
    def _moves_well(self) -> "MotionFile":
        for track, keys in self.tracks.items():
            low, high = LIMITS[track]
            if any(not low <= value <= high for _, value in keys):
                raise ValueError(f"tracks.{track}: goes beyond {low:g} to {high:g}")
            if keys[-1][0] > self.seconds:
                raise ValueError(f"tracks.{track}: goes on after the clip's {self.seconds:g} s")
            if track in HEAD_TRACKS and (keys[0][1], keys[-1][1]) != (0, 0):
                raise ValueError(f"tracks.{track}: begins or ends away from 0: the clip would jump")
        if self.faces and not HEAD_TRACKS.intersection(self.tracks):
            raise ValueError("faces: nothing in it moves one")
        return self

    def motion(self, id: str) -> Motion:
        """The record that the workers animate by."""
        tracks = tuple(
            (track, tuple(Keyframe(at, value) for at, value in keys))
            for track, keys in self.tracks.items()
        )
        return Motion(id, self.seconds, FPS, self.faces, tracks)
