"""The encoders of clips that an operator may choose among."""

from enum import StrEnum


class ClipEncoder(StrEnum):
    """An encoder inside PyAV, by FFmpeg's name. All write MP4.

    X264 writes H.264, which every chat plays, and is GPL code; the others are free of it, and of
    them MPEG4 (part 2) is the one that old players know, AV1 and VP9 the ones that browsers do.
    """

    X264 = "libx264"
    AV1 = "libsvtav1"
    VP9 = "libvpx-vp9"
    MPEG4 = "mpeg4"
