"""Expressions: the words by which pictures of faces are told apart."""

from enum import StrEnum


class Expression(StrEnum):
    """What a face does, as far as pictures are told apart by it.

    TURNED_LEFT: as `View.LEFT`. WINK: one eye shut, or its lid lowered; EYES_CLOSED: both.
    """

    NEUTRAL = "neutral"
    SOFT_SMILE = "soft_smile"
    SMILE = "smile"
    OPEN_MOUTH = "open_mouth"
    EYES_CLOSED = "eyes_closed"
    WINK = "wink"
    SCOWL = "scowl"
    SURPRISE = "surprise"
    LOOKING_ASIDE = "looking_aside"
    LOOKING_DOWN = "looking_down"
    LOOKING_UP = "looking_up"
    TURNED_LEFT = "turned_left"
    TURNED_RIGHT = "turned_right"
