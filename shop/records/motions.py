"""A motion: how a picture moves in a clip, as curves that a designer wrote."""

from dataclasses import dataclass
from enum import StrEnum


class Track(StrEnum):
    """What a curve moves. A track that a motion lacks rests at 0, ``ZOOM`` at 1.

    YAW, PITCH, ROLL   degrees by which each head turns from where it is: above 0 to the picture's
                       right, down, and clockwise as the viewer sees it
    LEAN               degrees by which heads roll towards the middle of all of them; of one alone
                       nothing
    SMILE, BLINK       0..1; a blink of 1 shuts the eyes
    BROWS              -1..1: above 0 they rise
    MOUTH              0..1: how far it opens
    ZOOM               how much larger the picture is shown, at least 1
    PAN_X, PAN_Y       shares of the picture's width and height by which the camera looks further
                       right and down
    ORBIT              share of the picture's width by which people move against what is behind
                       them: above 0 as if the camera went to the right
    """

    YAW = "yaw"
    PITCH = "pitch"
    ROLL = "roll"
    LEAN = "lean"
    SMILE = "smile"
    BLINK = "blink"
    BROWS = "brows"
    MOUTH = "mouth"
    ZOOM = "zoom"
    PAN_X = "pan_x"
    PAN_Y = "pan_y"
    ORBIT = "orbit"


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The value of a track ``at`` a time, in seconds from the beginning."""

    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Motion:
    """What :func:`pipeline.animation.animate` does with a picture.

    seconds   how long the clip is
    fps       frames a second
    faces     whether a face is needed; a camera's move needs none
    tracks    the curves: a smooth curve without overshoot goes through the keyframes, whose times
              rise; before the first and after the last it stays
    """

    id: str
    seconds: float
    fps: int
    faces: bool
    tracks: tuple[tuple[Track, tuple[Keyframe, ...]], ...]


class AnimationRefusal(StrEnum):
    """Why a picture cannot come alive.

    NO_FACE         no face is found in it
    FACE_TOO_SMALL  no face has enough pixels
    PROFILE         the faces look too far aside
    COVERED         sunglasses, a mask or a hand hides eyes or mouth
    FACE_CUT_OFF    the picture's border cuts the face
    NO_ROOM_BESIDE  the first picture of two is too narrow for anybody to stand beside it
    """

    NO_FACE = "no_face"
    FACE_TOO_SMALL = "face_too_small"
    PROFILE = "profile"
    COVERED = "covered"
    FACE_CUT_OFF = "face_cut_off"
    NO_ROOM_BESIDE = "no_room_beside"
